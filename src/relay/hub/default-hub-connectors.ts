/** The two connectors that setup makes for a Hub behind a front end. Source: reference of the receive connectors, section 3. */
import { parseBinding } from '../../connector/binding.ts';
import type { ReceiveConnector } from '../../connector/connector.ts';
import type { Properties } from '../../connector/properties.ts';
import { parseRemoteRange } from '../../connector/remote-range.ts';
import type { ExchangeVersion } from '../machine/settings.ts';
import { HUB_PORTS } from './hub-settings.ts';

const ALL = ['0.0.0.0-255.255.255.255', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'];
const AUTH = ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS', 'ExchangeServer'] as const;
const MEBIBYTE = 1024 * 1024;

/** `Default EX01` and `Client Proxy EX01`, logged, which setup does not switch on. */
export function defaultHubConnectors(server: string, version: ExchangeVersion): ReceiveConnector[] {
  const shared: Properties = {
    AuthMechanism: AUTH,
    Enabled: true,
    MaxMessageSize: (version === '2013' ? 35 : 36) * MEBIBYTE,
    ProtocolLoggingLevel: 'Verbose',
    TransportRole: 'HubTransport',
  };
  const make = (name: string, port: number, properties: Properties): ReceiveConnector => ({
    server,
    name: `${name} ${server}`,
    bindings: [`0.0.0.0:${port}`, `[::]:${port}`].map((text) => parseBinding(text)!),
    remoteIPRanges: ALL.map((text) => parseRemoteRange(text)!),
    properties: { ...shared, ...properties },
    others: {},
  });
  return [
    make('Default', HUB_PORTS.message, {
      MaxInboundConnectionPercentagePerSource: 100,
      MaxInboundConnectionPerSource: 'Unlimited',
      MaxRecipientsPerMessage: 5000,
      PermissionGroups: ['ExchangeUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
      SizeEnabled: 'EnabledWithoutValue',
    }),
    make('Client Proxy', HUB_PORTS.session, {
      EnableAuthGSSAPI: true,
      MaxRecipientsPerMessage: 200,
      MessageRateLimit: 5,
      MessageRateSource: 'User',
      PermissionGroups: ['ExchangeUsers', 'ExchangeServers'],
    }),
  ];
}

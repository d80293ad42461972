/** The connectors that Exchange's setup makes on a server. Source: reference of the receive connectors, section 3. */
import { parseBinding } from './binding.ts';
import type { ReceiveConnector } from './connector.ts';
import type { Properties } from './properties.ts';
import { parseRemoteRange } from './remote-range.ts';
import { cmdletDefaults, type ExchangeVersion, familyOf } from './usage-type.ts';

const MB = 1024 * 1024;
const ALL_IPV4 = '0.0.0.0-255.255.255.255';
const ALL_IPV6 = '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

export interface ServerIdentity {
  readonly server: string;
  readonly fqdn: string;
  readonly version: ExchangeVersion;
}

/** The five of a Mailbox server (2013: with the Client Access role), in the order in which setup makes them. */
export function defaultConnectors(identity: ServerIdentity): ReceiveConnector[] {
  const { server, version } = identity;
  // Setup of 2013 says 35 MB; the documentation of the later ones 36 MB.
  const mailboxSize = (version === '2013' ? 35 : 36) * MB;
  const client = { MessageRateLimit: 5, MessageRateSource: 'User', MaxMessageSize: mailboxSize, EnableAuthGSSAPI: true } as const;
  const passwords = ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS'] as const;
  const everything = [...passwords, 'ExchangeServer'] as const;
  return [
    made(identity, `Default ${server}`, 2525, {
      TransportRole: 'HubTransport',
      AuthMechanism: everything,
      PermissionGroups: ['ExchangeUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
      MaxMessageSize: mailboxSize,
      MaxRecipientsPerMessage: 5000,
      MaxInboundConnectionPerSource: 'Unlimited',
      MaxInboundConnectionPercentagePerSource: 100,
      SizeEnabled: 'EnabledWithoutValue',
    }),
    made(identity, `Client Proxy ${server}`, 465, {
      TransportRole: 'HubTransport',
      AuthMechanism: everything,
      PermissionGroups: ['ExchangeUsers', 'ExchangeServers'],
      ...client,
    }),
    made(identity, `Default Frontend ${server}`, 25, {
      TransportRole: 'FrontendTransport',
      AuthMechanism: everything,
      PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
      DomainSecureEnabled: true,
      ProtocolLoggingLevel: 'Verbose',
    }),
    made(identity, `Outbound Proxy Frontend ${server}`, 717, {
      TransportRole: 'FrontendTransport',
      AuthMechanism: everything,
      PermissionGroups: ['ExchangeServers'],
      DomainSecureEnabled: true,
      ProtocolLoggingLevel: 'Verbose',
    }),
    made(identity, `Client Frontend ${server}`, 587, {
      TransportRole: 'FrontendTransport',
      AuthMechanism: passwords,
      PermissionGroups: ['ExchangeUsers'],
      ...client,
    }),
  ];
}

function made({ server, fqdn, version }: ServerIdentity, name: string, port: number, own: Properties): ReceiveConnector {
  return {
    server,
    name,
    bindings: [parseBinding(`[::]:${port}`)!, parseBinding(`0.0.0.0:${port}`)!],
    remoteIPRanges: [parseRemoteRange(ALL_IPV6)!, parseRemoteRange(ALL_IPV4)!],
    properties: { ...cmdletDefaults(familyOf(version)), Fqdn: fqdn, ...own },
    others: {},
  };
}

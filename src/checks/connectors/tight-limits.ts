/** Limits of a connector that a device soon meets. */
import { identityOf, isDefaultConnector, type ReceiveConnector } from '../../connector/connector.ts';
import type { PropertyName } from '../../connector/properties.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence, STATED } from '../finding.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { RATE_LIMITS, section } from '../references.ts';
import { setConnector } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';

export const tightLimits: ConfigurationCheck = {
  id: 'tight-limits',
  title: 'Limits that a device soon meets',
  why: 'Devices send in bursts, and few of them try again: what is over a limit is lost.',
  severity: 'info',
  references: [RATE_LIMITS, section('1.1'), section('2.4'), section('7.5')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\Apps', MessageRateLimit: 5, MessageRateSource: 'User' }] },
      { connectors: [{ id: 'EX01\\Apps', MaxInboundConnection: 100, MaxInboundConnectionPercentagePerSource: 2 }] },
      { connectors: [{ id: 'EX01\\Apps', MaxMessageSize: 1024 * 1024 }] },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Client Frontend EX01', MessageRateLimit: 5, MessageRateSource: 'User' },
          {
            id: 'EX01\\Apps',
            MessageRateLimit: 600,
            MaxInboundConnection: 5000,
            MaxInboundConnectionPercentagePerSource: 2,
            MaxMessageSize: 36 * 1024 * 1024,
            MaxRecipientsPerMessage: 200,
          },
          { id: 'EX01\\None', MessageRateLimit: 5, MessageRateSource: 'None' },
          { id: 'EX01\\Part', MaxInboundConnection: 100 },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter((connector) => !isDefaultConnector(connector))
      .flatMap((connector) => {
        const limits = limitsOf(connector);
        if (limits.length === 0) return [];
        const properties = limits.flatMap((limit) => limit.properties);
        return [
          aboutConnector(tightLimits, connector, {
            what: `"${identityOf(connector)}" takes no more than ${enumerate(
              limits.map(({ what }) => what),
              5,
            )}.`,
            cause: `${limits.map(({ reply }) => reply).join(' ')} The values in the command are those of a new connector.`,
            evidence: propertyEvidence(connector, ...properties),
            remedy: [setConnector(connector, Object.assign({}, ...limits.map(({ change }) => change)))],
            confidence: STATED,
          }),
        ];
      }),
};

interface TightLimit {
  readonly what: string;
  readonly reply: string;
  readonly properties: readonly PropertyName[];
  readonly change: Parameters<typeof setConnector>[1];
}

const MEBIBYTE = 1024 * 1024;

function limitsOf({ properties }: ReceiveConnector): TightLimit[] {
  const {
    MessageRateLimit: rate,
    MessageRateSource: source,
    MaxMessageSize: size,
    MaxRecipientsPerMessage: recipients,
  } = properties;
  const limits: TightLimit[] = [];
  if (typeof rate === 'number' && rate <= 30 && source !== 'None')
    limits.push({
      what: `${count(rate, 'message')} a minute${source === 'User' ? ' of one user' : source === 'IPAddress' ? ' from one address' : ''}`,
      reply: 'Over the rate, MAIL is answered with 421 4.4.2, and the connection is closed.',
      properties: ['MessageRateLimit', 'MessageRateSource'],
      change: { MessageRateLimit: 'Unlimited' },
    });
  if (typeof size === 'number' && size < 5 * MEBIBYTE)
    limits.push({
      what: `messages of ${(size / MEBIBYTE).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`,
      reply: 'A larger message, and a scan is one soon, is answered with 552 5.3.4.',
      properties: ['MaxMessageSize'],
      change: { MaxMessageSize: '36MB' },
    });
  if (recipients !== undefined && recipients < 50)
    limits.push({
      what: `${count(recipients, 'recipient')} of one message`,
      reply: 'Each recipient beyond is answered with 452 4.5.3.',
      properties: ['MaxRecipientsPerMessage'],
      change: { MaxRecipientsPerMessage: 200 },
    });
  const connections = connectionsOf(properties);
  if (connections !== undefined && connections <= 5)
    limits.push({
      what: `${count(connections, 'connection')} from one address at a time`,
      reply:
        'The next connection is answered with 421 4.3.2 before the banner. Behind a load balancer all devices may share one address.',
      properties: ['MaxInboundConnection', 'MaxInboundConnectionPerSource', 'MaxInboundConnectionPercentagePerSource'],
      change: { MaxInboundConnection: 5000, MaxInboundConnectionPerSource: 20, MaxInboundConnectionPercentagePerSource: 2 },
    });
  return limits;
}

/** Connections that one source may have while there are no others; undefined where nothing that is known limits them. */
function connectionsOf({
  MaxInboundConnection: all,
  MaxInboundConnectionPerSource: perSource,
  MaxInboundConnectionPercentagePerSource: percent,
}: ReceiveConnector['properties']): number | undefined {
  const known = [
    typeof perSource === 'number' ? perSource : undefined,
    typeof all === 'number' ? all : undefined,
    typeof all === 'number' && percent !== undefined ? Math.ceil((all * percent) / 100) : undefined,
  ].filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

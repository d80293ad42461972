/** The organisation of fixtures/ as recordings and as a configuration. */
import { contosoConnectors, contosoDomains, contosoRights } from '../../../fixtures/configuration/contoso.ts';
import { organisation as logs } from '../../../fixtures/organisation.ts';
import { connectorOf } from '../../../src/configuration/record.ts';
import type { ReceiveConnector } from '../../../src/connector/connector.ts';
import type { Organisation } from '../../../src/connector/organisation.ts';
import type { Properties } from '../../../src/connector/properties.ts';
import { parseRemoteRange } from '../../../src/connector/remote-range.ts';
import type { LogRow } from '../../../src/protocol-log/writer.ts';
import type { Recording } from '../../../src/relay/replay/recording.ts';

/** The rows of one session as a recording. */
export function recordingOf(rows: readonly LogRow[], server: string, service: Recording['service']): Recording {
  const [first] = rows;
  if (!first) throw new Error('a recording without rows');
  const { connector, sessionId, localEndpoint, remoteEndpoint } = first;
  return { sessionId, server, service, connector, localEndpoint, remoteEndpoint, rows };
}

/** Every receive session of the organisation, in the order in which it is told. */
export const SESSIONS: readonly Recording[] = logs()
  .filter(({ direction }) => direction === 'receive')
  .flatMap(({ server, service, rows }) => {
    const byId = new Map<string, LogRow[]>();
    for (const row of rows) byId.set(row.sessionId, [...(byId.get(row.sessionId) ?? []), row]);
    return [...byId.values()].map((session) => recordingOf(session, server, service));
  });

/** What the organisation has imported. */
export function contoso(change: (connector: ReceiveConnector) => ReceiveConnector = (one) => one): Organisation {
  const connectors = contosoConnectors().map(connectorOf).map(change);
  return {
    servers: ['EX01', 'EX02'].map((server) => ({
      server,
      asOf: 0,
      connectors: connectors.filter((one) => one.server === server),
    })),
    rights: new Map(contosoRights().map(({ server, connector, entries }) => [`${server}\\${connector}`.toLowerCase(), entries])),
    acceptedDomains: contosoDomains(),
    devices: [],
  };
}

/** A change of one connector's properties. */
export const withProperties =
  (name: string, properties: Properties) =>
  (one: ReceiveConnector): ReceiveConnector =>
    one.name === name ? { ...one, properties: { ...one.properties, ...properties } } : one;

/** Other ranges for one connector. */
export const withRangesOf =
  (name: string, ...ranges: string[]) =>
  (one: ReceiveConnector): ReceiveConnector =>
    one.name === name ? { ...one, remoteIPRanges: ranges.map((range) => parseRemoteRange(range)!) } : one;

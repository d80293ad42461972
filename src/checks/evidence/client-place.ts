/** Where a client landed, and where it could: what the diagnoses about connectors have in common. */

import { conflictsOf } from '../../connector/conflict.ts';
import { isDefaultConnector, partsOf, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { matchClient } from '../../connector/matching.ts';
import { type Organisation, type ServerConfiguration, serverOf } from '../../connector/organisation.ts';
import { parseRemoteRange } from '../../connector/remote-range.ts';
import { plainName } from '../../connector/server-name.ts';
import { parseAddress } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Confidence, Remedy } from '../finding.ts';
import { setConnector } from '../remedies/commands.ts';
import { relaysPerhaps } from '../remedies/safe-change.ts';

/** The name of the connector in quotes, or that there was none. */
export const landedOn = ({ connector }: ExaminedSession): string =>
  connector === '' ? 'no connector' : `"${partsOf(connector).name}"`;

/** The connector of the session as configured; undefined where its server was not imported or does not have it. */
export function configuredConnector({ organisation }: Case, session: ExaminedSession): ReceiveConnector | undefined {
  const { name, server } = partsOf(session.connector);
  return serverOf(organisation, session.server || server)?.connectors.find((one) => sameName(one.name, name));
}

/** A sentence about the relay connector on which the client did not land; empty where none was missed. */
export function missedWords({ attribution, source }: ExaminedSession, { organisation }: Case): string {
  const missed = (attribution?.missed ?? []).find(
    ({ why, connector }) => why !== 'range' || isNear(connectorCalled(organisation, connector), source),
  );
  return missed ? `As for "${partsOf(missed.connector).name}", to which it may belong: ${missed.because}.` : '';
}

/** A client far from every range of a connector was hardly meant for it: within as many addresses as a /24 has it may have been. */
export function isNear(connector: ReceiveConnector | undefined, client: string | null): boolean {
  const address = client === null ? undefined : parseAddress(client);
  if (!connector || !address) return false;
  return connector.remoteIPRanges.some(
    ({ family, first, last }) => family === address.family && first - address.value < NEAR && address.value - last < NEAR,
  );
}

const NEAR = 256n;

/** What the configuration says of a session: less sure where it was exported only after the session. */
export function configuredSurety({ attribution }: ExaminedSession, because: string): Confidence {
  return attribution?.configurationIsLater
    ? { level: 'medium', because: `${because}, which is later than the session` }
    : { level: 'high', because };
}

/** True for the connectors that setup makes, told by their names alone. */
export function isDefault(session: ExaminedSession): boolean {
  const { name, server } = partsOf(session.connector);
  return isDefaultConnector({ name, server: server || session.server });
}

export function connectorCalled(organisation: Organisation, identity: string): ReceiveConnector | undefined {
  const { server, name } = partsOf(identity);
  return serverOf(organisation, server)?.connectors.find((one) => sameName(one.name, name));
}

/** True where the client's address, added to the connector's ranges, really brings it there, and Exchange takes the change. */
export function addingHelps(server: ServerConfiguration, connector: ReceiveConnector, client: string, port: number): boolean {
  const range = parseRemoteRange(client);
  const remote = parseAddress(client);
  if (!range || !remote) return false;
  const changed = { ...connector, remoteIPRanges: [...connector.remoteIPRanges, range] };
  const connectors = server.connectors.map((one) => (one === connector ? changed : one));
  const { match } = matchClient(connectors, { remote, port, role: 'FrontendTransport' });
  const taken = match.explanation.winner?.connector === changed && match.explanation.rivals.length === 0;
  return taken && !conflictsOf(connectors).some(({ a, b }) => a === changed || b === changed);
}

/** The port that the client came to: 25 where the log hides it. */
export const portOf = ({ localEndpoint }: ExaminedSession): number => parseEndpoint(localEndpoint).port ?? 25;

/** The command that adds the client to a connector. */
export const addClient = (connector: ReceiveConnector, client: string): Remedy =>
  setConnector(connector, { RemoteIPRanges: { add: [client] } });

/**
 * The same connector on the other servers, where the client would not be taken by one that may relay: whoever reaches them
 * under the same name fails there.
 */
export function twinsWithoutClient(
  organisation: Organisation,
  connector: ReceiveConnector,
  client: string,
  port: number,
): ReceiveConnector[] {
  const remote = parseAddress(client);
  if (!remote) return [];
  return organisation.servers
    .filter(({ server }) => !sameName(server, connector.server))
    .flatMap((server) => {
      const twin = server.connectors.find((one) => sameName(plainName(one), plainName(connector)));
      if (!twin) return [];
      const { match } = matchClient(server.connectors, { remote, port, role: 'FrontendTransport' });
      const winner = match.explanation.winner?.connector;
      const served = winner !== undefined && relaysPerhaps(organisation, winner);
      return !served && addingHelps(server, twin, client, port) ? [twin] : [];
    });
}

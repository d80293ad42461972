/** Who came to a connector, in the facts of an audit; and what of it can stand as evidence. */
import { isEnabled, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import type { AuditedConnector, AuditedSource, AuditFacts, Example, Place, Sighted } from '../../queries/audit/audit-facts.ts';
import type { Evidence, Sightings } from '../finding.ts';
import { count } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';
import { quotation } from '../words/quotation.ts';

export interface Client {
  readonly source: AuditedSource;
  readonly place: Place;
}

/** Clients of a connector that came to it themselves: what the Hub's log alone tells of is not among them. */
export const clientsOf = ({ sources }: AuditFacts, { server, name }: Pick<ReceiveConnector, 'server' | 'name'>): Client[] =>
  sources.flatMap((source) =>
    source.places
      .filter((place) => place.sessions > 0 && sameName(place.server, server) && sameName(place.connector, name.trim()))
      .map((place) => ({ source, place })),
  );

/** A connector as configured, with what the logs show of its ranges. */
export interface WatchedConnector {
  readonly connector: ReceiveConnector;
  readonly audited: AuditedConnector;
  readonly clients: readonly Client[];
}

/** Enabled connectors on which who does not log on may send to any domain, or `Custom` hints at it. */
export function relayingConnectors(facts: AuditFacts): WatchedConnector[] {
  return facts.organisation.servers.flatMap(({ connectors }) =>
    connectors.filter(isEnabled).flatMap((connector) => {
      const audited = facts.connectors.find(({ server, name }) => sameName(server, connector.server) && name === connector.name);
      if (!audited || (audited.mayRelay !== 'yes' && audited.mayRelay !== 'likely')) return [];
      return [{ connector, audited, clients: clientsOf(facts, connector) }];
    }),
  );
}

/** `10.0.20.12 (MFP-02)`. */
export const clientName = ({ source, device, helo }: AuditedSource): string => {
  const name = device ?? helo[0]?.name;
  return name === undefined ? source : `${source} (${name})`;
};

/** Names of TLS versions that no longer count as safe, as sessions have them. */
export const OLD_TLS: readonly string[] = ['SSL3', 'TLS1.0', 'TLS1.1'];

/** The sessions that show it. */
export const exampleEvidence = (examples: readonly Example[], note: (example: Example) => string): Evidence[] =>
  examples.map((example) => ({ kind: 'session', session: example.session, at: example.at, note: note(example) }));

/** `MAIL FROM "a", RCPT TO "b"`. */
export const envelopeNote = ({ sender, recipient }: Example): string =>
  [
    ...(sender === null ? [] : [`MAIL FROM ${sender === '' ? '<>' : quotation(sender)}`]),
    ...(recipient === null ? [] : [`RCPT TO ${quotation(recipient)}`]),
  ].join(', ');

export const sightings = ({ count: seen, first, last }: Sighted): Sightings => ({
  count: seen,
  firstSeen: first,
  lastSeen: last,
  lastSuccess: null,
});

/** `12 messages accepted, 3 recipients outside, last 2026-11-02 09:05 UTC`. */
export const placeNote = ({ messagesAccepted, externalRecipients, last }: Place): string =>
  [
    `${count(messagesAccepted, 'message')} accepted`,
    ...(externalRecipients > 0 ? [`${count(externalRecipients, 'recipient')} outside without a logon`] : []),
    `last ${moment(last)}`,
  ].join(', ');

const DAY_MS = 86_400_000;

/** Whole days that the receive logs of the connector's server reach back within the period; 0 where there are none. */
export function daysWatched({ audited }: WatchedConnector, { since, until }: Pick<AuditFacts, 'since' | 'until'>): number {
  const { logsSince, logsUntil } = audited;
  if (logsSince === null || logsUntil === null) return 0;
  return Math.max(0, Math.floor((Math.min(until, logsUntil) - Math.max(since, logsSince)) / DAY_MS));
}

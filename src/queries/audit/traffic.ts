/**
 * What was done in a period, grouped in the database: sessions, messages and recipients of clients by place, with whether
 * they had logged on. The same messages count as in the report of use, for the same client.
 */
import type { AuthResult } from '../../session/session.ts';
import type { Database } from '../../store/database.ts';
import { DAY_MS } from '../../store/day-roll-up.ts';
import { CLIENT, COUNTED, MESSAGE_NOISE, SESSION_NOISE } from '../../store/usage-roll-up.ts';

/** Milliseconds UTC, the end not included. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/** From the first to the last row of the receive logs; null where there are none. */
export function receiveSpan(db: Database): Span | null {
  const { first, last } = db
    .prepare("SELECT MIN(started_at) AS first, MAX(ended_at) AS last FROM session WHERE direction = 'receive'")
    .get() as { first: number | null; last: number | null };
  return first === null || last === null ? null : { since: first, until: last + 1 };
}

/** Sessions of the receive logs in a period. */
export const sessionsIn = (db: Database, span: Span): number =>
  db
    .prepare<[Span], number>(
      "SELECT COUNT(*) FROM session WHERE started_at >= @since AND started_at < @until AND direction = 'receive'",
    )
    .pluck()
    .get(span)!;

/**
 * What a query says of a period, day by day: groups come once for every day that has them. SQLite groups by sorting, and many
 * small heaps are sorted faster, and in less memory, than a large one.
 */
function* dayByDay<Row>(db: Database, sql: string, { since, until }: Span): Generator<Row> {
  const ask = db.prepare<[Span], Row>(sql);
  for (let from = since; from < until; from += DAY_MS) yield* ask.all({ since: from, until: Math.min(until, from + DAY_MS) });
}

/** Where something happened; interned numbers. */
export interface PlaceKey {
  readonly source: number;
  readonly server: number;
  readonly connector: number;
}

/** What is no client's: the product's own checks, and servers that hand on the mail of others. */
export type Noise = 'health' | 'hop';

export interface SessionGroup extends PlaceKey {
  readonly noise: Noise | null;
  /** 1: connected, and wanted nothing. */
  readonly probe: number;
  readonly localEndpoint: string;
  readonly helo: string | null;
  readonly tls: string;
  readonly logon: AuthResult;
  /** AUTH LOGIN or PLAIN, up to the password. */
  readonly passwordSent: number;
  /** Whether the session's own row gives the right to relay; null where there is none, or a logon brought it. */
  readonly relayLogged: number | null;
  readonly sessions: number;
  readonly first: number;
  readonly last: number;
}

/** A mechanism that is refused as such (504) brings no password onto the wire. */
const PASSWORD_SENT = `COALESCE(mechanism.value IN ('LOGIN', 'PLAIN'), 0) AND (s.auth_result = 'success'
  OR EXISTS (SELECT 1 FROM refusal r WHERE r.session = s.id AND r.code = 535))`;

/** Sessions count for the address that connected. */
export const sessionGroups = (db: Database, span: Span): Iterable<SessionGroup> =>
  dayByDay(
    db,
    `SELECT g.*, helo.value AS helo, tls.value AS tls FROM (
         SELECT s.source_id AS source, s.server_id AS server, s.connector_id AS connector, ${SESSION_NOISE} AS noise,
           s.outcome = 'probe' AND s.auth_result <> 'success' AS probe, s.local_endpoint AS localEndpoint, s.helo_id, s.tls_id,
           s.auth_result AS logon, ${PASSWORD_SENT} AS passwordSent,
           MAX(CASE WHEN s.auth_result <> 'success' THEN s.permissions & 4 <> 0 END) AS relayLogged,
           COUNT(*) AS sessions, MIN(s.started_at) AS first, MAX(s.started_at) AS last
         FROM session s LEFT JOIN text mechanism ON mechanism.id = s.auth_mechanism_id
         WHERE s.direction = 'receive' AND s.started_at >= @since AND s.started_at < @until
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) g
       JOIN text tls ON tls.id = g.tls_id LEFT JOIN text helo ON helo.id = g.helo_id`,
    span,
  );

/**
 * Who logged on: in the session itself, or at the front end, which hands a session over blindly only after that. Mail that a
 * front end handed on message by message says nothing of it in the Hub's log, and counts as sent without a logon.
 */
export const LOGGED_ON = `(t.client_id IS NULL AND s.auth_result = 'success'
  OR EXISTS (SELECT 1 FROM link WHERE link.session = s.id AND link.kind = 'xproxy'))`;

const DECIDED = `t.decided_at >= @since AND t.decided_at < @until AND s.direction = 'receive'
  AND ${COUNTED} AND ${MESSAGE_NOISE} IS NULL`;

export interface MessageGroup extends PlaceKey {
  readonly loggedOn: number;
  readonly accepted: number;
  /** null: no row names the sender. Empty: it has no domain. */
  readonly senderDomain: string | null;
  /** 1 for `<>`. */
  readonly nullSender: number;
  readonly messages: number;
  readonly first: number;
  readonly last: number;
}

export const messageGroups = (db: Database, span: Span): Iterable<MessageGroup> =>
  dayByDay(
    db,
    `SELECT g.*, domain.value AS senderDomain FROM (
         SELECT ${CLIENT} AS source, s.server_id AS server, s.connector_id AS connector, ${LOGGED_ON} AS loggedOn,
           t.state = 'accepted' AS accepted, sender.domain_id AS domain, sender.value = '' AS nullSender,
           COUNT(*) AS messages, MIN(t.decided_at) AS first, MAX(t.decided_at) AS last
         FROM smtp_transaction t JOIN session s ON s.id = t.session LEFT JOIN address sender ON sender.id = t.sender_id
         WHERE ${DECIDED} AND t.state IN ('accepted', 'refused') GROUP BY 1, 2, 3, 4, 5, 6, 7) g
       LEFT JOIN text domain ON domain.id = g.domain`,
    span,
  );

export interface RecipientGroup extends PlaceKey {
  readonly loggedOn: number;
  /** 1: accepted in an accepted message; 0: refused, because the client may not relay. */
  readonly accepted: number;
  readonly domain: string;
  readonly recipients: number;
  readonly first: number;
  readonly last: number;
}

/** "Unable to relay", in the words of all versions. */
const DENIAL = `(SELECT id FROM text WHERE value LIKE '550 5.7.1 Unable to relay%' OR value LIKE '550 5.7.54 %')`;

/** Recipients that were delivered, and those that were refused for want of the right to relay. */
export const recipientGroups = (db: Database, span: Span): Iterable<RecipientGroup> =>
  dayByDay(
    db,
    `WITH denial AS MATERIALIZED ${DENIAL}
       SELECT g.*, domain.value AS domain FROM (
         SELECT ${CLIENT} AS source, s.server_id AS server, s.connector_id AS connector, ${LOGGED_ON} AS loggedOn,
           r.accepted, address.domain_id, COUNT(*) AS recipients, MIN(t.decided_at) AS first, MAX(t.decided_at) AS last
         FROM smtp_transaction t JOIN session s ON s.id = t.session
         JOIN recipient r ON r.session = t.session AND r.transaction_ordinal = t.ordinal
         JOIN address ON address.id = r.address_id
         WHERE ${DECIDED} AND (r.accepted = 1 AND t.state = 'accepted' OR r.accepted = 0 AND r.reply_id IN denial)
         GROUP BY 1, 2, 3, 4, 5, 6) g
       JOIN text domain ON domain.id = g.domain_id`,
    span,
  );

/** In whose name it was tried to relay: refused recipients by the domain of the sender. */
export const deniedSenders = (db: Database, span: Span): Iterable<DeniedSender> =>
  dayByDay(
    db,
    `WITH denial AS MATERIALIZED ${DENIAL}
       SELECT ${CLIENT} AS source, domain.value AS domain, COUNT(*) AS recipients
       FROM smtp_transaction t JOIN session s ON s.id = t.session
       JOIN recipient r ON r.session = t.session AND r.transaction_ordinal = t.ordinal
       JOIN address sender ON sender.id = t.sender_id JOIN text domain ON domain.id = sender.domain_id
       WHERE ${DECIDED} AND t.recipients_refused > 0 AND r.accepted = 0 AND r.reply_id IN denial AND NOT ${LOGGED_ON}
       GROUP BY 1, 2`,
    span,
  );

export interface DeniedSender {
  readonly source: number;
  readonly domain: string;
  readonly recipients: number;
}

export interface ExampleRow {
  readonly at: number;
  readonly session_id: string;
  readonly server: string;
  readonly remote_endpoint: string;
  readonly generation: number;
  readonly sender: string | null;
  readonly recipient: string;
}

/** Finds a recipient that was counted, by when its message was decided. */
export function exampleFinder(
  db: Database,
): (of: { source: number; at: number; domain: string; accepted: number }) => ExampleRow | undefined {
  const find = db.prepare(
    `SELECT t.decided_at AS at, s.session_id, server.value AS server, s.remote_endpoint, s.generation, sender.value AS sender, address.value AS recipient
     FROM smtp_transaction t JOIN session s ON s.id = t.session JOIN text server ON server.id = s.server_id
     JOIN recipient r ON r.session = t.session AND r.transaction_ordinal = t.ordinal JOIN address ON address.id = r.address_id
     JOIN text domain ON domain.id = address.domain_id LEFT JOIN address sender ON sender.id = t.sender_id
     WHERE t.decided_at = @at AND s.direction = 'receive' AND ${CLIENT} = @source AND r.accepted = @accepted AND domain.value = @domain
     ORDER BY s.id, t.ordinal, r.ordinal LIMIT 1`,
  );
  return (of) => find.get(of) as ExampleRow | undefined;
}

/** How far back habits are looked for: a yearly job shows twice. Milliseconds. */
export const HISTORY_MS = 400 * DAY_MS;

/** Of one client over everything that was ever read: when it wanted something first, and on how many of the last days. */
export function historyFinder(db: Database, until: number): (source: number) => { firstEver: number | null; activeDays: number } {
  const find = db.prepare(
    `SELECT (SELECT MIN(first_at) FROM hourly_seen WHERE source_id = @source AND hour = (
         SELECT MIN(hour) FROM hourly_seen WHERE source_id = @source)) AS firstEver,
       (SELECT COUNT(DISTINCT hour / ${DAY_MS}) FROM hourly_seen
        WHERE source_id = @source AND hour >= @until - ${HISTORY_MS} AND hour < @until) AS activeDays`,
  );
  return (source) => find.get({ source, until }) as { firstEver: number | null; activeDays: number };
}

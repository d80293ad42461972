/** Sessions of one subject, counted by how they ended. */
import type { Outcome } from '../../smtp/outcome.ts';
import { findReply } from '../../smtp/reply-catalogue.ts';
import type { Database } from '../../store/database.ts';
import type { SessionGroup } from './case.ts';

/** Which sessions are asked about; times in milliseconds UTC. */
export interface CaseFilter {
  readonly since?: number;
  readonly until?: number;
  readonly server?: string;
  /** Whole name or part of it, any case. */
  readonly connector?: string;
  /** Only sessions with this hello name, this sender or recipient, or this logon name. */
  readonly helloName?: string;
  readonly mailAddress?: string;
  /** Of the failing sessions only this one, by its internal number. */
  readonly session?: number;
}

interface GroupRow {
  readonly server: string;
  readonly service: string | null;
  readonly connector: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly lastError: string | null;
  readonly sessions: number;
  readonly first: string;
  readonly last: string;
}

/** Conditions on `s` (session) and `v` (its names), with the values they use. */
export interface Terms {
  readonly sql: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A session that a client's mail went through, or a send session; unfinished ones near the end of the logs are `open`. */
const OUTCOME = `CASE WHEN s.ended = 0 AND s.outcome IN ('abandoned', 'probe') AND s.ended_at > (
    SELECT log_end.at FROM log_end JOIN text own ON own.id = s.server_id WHERE log_end.server_id = s.server_id
      AND log_end.direction = s.direction AND log_end.service = COALESCE(s.service, '')
      AND log_end.connector_id = CASE WHEN own.value = '' THEN s.connector_id ELSE 0 END) - 600000
  THEN 'open' ELSE s.outcome END`;

export function filterTerms(filter: CaseFilter): Terms {
  const parts: string[] = [];
  if (filter.since !== undefined) parts.push('s.started_at >= @since');
  if (filter.until !== undefined) parts.push('s.started_at < @until');
  if (filter.server !== undefined) parts.push('s.server_id IN (SELECT id FROM text WHERE lower(value) = lower(@server))');
  if (filter.connector !== undefined)
    parts.push('s.connector_id IN (SELECT id FROM text WHERE instr(lower(value), lower(@connector)) > 0)');
  if (filter.helloName !== undefined) parts.push('s.helo_id IN (SELECT id FROM text WHERE lower(value) = lower(@helloName))');
  if (filter.mailAddress !== undefined)
    parts.push(`(s.auth_user_id IN (SELECT id FROM text WHERE lower(value) = lower(@mailAddress)) OR EXISTS (
      SELECT 1 FROM smtp_transaction t WHERE t.session = s.id AND t.sender_id IN (SELECT id FROM address WHERE lower(value) = lower(@mailAddress)))
      OR EXISTS (SELECT 1 FROM recipient r WHERE r.session = s.id AND r.address_id IN (SELECT id FROM address WHERE lower(value) = lower(@mailAddress))))`);
  return { sql: parts.map((part) => ` AND ${part}`).join(''), values: { ...filter } };
}

/**
 * The sessions of a client. One that a front end handed over to a Hub counts by its rows there: the front end logs nothing
 * behind the logon. Mail handed over message by message counts at the front end, unless its log is not in the store; then a
 * Hub session that serves several clients counts for those whose mail it refused, or where it refused nobody's.
 */
const OF_CLIENT = `s.id IN (
  SELECT own.id FROM session own WHERE own.source_id = @source AND own.direction = 'receive' AND own.health_probe = 0
    AND NOT EXISTS (SELECT 1 FROM session_client c WHERE c.session = own.id)
  UNION ALL SELECT c.session FROM session_client c JOIN session hub ON hub.id = c.session
    WHERE c.client_id = @source AND hub.direction = 'receive' AND hub.health_probe = 0
    AND NOT EXISTS (SELECT 1 FROM link JOIN session front ON front.session_id = link.target_session_id AND front.direction = 'receive'
      AND front.id <> link.session WHERE link.session = c.session AND link.kind = 'xproxyfrom')
    AND (hub.messages_refused + hub.recipients_refused = 0 OR EXISTS (SELECT 1 FROM smtp_transaction t WHERE t.session = c.session
      AND t.client_id = @source AND t.recipients_refused + (t.state = 'refused') > 0)))`;

const OF_NEXT_HOP = `s.source_id IN (SELECT id FROM text WHERE value = '') AND s.direction = 'send' AND s.server_id = @ownServer AND s.connector_id = @ownConnector AND s.remote_endpoint = @destination`;

export const CLIENT_TERMS = OF_CLIENT;
export const NEXT_HOP_TERMS = OF_NEXT_HOP;

/** Groups that differ only in what varies in a reply are one. */
export function sessionGroups(db: Database, subject: Terms, filter: CaseFilter): SessionGroup[] {
  const more = filterTerms(filter);
  const rows = db
    .prepare(
      `SELECT server.value AS server, g.service, connector.value AS connector, g.outcome, reason.value AS reason, error.value AS lastError,
         g.sessions, g.first, g.last
       FROM (SELECT s.server_id, s.service, s.connector_id, ${OUTCOME} AS outcome, s.reason_id, s.last_error_id, COUNT(*) AS sessions,
           MIN(printf('%014d %d', s.started_at, s.id)) AS first, MAX(printf('%014d %d', s.started_at, s.id)) AS last
         FROM session s WHERE ${subject.sql}${more.sql} GROUP BY 1, 2, 3, 4, 5, 6) g
       JOIN text server ON server.id = g.server_id JOIN text connector ON connector.id = g.connector_id
       JOIN text reason ON reason.id = g.reason_id LEFT JOIN text error ON error.id = g.last_error_id`,
    )
    .all({ ...subject.values, ...more.values }) as GroupRow[];
  const groups = new Map<string, SessionGroup>();
  for (const row of rows) {
    const group = groupOf(row);
    const key = JSON.stringify([
      group.server,
      group.service,
      group.connector,
      group.outcome,
      sameWords(reasonReply(group)),
      sameWords(group.lastError ?? ''),
    ]);
    const before = groups.get(key);
    groups.set(key, before ? merged(before, group) : group);
  }
  return [...groups.values()].sort((a, b) => b.lastSeen - a.lastSeen || (a.connector < b.connector ? -1 : 1));
}

function groupOf({ first, last, service, ...row }: GroupRow): SessionGroup {
  const [firstSeen, earliest] = first.split(' ').map(Number);
  const [lastSeen, latest] = last.split(' ').map(Number);
  return {
    ...row,
    service: service ?? '',
    firstSeen: firstSeen!,
    lastSeen: lastSeen!,
    earliest: earliest!,
    latest: latest!,
  };
}

function merged(a: SessionGroup, b: SessionGroup): SessionGroup {
  const last = b.lastSeen > a.lastSeen ? b : a;
  const first = b.firstSeen < a.firstSeen ? b : a;
  return {
    ...last,
    sessions: a.sessions + b.sessions,
    firstSeen: first.firstSeen,
    earliest: first.earliest,
  };
}

/** The refusal within the reason of an outcome: what stands before it counts messages and differs each time. */
function reasonReply({ outcome, reason }: SessionGroup): string {
  if (outcome === 'accepted') return '';
  const reply = /(?:^|[: ])([45]\d\d[ -].*)$/s.exec(reason);
  return reply?.[1] ?? reason.replace(/\d+/g, '#');
}

/** The catalogue's entry where it has one, so that a path, a host or a number in the reply makes no difference. */
function sameWords(text: string): string {
  if (text === '') return '';
  return findReply(text)?.entry.id ?? text;
}

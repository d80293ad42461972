/** Lists and searches sessions. */
import { contains, parseRange } from '../net/address-range.ts';
import type { Direction } from '../protocol-log/fields.ts';
import type { Outcome } from '../smtp/outcome.ts';
import type { Database } from '../store/database.ts';
import { type AttributedSession, SessionAttributions } from './session-attribution.ts';
import { SESSION_COLUMNS, type SessionRow } from './session-summary.ts';

export interface SessionFilter {
  /** Address, CIDR or `a-b` range of the client; for Hub sessions also of the real client behind the front end. */
  readonly source?: string;
  /** Whole name or part of it, any case. */
  readonly connector?: string;
  readonly outcome?: readonly Outcome[];
  /** Address, or `@domain`, any case. */
  readonly sender?: string;
  readonly recipient?: string;
  /** Milliseconds UTC; sessions that began at or after, and before. */
  readonly since?: number;
  readonly until?: number;
  readonly server?: string;
  readonly direction?: Direction;
}

export interface SessionList {
  /** In order of time. */
  readonly sessions: AttributedSession[];
  /** How many match in all. */
  readonly total: number;
}

/** The latest `limit` sessions that match (all when undefined), oldest first. */
export function listSessions(db: Database, filter: SessionFilter, limit?: number): SessionList {
  const { where, values } = conditions(db, filter);
  // Without a condition the sessions need not be looked at to be counted.
  const counted = where === '' ? 'session' : `session_view v ${where}`;
  const { total } = db.prepare(`SELECT COUNT(*) AS total FROM ${counted}`).get(values) as { total: number };
  const rows = db
    .prepare(
      `SELECT ${SESSION_COLUMNS} FROM session_view v ${where} ORDER BY v.started_at DESC, v.session_id DESC, v.remote_endpoint DESC, v.generation DESC
       ${limit === undefined ? '' : `LIMIT ${Math.trunc(limit)}`}`,
    )
    .all(values) as SessionRow[];
  const attributions = new SessionAttributions(db);
  return { sessions: rows.reverse().map((row) => attributions.of(row)), total };
}

/** The internal numbers of the sessions that match, in order of time. */
export function matchingSessions(db: Database, filter: SessionFilter): number[] {
  const { where, values } = conditions(db, filter);
  const rows = db.prepare(`SELECT v.id FROM session_view v ${where} ORDER BY v.started_at, v.id`).all(values) as { id: number }[];
  return rows.map(({ id }) => id);
}

function conditions(db: Database, filter: SessionFilter): { where: string; values: Record<string, unknown> } {
  const terms: string[] = [];
  const values: Record<string, unknown> = {};
  const add = (term: string, name?: string, value?: unknown): void => {
    terms.push(term);
    if (name !== undefined) values[name] = value;
  };
  if (filter.source !== undefined) {
    const ids = sourceIds(db, filter.source);
    add(
      `(v.direction = 'receive' AND v.source_id IN (SELECT value FROM json_each(@sources))
        OR v.id IN (SELECT session FROM session_client WHERE client_id IN (SELECT value FROM json_each(@sources))))`,
      'sources',
      JSON.stringify(ids),
    );
  }
  if (filter.connector !== undefined) add('instr(lower(v.connector), lower(@connector)) > 0', 'connector', filter.connector);
  if (filter.outcome !== undefined)
    add('v.outcome IN (SELECT value FROM json_each(@outcomes))', 'outcomes', JSON.stringify(filter.outcome));
  if (filter.server !== undefined) add('lower(v.server) = lower(@server)', 'server', filter.server);
  if (filter.direction !== undefined) add('v.direction = @direction', 'direction', filter.direction);
  if (filter.since !== undefined) add('v.started_at >= @since', 'since', filter.since);
  if (filter.until !== undefined) add('v.started_at < @until', 'until', filter.until);
  if (filter.sender !== undefined)
    add(
      `v.id IN (SELECT session FROM smtp_transaction WHERE sender_id IN (SELECT value FROM json_each(@senders)))`,
      'senders',
      JSON.stringify(addressIds(db, filter.sender)),
    );
  if (filter.recipient !== undefined)
    add(
      `v.id IN (SELECT session FROM recipient WHERE address_id IN (SELECT value FROM json_each(@recipients)))`,
      'recipients',
      JSON.stringify(addressIds(db, filter.recipient)),
    );
  return { where: terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '', values };
}

/** Interned clients that the text names: exactly, or as a range. */
function sourceIds(db: Database, source: string): number[] {
  const range = parseRange(source);
  const all = db
    .prepare(
      `SELECT id, value FROM text WHERE id IN (SELECT DISTINCT source_id FROM session) OR id IN (SELECT DISTINCT client_id FROM session_client)`,
    )
    .all() as { id: number; value: string }[];
  return all
    .filter(({ value }) => value.toLowerCase() === source.toLowerCase() || (range !== undefined && contains(range, value)))
    .map(({ id }) => id);
}

function addressIds(db: Database, address: string): number[] {
  const wanted = address.replace(/^<|>$/g, '').toLowerCase();
  const sql = wanted.startsWith('@')
    ? 'SELECT address.id FROM address JOIN text ON text.id = address.domain_id WHERE text.value = ?'
    : 'SELECT id FROM address WHERE lower(value) = ?';
  return (db.prepare(sql).all(wanted.replace(/^@/, '')) as { id: number }[]).map(({ id }) => id);
}

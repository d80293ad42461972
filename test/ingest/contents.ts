/** Everything a store says, by value: without the numbers and places that depend on how the logs were read. */
import { listConnectors } from '../../src/queries/connectors.ts';
import { coverage } from '../../src/queries/coverage.ts';
import { findSessions, sessionDetail, sessionRows } from '../../src/queries/session-detail.ts';
import { listSessions } from '../../src/queries/session-list.ts';
import { listSources } from '../../src/queries/sources.ts';
import type { Database } from '../../src/store/database.ts';

const TABLES = [
  'session',
  'smtp_transaction',
  'recipient',
  'refusal',
  'link',
  'session_client',
  'hourly_sessions',
  'hourly_messages',
  'hourly_refusals',
  'hourly_noise',
  'hourly_recipients',
  'hourly_senders',
  'minute_messages',
  'hourly_largest',
  'hourly_causes',
  'hourly_seen',
] as const;

/** Row numbers, and places in files. */
const PLACES = new Set(['id', 'section_id', 'first', 'last']);

type Row = Record<string, unknown>;

export function contents(db: Database): Record<string, unknown> {
  return { ...tables(db), ...answers(db) };
}

/** Rows of the tables, sorted, with interned ids replaced by what they stand for. */
export function tables(db: Database): Record<string, string[]> {
  const texts = valuesOf(db, 'text');
  const addresses = valuesOf(db, 'address');
  const sessions = new Map(
    (
      db
        .prepare(
          `SELECT s.id, session_id || ' ' || direction || ' ' || server.value || ' ' || remote_endpoint || ' ' || generation AS name
           FROM session s JOIN text server ON server.id = s.server_id`,
        )
        .all() as { id: number; name: string }[]
    ).map(({ id, name }) => [id, name]),
  );
  const byValue = ([column, value]: [string, unknown]): [string, unknown] => {
    if (column === 'session') return [column, sessions.get(value as number)];
    if (!column.endsWith('_id') || typeof value !== 'number') return [column, value];
    return [column, (column === 'sender_id' || column === 'address_id' ? addresses : texts).get(value)];
  };
  return Object.fromEntries(
    TABLES.map((table) => [
      table,
      (db.prepare(`SELECT * FROM ${table}`).all() as Row[])
        .map((row) =>
          JSON.stringify(
            Object.entries(row)
              .filter(([column]) => !PLACES.has(column))
              .map(byValue),
          ),
        )
        .sort(),
    ]),
  );
}

const valuesOf = (db: Database, table: 'text' | 'address'): Map<number, string> =>
  new Map(
    (db.prepare(`SELECT id, value FROM ${table}`).all() as { id: number; value: string }[]).map(({ id, value }) => [id, value]),
  );

/** What the queries answer, evidence without file and line. */
function answers(db: Database): Record<string, unknown> {
  const { sessions } = listSessions(db, {});
  const details = sessions.map(({ id }) => {
    const [row] = findSessions(db, id);
    if (!row) throw new Error(`${id} is listed and not found`);
    const { events, ...detail } = sessionDetail(db, row);
    return {
      ...detail,
      links: detail.links.map((link) => ({ ...link, ids: [...link.ids].sort() })),
      transcript: sessionRows(db, row).map(({ line }) => line.toString('latin1')),
      events: events.map(({ file, line, ...event }) => event),
    };
  });
  return { sessions, details, sources: listSources(db), connectors: listConnectors(db), coverage: coverage(db) };
}

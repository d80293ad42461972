/**
 * Asks the roll-ups about any time: whole days and hours from their tables, what is left of an hour from the rows themselves.
 */
import type { Statement } from 'better-sqlite3';
import type { Database } from '../../store/database.ts';
import { DAILY, DAY_MS, type SummedTable } from '../../store/day-roll-up.ts';
import { HOUR_MS } from '../../store/place-hours.ts';
import { ROLL_UPS } from '../../store/roll-up.ts';
import type { Slice } from './period.ts';

export interface UsageFilter {
  /** Name of a server. */
  readonly server?: string;
  /** A connector, or part of its name. */
  readonly connector?: string;
}

/** Beginning of a minute of `minute_messages`, milliseconds UTC. */
export const MINUTE = '(hour + minute * 60000)';

/** SQLite groups by sorting: many small heaps are sorted faster than a large one. */
const STEP_MS = 12 * HOUR_MS;
const STEP_OF_DAYS_MS = 32 * DAY_MS;

function stepsFrom({ since, until }: Slice, step = STEP_MS): Slice[] {
  const count = Math.max(0, Math.ceil((until - since) / step));
  return Array.from({ length: count }, (_, index) => ({
    since: since + index * step,
    until: Math.min(until, since + (index + 1) * step),
  }));
}

/** Which table is asked about a part of a time. */
type Part = 'days' | 'hours' | 'minutes' | 'edge';

export class RollUpReader {
  readonly db: Database;
  /** Condition on a row of any roll-up, and of `session`: ` AND …`, or empty. Holds numbers only. */
  readonly filter: string;
  readonly #statements = new Map<string, Statement<[{ hour: number; end: number }]>>();
  readonly #staleDays: ReadonlySet<number>;

  constructor(db: Database, filter: UsageFilter = {}) {
    this.db = db;
    const ids = (sql: string, name: string): string => (db.prepare(sql).pluck().all(name) as number[]).join(', ');
    const parts: string[] = [];
    if (filter.server !== undefined)
      parts.push(`server_id IN (${ids('SELECT id FROM text WHERE lower(value) = lower(?)', filter.server)})`);
    if (filter.connector !== undefined)
      parts.push(`connector_id IN (${ids('SELECT id FROM text WHERE instr(lower(value), lower(?)) > 0', filter.connector)})`);
    this.filter = parts.map((part) => ` AND ${part}`).join('');
    this.#staleDays = new Set(db.prepare('SELECT day FROM stale_day').pluck().all() as number[]);
  }

  /**
   * Rows of `query` over the table in a time, as lists of values. `query` selects from `r`; there may be several rows of one
   * group, so what it gives must be sums, or something that can be put together again.
   */
  rows<T extends readonly unknown[]>(table: string, query: string, { since, until }: Slice): T[] {
    const from = Math.ceil(since / HOUR_MS) * HOUR_MS;
    const to = Math.floor(until / HOUR_MS) * HOUR_MS;
    if (from > to) return this.#ask(table, query, 'edge', { since, until });
    return [
      ...(since < from ? this.#ask<T>(table, query, 'edge', { since, until: from }) : []),
      ...stepsFrom({ since: from, until: to }).flatMap((step) => this.#ask<T>(table, query, 'hours', step)),
      ...(to < until ? this.#ask<T>(table, query, 'edge', { since: to, until }) : []),
    ];
  }

  /** The same where the hour is not asked for: what is summed up by days is read from there. */
  sums<T extends readonly unknown[]>(table: SummedTable, query: string, slice: Slice): T[] {
    const { days, rest } = this.summed(slice);
    return [
      ...days.flatMap((run) => this.days<T>(DAILY[table], query, run)),
      ...rest.flatMap((part) => this.rows<T>(table, query, part)),
    ];
  }

  /** All that the roll-ups tell of: from the first to the last day. */
  everything(): Slice {
    const ends = (hour: string): number[] =>
      ['hourly_sessions', 'hourly_messages', 'hourly_refusals'].flatMap((table) => {
        const at = this.db.prepare(`SELECT ${hour}(hour) FROM ${table}`).pluck().get() as number | null;
        return at === null ? [] : [Math.floor(at / DAY_MS) * DAY_MS];
      });
    const first = ends('MIN');
    return first.length === 0 ? { since: 0, until: 0 } : { since: Math.min(...first), until: Math.max(...ends('MAX')) + DAY_MS };
  }

  /** Rows of `query` over the messages by the minute; the time is whole minutes. */
  minutes<T extends readonly unknown[]>(query: string, slice: Slice): T[] {
    return stepsFrom(slice).flatMap((step) => this.#ask<T>('minute_messages', query, 'minutes', step));
  }

  /** Rows of `query` over a table that keeps days, in days that are summed up. */
  days<T extends readonly unknown[]>(table: string, query: string, days: Slice): T[] {
    return stepsFrom(days, STEP_OF_DAYS_MS).flatMap((step) => this.#ask<T>(table, query, 'days', step));
  }

  /** The days of a time that are summed up, those in a row as one, and what is left of it. */
  summed({ since, until }: Slice): { readonly days: readonly Slice[]; readonly rest: readonly Slice[] } {
    const days: Slice[] = [];
    const rest: Slice[] = [];
    for (let at = since; at < until; ) {
      const next = Math.min(until, (Math.floor(at / DAY_MS) + 1) * DAY_MS);
      const list = next - at === DAY_MS && !this.#staleDays.has(at) ? days : rest;
      const last = list.at(-1);
      if (last?.until === at) list[list.length - 1] = { since: last.since, until: next };
      else list.push({ since: at, until: next });
      at = next;
    }
    return { days, rest };
  }

  #ask<T extends readonly unknown[]>(table: string, query: string, part: Part, slice: Slice): T[] {
    const key = `${part} ${table} ${query}`;
    let statement = this.#statements.get(key);
    if (!statement) {
      statement = this.db.prepare<[{ hour: number; end: number }]>(`WITH ${this.#source(table, part)} ${query}`).raw();
      this.#statements.set(key, statement);
    }
    return statement.all({ hour: slice.since, end: slice.until }) as unknown as T[];
  }

  #source(table: string, part: Part): string {
    const within = (from: string, condition: string): string =>
      `r AS NOT MATERIALIZED (SELECT * FROM ${from} WHERE ${condition}${this.filter})`;
    if (part === 'days') return within(table, 'day >= @hour AND day < @end');
    if (part === 'hours') return within(table, 'hour >= @hour AND hour < @end');
    if (part === 'minutes')
      return within(table, `hour > @hour - ${HOUR_MS} AND hour < @end AND ${MINUTE} >= @hour AND ${MINUTE} < @end`);
    const columns = (this.db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name).join(', ');
    const { select } = ROLL_UPS.find((one) => one.table === table)!;
    return `every (${columns}) AS (${select}), r AS (SELECT * FROM every WHERE 1${this.filter})`;
  }
}

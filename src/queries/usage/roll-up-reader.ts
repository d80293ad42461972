/** Asks the roll-ups about any time: whole hours from their tables, what is left of an hour from the rows themselves. */
import type { Statement } from 'better-sqlite3';
import type { Database } from '../../store/database.ts';
import { ROLL_UPS } from '../../store/roll-up.ts';
import type { Slice } from './period.ts';

export interface UsageFilter {
  /** Name of a server. */
  readonly server?: string;
  /** A connector, or part of its name. */
  readonly connector?: string;
}

const HOUR_MS = 3_600_000;

/** SQLite groups by sorting: many small heaps are sorted faster than a large one. */
const STEP_MS = 12 * HOUR_MS;

function stepsFrom(since: number, until: number): Slice[] {
  const count = Math.max(0, Math.ceil((until - since) / STEP_MS));
  return Array.from({ length: count }, (_, index) => ({
    since: since + index * STEP_MS,
    until: Math.min(until, since + (index + 1) * STEP_MS),
  }));
}

export class RollUpReader {
  readonly db: Database;
  /** Condition on a row of any roll-up, and of `session`: ` AND …`, or empty. Holds numbers only. */
  readonly filter: string;
  readonly #statements = new Map<string, Statement<[{ hour: number; end: number }]>>();

  constructor(db: Database, filter: UsageFilter = {}) {
    this.db = db;
    const ids = (sql: string, name: string): string => (db.prepare(sql).pluck().all(name) as number[]).join(', ');
    const parts: string[] = [];
    if (filter.server !== undefined)
      parts.push(`server_id IN (${ids('SELECT id FROM text WHERE lower(value) = lower(?)', filter.server)})`);
    if (filter.connector !== undefined)
      parts.push(`connector_id IN (${ids('SELECT id FROM text WHERE instr(lower(value), lower(?)) > 0', filter.connector)})`);
    this.filter = parts.map((part) => ` AND ${part}`).join('');
  }

  /**
   * Rows of `query` over the table in a time, as lists of values. `query` selects from `r`; there may be several rows of one
   * group, so what it gives must be sums, or something that can be put together again.
   */
  rows<T extends readonly unknown[]>(table: string, query: string, { since, until }: Slice): T[] {
    const from = Math.ceil(since / HOUR_MS) * HOUR_MS;
    const to = Math.floor(until / HOUR_MS) * HOUR_MS;
    if (from > to) return this.#ask(table, query, 'edge', since, until);
    return [
      ...(since < from ? this.#ask<T>(table, query, 'edge', since, from) : []),
      ...stepsFrom(from, to).flatMap((step) => this.#ask<T>(table, query, 'whole', step.since, step.until)),
      ...(to < until ? this.#ask<T>(table, query, 'edge', to, until) : []),
    ];
  }

  #ask<T extends readonly unknown[]>(table: string, query: string, part: 'whole' | 'edge', hour: number, end: number): T[] {
    const key = `${part} ${table} ${query}`;
    let statement = this.#statements.get(key);
    if (!statement) {
      statement = this.db.prepare<[{ hour: number; end: number }]>(`WITH ${this.#source(table, part)} ${query}`).raw();
      this.#statements.set(key, statement);
    }
    return statement.all({ hour, end }) as unknown as T[];
  }

  #source(table: string, part: 'whole' | 'edge'): string {
    if (part === 'whole')
      return `r AS NOT MATERIALIZED (SELECT * FROM ${table} WHERE hour >= @hour AND hour < @end${this.filter})`;
    const columns = (this.db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name).join(', ');
    const { select } = ROLL_UPS.find((one) => one.table === table)!;
    return `every (${columns}) AS (${select}), r AS (SELECT * FROM every WHERE 1${this.filter})`;
  }
}

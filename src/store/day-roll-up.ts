/**
 * Days of the roll-ups by the hour (migration 007): what a report reads of every day that is over. A day is the sum of its
 * hours, made anew when one of them has changed; until then, `stale_day` names it and its hours are asked.
 */
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import { HOUR_MS } from './place-hours.ts';

export const DAY_MS = 86_400_000;

/** The roll-ups by the hour that have one by the day: same columns, but for the time. */
export const DAILY = {
  hourly_sessions: 'daily_sessions',
  hourly_messages: 'daily_messages',
  hourly_refusals: 'daily_refusals',
  hourly_noise: 'daily_noise',
  hourly_recipients: 'daily_recipients',
  hourly_senders: 'daily_senders',
  hourly_causes: 'daily_causes',
} as const;
export type SummedTable = keyof typeof DAILY;

const SUMS = new Set([
  'sessions',
  'messages_accepted',
  'messages_refused',
  'recipients_accepted',
  'recipients_refused',
  'bytes_accepted',
  'refusals',
]);

/** Columns of a day that is kept hour by hour. */
export const HOUR_COLUMNS: readonly string[] = Array.from({ length: 24 }, (_, hour) => `h${hour}`);

/** Sessions of a client that wanted something: `hourly_sessions` holds them with the hops among them, `hourly_noise` those alone. */
export const WANTED_SESSIONS = "direction = 'receive' AND health_probe = 0 AND outcome <> 'probe'";
export const WANTED_HOPS = "kind = 'hop' AND outcome <> 'probe' AND sessions > 0";

const byHour = (sum: string): string =>
  HOUR_COLUMNS.map((_, hour) => `SUM(CASE WHEN hour = @day + ${hour * HOUR_MS} THEN ${sum} ELSE 0 END)`).join(', ');

const OF_DAY = 'hour >= @day AND hour < @end';

/** How many days at once: a database of ten years that was not summed up yet holds nobody up. */
const AT_ONCE = 100;

export class DayRollUp {
  readonly #mark: Statement<[number]>;
  readonly #unmark: Statement<[number]>;
  readonly #last: Statement<[], number | null>;
  readonly #over: Statement<[number], number>;
  readonly #clear: readonly Statement<[number]>[];
  readonly #sum: readonly Statement<[{ day: number; end: number }]>[];
  /** Marked already, not summed since. */
  readonly #marked = new Set<number>();

  constructor(db: Database) {
    this.#mark = db.prepare('INSERT OR IGNORE INTO stale_day (day) VALUES (?)');
    this.#unmark = db.prepare('DELETE FROM stale_day WHERE day = ?');
    this.#last = db.prepare<[], number | null>('SELECT MAX(hour) FROM hourly_sessions').pluck();
    this.#over = db
      .prepare<[number], number>(`SELECT day FROM stale_day WHERE day < ? ORDER BY day DESC LIMIT ${AT_ONCE}`)
      .pluck();
    const columnsOf = (table: string): string[] =>
      (db.pragma(`table_info(${table})`) as { name: string }[]).slice(1).map(({ name }) => name);
    const twins = Object.entries(DAILY).map(([hourly, daily]) => {
      const columns = columnsOf(hourly);
      const values = columns.map((name) => (SUMS.has(name) ? `SUM(${name})` : name));
      const group = columns.filter((name) => !SUMS.has(name));
      return { daily, select: `SELECT @day, ${values.join(', ')} FROM ${hourly} WHERE ${OF_DAY} GROUP BY ${group.join(', ')}` };
    });
    const hours = [
      {
        daily: 'daily_client_hours',
        select: `SELECT @day, server_id, connector_id, source_id, ${byHour('messages_accepted')} FROM hourly_senders
          WHERE ${OF_DAY} AND messages_accepted > 0 GROUP BY 2, 3, 4`,
      },
      {
        daily: 'daily_tls_hours',
        select: `SELECT @day, server_id, connector_id, tls_id, ${byHour('sessions')} FROM (
            SELECT hour, server_id, connector_id, tls_id, sessions FROM hourly_sessions WHERE ${OF_DAY} AND ${WANTED_SESSIONS}
            UNION ALL SELECT hour, server_id, connector_id, tls_id, -sessions FROM hourly_noise WHERE ${OF_DAY} AND ${WANTED_HOPS})
          GROUP BY 2, 3, 4`,
      },
      {
        daily: 'daily_log_hours',
        select: `SELECT @day, server_id, service, direction, ${byHour('sessions')} FROM hourly_sessions WHERE ${OF_DAY} GROUP BY 2, 3, 4`,
      },
    ];
    this.#clear = [...twins, ...hours].map(({ daily }) => db.prepare(`DELETE FROM ${daily} WHERE day = ?`));
    this.#sum = [...twins, ...hours].map(({ daily, select }) => db.prepare(`INSERT INTO ${daily} ${select}`));
  }

  /** An hour is about to change. */
  touch(hour: number): void {
    const day = Math.floor(hour / DAY_MS) * DAY_MS;
    if (this.#marked.has(day)) return;
    this.#mark.run(day);
    this.#marked.add(day);
  }

  /** Sums up the days that are over, as far as the logs go. */
  refresh(): void {
    const last = this.#last.get() ?? null;
    if (last === null) return;
    for (const day of this.#over.all(last - DAY_MS + HOUR_MS)) {
      for (const statement of this.#clear) statement.run(day);
      for (const statement of this.#sum) statement.run({ day, end: day + DAY_MS });
      this.#unmark.run(day);
      this.#marked.delete(day);
    }
  }
}

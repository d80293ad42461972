/**
 * Hourly roll-ups. What a run adds is summed up while it is written (hour-counts.ts); an hour from which something is
 * taken back, or whose messages another session may count for, is counted anew from the rows. An hour in which sessions
 * are still open is put off to a later commit of the run; a run that is killed before leaves it in `stale_hour`, and who
 * opens the store next counts it.
 */
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import { DayRollUp } from './day-roll-up.ts';
import { HourCounts } from './hour-counts.ts';
import { HOUR_MS, hourOf } from './place-hours.ts';
import { decidedMessages, directionOf, type InternedRecord, sessionIdOf, startedAt } from './session-record.ts';
import { COUNTED, type RollUpDefinition, USAGE_ROLL_UPS } from './usage-roll-up.ts';

const SESSIONS = `SELECT @hour, server_id, COALESCE(service, ''), direction, connector_id, source_id, outcome, tls_id, auth_result, health_probe, COUNT(*)
  FROM session WHERE started_at >= @hour AND started_at < @end
  GROUP BY server_id, service, direction, connector_id, source_id, outcome, tls_id, auth_result, health_probe`;

const MESSAGES = `SELECT @hour, s.server_id, COALESCE(s.service, ''), s.direction, s.connector_id, COALESCE(t.client_id, s.source_id) AS client, s.tls_id, s.auth_result,
    SUM(t.state = 'accepted'), SUM(t.state = 'refused'), SUM(t.recipients_accepted), SUM(t.recipients_refused),
    SUM(CASE WHEN t.state = 'accepted' THEN COALESCE(t.bytes, 0) ELSE 0 END)
  FROM smtp_transaction t JOIN session s ON s.id = t.session
  WHERE t.decided_at >= @hour AND t.decided_at < @end AND ${COUNTED}
  GROUP BY s.server_id, s.service, s.direction, s.connector_id, client, s.tls_id, s.auth_result`;

const REFUSALS = `SELECT @hour, s.server_id, COALESCE(s.service, ''), s.direction, s.connector_id, s.source_id, r.command, r.reply_id, COUNT(*)
  FROM refusal r JOIN session s ON s.id = r.session
  WHERE r.at >= @hour AND r.at < @end
  GROUP BY s.server_id, s.service, s.direction, s.connector_id, s.source_id, r.command, r.reply_id`;

/** Every table that counts by the hour. */
export const ROLL_UPS: readonly RollUpDefinition[] = [
  { table: 'hourly_sessions', select: SESSIONS },
  { table: 'hourly_messages', select: MESSAGES },
  { table: 'hourly_refusals', select: REFUSALS },
  ...USAGE_ROLL_UPS,
];

/** True when a killed run left hours uncounted. */
export const hasStaleHours = (db: Database): boolean => db.prepare('SELECT 1 FROM stale_hour LIMIT 1').get() !== undefined;

interface HourRange {
  readonly hour: number;
  readonly end: number;
}

export class RollUp {
  readonly #counts: HourCounts;
  readonly #days: DayRollUp;
  /** To be counted anew. */
  readonly #recount = new Set<number>();
  /** Those of them that this commit touched. */
  readonly #touched = new Set<number>();
  /** Put off by an earlier commit of this run. */
  readonly #waiting = new Set<number>();
  /** How many open sessions count in an hour as far as they have come: they are counted when they are closed. */
  readonly #open = new Map<number, number>();
  readonly #markStale: Statement<[number]>;
  readonly #stale: Statement<[], { hour: number }>;
  readonly #staleSessions: Statement<[], number | null>;
  readonly #unmarkStale: Statement<[number]>;
  readonly #clear: readonly Statement<[HourRange]>[];
  readonly #count: readonly Statement<[HourRange]>[];
  /** Some session serves the clients of a front end: others may be the front end's side of it. */
  #hasTwins: boolean;
  readonly #hoursOf: Statement<[{ id: number }], { at: number }>;
  readonly #hoursOfTwin: Statement<[string], { at: number }>;

  constructor(db: Database) {
    this.#counts = new HourCounts(db);
    this.#days = new DayRollUp(db);
    this.#markStale = db.prepare('INSERT OR IGNORE INTO stale_hour (hour) VALUES (?)');
    this.#unmarkStale = db.prepare('DELETE FROM stale_hour WHERE hour = ?');
    this.#stale = db.prepare('SELECT hour FROM stale_hour ORDER BY hour');
    this.#staleSessions = db
      .prepare<[], number | null>('SELECT SUM(sessions) FROM hourly_sessions WHERE hour IN (SELECT hour FROM stale_hour)')
      .pluck();
    this.#clear = [...ROLL_UPS.map(({ table }) => table), 'stale_hour'].map((table) =>
      db.prepare(`DELETE FROM ${table} WHERE hour = @hour`),
    );
    this.#count = ROLL_UPS.map(({ table, select }) => db.prepare(`INSERT INTO ${table} ${select}`));
    this.#hasTwins = db.prepare('SELECT 1 FROM session_client LIMIT 1').get() !== undefined;
    this.#hoursOfTwin = db.prepare(
      `SELECT DISTINCT t.decided_at AS at FROM link JOIN smtp_transaction t ON t.session = link.session AND t.client_session_id = link.target_session_id
       WHERE link.target_session_id = ? AND t.decided_at IS NOT NULL`,
    );
    this.#hoursOf = db.prepare(
      `SELECT started_at AS at FROM session WHERE id = @id
       UNION SELECT decided_at FROM smtp_transaction WHERE session = @id AND decided_at IS NOT NULL
       UNION SELECT at FROM refusal WHERE session = @id`,
    );
  }

  /** Counts a session that was stored and is closed. */
  count(record: InternedRecord): void {
    const messages = decidedMessages(record);
    this.#counts.add(record, messages);
    for (const { decidedAt, clientSessionId } of messages) if (clientSessionId !== null) this.#touch(decidedAt);
    this.#touchTwin(record);
  }

  /** A session that was stored while open: what it will count for is put off; gives the hours, for `release`. */
  hold(record: InternedRecord): readonly number[] {
    const hours = hoursOf(record);
    for (const hour of hours) this.#open.set(hour, (this.#open.get(hour) ?? 0) + 1);
    this.#touchTwin(record);
    return hours;
  }

  /** What was stored of an open session was deleted. */
  release(hours: readonly number[]): void {
    for (const hour of hours) {
      const left = this.#open.get(hour)! - 1;
      if (left > 0) this.#open.set(hour, left);
      else this.#open.delete(hour);
    }
  }

  /** Has the hours of a session counted anew. */
  touch(record: InternedRecord): void {
    for (const hour of hoursOf(record)) this.#touch(hour);
    this.#touchTwin(record);
  }

  /** Has the hours of a stored session counted anew, which is about to go. */
  touchStored(id: number): void {
    for (const { at } of this.#hoursOf.all({ id })) this.#touch(at);
  }

  #touch(at: number): void {
    this.#touched.add(hourOf(at));
    this.#recount.add(hourOf(at));
  }

  /** A front-end session takes the place of its Hub twin's messages, wherever the Hub's clock puts them. */
  #touchTwin(record: InternedRecord): void {
    if (record.clients.length > 0) this.#hasTwins = true;
    else if (this.#hasTwins && directionOf(record) === 'receive')
      for (const { at } of this.#hoursOfTwin.iterate(sessionIdOf(record))) this.#touch(at);
  }

  /** Brings the hours up to date; before the end of a run only those that nothing is known to be coming for. */
  refresh(last: boolean): void {
    for (const hour of new Set([...this.#waiting, ...this.#recount, ...this.#counts.hours()])) {
      if (!last && (this.#open.has(hour) || this.#touched.has(hour))) {
        this.#markStale.run(hour);
        this.#waiting.add(hour);
        continue;
      }
      if (this.#recount.delete(hour)) {
        this.#counts.drop(hour);
        this.#countHour(hour);
      } else {
        this.#days.touch(hour);
        this.#counts.write(hour);
        if (this.#waiting.has(hour)) this.#unmarkStale.run(hour);
      }
      this.#waiting.delete(hour);
    }
    this.#touched.clear();
    if (last) this.#days.refresh();
  }

  /** Sessions of the hours that are to be counted, as far as they are known. */
  get staleSessions(): number {
    return this.#staleSessions.get() ?? 0;
  }

  /** Counts what a killed run left, and what an earlier version did not count; `told` hears of every hour that is done. */
  refreshStale(told: (done: number, all: number) => void = () => {}): void {
    const hours = this.#stale.all();
    hours.forEach(({ hour }, index) => {
      this.#countHour(hour);
      told(index + 1, hours.length);
    });
  }

  #countHour(hour: number): void {
    const range = { hour, end: hour + HOUR_MS };
    this.#days.touch(hour);
    for (const statement of this.#clear) statement.run(range);
    for (const statement of this.#count) statement.run(range);
  }
}

/** Hours in which a session counts. */
function hoursOf(record: InternedRecord): number[] {
  const hours = new Set([hourOf(startedAt(record))]);
  for (const { decidedAt } of decidedMessages(record)) hours.add(hourOf(decidedAt));
  for (const [at] of record.refusals) hours.add(hourOf(at));
  return [...hours];
}

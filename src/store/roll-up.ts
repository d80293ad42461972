/**
 * Hourly roll-ups: the hours that a commit touches are counted anew from the rows, so there is one definition only. An
 * hour that is still being read is put off to a later commit of the run; a run that is killed before leaves it in
 * `stale_hour`, and who opens the store next counts it.
 */
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import { decidedTimes, identityOf, type SessionRecord, startedAt } from './session-record.ts';

const HOUR_MS = 3_600_000;

const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

const SESSIONS = `INSERT INTO hourly_sessions
  SELECT @hour, server_id, COALESCE(service, ''), direction, connector_id, source_id, outcome, tls_id, auth_result, health_probe, COUNT(*)
  FROM session WHERE started_at >= @hour AND started_at < @end
  GROUP BY server_id, service, direction, connector_id, source_id, outcome, tls_id, auth_result, health_probe`;

const MESSAGES = `INSERT INTO hourly_messages
  SELECT @hour, s.server_id, COALESCE(s.service, ''), s.direction, s.connector_id, COALESCE(t.client_id, s.source_id) AS client, s.tls_id, s.auth_result,
    SUM(t.state = 'accepted'), SUM(t.state = 'refused'), SUM(t.recipients_accepted), SUM(t.recipients_refused),
    SUM(CASE WHEN t.state = 'accepted' THEN COALESCE(t.bytes, 0) ELSE 0 END)
  FROM smtp_transaction t JOIN session s ON s.id = t.session
  WHERE t.decided_at >= @hour AND t.decided_at < @end AND t.shadow = 0
    AND NOT (t.client_session_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM session front WHERE front.session_id = t.client_session_id AND front.direction = 'receive'
        AND front.id <> t.session AND front.outcome <> 'proxied'))
  GROUP BY s.server_id, s.service, s.direction, s.connector_id, client, s.tls_id, s.auth_result`;

const REFUSALS = `INSERT INTO hourly_refusals
  SELECT @hour, s.server_id, COALESCE(s.service, ''), s.direction, s.connector_id, s.source_id, r.command, r.reply_id, COUNT(*)
  FROM refusal r JOIN session s ON s.id = r.session
  WHERE r.at >= @hour AND r.at < @end
  GROUP BY s.server_id, s.service, s.direction, s.connector_id, s.source_id, r.command, r.reply_id`;

interface HourRange {
  readonly hour: number;
  readonly end: number;
}

export class RollUp {
  readonly #touched = new Set<number>();
  /** Touched by an earlier commit of this run. */
  readonly #waiting = new Set<number>();
  readonly #markStale: Statement<[number]>;
  readonly #stale: Statement<[], { hour: number }>;
  readonly #clear: readonly Statement<[HourRange]>[];
  readonly #count: readonly Statement<[HourRange]>[];
  /** Some session serves the clients of a front end: others may be the front end's side of it. */
  #hasTwins: boolean;
  readonly #hoursOf: Statement<[{ id: number }], { at: number }>;
  readonly #hoursOfTwin: Statement<[string], { at: number }>;

  constructor(db: Database) {
    this.#markStale = db.prepare('INSERT OR IGNORE INTO stale_hour (hour) VALUES (?)');
    this.#stale = db.prepare('SELECT hour FROM stale_hour ORDER BY hour');
    this.#clear = ['hourly_sessions', 'hourly_messages', 'hourly_refusals', 'stale_hour'].map((table) =>
      db.prepare(`DELETE FROM ${table} WHERE hour = @hour`),
    );
    this.#count = [SESSIONS, MESSAGES, REFUSALS].map((sql) => db.prepare(sql));
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

  /** Notes the hours in which a session counts; those before `since` are known to be counted already. */
  touch(record: SessionRecord, since = 0): void {
    this.#touched.add(hourOf(startedAt(record)));
    for (const at of decidedTimes(record)) if (at >= since) this.#touched.add(hourOf(at));
    for (const [at] of record.refusals) if (at >= since) this.#touched.add(hourOf(at));
    if (record.clients.length > 0) this.#hasTwins = true;
    const { direction, sessionId } = identityOf(record);
    // A front-end session takes the place of its Hub twin's messages, wherever the Hub's clock puts them.
    if (this.#hasTwins && direction === 'receive' && record.clients.length === 0)
      for (const { at } of this.#hoursOfTwin.iterate(sessionId)) this.#touched.add(hourOf(at));
  }

  /** Notes the hours of a stored session that is about to go. */
  touchStored(id: number): void {
    for (const { at } of this.#hoursOf.all({ id })) this.#touched.add(hourOf(at));
  }

  /** Counts the touched hours anew; before the end of a run only those that this commit did not touch any more. */
  refresh(last: boolean): void {
    for (const hour of this.#waiting) {
      if (!last && this.#touched.has(hour)) continue;
      this.#countHour(hour);
      this.#waiting.delete(hour);
    }
    for (const hour of this.#touched) {
      if (last) this.#countHour(hour);
      else {
        this.#markStale.run(hour);
        this.#waiting.add(hour);
      }
    }
    this.#touched.clear();
  }

  /** True when a killed run left hours uncounted. */
  get hasStale(): boolean {
    return this.#stale.get() !== undefined;
  }

  /** Counts what a killed run left. */
  refreshStale(): void {
    for (const { hour } of this.#stale.all()) this.#countHour(hour);
  }

  #countHour(hour: number): void {
    const range = { hour, end: hour + HOUR_MS };
    for (const statement of this.#clear) statement.run(range);
    for (const statement of this.#count) statement.run(range);
  }
}

/** Sessions row by row while their logs are being read: what has come since the question was asked last. */
import { type AddressRange, contains, parseRange } from '../net/address-range.ts';
import type { Database } from '../store/database.ts';
import { lastSessionNumber } from '../store/session-store.ts';
import type { StoredRow } from '../store/stored-rows.ts';
import { type EventDetail, eventsOf, rowsOfSessions } from './session-detail.ts';
import { SESSION_COLUMNS, type SessionRow, type SessionSummary, summarise } from './session-summary.ts';

/** A session of which rows have come. */
export interface GrownSession {
  /** As far as it has come, rows from before included. */
  readonly session: SessionSummary;
  /** The rows that have come, in the order of the session; each is given once. */
  readonly events: readonly EventDetail[];
  /** The logs say that it is over; false too for one whose end is never logged. */
  readonly ended: boolean;
}

/**
 * Remembers how far the logs had been read; neither sessions nor rows. What the store holds when it is made is old: make it
 * when the first reading is done. A last line whose end has not come is not given before it is whole.
 */
export class LiveSessions {
  readonly #db: Database;
  readonly #source: AddressRange | string | undefined;
  #session: number;
  /** Bytes of whole lines, by the number of the log. */
  #progress: ReadonlyMap<number, number>;

  /** `source`: address, CIDR or `a-b` of clients, also of the real client behind a front end; all sessions without it. */
  constructor(db: Database, source?: string) {
    this.#db = db;
    this.#source = source === undefined ? undefined : (parseRange(source) ?? source.toLowerCase());
    [this.#session, this.#progress] = db.transaction(() => [lastSessionNumber(db), this.#progressNow()] as const)();
  }

  /** The sessions that have grown since it was asked last, in order of time. */
  take(): GrownSession[] {
    return this.#db.transaction(() => {
      const before = this.#progress;
      const rows = this.#grown();
      this.#session = lastSessionNumber(this.#db);
      const now = (this.#progress = this.#progressNow());
      const isNew = ({ fileId, position }: StoredRow): boolean =>
        position >= (before.get(fileId) ?? 0) && position < (now.get(fileId) ?? 0);
      const evidence = rowsOfSessions(this.#db, rows);
      return rows.flatMap((row) => {
        const events = eventsOf(this.#db, (evidence.get(row.id) ?? []).filter(isNew));
        return events.length > 0 ? [{ session: summarise(row), events, ended: row.ended === 1 }] : [];
      });
    })();
  }

  /** A session that grows is stored anew, under a number above all that were there: so are these all, and some that only changed. */
  #grown(): SessionRow[] {
    const changed = this.#db
      .prepare<[number], SessionRow>(`SELECT ${SESSION_COLUMNS} FROM session_view v WHERE v.id > ? ORDER BY v.started_at, v.id`)
      .iterate(this.#session);
    const wanted: SessionRow[] = [];
    for (const row of changed) if (this.#isWanted(row)) wanted.push(row);
    return wanted;
  }

  #isWanted({ source, clients }: SessionRow): boolean {
    const wanted = this.#source;
    if (wanted === undefined) return true;
    return [...(source === null ? [] : [source]), ...(clients?.split('\n') ?? [])].some((client) =>
      typeof wanted === 'string' ? client.toLowerCase() === wanted : contains(wanted, client),
    );
  }

  #progressNow(): Map<number, number> {
    const logs = this.#db.prepare<[], { id: number; progress: number }>('SELECT id, progress FROM log_file').all();
    return new Map(logs.map(({ id, progress }) => [id, progress]));
  }
}

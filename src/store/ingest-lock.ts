/** One ingest at a time on a database: the next waits, or says who holds it. A holder that died is not waited for. */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './database.ts';
import { UserError } from './user-error.ts';

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: number;
  readonly heartbeat: number;
}

/** Another process writes to the database, and is not waited for any longer. */
export class DatabaseHeld extends UserError {}

/** A holder that has not been heard of for this long is taken for dead, whoever has its number now. */
const SILENCE_MS = 10 * 60_000;

export class IngestLock {
  readonly #db: Database;
  #beatAt = Date.now();

  private constructor(db: Database) {
    this.#db = db;
  }

  /** Takes the lock, waiting up to `waitMs` for the one who holds it. */
  static async take(db: Database, waitMs: number): Promise<IngestLock> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const holder = tryTake(db);
      if (!holder) return new IngestLock(db);
      if (Date.now() >= deadline) {
        const since = new Date(holder.since).toISOString();
        throw new DatabaseHeld(
          `${db.name}: being written by another ingest (process ${holder.pid} on ${holder.host}, since ${since})`,
          'Wait until it has finished (--wait SECONDS waits for it), or use another database with --db.',
        );
      }
      await delay(200);
    }
  }

  /** Still alive; cheap enough for every commit. */
  beat(): void {
    const now = Date.now();
    if (now - this.#beatAt < 10_000) return;
    this.#beatAt = now;
    this.#db.prepare('UPDATE ingest_lock SET heartbeat = ?').run(now);
  }

  release(): void {
    if (this.#db.open) this.#db.prepare('DELETE FROM ingest_lock WHERE pid = ? AND host = ?').run(process.pid, hostname());
  }
}

/** True while a living process writes to this database. */
export function isIngesting(db: Database): boolean {
  const holder = db.prepare<[], Holder>('SELECT pid, host, since, heartbeat FROM ingest_lock').get();
  return holder !== undefined && isAlive(holder);
}

function tryTake(db: Database): Holder | undefined {
  // Asked before the right to write, which a living holder keeps for the length of a commit.
  const seen = db.prepare<[], Holder>('SELECT pid, host, since, heartbeat FROM ingest_lock').get();
  if (seen && isAlive(seen)) return seen;
  return db
    .transaction(() => {
      const holder = db.prepare<[], Holder>('SELECT pid, host, since, heartbeat FROM ingest_lock').get();
      if (holder && isAlive(holder)) return holder;
      const now = Date.now();
      db.prepare('INSERT OR REPLACE INTO ingest_lock (one, pid, host, since, heartbeat) VALUES (1, ?, ?, ?, ?)').run(
        process.pid,
        hostname(),
        now,
        now,
      );
      return undefined;
    })
    .immediate();
}

function isAlive({ pid, host, heartbeat }: Holder): boolean {
  if (Date.now() - heartbeat > SILENCE_MS) return false;
  if (host !== hostname()) return true;
  if (pid === process.pid) return false; // the number was used again: this process holds no lock yet
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Follows logs that are being written: reads what is there, and then again and again what has come, until it is told to
 * stop. Each time is an ingest of its own, of the bytes that are new: it holds the lock on the database only while it
 * reads, commits sessions as far as they have come, and loses nothing when it is killed. Between two of them nothing is
 * kept of the logs but where their files ended.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../store/database.ts';
import { DatabaseHeld } from '../store/ingest-lock.ts';
import { UserError } from '../store/user-error.ts';
import { HOLDS_NO_FILES } from './discovery.ts';
import { FileWatch } from './file-watch.ts';
import { type IngestProgress, type IngestResult, type IngestSettings, ingest, ingestAgain } from './ingest.ts';
import type { Acquaintance } from './known-logs.ts';
import type { Problem } from './problem.ts';

/** Time as a follower is given it, so that tests hold no clocks. */
export interface Pace {
  /** Milliseconds UTC. */
  now(): number;
  /** Waits between two looks; over at once when the signal comes. */
  pause(signal: AbortSignal): Promise<void>;
}

export interface FollowSettings extends IngestSettings {
  /** Ends following; what is being read is committed first. */
  readonly signal: AbortSignal;
  readonly pace: Pace;
  readonly onProgress?: (progress: IngestProgress) => void;
}

/** What one look brought. */
export interface Tick {
  /** The first is that of reading what was there; in the others, what has come since the one before. */
  readonly result: IngestResult;
  /** Paths of which a problem was told before, and which can be read again. */
  readonly back: readonly string[];
}

/** A look every so many milliseconds, by the machine's own clock. */
export const steadyPace = (everyMs: number): Pace => ({
  now: () => Date.now(),
  pause: (signal) => delay(everyMs, undefined, { signal }).catch(() => {}),
});

/**
 * A tick for what is there, then one for each look that brought something or met a problem for the first time. `-` cannot
 * be followed; a UserError where none of the paths exists. Archives are read once.
 */
export async function* follow(db: Database, paths: readonly string[], settings: FollowSettings): AsyncGenerator<Tick> {
  const { signal, pace, onProgress, ...ingestSettings } = settings;
  if (paths.includes('-'))
    throw new UserError('standard input cannot be followed', 'Name the file or folder that is being written.');
  const watch = new FileWatch(paths, db.name);
  // Looked at before it is read: what comes meanwhile is a change then.
  const { files, problems } = await watch.look(pace.now());
  if (files.length === 0 && problems.length === paths.length) {
    const [{ path, what, hint }] = problems as [Problem];
    throw new UserError(`${path}: ${what}`, hint);
  }
  const read = await ingest(db, paths, { ...ingestSettings, signal }, onProgress);
  // A folder without logs is no fault: they are about to be written.
  const first = { ...read, problems: read.problems.filter(({ what }) => what !== HOLDS_NO_FILES) };
  watch.read(files, { ...first, heldBack: new Set() }, pace.now());
  yield { result: first, back: [] };
  const follower = new Follower(db, watch, ingestSettings, pace, first.sessions);
  for (;;) {
    await pace.pause(signal);
    if (signal.aborted) return;
    const tick = await follower.look();
    if (tick) yield tick;
  }
}

const PATIENCE_MS = 5000;

class Follower {
  readonly #db: Database;
  readonly #watch: FileWatch;
  readonly #settings: IngestSettings;
  readonly #pace: Pace;
  readonly #acquaintance: Acquaintance;
  /** Since when another process has kept the database, and whether that was told. */
  #held: { readonly since: number; isTold: boolean } | undefined;
  /** In the store when it was read last. */
  #sessions: number;

  constructor(db: Database, watch: FileWatch, settings: IngestSettings, pace: Pace, sessions: number) {
    this.#sessions = sessions;
    this.#db = db;
    this.#watch = watch;
    // The next look comes soon enough.
    this.#settings = { ...settings, waitMs: 0 };
    this.#pace = pace;
    this.#acquaintance = { fileAt: new Map(), waitsForLineEnd: (path) => watch.waitsForLineEnd(path, pace.now()) };
  }

  /** Undefined where there is nothing to tell. */
  async look(): Promise<Tick | undefined> {
    const { files, bytes, problems, back } = await this.#watch.look(this.#pace.now());
    if (files.length === 0) return told(this.#nothingBut(problems), back);
    try {
      const { result, heldBack } = await ingestAgain(this.#db, files, this.#settings, this.#acquaintance, bytes);
      const news = this.#watch.read(files, { ...result, heldBack }, this.#pace.now());
      const freed = this.#held?.isTold ? [this.#db.name] : [];
      this.#held = undefined;
      this.#sessions = result.sessions;
      const whole = { ...result, skipped: news.skipped, problems: [...problems, ...news.problems] };
      return told(whole, [...freed, ...back, ...news.back]);
    } catch (error) {
      if (!(error instanceof DatabaseHeld)) throw error;
      // The files stay as they were seen last: the next look takes them up.
      return told(this.#nothingBut([...problems, ...this.#heldFor(error)]), back);
    }
  }

  /** Another follower holds it for a moment again and again: that is nothing to tell. */
  #heldFor(error: DatabaseHeld): Problem[] {
    const now = this.#pace.now();
    this.#held ??= { since: now, isTold: false };
    if (this.#held.isTold || now - this.#held.since < PATIENCE_MS) return [];
    this.#held.isTold = true;
    return [{ path: this.#db.name, what: error.message.slice(this.#db.name.length + 2) }];
  }

  #nothingBut(problems: readonly Problem[]): IngestResult {
    const counts = { files: 0, filesUnchanged: 0, bytes: 0, rows: 0, duplicateRows: 0, newSessions: 0 };
    return { ...counts, sessions: this.#sessions, anomalies: {}, skipped: {}, problems: [...problems] };
  }
}

function told(result: IngestResult, back: readonly string[]): Tick | undefined {
  const { rows, anomalies, skipped, problems } = result;
  const lists = [Object.keys(anomalies), Object.keys(skipped), problems, back];
  return rows > 0 || lists.some((list) => list.length > 0) ? { result, back } : undefined;
}

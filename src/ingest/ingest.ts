/**
 * Reads logs into the store: finds them, leaves out what is there already, and commits blocks, sessions, roll-ups and
 * each file's progress together, so that a run that is killed continues where it was.
 *
 *   discovery ─► known-logs (is it new?) ─► scan-thread: log-scanner ══events══► ingest-session ─► store
 */
import { type Database, explain } from '../store/database.ts';
import { IngestLock } from '../store/ingest-lock.ts';
import { UserError } from '../store/user-error.ts';
import { discover, type FoundFile, openArchives, problemOf } from './discovery.ts';
import { IngestSession } from './ingest-session.ts';
import { type Acquaintance, look, remember } from './known-logs.ts';
import { type LogSource, releaseZips } from './log-source.ts';
import type { Problem } from './problem.ts';
import type { LogSettings } from './scan-messages.ts';
import { type Scanner, startScanner } from './scan-thread.ts';

export interface IngestSettings extends LogSettings {
  /** How long to wait for another ingest on the same database. */
  readonly waitMs?: number;
  /** Ends the run early: what was begun is read to its end and committed, the rest is left. */
  readonly signal?: AbortSignal;
}

export interface IngestProgress {
  readonly path: string;
  /** Bytes on disk of the files done and of all. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface IngestResult {
  /** Protocol logs found under the paths, read or known before. */
  files: number;
  filesUnchanged: number;
  /** Decoded bytes and rows read in this run. */
  bytes: number;
  rows: number;
  /** Rows that the store had already, from another file. */
  duplicateRows: number;
  /** Sessions in the store now, and how many of them are new. */
  sessions: number;
  newSessions: number;
  /** What did not fit in this run, by kind. */
  anomalies: Record<string, number>;
  /** Files that are no protocol logs, by what they are. */
  skipped: Record<string, string[]>;
  problems: Problem[];
}

/** Logs handed to the scanner ahead of what it has read. */
const AHEAD = 4;

/** Reads `paths` into `db`. Problems of single files are in the result; only what stops everything is thrown. */
export async function ingest(
  db: Database,
  paths: readonly string[],
  settings: IngestSettings = {},
  onProgress: (progress: IngestProgress) => void = () => {},
): Promise<IngestResult> {
  return holding(db, settings, async (run) => {
    const { sources, problems, release } = await discover(paths, db.name);
    try {
      const bytes = sources.reduce((sum, source) => sum + unpackedSize(source), 0);
      return await new Run(db, run, { sources, problems, onProgress, signal: settings.signal, bytes }).all();
    } finally {
      release();
    }
  });
}

/** Bytes that are read faster than a thread is started and has warmed up (measured: it gains nothing up to twice as many). */
const SHORT = 16 << 20;

/** What gzip makes of a log is about a tenth of it. */
const unpackedSize = ({ path, size }: LogSource): number => (/\.gz$/i.test(path) ? 10 * size : size);

/** Reads files that have grown since, or are new. Problems of single files are in the result, and what was left of them. */
export async function ingestAgain(
  db: Database,
  files: readonly FoundFile[],
  settings: IngestSettings,
  acquaintance: Acquaintance,
  bytes: number,
): Promise<{ readonly result: IngestResult; readonly heldBack: ReadonlySet<string> }> {
  return holding(db, settings, async (session) => {
    const { sources, problems } = await openArchives(files);
    const run = new Run(db, session, { sources, problems, signal: settings.signal, bytes, acquaintance });
    const result = await run.all();
    return { result, heldBack: run.heldBack };
  });
}

async function holding<T>(db: Database, settings: IngestSettings, read: (run: IngestSession) => Promise<T>): Promise<T> {
  const { waitMs = 0, signal: _, ...logSettings } = settings;
  try {
    const lock = await IngestLock.take(db, waitMs);
    try {
      return await read(new IngestSession(db, logSettings, () => lock.beat()));
    } finally {
      lock.release();
    }
  } catch (error) {
    throw explain(error, db.name);
  }
}

interface Task {
  readonly sources: readonly LogSource[];
  /** Met before anything was read. */
  readonly problems: readonly Problem[];
  readonly onProgress?: (progress: IngestProgress) => void;
  readonly signal: AbortSignal | undefined;
  /** How many are to be read, as far as one can tell before. */
  readonly bytes: number;
  readonly acquaintance?: Acquaintance;
}

class Run {
  readonly #db: Database;
  readonly #run: IngestSession;
  readonly #task: Task;
  readonly #onProgress: (progress: IngestProgress) => void;
  readonly #result: IngestResult;
  readonly #bytesTotal: number;
  #bytesDone = 0;
  /** Logs being read, by their number. */
  readonly #reading = new Map<number, Promise<void>>();
  #failure: { error: unknown } | undefined;
  /** Paths of which a last line without its end was left. */
  readonly heldBack = new Set<string>();

  constructor(db: Database, run: IngestSession, task: Task) {
    this.#db = db;
    this.#run = run;
    this.#task = task;
    this.#onProgress = task.onProgress ?? (() => {});
    this.#bytesTotal = task.sources.reduce((sum, { size }) => sum + size, 0);
    this.#result = {
      files: 0,
      filesUnchanged: 0,
      bytes: 0,
      rows: 0,
      duplicateRows: 0,
      sessions: 0,
      newSessions: 0,
      anomalies: {},
      skipped: {},
      problems: [...task.problems],
    };
  }

  async all(): Promise<IngestResult> {
    const before = this.#run.sessionCount;
    const run = this.#run;
    let scanner: Scanner | undefined;
    try {
      run.mend();
      const start = (): Scanner => {
        scanner ??= startScanner(run.registry.nextSectionId(), this.#task.bytes < SHORT, (event) => run.take(event));
        return scanner;
      };
      for (const source of this.#task.sources) {
        if (this.#task.signal?.aborted) break;
        await this.#readOne(source, start);
      }
      await Promise.all(this.#reading.values());
      this.#raise();
      await scanner?.finish();
      run.finish();
    } catch (error) {
      run.abandon();
      throw explain(error, this.#db.name);
    } finally {
      await scanner?.stop();
      releaseZips();
    }
    this.#onProgress({ path: '', bytesDone: this.#bytesTotal, bytesTotal: this.#bytesTotal });
    const sessions = this.#run.sessionCount;
    return Object.assign(this.#result, {
      bytes: run.bytes,
      rows: run.rows,
      duplicateRows: Math.max(0, run.rows - run.addedRows),
      anomalies: run.anomalies,
      sessions,
      newSessions: Math.max(0, sessions - before),
    });
  }

  async #readOne(source: LogSource, start: () => Scanner): Promise<void> {
    const result = this.#result;
    this.#onProgress({ path: source.path, bytesDone: this.#bytesDone, bytesTotal: this.#bytesTotal });
    try {
      const seen = await look(this.#run, source, async (fileId) => this.#reading.get(fileId), this.#task.acquaintance);
      this.#raise();
      if (seen.kind === 'to-read') {
        result.files++;
        while (this.#reading.size >= AHEAD) await Promise.race(this.#reading.values());
        this.#follow(seen.job.fileId, source, start().scan(seen.job));
        return;
      }
      if (seen.kind === 'unchanged') {
        result.files++;
        result.filesUnchanged++;
      } else if (seen.kind === 'other') (result.skipped[seen.what] ??= []).push(source.path);
    } catch (error) {
      if (isOfTheStore(error)) throw error;
      result.problems.push(problemOf(source.path, error));
    }
    this.#bytesDone += source.size;
  }

  #follow(fileId: number, source: LogSource, reading: ReturnType<Scanner['scan']>): void {
    const done = reading
      .then(({ error, heldBack }) => {
        if (error) this.#result.problems.push(problemOf(source.path, error));
        else if (heldBack) this.heldBack.add(source.path);
        else remember(this.#run, source);
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#reading.delete(fileId);
        this.#bytesDone += source.size;
        this.#onProgress({ path: source.path, bytesDone: this.#bytesDone, bytesTotal: this.#bytesTotal });
      });
    this.#reading.set(fileId, done);
  }

  /** A failure of the writing side, met while reading went on. */
  #raise(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

/** A failure of the database, or of ours, ends the run; one of a file does not. */
function isOfTheStore(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return error instanceof UserError || (typeof code === 'string' && code.startsWith('SQLITE_'));
}

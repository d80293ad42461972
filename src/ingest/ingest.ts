/**
 * Reads logs into the store: finds them, leaves out what is there already, and commits blocks, sessions, roll-ups and
 * each file's progress together, so that a run that is killed continues where it was.
 */
import type { Database } from '../store/database.ts';
import { explain } from '../store/database.ts';
import { IngestLock } from '../store/ingest-lock.ts';
import { UserError } from '../store/user-error.ts';
import { discover, problemOf } from './discovery.ts';
import { FileIngest } from './file-ingest.ts';
import type { IngestSettings } from './ingest-session.ts';
import { IngestSession } from './ingest-session.ts';
import type { LogSource } from './log-source.ts';
import type { Problem } from './problem.ts';

export type { IngestSettings } from './ingest-session.ts';

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

/** Reads `paths` into `db`. Problems of single files are in the result; only what stops everything is thrown. */
export async function ingest(
  db: Database,
  paths: readonly string[],
  settings: IngestSettings = {},
  onProgress: (progress: IngestProgress) => void = () => {},
): Promise<IngestResult> {
  const lock = await IngestLock.take(db, settings.waitMs ?? 0);
  try {
    const { sources, problems } = await discover(paths);
    const session = new IngestSession(db, settings, () => lock.beat());
    const result: IngestResult = {
      files: 0,
      filesUnchanged: 0,
      bytes: 0,
      rows: 0,
      duplicateRows: 0,
      sessions: 0,
      newSessions: 0,
      anomalies: {},
      skipped: {},
      problems: [...problems],
    };
    const before = countSessions(db);
    try {
      session.mend();
      await readAll(session, sources, result, onProgress);
      await session.finish();
    } catch (error) {
      session.abandon();
      throw explain(error, db.name);
    }
    result.bytes = session.bytes;
    result.rows = session.rows;
    result.duplicateRows = session.rows - session.addedRows;
    result.anomalies = session.anomalies;
    result.sessions = countSessions(db);
    result.newSessions = Math.max(0, result.sessions - before);
    return result;
  } finally {
    lock.release();
  }
}

async function readAll(
  session: IngestSession,
  sources: readonly LogSource[],
  result: IngestResult,
  onProgress: (progress: IngestProgress) => void,
): Promise<void> {
  const bytesTotal = sources.reduce((sum, { size }) => sum + (size ?? 0), 0);
  let bytesDone = 0;
  for (const source of sources) {
    onProgress({ path: source.path, bytesDone, bytesTotal });
    try {
      const outcome = await new FileIngest(session, source).run((bytes) =>
        onProgress({ path: source.path, bytesDone: bytesDone + Math.min(bytes, source.size ?? bytes), bytesTotal }),
      );
      if (outcome.kind === 'other') {
        (result.skipped[outcome.what] ??= []).push(source.path);
      } else if (outcome.kind !== 'empty') {
        result.files++;
        if (outcome.kind === 'unchanged') result.filesUnchanged++;
      }
    } catch (error) {
      if (isOfTheStore(error)) throw error;
      result.problems.push(problemOf(source.path, error));
    }
    bytesDone += source.size ?? 0;
  }
  onProgress({ path: '', bytesDone, bytesTotal });
}

/** A failure of the database ends the run; one of a file does not. */
function isOfTheStore(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    error instanceof UserError || (typeof code === 'string' && code.startsWith('SQLITE_')) || !(error instanceof Error) || !code
  );
}

function countSessions(db: Database): number {
  return (db.prepare('SELECT COUNT(*) AS n FROM session').get() as { n: number }).n;
}

/** Opens the database file, brings its schema up to date, and says plainly why it cannot. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { inPackage } from '../package-root.ts';
import { DatabaseHeld, isIngesting } from './ingest-lock.ts';
import { hasStaleHours, RollUp } from './roll-up.ts';
import { UserError } from './user-error.ts';

export type Database = Sqlite.Database;

const MIGRATIONS = inPackage('src/store/migrations/');

interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** The numbered `.sql` files: `001-initial.sql` brings version 1. */
function migrations(): Migration[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => /^\d+-.*\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number.parseInt(name, 10), sql: readFileSync(new URL(name, MIGRATIONS), 'utf8') }));
}

/** Opens for writing and migrates. Throws a UserError for a newer schema, a foreign file, or an unusable path. */
export function openDatabase(path: string): Database {
  const db = connect(path, false);
  try {
    const all = migrations();
    const known = all.at(-1)?.version ?? 0;
    const version = schemaVersion(db, path);
    refuseNewer(version, known, path);
    db.pragma('page_size = 16384');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    // The store writes its own references; checking each of them would cost more than writing the row.
    db.pragma('foreign_keys = OFF');
    db.pragma('cache_size = -32768');
    db.pragma('wal_autocheckpoint = 4096');
    db.pragma('temp_store = MEMORY');
    // Not even asked for the right to write where there is nothing to do: another ingest may hold it.
    const migrate = db.transaction(() => {
      for (const migration of all)
        if (migration.version > schemaVersion(db, path)) {
          db.exec(migration.sql);
          db.pragma(`user_version = ${migration.version}`);
        }
    });
    if (version < known) migrate.immediate();
    return db;
  } catch (error) {
    db.close();
    throw explain(error, path);
  }
}

/** What is counted before a question can be answered: `done` of `all` hours, with `sessions` in all of them. */
export type CountingTold = (progress: { readonly done: number; readonly all: number; readonly sessions: number }) => void;

/** Opens for questions only. What is not counted yet is counted first, and `told` about it: 20 s a million sessions. */
export function openForReading(path: string, told: CountingTold = () => {}): Database {
  if (!existsSync(path))
    throw new UserError(
      `${path}: no such database`,
      'Read logs into it first: relaylens ingest <folder>, or name another with --db.',
    );
  const db = connect(path, true);
  try {
    const version = schemaVersion(db, path);
    const known = migrations().at(-1)?.version ?? 0;
    refuseNewer(version, known, path);
    db.pragma('cache_size = -65536');
    db.pragma('temp_store = MEMORY');
    if (version < known) {
      db.close();
      openDatabase(path).close();
      return openForReading(path, told);
    }
    if (hasStaleHours(db) && !isIngesting(db)) {
      const writer = openDatabase(path);
      writer
        .transaction(() => {
          const rollUp = new RollUp(writer);
          const sessions = rollUp.staleSessions;
          rollUp.refreshStale((done, all) => told({ done, all, sessions }));
        })
        .immediate();
      writer.close();
    }
    return db;
  } catch (error) {
    if (db.open) db.close();
    throw explain(error, path);
  }
}

/** Takes away a database that was made for nothing. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

/** Begins a transaction unless one is under way; it may last over several turns of the event loop. */
export function begin(db: Database): void {
  if (!db.inTransaction) db.exec('BEGIN IMMEDIATE');
}

export function commit(db: Database): void {
  db.exec('COMMIT');
}

/** Takes back what is not committed, if the database is still there. */
export function rollback(db: Database): void {
  if (db.open && db.inTransaction) db.exec('ROLLBACK');
}

function connect(path: string, readonly: boolean): Database {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`${path}: a folder, not a database`, 'Name a file with --db.');
  try {
    return new Sqlite(path, { readonly, timeout: 10_000 });
  } catch (error) {
    throw explain(error, path);
  }
}

/** 0 for a new file. A database that is not ours has tables, but no version of ours. */
function schemaVersion(db: Database, path: string): number {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version === 0) {
    const tables = db.prepare('SELECT COUNT(*) AS n FROM sqlite_master').get() as { n: number };
    if (tables.n > 0) throw new UserError(`${path}: a database, but not one of relaylens`, 'Name another file with --db.');
  }
  return version;
}

function refuseNewer(version: number, known: number, path: string): void {
  if (version > known)
    throw new UserError(
      `${path}: written by a newer relaylens (schema ${version}, this one knows ${known})`,
      'Update relaylens, or name another file with --db.',
    );
}

/** SQLite's circumstances in words; what is not known is passed on as it is. */
export function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Sqlite.SqliteError)) {
    if (error instanceof TypeError && /directory does not exist/.test(error.message))
      return new UserError(`${path}: the folder of the database does not exist`, 'Create it, or name another file with --db.');
    return error;
  }
  const { code } = error;
  if (code.startsWith('SQLITE_FULL') || code === 'SQLITE_IOERR_WRITE')
    return new UserError(
      `${path}: the disk is full`,
      'What was committed before is safe. Free some space and run the same command again.',
    );
  if (code === 'SQLITE_NOTADB') return new UserError(`${path}: not a database`, 'Name another file with --db.');
  if (code === 'SQLITE_CORRUPT')
    return new UserError(`${path}: the database is damaged`, 'Read the logs into a new one: --db FILE.');
  if (code === 'SQLITE_IOERR_READ')
    return new UserError(`${path}: the disk cannot be read`, 'Check the disk, or copy the database to another.');
  if (code === 'SQLITE_CANTOPEN') return new UserError(`${path}: cannot be opened`, 'Check the path and your rights to it.');
  if (code.startsWith('SQLITE_READONLY'))
    return new UserError(`${path}: cannot be written`, 'Check your rights to the file and its folder.');
  if (code.startsWith('SQLITE_BUSY'))
    return new DatabaseHeld(`${path}: in use by another program`, 'Try again when it has finished.');
  return error;
}

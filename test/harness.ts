/** What most tests need: stories as logs on disk, read into a database, asked through the queries. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { type StorySettings, story } from '../fixtures/story.ts';
import { type IngestResult, type IngestSettings, ingest } from '../src/ingest/ingest.ts';
import type { Direction } from '../src/protocol-log/fields.ts';
import { LogReader } from '../src/protocol-log/log-reader.ts';
import { formatHeader, formatRow, type LogRow } from '../src/protocol-log/writer.ts';
import { findSessions, type SessionDetail, sessionDetail } from '../src/queries/session-detail.ts';
import { listSessions } from '../src/queries/session-list.ts';
import type { SessionSummary } from '../src/queries/session-summary.ts';
import type { Session } from '../src/session/session.ts';
import { SessionBuilder } from '../src/session/session-builder.ts';
import { type Database, openDatabase } from '../src/store/database.ts';

const folders: string[] = [];
const databases: Database[] = [];

afterEach(() => {
  for (const db of databases.splice(0)) if (db.open) db.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relaylens-'));
  folders.push(folder);
  return folder;
}

export function temporaryDatabase(folder = temporaryFolder()): Database {
  const db = openDatabase(join(folder, 'test.db'));
  databases.push(db);
  return db;
}

/** One session as its rows tell it, without a store. `detailed` keeps every reply. */
export function read(settings: StorySettings, script: string, detailed = false): Session {
  const builder = new SessionBuilder(settings.direction ?? 'receive', detailed);
  const bytes = Buffer.from(story(settings, script).map(formatRow).join(''));
  new LogReader({
    row: (view) => builder.feed(view),
    damage: (kind, _, line, text) => {
      throw new Error(`${kind} at line ${line}: ${text}`);
    },
  }).read(bytes, 0);
  return builder.build();
}

/** A log as the product writes it: header, rows in order of time. */
export function logText(rows: readonly LogRow[], direction: Direction = 'receive', version = '15.0.0.0'): string {
  const sorted = rows.map((row, index) => ({ row, index })).sort((a, b) => a.row.at - b.row.at || a.index - b.index);
  const at = (sorted[0]?.row.at ?? 0) + 9000;
  return formatHeader({ direction, at, version }) + sorted.map(({ row }) => formatRow(row)).join('');
}

export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

export interface Ingested {
  readonly db: Database;
  readonly folder: string;
  readonly result: IngestResult;
  /** All sessions, in order of time. */
  readonly sessions: SessionSummary[];
  detail(sessionId: string): SessionDetail;
  again(paths?: string[], settings?: IngestSettings): Promise<IngestResult>;
}

/** Writes the files, ingests them, and answers questions. */
export async function ingestFiles(
  files: Readonly<Record<string, string | Buffer>>,
  settings: IngestSettings = {},
): Promise<Ingested> {
  const folder = temporaryFolder();
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  writeFiles(logs, files);
  const db = temporaryDatabase(folder);
  const result = await ingest(db, [logs], settings);
  return {
    db,
    folder: logs,
    result,
    sessions: listSessions(db, {}).sessions,
    detail: (sessionId) => {
      const [row] = findSessions(db, sessionId);
      if (!row) throw new Error(`no session ${sessionId}`);
      return sessionDetail(db, row);
    },
    again: (paths = [logs], more = settings) => ingest(db, paths, more),
  };
}

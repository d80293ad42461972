/** A run may be killed at any moment: the next one goes on, and nothing is lost or there twice. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { formatHeader, formatRow, type LogRow } from '../../src/protocol-log/writer.ts';
import { openForReading } from '../../src/store/database.ts';
import { logText, temporaryFolder, writeFiles } from '../harness.ts';
import { ended, relaylens, startRelaylens } from './command-line.ts';
import { tables } from './contents.ts';
import { DELIVERED, GREETED, interleaved, QUIT, REFUSED } from './two-servers.ts';

const FILES = 5;
const SESSIONS_PER_FILE = 1100;
const START = Date.parse('2026-11-02T08:00:00.000Z');
const HOUR = 3_600_000;

/** Several commits' worth: hourly files of some 50 MB, with rows of many kilobytes as certificates make them. */
function writeLargeLogs(folder: string): void {
  const certificate = `\n* | Received certificate ${'a.contoso.example;'.repeat(2500)}`;
  const sessions = Array.from({ length: FILES * SESSIONS_PER_FILE }, (_, index) =>
    story(
      {
        sessionId: `08DE19A1B2C4${index.toString(16).toUpperCase().padStart(4, '0')}`,
        remote: `10.0.21.${index % 250}:${50000 + (index % 9000)}`,
        at: new Date(START + Math.floor((index * HOUR) / SESSIONS_PER_FILE)).toISOString(),
      },
      GREETED + certificate + (index % 3 === 0 ? REFUSED : DELIVERED) + QUIT,
    ),
  );
  const rows = interleaved(...sessions);
  const hourly: LogRow[][] = Array.from({ length: FILES }, () => []);
  // Rows are written a little late: some of an hour stand in the file of the next.
  for (const row of rows) hourly[Math.max(0, Math.min(FILES - 1, Math.floor((row.at - START - 2000) / HOUR)))].push(row);
  for (const [hour, part] of hourly.entries()) {
    const text = formatHeader({ direction: 'receive', at: part[0].at }) + part.map(formatRow).join('');
    writeFiles(folder, { [`EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV202611020${8 + hour}-1.LOG`]: text });
  }
}

function tablesOf(path: string) {
  const db = openForReading(path);
  try {
    return tables(db);
  } finally {
    db.close();
  }
}

const running: ReturnType<typeof startRelaylens>[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  }
});

function start(...args: string[]) {
  const child = startRelaylens(...args);
  running.push(child);
  return child;
}

describe('a run that is killed', () => {
  it('is continued by the next, and the store is that of one clean run', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const logs = join(folder, 'logs');
    writeLargeLogs(logs);
    const clean = join(folder, 'clean.db');
    const began = Date.now();
    expect(relaylens('ingest', logs, '--db', clean)).toMatchObject({ code: 0, err: '' });
    const duration = Date.now() - began;
    const expected = tablesOf(clean);

    for (const round of [1, 2]) {
      const killed = join(folder, `killed-${round}.db`);
      const moments = [Math.round(duration * (0.2 + 0.6 * Math.random())), Math.round(400 * Math.random())];
      const survived: number[] = [];
      for (const [attempt, moment] of moments.entries()) {
        const child = start('ingest', logs, '--db', killed);
        const end = ended(child);
        // The first is killed at any moment, the second some time after it has committed something.
        if (attempt === 1) await until(() => sessionsSeen(killed) > survived[0] || child.exitCode !== null);
        await delay(moment);
        child.kill('SIGKILL');
        await end;
        survived.push(sessionsIn(killed));
      }
      expect(survived[1]).toBeGreaterThan(0);
      console.info(
        `clean run ${duration} ms; killed after ${moments[0]} ms, and ${moments[1]} ms after a commit; sessions then: ${survived.join(', ')}`,
      );
      // What was committed is not lost.
      expect(survived[1]).toBeGreaterThanOrEqual(survived[0]);
      expect(relaylens('ingest', logs, '--db', killed)).toMatchObject({ code: 0, err: '' });
      expect(tablesOf(killed)).toEqual(expected);
      const again = relaylens('ingest', logs, '--db', killed, '--format', 'json');
      expect(JSON.parse(again.out)).toMatchObject({ files: FILES, filesUnchanged: FILES, rows: 0, newSessions: 0 });
    }
  });
});

/** Sessions in a database that is whole; 0 where there is none yet. */
function sessionsIn(path: string): number {
  const db = new Sqlite(path);
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'session'").get() === undefined) return 0;
    return (db.prepare('SELECT COUNT(*) AS n FROM session').get() as { n: number }).n;
  } finally {
    db.close();
  }
}

describe('a second ingest on the same database', () => {
  const small = logText(story({}, GREETED + QUIT));

  /** An ingest that stands still in the midst of a transaction. */
  async function busy() {
    const folder = temporaryFolder();
    const db = join(folder, 'test.db');
    writeFiles(folder, { 'small.log': small });
    writeLargeLogs(join(folder, 'logs'));
    const child = start('ingest', join(folder, 'logs'), '--db', db);
    const end = ended(child);
    await until(() => {
      child.kill('SIGSTOP');
      if (isHeld(db)) return true;
      child.kill('SIGCONT');
      return false;
    });
    return { db, path: join(folder, 'small.log'), child, end };
  }

  it('says who holds it', { timeout: 60_000 }, async () => {
    const { db, path, child } = await busy();
    const second = relaylens('ingest', path, '--db', db);
    expect(second.code).toBe(2);
    expect(second.err).toContain(`process ${child.pid}`);
    expect(second.err).not.toMatch(/\n\s+at /);
    expect(second.err.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  it('says so at once', { timeout: 60_000 }, async () => {
    const { db, path } = await busy();
    const began = Date.now();
    relaylens('ingest', path, '--db', db);
    expect(Date.now() - began).toBeLessThan(3000);
  });

  it('waits with --wait, longer than SQLite itself would, and goes on when the first has finished', {
    timeout: 60_000,
  }, async () => {
    const { db, path, child, end } = await busy();
    const second = ended(start('ingest', path, '--db', db, '--wait', '40'));
    await delay(11_000);
    child.kill('SIGCONT');
    expect(await end).toMatchObject({ code: 0, err: '' });
    expect(await second).toMatchObject({ code: 0, err: '' });
    expect(sessionsIn(db)).toBe(FILES * SESSIONS_PER_FILE + 1);
  });

  it('does not wait for one that was killed', { timeout: 60_000 }, async () => {
    const { db, path, child, end } = await busy();
    child.kill('SIGKILL');
    await end;
    // Without --wait a database that is held is refused at once.
    expect(relaylens('ingest', path, '--db', db)).toMatchObject({ code: 0, err: '' });
  });

  it('does not keep anybody from asking meanwhile', { timeout: 60_000 }, async () => {
    const { db } = await busy();
    expect(relaylens('sessions', '--db', db)).toMatchObject({ code: 0, err: '' });
  });
});

async function until(happened: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (happened()) return;
    await delay(5);
  }
  throw new Error('waited in vain');
}

/** Asks a database that another process is writing; `otherwise` while it cannot be asked. */
function ask<T>(path: string, question: (db: Sqlite.Database) => T, otherwise: T): T {
  try {
    const db = new Sqlite(path, { fileMustExist: true, timeout: 0 });
    try {
      return question(db);
    } finally {
      db.close();
    }
  } catch {
    return otherwise;
  }
}

const sessionsSeen = (path: string): number =>
  ask(path, (db) => (db.prepare('SELECT COUNT(*) AS n FROM session').get() as { n: number }).n, 0);

/** Somebody ingests, and has a transaction open. */
function isHeld(path: string): boolean {
  return ask(
    path,
    (db) => {
      if (db.prepare('SELECT pid FROM ingest_lock').get() === undefined) return false;
      try {
        db.exec('BEGIN IMMEDIATE; ROLLBACK');
        return false;
      } catch (error) {
        return (error as { code?: unknown }).code === 'SQLITE_BUSY';
      }
    },
    false,
  );
}

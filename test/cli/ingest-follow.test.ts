/** `ingest --follow` as a process (npm run build): what it prints, how it stops, and that to kill it loses nothing. */
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { formatHeader, formatRow } from '../../src/protocol-log/writer.ts';
import { openForReading } from '../../src/store/database.ts';
import { temporaryFolder, writeFiles } from '../harness.ts';
import { ended, relaylens, startRelaylens } from '../ingest/command-line.ts';
import { tables } from '../ingest/contents.ts';
import { DELIVERED, GREETED, QUIT } from '../ingest/two-servers.ts';

const NAME = 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';
const rows = story({}, GREETED + DELIVERED + QUIT);
const lines = rows.map(formatRow);
const header = formatHeader({ direction: 'receive', at: rows[0].at });

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  }
});

/** A log of three rows, and a place for the database. */
function place() {
  const folder = temporaryFolder();
  writeFiles(folder, { [`logs/${NAME}`]: header + lines.slice(0, 3).join('') });
  const logs = join(folder, 'logs');
  return {
    logs,
    db: join(folder, 'test.db'),
    append: (from: number, to?: number) => appendFileSync(join(logs, NAME), lines.slice(from, to).join('')),
  };
}

/** Resolves when the process has said this, on either stream. */
function said(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let all = '';
    const heard = (chunk: Buffer): void => {
      all += chunk;
      if (all.includes(text)) resolve();
    };
    child.stdout?.on('data', heard);
    child.stderr?.on('data', heard);
    child.once('close', () => reject(new Error(`ended without '${text}': ${all}`)));
  });
}

function follow(logs: string, db: string, ...more: string[]) {
  const child = startRelaylens('ingest', logs, '--db', db, '--follow', '--every', '0.1', '--tz', 'UTC', ...more);
  running.push(child);
  return { child, end: ended(child), following: said(child, 'Stop with Ctrl+C') };
}

describe('ingest --follow', { timeout: 30_000 }, () => {
  it('reads what is there, tells a line for what comes, and ends cleanly when it is told to', async () => {
    const { logs, db, append } = place();
    const { child, end, following } = follow(logs, db);
    await following;
    append(3);
    await said(child, '+');
    child.kill('SIGINT');
    const { code, out, err } = await end;
    expect(code).toBe(0);
    expect(out).toContain('1 of 1 log read');
    expect(out.trim().split('\n').at(-1)).toMatch(/^\d\d:\d\d:\d\d {2}\+\d+ rows$/);
    expect(err.trim().split('\n').at(-1)).toBe(`Stopped: ${rows.length} new rows, 1 new session.`);
  });

  it('gives an object a line with --format json', async () => {
    const { logs, db, append } = place();
    const { child, end, following } = follow(logs, db, '--format', 'json');
    await following;
    append(3);
    await said(child, '"newSessions":0');
    child.kill('SIGTERM');
    const { code, out } = await end;
    expect(code).toBe(0);
    const ticks = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(ticks).toMatchObject([
      { files: 1, rows: 3, sessions: 1, newSessions: 1, back: [] },
      { files: 1, rows: rows.length - 3, sessions: 1, newSessions: 0 },
    ]);
    for (const { at } of ticks) expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('loses nothing when it is killed, and shows open sessions meanwhile', async () => {
    const { logs, db, append } = place();
    const first = follow(logs, db);
    await first.following;
    append(3, 7);
    await said(first.child, '+4 rows');
    first.child.kill('SIGKILL');
    await first.end;
    const sessions = JSON.parse(relaylens('sessions', '--db', db, '--format', 'json').out).sessions;
    expect(sessions).toMatchObject([{ outcome: 'open', rows: 7 }]);
    append(7, 9);
    const second = follow(logs, db);
    await second.following;
    append(9);
    await said(second.child, '+');
    second.child.kill('SIGINT');
    await second.end;
    const clean = `${db}.clean`;
    relaylens('ingest', logs, '--db', clean);
    expect(tablesOf(db)).toEqual(tablesOf(clean));
  });

  it.each([
    [['-'], 'standard input cannot be followed'],
    [['nowhere'], 'nowhere: no such file or folder'],
    [['.', '--format', 'csv'], 'no CSV'],
    [['.', '--every', 'often'], 'a number of seconds'],
  ])('refuses %j in a line', (args, line) => {
    const db = join(temporaryFolder(), 'test.db');
    const { code, out, err } = relaylens('ingest', '--follow', ...args, '--db', db);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(line);
    expect(err).not.toMatch(/\n\s+at /);
    expect(existsSync(db)).toBe(false);
  });
});

function tablesOf(path: string) {
  const db = openForReading(path);
  try {
    return tables(db);
  } finally {
    db.close();
  }
}

/** Following logs that are written: what has come is in the store after each look, and in the end all is as read at once. */
import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { FileWatch } from '../../src/ingest/file-watch.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import { formatHeader, formatRow } from '../../src/protocol-log/writer.ts';
import { damagedLines } from '../../src/queries/coverage.ts';
import { LiveSessions } from '../../src/queries/live-sessions.ts';
import { listSessions } from '../../src/queries/session-list.ts';
import { openDatabase } from '../../src/store/database.ts';
import { ingestFiles, logText, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';
import { contents } from './contents.ts';
import { following } from './following.ts';
import { DELIVERED, GREETED, interleaved, QUIT, REFUSED } from './two-servers.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const FOLDER = 'EX01/FrontEnd/ProtocolLog/SmtpReceive';
const NAME = `${FOLDER}/RECV2026110208-1.LOG`;
const NEXT = `${FOLDER}/RECV2026110209-1.LOG`;
const MINUTE = 60_000;

const rows = story({}, GREETED + DELIVERED + QUIT);
const header = formatHeader({ direction: 'receive', at: rows[0].at });
const lines = rows.map(formatRow);
const other = story({ sessionId: '08DE19A1B2C3D402', at: '2026-11-02T08:05:00.000Z' }, GREETED + REFUSED + QUIT);

/** A followed folder with these files in it. */
async function followed(files: Readonly<Record<string, string | Buffer>> = {}) {
  const root = temporaryFolder();
  const logs = join(root, 'logs');
  mkdirSync(logs);
  writeFiles(logs, files);
  const db = temporaryDatabase(root);
  const follower = await following(db, [logs]);
  return {
    db,
    logs,
    ...follower,
    append: (text: string | Buffer, name = NAME) => appendFileSync(join(logs, name), text),
    sessions: () => listSessions(db, {}).sessions,
  };
}

describe('what is appended', () => {
  it('is in the store after the next look, a session as far as it has come', async () => {
    const { look, append, sessions, first } = await followed({ [NAME]: header + lines.slice(0, 2).join('') });
    expect(first.result).toMatchObject({ files: 1, rows: 2, newSessions: 1 });
    append(lines.slice(2, 6).join(''));
    expect((await look())?.result).toMatchObject({ rows: 4, newSessions: 0, duplicateRows: 0 });
    expect(sessions()).toMatchObject([{ outcome: 'open', rows: 6 }]);
    append(lines.slice(6).join(''));
    await look();
    expect(sessions()).toMatchObject([{ outcome: 'accepted', rows: rows.length }]);
  });

  it('is told of once: a look at which nothing has come brings nothing', async () => {
    const { look, append } = await followed({ [NAME]: header + lines.slice(0, 4).join('') });
    expect(await look()).toBeUndefined();
    append(lines.slice(4).join(''));
    expect(await look()).toBeDefined();
    expect(await look()).toBeUndefined();
    expect(await look()).toBeUndefined();
  });

  it('is left until its line ends, and no line is called cut meanwhile', async () => {
    const { look, append, sessions, db } = await followed({ [NAME]: header + lines.slice(0, 3).join('') });
    append(lines[3].slice(0, 20));
    expect(await look()).toBeUndefined();
    append(lines[3].slice(20, -1));
    expect(await look()).toBeUndefined();
    append(lines[3].slice(-1) + lines[4].slice(0, -3));
    expect((await look())?.result).toMatchObject({ rows: 1, anomalies: {} });
    expect(sessions()).toMatchObject([{ rows: 4 }]);
    expect(damagedLines(db)).toEqual([]);
  });

  it('is taken as it stands when the end of its line does not come', async () => {
    const { look, append, sessions, wait } = await followed({ [NAME]: header + lines.slice(0, 3).join('') });
    append(`${lines[3]}${lines[4].trimEnd()}`);
    await look();
    wait(MINUTE);
    expect((await look())?.result).toMatchObject({ rows: 1 });
    expect(sessions()).toMatchObject([{ rows: 5 }]);
    append(`\r\n${lines.slice(5).join('')}`);
    await look();
    expect(sessions()).toMatchObject([{ rows: rows.length, outcome: 'accepted' }]);
  });

  it('to a file that was named, too', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'live.log': header });
    const db = temporaryDatabase(folder);
    const { look } = await following(db, [join(folder, 'live.log')]);
    appendFileSync(join(folder, 'live.log'), lines.join(''));
    expect((await look())?.result).toMatchObject({ rows: rows.length, newSessions: 1 });
  });
});

describe('a log cut anywhere while it is followed', () => {
  /** Two hours; sessions that interleave and cross the hour, text beyond ASCII. */
  const hour = (at: string, sessionId: string, remote: string, script: string) => story({ sessionId, remote, at }, script);
  const all = interleaved(
    hour('2026-11-02T08:59:59.000Z', '08DE19A1B2C3D401', '10.0.20.12:50100', GREETED + DELIVERED + QUIT),
    hour('2026-11-02T08:59:58.900Z', '08DE19A1B2C3D402', '10.0.20.13:50200', GREETED + REFUSED + QUIT),
    hour(
      '2026-11-02T08:59:59.100Z',
      '08DE19A1B2C3D403',
      '10.0.20.14:50200',
      `+\n< EHLO müller\n< MAIL FROM:<${'ä'.repeat(300)}>`,
    ),
  );
  const half = Math.floor(all.length / 2);
  const parts = [NAME, NEXT].map((name, index) => {
    const own = index === 0 ? all.slice(0, half) : all.slice(half);
    return { name, bytes: Buffer.from(formatHeader({ direction: 'receive', at: own[0].at }) + own.map(formatRow).join('')) };
  });
  const length = parts[0].bytes.length + parts[1].bytes.length;

  /** How far it has come, and whether it is another ingest that comes to read it. */
  const stages = fc.uniqueArray(fc.tuple(fc.nat(length - 1), fc.boolean()), {
    selector: ([end]) => end,
    minLength: 1,
    maxLength: 8,
  });

  it('says the same in the end as read at once, and gives every row once', { timeout: 60_000 }, async () => {
    console.info(`followed log: SEED=${SEED}`);
    const expected = contents((await ingestFiles(Object.fromEntries(parts.map(({ name, bytes }) => [name, bytes])))).db);
    await fc.assert(
      fc.asyncProperty(stages, async (cuts) => {
        const { db, look, append, logs, stop } = await followed();
        const live = new LiveSessions(db);
        const given = new Map<string, string[]>();
        mkdirSync(join(logs, FOLDER), { recursive: true });
        let written = 0;
        for (const [end, isOthers] of [...cuts.sort(([a], [b]) => a - b), [length, false] as const]) {
          const border = parts[0].bytes.length;
          if (written < border) append(parts[0].bytes.subarray(written, end), NAME);
          if (end > border) append(parts[1].bytes.subarray(Math.max(0, written - border), end - border), NEXT);
          written = end;
          if (isOthers) await ingest(db, [logs]);
          else expect((await look())?.result.skipped ?? {}).toEqual({});
          for (const { session, events, ended } of live.take()) {
            const before = given.get(session.id) ?? [];
            given.set(session.id, [...before, ...events.map(({ sequence, data, context }) => `${sequence} ${data} ${context}`)]);
            if (cuts.every(([, others]) => !others)) {
              expect(session.rows).toBe(given.get(session.id)?.length);
              expect(ended).toBe(events.some(({ event }) => event === '-'));
            }
          }
        }
        expect(contents(db)).toEqual(expected);
        expect(damagedLines(db)).toEqual([]);
        const said = all.map(({ sequence, data, context }) => `${sequence} ${data} ${context}`);
        expect([...given.values()].flat().sort()).toEqual(said.sort());
        await stop();
        db.close();
      }),
      { seed: SEED, numRuns: 30, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: false },
    );
  });
});

describe('the files of a followed folder', () => {
  it('are taken up as they appear, and a session goes on in the next', async () => {
    const { look, append, sessions } = await followed({ [NAME]: header + lines.slice(0, 5).join('') });
    append(formatHeader({ direction: 'receive', at: rows[5].at }) + lines.slice(5).join(''), NEXT);
    expect((await look())?.result).toMatchObject({ files: 1, rows: rows.length - 5, newSessions: 0 });
    expect(sessions()).toMatchObject([{ outcome: 'accepted', rows: rows.length }]);
  });

  it('may be none at first', async () => {
    const { look, logs, first } = await followed();
    expect(first.result).toMatchObject({ files: 0, problems: [] });
    writeFiles(logs, { [NAME]: header + lines.join('') });
    expect((await look())?.result).toMatchObject({ rows: rows.length });
  });

  it('may be replaced by shorter ones', async () => {
    const { look, logs, sessions, append } = await followed({ [NAME]: header + lines.join('') + lines.join('') });
    append(story({ sessionId: '08DE19A1B2C3D403' }, QUIT).map(formatRow).join(''));
    await look();
    writeFileSync(join(logs, NAME), logText(other));
    expect((await look())?.result).toMatchObject({ rows: other.length, newSessions: 1, problems: [] });
    append(story({ sessionId: '08DE19A1B2C3D404' }, GREETED).map(formatRow).join(''));
    expect((await look())?.result).toMatchObject({ newSessions: 1, duplicateRows: 0 });
    expect(sessions()).toHaveLength(4);
  });

  it('may be emptied and written anew', async () => {
    const { look, logs, append, sessions } = await followed({ [NAME]: header + lines.join('') });
    truncateSync(join(logs, NAME));
    expect(await look()).toBeUndefined();
    append(logText(other));
    expect((await look())?.result).toMatchObject({ newSessions: 1 });
    expect(sessions()).toHaveLength(2);
  });

  it('may be cleaned up', async () => {
    const { look, logs, append, sessions } = await followed({ [NAME]: header + lines.join(''), [NEXT]: logText(other) });
    rmSync(join(logs, NAME));
    expect(await look()).toBeUndefined();
    append(story({ sessionId: '08DE19A1B2C3D403' }, GREETED).map(formatRow).join(''), NEXT);
    await look();
    expect(sessions()).toHaveLength(3);
  });

  it('that are no logs are named once, however they grow', async () => {
    const { look, append, logs } = await followed({ [NAME]: header });
    writeFiles(logs, { 'notes.txt': 'to do:\n' });
    expect((await look())?.result.skipped).toEqual({ 'no protocol log': [join(logs, 'notes.txt')] });
    for (let i = 0; i < 3; i++) {
      append('more and more\n', 'notes.txt');
      expect(await look()).toBeUndefined();
    }
  });

  it('that are packed are read once, when they have arrived', async () => {
    const { look, append, sessions, logs } = await followed({ [NAME]: header + lines.join('') });
    const packed = gzipSync(logText(other));
    writeFiles(logs, { 'old.log.gz': packed.subarray(0, 50) });
    expect(await look()).toBeUndefined();
    append(packed.subarray(50), 'old.log.gz');
    expect(await look()).toBeUndefined();
    expect((await look())?.result).toMatchObject({ newSessions: 1, problems: [] });
    append('more', 'old.log.gz');
    expect(await look()).toBeUndefined();
    expect(await look()).toBeUndefined();
    expect(sessions()).toHaveLength(2);
  });
});

describe('a path that cannot be read for a while', () => {
  it('is told once, tried again, and told again when it is back', async () => {
    const { look, logs, append, sessions } = await followed({ [NAME]: header + lines.slice(0, 4).join('') });
    renameSync(logs, `${logs}.away`);
    expect((await look())?.result.problems).toEqual([{ path: logs, what: 'no such file or folder', hint: 'Check the path.' }]);
    expect(await look()).toBeUndefined();
    renameSync(`${logs}.away`, logs);
    append(lines.slice(4).join(''));
    expect(await look()).toMatchObject({ back: [logs], result: { rows: rows.length - 4, duplicateRows: 0 } });
    expect(await look()).toBeUndefined();
    expect(sessions()).toMatchObject([{ rows: rows.length }]);
  });

  it('is a mistake where there never was one', async () => {
    const folder = temporaryFolder();
    await expect(following(temporaryDatabase(folder), [join(folder, 'nowhere')])).rejects.toThrow('no such file or folder');
  });

  it('is told and waited for beside another', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { [NAME]: header });
    const late = join(folder, 'late');
    const { first, look } = await following(temporaryDatabase(folder), [join(folder, 'EX01'), late]);
    expect(first.result.problems).toMatchObject([{ path: late }]);
    expect(await look()).toBeUndefined();
    writeFiles(late, { 'a.log': logText(rows) });
    expect(await look()).toMatchObject({ back: [late], result: { newSessions: 1 } });
  });

  it('in the midst of reading is tried again more and more rarely', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'a.log': 'x' });
    const watch = new FileWatch([folder], join(folder, 'test.db'));
    const path = join(folder, 'a.log');
    const fails = { problems: [{ path, what: 'in use by another program' }], skipped: {}, heldBack: new Set<string>() };
    const tried: number[] = [];
    const said: number[] = [];
    for (let second = 0; second < 20; second++) {
      const { files } = await watch.look(second * 1000);
      if (files.length === 0) continue;
      tried.push(second);
      if (watch.read(files, fails, second * 1000).problems.length > 0) said.push(second);
    }
    expect(tried).toEqual([0, 2, 6, 14]);
    expect(said).toEqual([0]);
    const { files } = await watch.look(30_000);
    expect(watch.read(files, { ...fails, problems: [] }, 30_000).back).toEqual([path]);
  });
});

describe('the database meanwhile', () => {
  it('may know a cut line from another ingest', async () => {
    const { look, db, logs, append, sessions } = await followed();
    writeFiles(logs, { [NAME]: header + lines.slice(0, 4).join('') + lines[4].slice(0, 30) });
    const second = openDatabase(db.name);
    expect(await ingest(second, [logs])).toMatchObject({ anomalies: { cut: 1 } });
    second.close();
    append(lines[4].slice(30, 40));
    expect(await look()).toBeUndefined();
    append(lines[4].slice(40) + lines.slice(5).join(''));
    expect((await look())?.result).toMatchObject({ rows: rows.length - 4, duplicateRows: 0 });
    expect(damagedLines(db)).toEqual([]);
    expect(sessions()).toMatchObject([{ rows: rows.length }]);
  });

  it('is left alone by a look at which nothing has changed', async () => {
    const { look, db } = await followed({ [NAME]: header + lines.slice(0, 4).join('') });
    const watcher = openDatabase(db.name);
    const version = () => watcher.pragma('data_version', { simple: true });
    await look();
    const before = version();
    for (let i = 0; i < 5; i++) expect(await look()).toBeUndefined();
    expect(version()).toBe(before);
    watcher.close();
  });

  it('ends it when it fails, with nothing stored by half', async () => {
    const { look, db, logs, append, sessions } = await followed({ [NAME]: header + lines.slice(0, 4).join('') });
    db.exec("CREATE TRIGGER broken BEFORE INSERT ON smtp_transaction BEGIN SELECT RAISE(ABORT, 'broken'); END");
    append(lines.slice(4).join(''));
    await expect(look()).rejects.toThrow('broken');
    expect(sessions()).toMatchObject([{ outcome: 'open', rows: 4 }]);
    db.exec('DROP TRIGGER broken');
    expect(await ingest(db, [logs])).toMatchObject({ rows: rows.length - 4, duplicateRows: 0, problems: [] });
    expect(sessions()).toMatchObject([{ outcome: 'accepted' }]);
  });

  it('is free for another ingest between two looks, and what that one read is not read again', async () => {
    const { look, db, logs, append, sessions } = await followed({ [NAME]: header + lines.slice(0, 4).join('') });
    append(lines.slice(4, 8).join(''));
    const second = openDatabase(db.name);
    expect(await ingest(second, [logs])).toMatchObject({ rows: 4 });
    second.close();
    expect(await look()).toBeUndefined();
    append(lines.slice(8).join(''));
    expect((await look())?.result).toMatchObject({ rows: rows.length - 8, duplicateRows: 0 });
    expect(sessions()).toMatchObject([{ outcome: 'accepted', rows: rows.length }]);
  });

  it('that another process holds is waited for, and told once when that takes long', async () => {
    const { look, wait, db, append, sessions } = await followed({ [NAME]: header + lines.slice(0, 4).join('') });
    append(lines.slice(4).join(''));
    const now = Date.now();
    db.prepare('INSERT INTO ingest_lock VALUES (1, ?, ?, ?, ?)').run(process.ppid, hostname(), now, now);
    expect(await look()).toBeUndefined();
    wait(5000);
    expect((await look())?.result.problems).toMatchObject([
      { path: db.name, what: expect.stringContaining(`process ${process.ppid} on`) },
    ]);
    expect(await look()).toBeUndefined();
    db.exec('DELETE FROM ingest_lock');
    expect(await look()).toMatchObject({ back: [db.name], result: { rows: rows.length - 4, problems: [] } });
    expect(sessions()).toMatchObject([{ outcome: 'accepted' }]);
  });
});

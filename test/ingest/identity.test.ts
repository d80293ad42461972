/** A log is known by what it holds: reading it twice, in whatever wrapping, is reading it once. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ingestFiles, logText, writeFiles } from '../harness.ts';
import { contents } from './contents.ts';
import { TWO_SERVERS } from './two-servers.ts';
import { zipOf } from './zip.ts';

const LOGS = Object.fromEntries(
  TWO_SERVERS.map(({ folder, direction, rows }) => [
    `${folder}/${direction === 'send' ? 'SEND' : 'RECV'}2026110208-1.LOG`,
    logText(rows, direction),
  ]),
);
const RECEIVED = 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';
const OTHER = 'EX02/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';

/** The logs in the store, and what must not change. */
async function alreadyRead() {
  const store = await ingestFiles(LOGS);
  return { ...store, before: contents(store.db) };
}

/** Reads one more file and expects that it adds nothing. */
async function expectNothingNew(name: string, content: string | Buffer) {
  const { db, folder, again, before } = await alreadyRead();
  writeFiles(folder, { [name]: content });
  const result = await again([join(folder, name)]);
  expect(result).toMatchObject({ newSessions: 0, problems: [], skipped: {}, anomalies: {} });
  expect(contents(db)).toEqual(before);
  return result;
}

describe('a log that was read before', () => {
  it('adds nothing when its folder is read again, and is not even opened', async () => {
    const { db, again, before } = await alreadyRead();
    expect(await again()).toMatchObject({ files: 4, filesUnchanged: 4, rows: 0, bytes: 0, newSessions: 0 });
    expect(contents(db)).toEqual(before);
  });

  it('adds nothing under another name', async () => {
    const { db, folder, again, before } = await alreadyRead();
    renameSync(join(folder, RECEIVED), join(folder, `${RECEIVED}.old.log`));
    expect(await again()).toMatchObject({ rows: 0, newSessions: 0 });
    expect(contents(db)).toEqual(before);
  });

  it('adds nothing from another folder', async () => {
    const { db, folder, again, before } = await alreadyRead();
    mkdirSync(join(folder, '../evidence'));
    renameSync(folder, join(folder, '../evidence/case 4711'));
    expect(await again([join(folder, '../evidence')])).toMatchObject({ files: 4, rows: 0, newSessions: 0 });
    expect(contents(db)).toEqual(before);
  });

  it('adds nothing gzipped, with the suffix or without', async () => {
    expect(await expectNothingNew(`${RECEIVED}.gz`, gzipSync(LOGS[RECEIVED]))).toMatchObject({ rows: 0 });
    expect(await expectNothingNew('copy/log', gzipSync(LOGS[RECEIVED]))).toMatchObject({ rows: 0 });
  });

  it('adds nothing from a zip with folders', async () => {
    const zipped = Object.fromEntries(Object.entries(LOGS).map(([name, text]) => [`case 4711/${name}`, text]));
    expect(await expectNothingNew('logs.zip', zipOf(zipped))).toMatchObject({ files: 4, rows: 0 });
  });

  it('adds nothing concatenated behind the log of another server', async () => {
    await expectNothingNew('both.log', LOGS[OTHER] + LOGS[RECEIVED]);
  });

  it('adds nothing concatenated before the log of another server, though it looks as if it had grown', async () => {
    await expectNothingNew('both.log', LOGS[RECEIVED] + LOGS[OTHER]);
  });

  it('adds nothing as an excerpt, and its rows are counted as known', async () => {
    const lines = LOGS[RECEIVED].split(/(?<=\n)/);
    const excerpt = [...lines.slice(0, 5), ...lines.slice(5).filter((_, index) => index % 3 !== 1)];
    const result = await expectNothingNew('excerpt.log', excerpt.join(''));
    expect(result).toMatchObject({ rows: excerpt.length - 5, duplicateRows: excerpt.length - 5 });
  });

  it('adds nothing as the rows alone, without header, with line ends of another system', async () => {
    const rows = LOGS[RECEIVED].split('\r\n').slice(5).join('\n');
    await expectNothingNew('rows.txt', rows);
  });

  it('adds nothing as its first half', async () => {
    const half = LOGS[RECEIVED].slice(0, LOGS[RECEIVED].lastIndexOf('\r\n', LOGS[RECEIVED].length / 2) + 2);
    await expectNothingNew('half.log', half);
  });

  it('adds nothing as a copy that PowerShell made in UTF-16', async () => {
    await expectNothingNew('out-file.log', Buffer.from(LOGS[RECEIVED], 'utf16le'));
  });

  it('is complete again when its excerpt was read first', async () => {
    const lines = LOGS[RECEIVED].split(/(?<=\n)/);
    const { db } = await alreadyReadFirst(lines.filter((_, index) => index < 5 || index % 3 !== 1).join(''));
    const whole = await ingestFiles({ [RECEIVED]: LOGS[RECEIVED] });
    expect(contents(db)).toEqual(contents(whole.db));
  });

  it('can be gone when its folder is read again', async () => {
    const { db, folder, again, before } = await alreadyRead();
    rmSync(join(folder, RECEIVED));
    expect(await again()).toMatchObject({ files: 3, newSessions: 0, problems: [] });
    expect(contents(db)).toEqual(before);
  });
});

/** The excerpt alone, then the log itself. */
async function alreadyReadFirst(excerpt: string) {
  const store = await ingestFiles({ 'EX01/FrontEnd/ProtocolLog/SmtpReceive/excerpt.log': excerpt });
  writeFiles(store.folder, { [RECEIVED]: LOGS[RECEIVED] });
  await store.again();
  return store;
}

describe('a log in another encoding', () => {
  it('gives the same sessions in UTF-16LE with BOM', async () => {
    const utf16 = await ingestFiles({ [RECEIVED]: Buffer.from(LOGS[RECEIVED], 'utf16le') });
    const utf8 = await ingestFiles({ [RECEIVED]: LOGS[RECEIVED] });
    expect(utf16.result).toMatchObject({ anomalies: {}, newSessions: utf8.result.newSessions });
    expect(contents(utf16.db)).toEqual(contents(utf8.db));
  });
});

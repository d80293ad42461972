/** The original bytes stay in the store: every row with file and line, after the logs are gone. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { formatRow } from '../../src/protocol-log/writer.ts';
import { findSessions, sessionRows } from '../../src/queries/session-detail.ts';
import type { Database } from '../../src/store/database.ts';
import { ingestFiles, logText } from '../harness.ts';
import { DELIVERED, GREETED, interleaved, QUIT, REFUSED } from './two-servers.ts';
import { zipOf } from './zip.ts';

const NAME = 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';
const ID = '08DE19A1B2C3D401';

const linesOf = (db: Database, sessionId = ID): Buffer[] => {
  const [row] = findSessions(db, sessionId);
  return row ? sessionRows(db, row).map(({ line }) => line) : [];
};

/** Rows of the log, without their line ends, as bytes. */
const rawLines = (log: Buffer): Buffer[] =>
  log
    .toString('latin1')
    .split('\r\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => Buffer.from(line, 'latin1'));

describe('the rows of a session', () => {
  it('are all there, with file and line, after the log was deleted', async () => {
    const rows = story({}, GREETED + DELIVERED + QUIT);
    const { folder, detail } = await ingestFiles({ [NAME]: logText(rows) });
    rmSync(folder, { recursive: true });
    expect(detail(ID).events).toEqual(
      rows.map(({ at, sequence, event, data, context }, index) => ({
        at: new Date(at).toISOString(),
        sequence,
        event,
        data,
        context,
        file: join(folder, NAME),
        line: 6 + index,
      })),
    );
  });

  it('have the line in the file, not the number of the row, where others stand between them', async () => {
    const other = story(
      { sessionId: '08DE19A1B2C3D402', remote: '10.0.20.13:50200', at: '2026-11-02T08:02:00.005Z' },
      GREETED + QUIT,
    );
    const all = interleaved(story({}, GREETED + QUIT), other);
    const { detail } = await ingestFiles({ [NAME]: logText(all) });
    const expected = all.flatMap(({ sessionId }, index) => (sessionId === ID ? [index + 6] : []));
    expect(detail(ID).events.map(({ line }) => line)).toEqual(expected);
  });

  it('name the gzip, or the zip and its entry, and the line in the log inside', async () => {
    const log = logText(story({}, GREETED + QUIT));
    const gzipped = await ingestFiles({ 'a.LOG.gz': gzipSync(log) });
    expect(gzipped.detail(ID).events[0]).toMatchObject({ file: join(gzipped.folder, 'a.LOG.gz'), line: 6 });
    const zipped = await ingestFiles({ 'case.zip': zipOf({ 'EX01/a.LOG': log }) });
    expect(zipped.detail(ID).events[0]).toMatchObject({ file: join(zipped.folder, 'case.zip/EX01/a.LOG'), line: 6 });
  });

  it('come back byte for byte: binary, invalid UTF-8, quotes, escapes', async () => {
    const hello = Buffer.from([0x16, 0x03, 0x01, 0x00, 0x80, 0xff, 0xfe, 0xc3, 0x28, 0x09, 0x1b, 0x5b, 0x33, 0x31, 0x6d]);
    const rows = story(
      {},
      `${GREETED}\n< EHLO BINARY\n> 500 5.3.3 Unrecognized command\n< MAIL FROM:<"a,b"@müller.example>\n> 501 5.1.7 Invalid address\n* CONTOSO\\nancy | authenticated${QUIT}`,
    );
    const [before, after] = logText(rows).split('EHLO BINARY');
    const log = Buffer.concat([Buffer.from(before), hello, Buffer.from(after)]);
    const { db, result } = await ingestFiles({ [NAME]: log });
    expect(result.anomalies).toEqual({});
    expect(linesOf(db)).toEqual(rawLines(log));
  });

  it('keep a NUL, and show every byte that is no text', async () => {
    const [before, after] = logText(story({}, `${GREETED}\n< NUL-HERE${QUIT}`)).split('NUL-HERE');
    const log = Buffer.concat([Buffer.from(before), Buffer.from([0x41, 0x00, 0xe9, 0x42]), Buffer.from(after)]);
    const { db, detail } = await ingestFiles({ [NAME]: log });
    expect(linesOf(db)).toEqual(rawLines(log));
    expect(detail(ID).events.map(({ data }) => data)).toContain('A\0éB');
  });

  it('come back from a log of which another file held a part', async () => {
    const rows = story({}, GREETED + REFUSED + QUIT);
    const { db } = await ingestFiles({
      [NAME]: logText(rows),
      'excerpt.log': logText(rows.filter((_, index) => index % 2 === 0)),
    });
    expect(linesOf(db).map(String)).toEqual(rows.map((row) => formatRow(row).trimEnd()));
  });
});

describe('a log of several blocks', () => {
  /** Some 3.5 MiB: blocks are 1 MiB. One session from the first row to the last, many small ones in between. */
  function bigLog(): { text: string; lines: string[] } {
    const long = story(
      { at: '2026-11-02T08:00:00.000Z' },
      GREETED + DELIVERED + Array.from({ length: 50 }, () => '\n@60000 < NOOP\n> 250 2.0.0 OK').join('') + QUIT,
    );
    const short = Array.from({ length: 1800 }, (_, index) =>
      story(
        {
          sessionId: `08DE19A1B2C4${index.toString(16).toUpperCase().padStart(4, '0')}`,
          remote: `10.0.21.${index % 250}:${50000 + index}`,
          at: new Date(Date.parse('2026-11-02T08:00:01.000Z') + index * 1600).toISOString(),
        },
        GREETED + DELIVERED + QUIT,
      ),
    );
    const text = logText(interleaved(long, ...short));
    return { text, lines: text.split('\r\n') };
  }
  const { text, lines } = bigLog();

  it('gives the right line for every row, in the second and later blocks too', async () => {
    expect(Buffer.byteLength(text)).toBeGreaterThan(3 << 20);
    const { folder, detail } = await ingestFiles({ [NAME]: text });
    rmSync(folder, { recursive: true });
    const expected = lines.flatMap((line, index) => (line.includes(`,${ID},`) ? [index + 1] : []));
    expect(detail(ID).events.map(({ line }) => line)).toEqual(expected);
    for (const number of ['0000', '0258', '04B0', '0707']) {
      const sessionId = `08DE19A1B2C4${number}`;
      for (const event of detail(sessionId).events) expect(lines[event.line - 1]).toContain(`,${sessionId},${event.sequence},`);
    }
  });

  it('gives every row of a session that runs through all of them', async () => {
    const { db } = await ingestFiles({ [NAME]: text });
    expect(linesOf(db).map(String)).toEqual(lines.filter((line) => line.includes(`,${ID},`)));
  });

  it('gives the same lines when the log had grown block by block', async () => {
    const { folder, again, detail } = await ingestFiles({ [NAME]: text.slice(0, 700_000) });
    for (const end of [1_500_000, 2_600_000, text.length]) {
      writeFileSync(join(folder, NAME), text.slice(0, end));
      await again();
    }
    const expected = lines.flatMap((line, index) => (line.includes(`,${ID},`) ? [index + 1] : []));
    expect(detail(ID).events.map(({ line }) => line)).toEqual(expected);
  });
});

/** A live log grows: each run reads only what is new, and what comes of it is the same as reading it at the end. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import { formatHeader, formatRow } from '../../src/protocol-log/writer.ts';
import { damagedLines } from '../../src/queries/coverage.ts';
import { listSessions } from '../../src/queries/session-list.ts';
import { ingestFiles, logText, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';
import { contents } from './contents.ts';
import { DELIVERED, GREETED, interleaved, QUIT, REFUSED, TWO_SERVERS } from './two-servers.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const NAME = 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';

const rows = story({}, GREETED + DELIVERED + QUIT);
const header = formatHeader({ direction: 'receive', at: rows[0].at });
const lines = rows.map(formatRow);

/** Reads the file at each of its stages. */
async function grown(stages: readonly (string | Buffer)[]) {
  const store = await ingestFiles({ [NAME]: stages[0] });
  const results = [store.result];
  for (const stage of stages.slice(1)) {
    writeFiles(store.folder, { [NAME]: stage });
    results.push(await store.again());
  }
  return { ...store, results, sessions: listSessions(store.db, {}).sessions };
}

describe('a log that has grown', () => {
  it('adds only the rows that are new', async () => {
    const other = story({ sessionId: '08DE19A1B2C3D402', at: '2026-11-02T08:05:00.000Z' }, GREETED + REFUSED + QUIT);
    const { results, sessions } = await grown([logText(rows), logText([...rows, ...other])]);
    expect(results[1]).toMatchObject({ newSessions: 1, rows: other.length, duplicateRows: 0, sessions: 2 });
    expect(results[1].bytes).toBe(other.map(formatRow).join('').length);
    expect(sessions.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused']);
  });

  it('continues a session that was open', async () => {
    const { results, sessions } = await grown([header + lines.slice(0, 4).join(''), header + lines.join('')]);
    expect(results.map(({ newSessions }) => newSessions)).toEqual([1, 0]);
    expect(sessions).toMatchObject([{ outcome: 'accepted', rows: rows.length, messagesAccepted: 1 }]);
  });

  it('shows the session as open until then', async () => {
    const { sessions } = await grown([header + lines.slice(0, 4).join('')]);
    expect(sessions).toMatchObject([{ outcome: 'open', rows: 4 }]);
  });

  it('reads a cut last row again when it is complete', async () => {
    const cut = (header + lines.join('')).slice(0, -60);
    const { db, results, sessions } = await grown([cut, header + lines.join('')]);
    expect(results[0].anomalies).toEqual({ cut: 1 });
    expect(results[1].anomalies).toEqual({});
    expect(damagedLines(db)).toEqual([]);
    expect(sessions).toMatchObject([{ rows: rows.length, disconnect: 'Local' }]);
  });

  it('reads a last row again that was cut in its last field and looked complete', async () => {
    const { sessions } = await grown([(header + lines.join('')).slice(0, -4), header + lines.join('')]);
    expect(sessions).toMatchObject([{ rows: rows.length, disconnect: 'Local' }]);
  });

  it('reads the rows of a file that only had a header at first', async () => {
    const { results, sessions } = await grown([header, header + lines.join('')]);
    expect(results.map(({ newSessions }) => newSessions)).toEqual([0, 1]);
    expect(sessions).toMatchObject([{ outcome: 'accepted', direction: 'receive', server: 'EX01' }]);
  });

  it('reads the rows of a file that was empty at first', async () => {
    const { results } = await grown(['', header + lines.join('')]);
    expect(results.map(({ newSessions }) => newSessions)).toEqual([0, 1]);
  });

  it('is known when its later state comes as a gzip from elsewhere', async () => {
    const store = await ingestFiles({ [NAME]: header + lines.slice(0, 9).join('') });
    writeFiles(store.folder, { 'copy/later.gz': gzipSync(header + lines.join('')) });
    const result = await store.again([join(store.folder, 'copy')]);
    expect(result).toMatchObject({ newSessions: 0, rows: rows.length - 9, duplicateRows: 0 });
    expect(listSessions(store.db, {}).sessions).toMatchObject([{ outcome: 'accepted', rows: rows.length }]);
  });

  it('is not mixed up with another log that has the same beginning', async () => {
    const other = story({ sessionId: '08DE19A1B2C3D402', at: '2026-11-02T08:05:00.000Z' }, GREETED + REFUSED + QUIT);
    const { results, sessions } = await grown([header + lines.join(''), header + other.map(formatRow).join('')]);
    expect(results[1]).toMatchObject({ newSessions: 1, duplicateRows: 0 });
    expect(sessions.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused']);
  });

  it('keeps to the second header when it ended just behind it', async () => {
    const first = header + lines.join('');
    const sent = TWO_SERVERS[3].rows.map(formatRow).join('');
    const sendHeader = formatHeader({ direction: 'send', at: rows[0].at }).slice(1);
    const { sessions } = await grown([first + sendHeader, first + sendHeader + sent]);
    expect(sessions.map(({ direction }) => direction).sort()).toEqual(['receive', 'send']);
  });

  it('is read on in UTF-16 as well', async () => {
    const { sessions, results } = await grown(
      [4, 9, rows.length].map((count) => Buffer.from(header + lines.slice(0, count).join(''), 'utf16le')),
    );
    expect(results.map((result) => result.rows)).toEqual([4, 5, rows.length - 9]);
    expect(sessions).toMatchObject([{ outcome: 'accepted', rows: rows.length }]);
  });
});

describe('a log read while it is written', () => {
  /** Two sessions at a time, a quoted field, text beyond ASCII, rows of half a block. */
  const log = Buffer.from(
    logText(
      interleaved(
        rows,
        story({ sessionId: '08DE19A1B2C3D402', remote: '10.0.20.13:50200' }, GREETED + REFUSED + QUIT),
        story(
          { sessionId: '08DE19A1B2C3D403', remote: '10.0.20.14:50200' },
          `+\n< EHLO müller\n< MAIL FROM:<${'ä'.repeat(300)}>`,
        ),
      ),
    ),
  );

  it('says the same at the end, wherever it was cut meanwhile', { timeout: 60_000 }, async () => {
    console.info(`growing log: SEED=${SEED}`);
    const expected = contents((await ingestFiles({ [NAME]: log })).db);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(log.length - 1), { minLength: 1, maxLength: 6 }), async (cuts) => {
        const folder = temporaryFolder();
        const db = temporaryDatabase(folder);
        writeFiles(folder, { [NAME]: '' });
        let written = 0;
        for (const end of [...cuts.sort((a, b) => a - b), log.length]) {
          appendFileSync(join(folder, NAME), log.subarray(written, end));
          written = end;
          await ingest(db, [join(folder, NAME)]);
        }
        expect(contents(db)).toEqual(expected);
        expect(damagedLines(db)).toEqual([]);
        db.close();
      }),
      { seed: SEED, numRuns: 40, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false },
    );
  });
});

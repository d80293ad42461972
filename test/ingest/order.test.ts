/** The store says the same of the same rows, however they are spread over files and in whatever order these come. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ingest } from '../../src/ingest/ingest.ts';
import { formatRow, type LogRow } from '../../src/protocol-log/writer.ts';
import { listSessions } from '../../src/queries/session-list.ts';
import type { Database } from '../../src/store/database.ts';
import { logText, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';
import { contents } from './contents.ts';
import { APPLICATION, TWO_SERVERS } from './two-servers.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

interface File {
  readonly name: string;
  readonly content: string | Buffer;
}

/** Reads the runs one after the other, each with one call. */
async function storeOf(runs: readonly (readonly File[])[]) {
  const folder = temporaryFolder();
  const db = temporaryDatabase(folder);
  for (const run of runs) {
    writeFiles(folder, Object.fromEntries(run.map(({ name, content }) => [name, content])));
    const { problems, skipped, anomalies } = await ingest(
      db,
      run.map(({ name }) => join(folder, name)),
    );
    expect({ problems, skipped, anomalies }).toEqual({ problems: [], skipped: {}, anomalies: {} });
  }
  return db;
}

const whole = async () =>
  storeOf([TWO_SERVERS.map(({ folder, direction, rows }) => ({ name: `${folder}/1.LOG`, content: logText(rows, direction) }))]);

/** Which of `parts` files each row goes to: cut at some places, or dealt out row by row. */
const dealt = (rows: number, parts: number): fc.Arbitrary<number[]> =>
  fc.oneof(
    fc
      .array(fc.nat(rows), { minLength: parts - 1, maxLength: parts - 1 })
      .map((cuts) => Array.from({ length: rows }, (_, row) => cuts.filter((cut) => cut <= row).length)),
    fc.array(fc.nat(parts - 1), { minLength: rows, maxLength: rows }),
  );

/** A log as files in its folder; names are no hint to their order, some are gzipped. */
const split = (log: (typeof TWO_SERVERS)[number]): fc.Arbitrary<File[]> =>
  fc
    .integer({ min: 1, max: 5 })
    .chain((parts) =>
      fc.record({
        of: dealt(log.rows.length, parts),
        names: fc.uniqueArray(fc.nat(99), { minLength: parts, maxLength: parts }),
        gzipped: fc.array(fc.boolean(), { minLength: parts, maxLength: parts }),
      }),
    )
    .map(({ of, names, gzipped }) =>
      names
        .map((name, part) => ({ name, part, rows: log.rows.filter((_, row) => of[row] === part) }))
        .filter(({ rows }) => rows.length > 0)
        .map(({ name, part, rows }) => {
          const path = `${log.folder}/${log.direction === 'send' ? 'SEND' : 'RECV'}2026110208-${name}.LOG`;
          const text = logText(rows, log.direction);
          return gzipped[part] ? { name: `${path}.gz`, content: gzipSync(text) } : { name: path, content: text };
        }),
    );

/** All files in any order, read in one to four runs. */
const inRuns = (all: fc.Arbitrary<File[]>): fc.Arbitrary<File[][]> =>
  all
    .chain((files) =>
      fc.record({
        files: fc.shuffledSubarray(files, { minLength: files.length }),
        run: fc.array(fc.nat(3), { minLength: files.length, maxLength: files.length }),
      }),
    )
    .map(({ files, run }) =>
      [0, 1, 2, 3].map((one) => files.filter((_, index) => run[index] === one)).filter(({ length }) => length > 0),
    );

const splitLogs = fc.tuple(...TWO_SERVERS.map(split)).map((logs) => logs.flat());

/** The logs as they are, and beside them beginnings of theirs, as copies made earlier are: with few rows, or a header alone. */
const withBeginnings: fc.Arbitrary<File[]> = fc
  .array(
    fc.record({
      log: fc.nat(TWO_SERVERS.length - 1),
      lines: fc.oneof(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 200 })),
      number: fc.integer({ min: 1, max: 9 }),
    }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((beginnings) =>
    TWO_SERVERS.flatMap(({ folder, direction, rows }, index) => {
      const text = logText(rows, direction);
      const prefix = direction === 'send' ? 'SEND' : 'RECV';
      const cut = beginnings.flatMap(({ log, lines, number }, copy) => {
        // Read before the log or after it, which is number 5.
        const name = `${folder}/${prefix}2026110208-${number}.${copy}.LOG`;
        return log === index
          ? [
              {
                name,
                content: text
                  .split(/(?<=\n)/)
                  .slice(0, lines)
                  .join(''),
              },
            ]
          : [];
      });
      return [{ name: `${folder}/${prefix}2026110208-5.LOG`, content: text }, ...cut];
    }),
  );

describe('the order of reading', () => {
  it.each([
    ['any split of the logs into files', splitLogs],
    ['beginnings of the logs beside them', withBeginnings],
  ])('plays no part: %s, in any order, in any number of runs', { timeout: 120_000 }, async (_, files) => {
    console.info(`order of reading: SEED=${SEED}`);
    const expected = contents(await whole());
    await fc.assert(
      fc.asyncProperty(inRuns(files), async (logs) => {
        const db = await storeOf(logs);
        try {
          expect(contents(db)).toEqual(expected);
        } finally {
          db.close();
        }
      }),
      { seed: SEED, numRuns: 60, interruptAfterTimeLimit: 12_000, markInterruptAsFailure: false },
    );
  });

  it.each([
    ['in the same run', 0],
    ['in an earlier run', 1],
  ])('plays no part where several logs begin as one does that ends there, %s', async (_, run) => {
    const logs = [1, 2, 3].map((server) => ({
      name: `EX0${server}/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG`,
      content: logText(TWO_SERVERS[0]!.rows.map((row) => ({ ...row, connector: `EX0${server}\\Relay` }))),
    }));
    const beginning = {
      name: 'EX00/RECV2026110208-1.LOG',
      content: logs[0]!.content
        .split(/(?<=\n)/)
        .slice(0, 3)
        .join(''),
    };
    const runs = run === 0 ? [[beginning, ...logs]] : [[beginning], logs];
    expect(contents(await storeOf(runs))).toEqual(contents(await storeOf([logs])));
  });

  it('is played with logs that have what makes it hard', async () => {
    const db = await whole();
    const { sessions } = listSessions(db, {});
    expect(sessions).toHaveLength(15);
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(15);
    expect(sessions.filter(({ sessionId }) => sessionId === '08DE19A1B2C3D420')).toHaveLength(2);
    expect(sessions.find(({ sessionId }) => sessionId === '08DE19A1B2C3D430')?.outcome).toBe('open');
    expect(sessions.find(({ sessionId }) => sessionId === '08DE3333B2C3D401')?.clientSources).toEqual([
      '10.0.20.12',
      '10.0.20.30',
      '10.0.20.99',
    ]);
  });

  it('counts a message that the Hub got before the log of its front end was read', async () => {
    const [front, , hub] = TWO_SERVERS;
    const file = ({ folder, direction, rows }: typeof front): File => ({
      name: `${folder}/RECV2026110208-1.LOG`,
      content: logText(rows, direction),
    });
    const acceptedBy = 'SELECT SUM(messages_accepted) AS n FROM hourly_messages';
    const hubFirst = await storeOf([[file(hub)], [file(front)]]);
    const frontFirst = await storeOf([[file(front)], [file(hub)]]);
    // Six at the front end, four of them seen handed over; one more that only the Hub has seen.
    expect(frontFirst.prepare(acceptedBy).get()).toEqual({ n: 7 });
    expect(hubFirst.prepare(acceptedBy).get()).toEqual({ n: 7 });
  });

  it('counts once what a long front-end session took, read after the Hub, at the turn of an hour', async () => {
    const [front, , hub] = TWO_SERVERS;
    const long = front.rows.filter(({ sessionId }) => sessionId === APPLICATION);
    const frontFile = { name: `${front.folder}/RECV2026110208-1.LOG`, content: logText(long) };
    const hubFile = { name: `${hub.folder}/RECV2026110208-1.LOG`, content: logText(hub.rows) };
    const rollUps = (db: Database) => contents(db).hourly_messages;
    expect(rollUps(await storeOf([[hubFile], [frontFile]]))).toEqual(rollUps(await storeOf([[frontFile, hubFile]])));
  });

  it('plays no part where rows of one session stand in two files, each row in one of them', async () => {
    const [{ folder, rows }] = TWO_SERVERS;
    const half = (which: number): File => ({
      name: `${folder}/${which}.LOG`,
      content: logText(rows.filter((_, index) => index % 2 === which)),
    });
    const expected = contents(await storeOf([[{ name: `${folder}/1.LOG`, content: logText(rows) }]]));
    expect(contents(await storeOf([[half(1)], [half(0)]]))).toEqual(expected);
  });

  it('keeps every row of the logs', async () => {
    const db = await whole();
    const logged = TWO_SERVERS.flatMap(({ rows }) => rows.map((row: LogRow) => formatRow(row).trimEnd())).sort();
    const stored = (contents(db).details as { transcript: string[] }[]).flatMap(({ transcript }) => transcript).sort();
    expect(stored).toEqual(logged);
  });
});

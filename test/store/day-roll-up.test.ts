/** A day is the sum of its hours, in whatever runs its logs came; what is not summed up is asked by the hour, to the same end. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { askUsage } from '../../src/queries/usage/ask-usage.ts';
import { customPeriod, type Period, periodAround, previousPeriod } from '../../src/queries/usage/period.ts';
import type { Database } from '../../src/store/database.ts';
import { DAILY, DAY_MS } from '../../src/store/day-roll-up.ts';
import { ingestFiles, logText, writeFiles } from '../harness.ts';
import { DAYS, FIRST, logs } from '../queries/usage/random-stores.ts';

type Row = Record<string, number | string>;

const HOUR_MS = 3_600_000;
const SUMS = /^(sessions|messages_.*|recipients_.*|bytes_accepted|refusals)$/;
const dayOf = (at: number): number => at - (at % DAY_MS);
const all = (db: Database, sql: string): Row[] => db.prepare(sql).all() as Row[];
const stale = (db: Database): number[] => db.prepare('SELECT day FROM stale_day ORDER BY day').pluck().all() as number[];

/** Rows of one group and day as one, their sums added. */
function added(rows: readonly Row[]): Row[] {
  const groups = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify(Object.entries(row).filter(([name]) => !SUMS.test(name) && !/^h\d+$/.test(name)));
    const group = groups.get(key);
    if (!group) groups.set(key, { ...row });
    else
      for (const [name, value] of Object.entries(row))
        if (SUMS.test(name) || /^h\d+$/.test(name)) group[name] = (group[name] as number) + (value as number);
  }
  return [...groups.values()];
}

/** The hours of a table as the days that they make. */
const daysOf = (db: Database, hourly: string): Row[] =>
  added(all(db, `SELECT * FROM ${hourly}`).map(({ hour, ...row }) => ({ day: dayOf(hour as number), ...row })));

const unfolded = (hour: number, count: number): Row =>
  Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`h${index}`, index === (hour % DAY_MS) / HOUR_MS ? count : 0]));

const hoursOf = (db: Database, sql: string): Row[] =>
  added(
    all(db, sql).map(({ hour, count, ...key }) => ({
      day: dayOf(hour as number),
      ...key,
      ...unfolded(hour as number, count as number),
    })),
  );

function expectDays(db: Database): void {
  const due = new Set(stale(db));
  const expectSame = (daily: string, expected: readonly Row[]): void => {
    const text = (rows: readonly Row[]): string[] =>
      rows
        .filter(({ day }) => !due.has(day as number))
        .map((row) => JSON.stringify(row))
        .sort();
    expect(text(all(db, `SELECT * FROM ${daily}`)), daily).toEqual(text(expected));
  };
  for (const [hourly, daily] of Object.entries(DAILY)) expectSame(daily, daysOf(db, hourly));
  expectSame(
    'daily_client_hours',
    hoursOf(
      db,
      'SELECT hour, server_id, connector_id, source_id, messages_accepted AS count FROM hourly_senders WHERE messages_accepted > 0',
    ),
  );
  expectSame(
    'daily_tls_hours',
    hoursOf(
      db,
      `SELECT hour, server_id, connector_id, tls_id, sessions AS count FROM hourly_sessions
         WHERE direction = 'receive' AND health_probe = 0 AND outcome <> 'probe'
       UNION ALL SELECT hour, server_id, connector_id, tls_id, -sessions FROM hourly_noise
         WHERE kind = 'hop' AND outcome <> 'probe' AND sessions > 0`,
    ),
  );
  expectSame(
    'daily_log_hours',
    hoursOf(db, 'SELECT hour, server_id, service, direction, sessions AS count FROM hourly_sessions'),
  );
}

/** Only the last day that the logs tell of may still grow. */
function expectSummedUp(db: Database): void {
  const last = dayOf(db.prepare('SELECT MAX(hour) FROM hourly_sessions').pluck().get() as number);
  expect(stale(db).filter((day) => day < last)).toEqual([]);
}

const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe');
const minute = fc.integer({ min: 0, max: DAYS * 24 * 60 }).map((n) => FIRST + n * 60_000);
const period: fc.Arbitrary<Period> = fc.oneof(
  fc
    .tuple(fc.constantFrom('day', 'week', 'month', 'year'), minute, zone)
    .map(([kind, at, where]) => periodAround(kind, at, where)),
  fc.tuple(minute, minute, zone).map(([a, b, where]) => customPeriod(Math.min(a, b), Math.max(a, b) + 60_000, where)),
);

const filter = fc.constantFrom({}, { server: 'EX01' }, { connector: 'relay' }, { server: 'ex02', connector: 'Default' });

it('whatever was sent, in one run or in several, whatever is asked', async () => {
  const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  await fc.assert(
    fc.asyncProperty(
      logs,
      fc.array(fc.nat(2), { minLength: 8, maxLength: 8 }),
      fc.array(fc.record({ period, filter }), { minLength: 4, maxLength: 4 }),
      async (files, runs, questions) => {
        const names = Object.keys(files);
        const ofRun = (run: number): Record<string, string> =>
          Object.fromEntries(
            names.filter((_, index) => runs[index % runs.length] === run).map((name) => [name, files[name]!] as const),
          );
        const { db, folder, again } = await ingestFiles(ofRun(0));
        for (const run of [1, 2]) {
          writeFiles(folder, ofRun(run));
          await again();
          expectDays(db);
          expectSummedUp(db);
        }
        const ask = (): unknown[] =>
          questions.map((one) =>
            askUsage(db, { period: one.period, compared: previousPeriod(one.period), now: FIRST + 1e10, ...one.filter }),
          );
        const byDays = ask();
        db.exec(
          'INSERT OR IGNORE INTO stale_day (day) SELECT DISTINCT day FROM daily_sessions UNION SELECT day FROM daily_senders',
        );
        for (const daily of Object.values(DAILY)) db.exec(`DELETE FROM ${daily}`);
        expect(byDays).toEqual(ask());
        db.close();
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 20), seed: SEED },
  );
});

const told = (at: string, id: number): string =>
  logText(story({ sessionId: `08DE19A1B2C4000${id}`, at }, '+\n> {banner}\n< EHLO mfp\n< QUIT\n> 221 2.0.0 Bye\n- | Local'));

it('the day that the logs end in waits, and a day that is told more of is summed up anew', async () => {
  const midnight = Date.parse('2026-11-02T00:00:00Z');
  const { db, folder, again } = await ingestFiles({ '1.LOG': told('2026-11-02T08:00:00.000Z', 1) });
  expect([stale(db), all(db, 'SELECT * FROM daily_sessions')]).toEqual([[midnight], []]);
  writeFiles(folder, { '2.LOG': told('2026-11-03T00:10:00.000Z', 2) });
  await again();
  expect(stale(db)).toEqual([midnight + DAY_MS]);
  expect(all(db, 'SELECT day, sessions FROM daily_sessions')).toEqual([{ day: midnight, sessions: 1 }]);
  writeFiles(folder, { '3.LOG': told('2026-11-02T23:50:00.000Z', 3) });
  await again();
  expect(stale(db)).toEqual([midnight + DAY_MS]);
  expect(all(db, 'SELECT day, SUM(sessions) AS sessions FROM daily_sessions')).toEqual([{ day: midnight, sessions: 2 }]);
});

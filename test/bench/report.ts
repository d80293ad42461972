/**
 * `npm run bench:report [SESSIONS]`: how long `report` takes over a month of five million sessions, by itself and with ten
 * years behind it; each as a process of its own, the median of three.
 *
 * The sessions of the month are real ones: their logs are made and read, a day at a time. Of the ten years there are the
 * counts alone, which is all that a report reads: those of the month, again and again.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { DayRollUp } from '../../src/store/day-roll-up.ts';
import { ROLL_UPS } from '../../src/store/roll-up.ts';
import { generate } from './generate.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const work = join(root, '.bench');
const wanted = Number(process.argv[2] ?? 5_000_000);
const relaylens = join(root, 'dist/cli/main.js');
/** A database that is there is asked again. */
const path = process.env.RELAYLENS_BENCH_DB ?? join(work, `report-${wanted}.db`);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MONTH = Date.UTC(2026, 9, 1);
const DAYS = 31;
const MONTHS_BEHIND = 120;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const run = (args: readonly string[]): string =>
  execFileSync(process.execPath, [relaylens, ...args, '--db', path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

function timed(what: string, args: readonly string[]): void {
  const seconds = [1, 2, 3].map(() => {
    const started = performance.now();
    run(args);
    return (performance.now() - started) / 1000;
  });
  say(`${what.padEnd(44)} ${seconds.sort((a, b) => a - b)[1]!.toFixed(2)} s`);
}

/** Most mail comes while people work. */
function weightOf(at: number): number {
  const hour = new Date(at).getUTCHours();
  if (new Date(at).getUTCDay() % 6 === 0) return 1;
  return hour < 6 || hour >= 20 ? 1 : hour < 8 || hour >= 17 ? 4 : 8;
}

function makeMonth(): void {
  const hours = Array.from({ length: DAYS * 24 }, (_, hour) => MONTH + hour * HOUR_MS);
  const each = wanted / hours.reduce((sum, at) => sum + weightOf(at), 0);
  for (let day = 0; day < DAYS; day++) {
    const folder = join(work, 'day');
    generate({ folder, start: MONTH + day * DAY_MS, hours: 24, sessionsPerHour: (at) => each * weightOf(at), devices: 500 });
    run(['ingest', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every fourth hour of the month, so that ten years fit on a disk: what is looked for in an index is found as quickly. */
function makeYears(): void {
  const db = new Sqlite(path);
  db.pragma('cache_size = -262144');
  for (const { table } of ROLL_UPS) {
    const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
    const values = columns.map((name) => (/^(hour|decided_at|first_at|last_at)$/.test(name) ? `${name} - @back` : name));
    const copy = db.prepare(
      `INSERT INTO ${table} SELECT ${values} FROM ${table} WHERE hour >= @since AND hour < @until AND (hour / 3600000) % 4 = 1`,
    );
    db.transaction(() => {
      for (let month = MONTHS_BEHIND; month >= 1; month--)
        copy.run({ since: MONTH, until: MONTH + DAYS * DAY_MS, back: month * DAYS * DAY_MS });
    })();
  }
  db.exec('INSERT OR IGNORE INTO stale_day (day) SELECT DISTINCT hour - hour % 86400000 FROM hourly_sessions');
  const days = new DayRollUp(db);
  const left = db.prepare('SELECT COUNT(*) FROM stale_day').pluck();
  for (let before = Number.NaN; left.get() !== before; ) {
    before = left.get() as number;
    db.transaction(() => days.refresh())();
  }
  db.close();
}

const count = (sql: string): number => {
  const db = new Sqlite(path, { readonly: true });
  const n = db.prepare(sql).pluck().get() as number;
  db.close();
  return n;
};

const questions = (): void => {
  timed('report, against the month before (text)', ['report', '--of', '2026-10', '--tz', 'UTC']);
  timed('the same in a zone of half hours', ['report', '--of', '2026-10', '--tz', 'Asia/Kolkata']);
  timed('of one connector', ['report', '--of', '2026-10', '--tz', 'UTC', '--connector', 'Default']);
  timed('metrics', ['metrics']);
  timed('with pictures (html)', ['report', '--of', '2026-10', '--tz', 'UTC', '--format', 'html']);
};

mkdirSync(work, { recursive: true });
if (!existsSync(path)) makeMonth();
say(`${count('SELECT COUNT(*) FROM session').toLocaleString('en-US')} sessions`);
const behind = `SELECT COUNT(*) FROM hourly_sessions WHERE hour < ${MONTH}`;
if (count(behind) === 0) {
  questions();
  makeYears();
}
say(`and ten years behind them: ${count(behind).toLocaleString('en-US')} counts of sessions, as many of the others`);
questions();

/**
 * `npm run bench`: relaylens, csv-parse with one INSERT a row, and DuckDB on the same files in one run.
 *
 *   npm run bench                 100 MB and 500 MB
 *   npm run bench -- 100 1000     these sizes (MB)
 *
 * Every candidate is a process of its own; its peak memory is what the operating system says when it exits.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from './generate.ts';
import { selectionSpeed } from './selection.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const work = join(root, '.bench');
const sizes = process.argv.slice(2).map(Number).filter(Boolean);
const peakHook = new URL('./peak.mjs', import.meta.url).href;

interface Measure {
  readonly seconds: number;
  readonly peakMb: number;
  readonly said: string;
}

/** Runs a script to its end; throws what it said when it failed. */
function measure(script: string, args: readonly string[], loader: readonly string[] = []): Measure {
  const peakFile = join(work, 'peak.json');
  const started = performance.now();
  const done = spawnSync(process.execPath, ['--import', peakHook, ...loader, script, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, RELAYLENS_PEAK_FILE: peakFile },
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - started) / 1000;
  if (done.status !== 0) throw new Error(`${script} ${args.join(' ')}\n${done.stderr}`);
  return { seconds, peakMb: peakOf(peakFile), said: done.stdout };
}

function peakOf(file: string): number {
  const { maxRSS } = JSON.parse(readFileSync(file, 'utf8')) as { maxRSS: number };
  return maxRSS / 1024;
}

const tsx = ['--import', 'tsx'];
const relaylens = join(root, 'dist/cli/main.js');
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function forgetDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

const lines: string[] = [];
const say = (line: string): void => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

mkdirSync(work, { recursive: true });
for (const megabytes of sizes.length > 0 ? sizes : [100, 500]) {
  const folder = join(work, `logs-${megabytes}`);
  const { sessions, rows, bytes } = generate({ folder, bytes: megabytes * 1e6 });
  const mb = bytes / 1e6;
  say(`\n${mb.toFixed(0)} MB, ${rows.toLocaleString('en-US')} rows, ${sessions.toLocaleString('en-US')} sessions`);
  const db = join(work, 'relaylens.db');
  // Three times each where it is quick, the median counts: the machine may be noisy.
  const median = (run: () => Measure): Measure => [run(), run(), run()].sort((a, b) => a.seconds - b.seconds)[1]!;
  const ours = median(() => {
    forgetDatabase(db);
    return measure(relaylens, ['ingest', folder, '--db', db, '--format', 'json']);
  });
  const found = (JSON.parse(ours.said) as { sessions: number }).sessions;
  if (found !== sessions) throw new Error(`relaylens found ${found} sessions, the generator made ${sessions}`);
  const share = statSync(db).size / bytes;
  const again = measure(relaylens, ['ingest', folder, '--db', db, '--format', 'json']);
  const duck = median(() => measure(script('./duckdb.ts'), [folder], tsx));
  const csv = measure(script('./csv-parse-insert.ts'), [folder, join(work, 'csv.db')], tsx);
  const speed = (one: Measure): number => mb / one.seconds;
  const row = (name: string, one: Measure, more = ''): void =>
    say(
      `${name.padEnd(26)} ${speed(one).toFixed(0).padStart(6)} MB/s ${one.seconds.toFixed(1).padStart(7)} s ${one.peakMb.toFixed(0).padStart(6)} MB peak  ${more}`,
    );
  row('relaylens ingest', ours, `database ${share.toFixed(2)} of the raw size`);
  row('csv-parse + INSERT', csv, `relaylens is ${(speed(ours) / speed(csv)).toFixed(1)} × as fast`);
  row(
    'DuckDB read_csv, GROUP BY',
    duck,
    `relaylens is ${(speed(ours) / speed(duck)).toFixed(2)} × as fast (whole processes; DuckDB keeps nothing)`,
  );
  say(`the same folder again      ${again.seconds.toFixed(2)} s`);
  rmSync(folder, { recursive: true, force: true });
}

say('\n1,000 files');
const seed = join(work, 'seed');
generate({ folder: seed, bytes: 1e6, sessionsPerHour: 40 });
const many = join(work, 'many');
rmSync(many, { recursive: true, force: true });
const source = (readdirSync(seed, { recursive: true }) as string[])
  .filter((name) => name.endsWith('.LOG'))
  .map((name) => join(seed, name));
for (let i = 0; i < 1000; i++) {
  const folder = join(many, `EX${i}`, 'FrontEnd/ProtocolLog/SmtpReceive');
  mkdirSync(folder, { recursive: true });
  copyFileSync(source[i % source.length]!, join(folder, 'RECV2026110208-1.LOG'));
}
const manyDb = join(work, 'many.db');
forgetDatabase(manyDb);
const first = measure(relaylens, ['ingest', many, '--db', manyDb]);
const second = measure(relaylens, ['ingest', many, '--db', manyDb]);
say(`read for the first time    ${first.seconds.toFixed(2)} s\nunchanged                  ${second.seconds.toFixed(2)} s`);

const { tableSeconds, answerMicroseconds } = selectionSpeed();
say(
  `\nselection among 1,000 connectors of 1,000 ranges: table ${tableSeconds.toFixed(1)} s, an answer ${answerMicroseconds.toFixed(1)} µs`,
);
writeFileSync(join(work, 'result.txt'), `${lines.join('\n')}\n`);

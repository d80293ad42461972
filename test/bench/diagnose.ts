/**
 * `npm run bench:diagnose [MB]`: how long `diagnose` takes on a database of a million sessions (3,250 MB of logs, which are
 * made and deleted), each question as a process of its own, the median of three.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { generate } from './generate.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const work = join(root, '.bench');
const megabytes = Number(process.argv[2] ?? 3250);
const relaylens = join(root, 'dist/cli/main.js');
/** A database that is there is asked again. */
const db = process.env.RELAYLENS_BENCH_DB ?? join(work, `diagnose-${megabytes}.db`);

const run = (args: readonly string[]): string =>
  execFileSync(process.execPath, [relaylens, ...args, '--db', db], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function timed(what: string, args: readonly string[]): void {
  const seconds = [1, 2, 3].map(() => {
    const started = performance.now();
    run(args);
    return (performance.now() - started) / 1000;
  });
  say(`${what.padEnd(52)} ${seconds.sort((a, b) => a - b)[1]!.toFixed(2)} s`);
}

mkdirSync(work, { recursive: true });
if (!existsSync(db)) {
  const folder = join(work, `logs-${megabytes}`);
  generate({ folder, bytes: megabytes * 1e6 });
  run(['ingest', folder]);
  rmSync(folder, { recursive: true, force: true });
}

const asked = new Sqlite(db, { readonly: true });
const { sessions } = asked.prepare('SELECT COUNT(*) AS sessions FROM session').get() as { sessions: number };
const worst = asked
  .prepare(
    `SELECT source.value AS source, COUNT(*) AS sessions, MAX(helo.value) AS helo FROM session s JOIN text source ON source.id = s.source_id
     LEFT JOIN text helo ON helo.id = s.helo_id WHERE s.outcome = 'refused' GROUP BY 1 ORDER BY 2 DESC LIMIT 1`,
  )
  .get() as { source: string; sessions: number; helo: string };
const busiest = asked
  .prepare(
    `SELECT source.value AS source, COUNT(*) AS sessions FROM session s JOIN text source ON source.id = s.source_id
     WHERE s.outcome = 'accepted' GROUP BY 1 ORDER BY 2 DESC LIMIT 1`,
  )
  .get() as { source: string; sessions: number };
asked.close();

say(`${sessions.toLocaleString('en-US')} sessions`);
timed(`diagnose ${worst.source} (${worst.sessions} failing sessions)`, ['diagnose', worst.source]);
timed(`diagnose ${busiest.source} (works, ${busiest.sessions} sessions)`, ['diagnose', busiest.source]);
timed(`diagnose ${worst.helo} (a hello name)`, ['diagnose', worst.helo]);
timed('diagnose 192.0.2.77 (no row at all)', ['diagnose', '192.0.2.77']);
timed('diagnose (all that fail)', ['diagnose']);

/** The ordinary way: csv-parse as a stream over each file, one INSERT a row. Prints seconds and rows. */

import { createReadStream, rmSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import Sqlite from 'better-sqlite3';
import { parse } from 'csv-parse';
import { globSync } from 'tinyglobby';

const [folder, file] = process.argv.slice(2);
if (!folder || !file) throw new Error('usage: csv-parse-insert.ts FOLDER DATABASE');
for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
const started = performance.now();
const db = new Sqlite(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = NORMAL');
db.exec('CREATE TABLE event (at, connector, session_id, sequence, local_endpoint, remote_endpoint, event, data, context)');
const insert = db.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
let rows = 0;
for (const path of globSync(`${folder}/**/*.LOG`)) {
  db.exec('BEGIN');
  const parser = createReadStream(path, { highWaterMark: 1 << 20 }).pipe(
    parse({ bom: true, relax_quotes: true, relax_column_count: true }),
  );
  parser.on('data', (row: string[]) => {
    if (row.length !== 9 || row[0]!.startsWith('#')) return;
    insert.run(row);
    rows++;
  });
  await finished(parser);
  db.exec('COMMIT');
}
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - started) / 1000, rows })}\n`);

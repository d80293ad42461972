/** What an earlier version did not count is counted by the first question, which says so if it takes a while. */
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { databaseOf } from './console.ts';

const ask = databaseOf();

/** As an update leaves it: every hour is to be counted. `sessions` of each, as the counts say. */
function grown(sessions: number): void {
  const db = new Sqlite(ask.database());
  db.exec('DELETE FROM hourly_seen; INSERT INTO stale_hour (hour) SELECT DISTINCT hour FROM hourly_sessions');
  db.prepare('UPDATE hourly_sessions SET sessions = ? WHERE sessions > 0').run(sessions);
  db.close();
}

const REPORT = ['report', '--of', '2026-11-02', '--tz', 'Europe/Berlin'];

test('a large database is announced in one line, and the figures are right', async () => {
  const before = await ask(...REPORT);
  grown(1_000_000);
  const { code, out, err } = await ask(...REPORT);
  expect({ code, out }).toEqual({ code: 0, out: before.out });
  expect(err).toMatch(/^counting [\d,]+ sessions for reports of use, once\n$/);
  expect((await ask(...REPORT)).err).toBe('');
});

test('a small one is not worth a word', async () => {
  grown(1);
  expect(await ask(...REPORT)).toMatchObject({ code: 0, err: '' });
});

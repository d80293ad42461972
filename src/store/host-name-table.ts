/** Names of addresses as DNS gave them, kept so that it is asked seldom. Reports ask the database; only a command asks DNS. */
import { type Database, openDatabase } from './database.ts';

/** null: DNS has no name for the address. */
export type HostNames = ReadonlyMap<string, string | null>;

const DAY_MS = 86_400_000;
/** After these, DNS is asked again: a name that was missing may have been given meanwhile. */
const AGE_MS = { named: 7 * DAY_MS, nameless: DAY_MS } as const;

/** Answers for these addresses that are young enough; `now`: milliseconds UTC. */
export function knownHostNames(db: Database, addresses: readonly string[], now: number): HostNames {
  const find = db.prepare<[string], { name: string | null; askedAt: number }>(
    'SELECT name, asked_at AS askedAt FROM host_name WHERE address = ?',
  );
  const known = new Map<string, string | null>();
  for (const address of addresses) {
    const row = find.get(address);
    if (row && now - row.askedAt < (row.name === null ? AGE_MS.nameless : AGE_MS.named)) known.set(address, row.name);
  }
  return known;
}

/** Keeps answers; gives false where the database cannot be written now: another program holds it, or rights are missing. */
export function keepHostNames(path: string, names: HostNames, now: number): boolean {
  let db: Database | undefined;
  try {
    db = openDatabase(path);
    // A report does not wait until an ingest has finished.
    db.pragma('busy_timeout = 1000');
    const keep = db.prepare('INSERT OR REPLACE INTO host_name (address, name, asked_at) VALUES (?, ?, ?)');
    db.transaction(() => {
      for (const [address, name] of names) keep.run(address, name, now);
    }).immediate();
    return true;
  } catch {
    return false;
  } finally {
    db?.close();
  }
}

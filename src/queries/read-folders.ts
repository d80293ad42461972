/** Where the logs of the store were read from. */
import type { Database } from '../store/database.ts';

/** The folders of the files, each once, in order; they may be gone by now. */
export function readFolders(db: Database): string[] {
  const rows = db.prepare('SELECT path FROM source_path ORDER BY path').all() as { path: string }[];
  return [...new Set(rows.map(({ path }) => path.replace(/[\\/][^\\/]*$/, '')))];
}

/** `--redact`: the redactor of a database, which brings the names that it knows and keeps their stand-ins. */
import { basename, dirname } from 'node:path';
import { knownNames } from '../queries/known-names.ts';
import { Redactor } from '../redaction/redactor.ts';
import { openForReading } from '../store/database.ts';
import { StandInTable } from '../store/stand-in-table.ts';

/** `settled` is called before what was redacted is shown: from then on its stand-ins are those of the database. */
export function withRedactor<T>(database: string, action: (redactor: Redactor, settled: () => void) => T): T {
  const table = new StandInTable(database);
  try {
    const db = openForReading(database);
    try {
      const known = knownNames(db);
      const redactor = new Redactor({ ...known, folders: [...known.folders, ...foldersOf(database)] }, table);
      return action(redactor, () => table.commit());
    } finally {
      db.close();
    }
  } finally {
    table.close();
  }
}

/** The pages name the database as it was given. */
const foldersOf = (database: string): string[] => (basename(database) === database ? [] : [dirname(database)]);

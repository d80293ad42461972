/** Several tables as CSV: one file each in a folder, since one after the other in one file would be no CSV. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedTable } from '../reports/usage/usage-tables.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';
import type { CommonOptions } from './options.ts';
import { print } from './output.ts';

/** `what`: half a sentence's subject, such as `a report`. */
export function printTables(io: Io, options: CommonOptions, what: string, tables: () => readonly NamedTable[]): void {
  const { out } = options;
  if (out === undefined) throw new UserError(`${what} as CSV has a file for each table`, 'Name a folder for them with --out.');
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw new UserError(`${out}: cannot be made (${(error as NodeJS.ErrnoException).code})`, 'Name another folder with --out.');
  }
  for (const { name, table } of tables())
    print(io, { ...options, out: join(out, `${name}.csv`) }, { json: {}, document: () => ({ title: name, sections: [table] }) });
}

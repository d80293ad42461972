/** `sql`: read-only questions in SQL, over the views and the `event` table. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Cell, Column } from '../../document/document.ts';
import { rowsBySessionNumber } from '../../queries/session-detail.ts';
import { openForReading } from '../../store/database.ts';
import { registerEventTable } from '../../store/event-table.ts';
import { UserError } from '../../store/user-error.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { print } from '../output.ts';

export function registerSql(program: Command, io: Io): void {
  withCommonOptions(program.command('sql'))
    .description('read-only SQL over session_view, message_view, recipient_view, source_view and the rows (event)')
    .argument('<statement>', 'a SELECT, or - to read it from standard input')
    .addHelpText(
      'after',
      `
Times are milliseconds UTC: datetime(started_at / 1000, 'unixepoch') makes them readable.
The rows of a session:  SELECT * FROM event WHERE session = 17
The rows of a log:      SELECT * FROM event WHERE file = (SELECT id FROM log_file LIMIT 1)`,
    )
    .action((statement: string, options: CommonOptions) => {
      const text = statement === '-' ? readFileSync(0, 'utf8') : statement;
      const db = openForReading(options.db);
      const own = openForReading(options.db);
      try {
        registerEventTable(db, own, (session) => rowsBySessionNumber(own, session));
        const { columns, rows } = query(db, text);
        print(io, options, {
          json: { rows: rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))) },
          document: () => ({
            title: 'SQL',
            sections: [
              {
                kind: 'table',
                columns: columns.map((title): Column => ({ title, kind: 'text', shrinks: true })),
                rows,
                none: 'no rows',
              },
            ],
          }),
        });
      } finally {
        db.close();
        own.close();
      }
    });
}

function query(db: ReturnType<typeof openForReading>, text: string): { columns: string[]; rows: Cell[][] } {
  try {
    const statement = db.prepare(text);
    if (!statement.reader) throw new UserError('only questions are answered here, nothing is changed', 'Begin with SELECT.');
    const columns = statement.columns().map(({ name }) => name);
    const rows = statement.raw().all() as unknown[][];
    return { columns, rows: rows.map((row) => row.map((value): Cell => cellOf(value))) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `SQL: ${(error as Error).message}`,
      'relaylens sql "SELECT name, sql FROM sqlite_master" shows tables and views.',
    );
  }
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}

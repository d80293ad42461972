/**
 * The virtual table `event`: the rows of the logs themselves, read from the archive when asked.
 *
 *   SELECT * FROM event WHERE session = 17          -- a session by its number in session_view
 *   SELECT * FROM event WHERE file = 3              -- a whole log by its number in log_file
 *
 * It reads through a connection of its own, because the one that asks is busy with the question.
 */
import { FIELD_COUNT, FIELDS } from '../protocol-log/fields.ts';
import { LogReader } from '../protocol-log/log-reader.ts';
import type { RowView } from '../protocol-log/row-view.ts';
import { formatTimeStamp } from '../protocol-log/time-stamp.ts';
import { Archive } from './archive.ts';
import type { Database } from './database.ts';
import { type StoredRow, viewOf } from './stored-rows.ts';

/** Columns of `event`: the nine fields, and where the row stands. */
export const EVENT_COLUMNS = [...FIELDS.map(({ column }) => column), 'file_id', 'line'];

type Value = string | number;

/** Registers the table on `db`; `own` is the connection it reads through, `rowsOf` finds the rows of a session. */
export function registerEventTable(db: Database, own: Database, rowsOf: (session: number) => readonly StoredRow[]): void {
  db.table('event', {
    columns: EVENT_COLUMNS,
    parameters: ['session', 'file'],
    *rows(session: unknown, file: unknown): Generator<Value[]> {
      if (typeof session === 'number')
        for (const row of rowsOf(session)) yield [...valuesOf(viewOf(row)), row.fileId, row.lineNumber];
      else if (typeof file === 'number') yield* fileRows(own, file);
      else
        throw new Error(
          'event needs to know where to look: WHERE session = (id of session_view) or WHERE file = (id of log_file)',
        );
    },
  });
}

/** Every row of a log whose bytes are in the store, in the order of the file. */
export function* fileRows(db: Database, fileId: number): Generator<Value[]> {
  let rows: Value[][] = [];
  const reader = new LogReader({
    row: (view, _position, line) => void rows.push([...valuesOf(view), fileId, line]),
    damage() {},
  });
  for (const block of new Archive(db).read(fileId, 0, Number.MAX_SAFE_INTEGER)) {
    reader.line = block.firstLine;
    reader.read(block.bytes, block.position);
    yield* rows;
    rows = [];
  }
}

function valuesOf(view: RowView): Value[] {
  const values: Value[] = [];
  for (let field = 0; field < FIELD_COUNT; field++) values.push(view.text(field));
  values[0] = formatTimeStamp(view.at);
  values[3] = view.sequence;
  return values;
}

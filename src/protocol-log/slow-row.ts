/**
 * The slow way: one framed line that the scanner did not take, read with csv-parse, and mended where the damage is
 * known (copies from web pages and Markdown, quotes added by hand, rows merged by a crash). What cannot be mended
 * stays a `Damage` with its kind; it is counted, never dropped.
 */
import { parse } from 'csv-parse/sync';
import { CONTEXT, DATA, DATE_TIME, EVENT, FIELD_COUNT } from './fields.ts';
import { type ColumnOrder, readKeyFields, scanLine } from './line-scanner.ts';
import type { RowView } from './row-view.ts';

/**
 * `repaired`: read, after mending. `merged`: a row stood behind the rest of a cut one, the rest is lost.
 * `foreign`: a row of another log. `unreadable`: no row at all.
 */
export type Damage = 'repaired' | 'merged' | 'foreign' | 'unreadable';

const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,/g;

/** Reads the line into `view`; `undefined` when it is a good row after all, else what was wrong (see {@link Damage}). */
export function readSlowly(view: RowView, bytes: Buffer, start: number, end: number, order?: ColumnOrder): Damage | undefined {
  const line = bytes.toString('latin1', start, end);
  const fields = split(line);
  // An odd quote was added by somebody: mend it before believing it.
  const whole = line.split('"').length % 2 === 1;
  if (whole && fields && load(view, fields, order)) return undefined;
  const tail = lastRowIn(line);
  if (tail > 0 && readMended(view, line.slice(tail), order)) {
    return /^[\0\s>"•·*\u00EF\u00BB\u00BF-]*$/.test(line.slice(0, tail)) ? 'repaired' : 'merged';
  }
  if (readMended(view, line, order)) return 'repaired';
  if (fields && load(view, fields, order)) return undefined;
  return isForeign(line) ? 'foreign' : 'unreadable';
}

/** csv-parse on one line. Characters are bytes (Latin-1), so that nothing is lost on the way through a string. */
function split(line: string): string[] | undefined {
  try {
    const rows = parse(line, { relax_quotes: true, relax_column_count: true, record_delimiter: '\n' }) as string[][];
    return rows.length === 1 ? rows[0] : undefined;
  } catch {
    return undefined;
  }
}

/** Lays the fields one behind the other in a buffer of their own and points the view at them. */
function load(view: RowView, columns: readonly string[], order?: ColumnOrder): boolean {
  if (columns.length !== (order?.count ?? FIELD_COUNT)) return false;
  const fields = order ? order.column.map((column) => columns[column] ?? '') : columns;
  const bytes = Buffer.from(fields.join(''), 'latin1');
  let at = 0;
  fields.forEach((field, index) => {
    view.starts[index] = at;
    at += field.length;
    view.ends[index] = at;
  });
  view.bytes = bytes;
  view.doubled = 0;
  return readKeyFields(view);
}

/** Where the last time stamp of the line starts: behind it stands a whole row when a crash cut the one before. */
function lastRowIn(line: string): number {
  let last = -1;
  for (const match of line.matchAll(STAMP)) last = match.index;
  return last;
}

function readMended(view: RowView, line: string, order?: ColumnOrder): boolean {
  const candidates = [line, ...mendings(line)];
  for (const candidate of candidates) {
    const bytes = Buffer.from(candidate, 'latin1');
    if (scanLine(view, bytes, 0, bytes.length, order) === bytes.length) return true;
  }
  if (order) return false;
  // Fields that are quoted as they should be are believed before those cut at every comma.
  for (const fieldsOf of [split, (candidate: string) => candidate.split(',')])
    for (const candidate of candidates) {
      const fields = fieldsOf(candidate);
      if (fields && fields.length >= FIELD_COUNT - 1 && load(view, nineOf(fields))) return true;
    }
  return false;
}

/** The forms that damage takes, mildest first: a quote around the whole row, a stray one at its end. */
function* mendings(line: string): Generator<string> {
  const trimmed = line.replace(/^[\0\s]+/, '').replace(/\s+$/, '');
  if (trimmed !== line) yield trimmed;
  const opened = trimmed.replace(/^"(?=\d{4}-)/, '');
  if (opened !== trimmed) {
    yield opened.replace(/"$/, '');
    yield opened;
  }
  if (trimmed.endsWith('"')) yield trimmed.replace(/"$/, '');
}

/**
 * Nine fields from a row whose event was eaten (`*` is markup on web pages: `,,` or `,\*,`), whose last field was cut
 * off, or whose commas lost their quotes.
 */
function nineOf(fields: readonly string[]): string[] {
  const nine = fields.slice(0, EVENT);
  const event = (fields[EVENT] ?? '').replace(/^[\\*]+$/, '*');
  const rest = fields.slice(DATA);
  nine.push(event === '' && rest.some((field) => field !== '') ? '*' : event);
  if (rest.length <= 2) nine.push(rest[0] ?? '', rest[1] ?? '');
  else if (nine[EVENT] === '*' && rest[0] === '') nine.push('', rest.slice(1).join(','));
  else nine.push(rest.slice(0, -1).join(','), rest.at(-1) ?? '');
  nine[DATE_TIME] = nine[DATE_TIME]?.trim() ?? '';
  for (const field of [DATA, CONTEXT]) nine[field] = unquote(nine[field] ?? '');
  return nine;
}

const unquote = (field: string): string => (/^".*"$/.test(field) ? field.slice(1, -1).replaceAll('""', '"') : field);

/** A row of the POP3 or IMAP4 log: a time stamp too, but the session-id stands in the second place. */
function isForeign(line: string): boolean {
  return /^"?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,[0-9A-Fa-f]{16},\d+,/.test(line);
}

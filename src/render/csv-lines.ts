import { stringify } from 'csv-stringify/sync';

export type CsvValue = string | number | boolean | null | undefined | readonly string[];

/** How a file of CSV is written: what the regional settings of a spreadsheet ask for. */
export interface CsvOptions {
  /** A comma without it; Excel with German settings wants a semicolon. */
  readonly separator?: ',' | ';' | '\t' | '|';
  /** Begins with a byte order mark, without which Excel takes UTF-8 for another encoding. */
  readonly bom?: boolean;
}

/** Stands at the very beginning of a file. */
export const csvStart = ({ bom }: CsvOptions): string => (bom ? '\ufeff' : '');

/** Lines of CSV as Excel expects them; text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvLines(rows: readonly (readonly CsvValue[])[], { separator = ',' }: CsvOptions = {}): string {
  return stringify(
    rows.map((row) => row.map(plain)),
    { record_delimiter: 'windows', delimiter: separator },
  );
}

function plain(value: CsvValue): string | number {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return value;
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  // A lone sign is the event of a row.
  return text !== '+' && text !== '-' && /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text;
}

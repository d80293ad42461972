import { stringify } from 'csv-stringify/sync';

export type CsvValue = string | number | boolean | null | undefined | readonly string[];

/** Lines of CSV as Excel expects them; text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvLines(rows: readonly (readonly CsvValue[])[]): string {
  return stringify(
    rows.map((row) => row.map(plain)),
    { record_delimiter: 'windows' },
  );
}

function plain(value: CsvValue): string | number {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return value;
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  // A lone sign is the event of a row.
  return text !== '+' && text !== '-' && /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text;
}

/** The `#` lines of a log: what kind of log it is and in which columns its fields stand. */
import { type Direction, FIELD_COUNT, FIELDS } from './fields.ts';
import type { ColumnOrder } from './line-scanner.ts';

export interface HeaderLine {
  readonly name: 'Software' | 'Version' | 'Log-type' | 'Date' | 'Fields';
  readonly value: string;
}

/** Reads `#Name: value`. A copy from a web page may have lost the `#`, an old one has a BOM before it. */
export function parseHeaderLine(line: string): HeaderLine | undefined {
  const match = /^(?:\uFEFF|\u00EF\u00BB\u00BF)?"?\s*#?\s*(Software|Version|Log-type|Date|Fields): ?(.*?)[\s"]*$/i.exec(line);
  if (!match) return undefined;
  const name = (['Software', 'Version', 'Log-type', 'Date', 'Fields'] as const).find(
    (known) => known.toLowerCase() === match[1]!.toLowerCase(),
  );
  return name && { name, value: match[2]! };
}

/** What a `#Log-type` says: our two logs by direction, anything else by its own name. */
export function directionOfLogType(logType: string): Direction | undefined {
  if (/^SMTP Receive Protocol Log$/i.test(logType)) return 'receive';
  if (/^SMTP Send Protocol Log$/i.test(logType)) return 'send';
  return undefined;
}

export type FieldsLine =
  | { readonly kind: 'usual' }
  | { readonly kind: 'reordered'; readonly order: ColumnOrder }
  | { readonly kind: 'semicolons' }
  | { readonly kind: 'foreign'; readonly missing: readonly string[] };

/** What a `#Fields` value means for the rows under it. */
export function parseFields(value: string): FieldsLine {
  if (!value.includes(',') && value.includes(';')) return { kind: 'semicolons' };
  const names = value.split(',').map((name) => name.trim().toLowerCase());
  const column = FIELDS.map((field) => names.indexOf(field.name));
  const missing = FIELDS.filter((_, index) => column[index]! < 0).map((field) => field.name);
  if (missing.length > 0 || names.length > 64) return { kind: 'foreign', missing };
  const usual = names.length === FIELD_COUNT && column.every((place, index) => place === index);
  return usual ? { kind: 'usual' } : { kind: 'reordered', order: { column, count: names.length } };
}

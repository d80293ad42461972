/** Names and texts that every spreadsheet program takes. */
import type { Cell, Column } from '../document/document.ts';
import { cellText, type Zone } from './cell-text.ts';
import { printable } from './printable.ts';
import { displayWidth } from './width.ts';

/** Letters of a cell. */
const MOST_LETTERS = 32_767;

/** What cannot stand in XML is made visible or replaced; `_x0041_` would be read as a letter. */
export function cellString(value: string): string {
  return printable(value)
    .replace(/\p{Surrogate}|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .slice(0, MOST_LETTERS)
    .replace(/[\ud800-\udbff]$/, '');
}

/** Names of the sheets of one workbook: legal, at most 31 letters, each once, whatever their case. */
export class SheetNames {
  readonly #used = new Set<string>(['history']);

  next(wanted: string): string {
    const plain =
      cellString(wanted)
        .replace(/[[\]/\\:*?]/g, '-')
        .replace(/^'+|'+$/g, '')
        .trim() || 'Table';
    for (let count = 1; ; count++) {
      const name = cutTo(plain, 31, count === 1 ? '' : ` (${count})`);
      const key = name.toLowerCase();
      if (this.#used.has(key)) continue;
      this.#used.add(key);
      return name;
    }
  }
}

const cutTo = (text: string, length: number, end: string): string =>
  text
    .slice(0, length - end.length)
    .replace(/[\ud800-\udbff]$/, '')
    .replace(/['\s]+$/, '') + end;

/** Rows that are looked at: the longest of them stands for all. */
const SEEN_ROWS = 1000;

/** In letters, as wide as the texts, within reason. */
export function columnWidths(
  columns: readonly Column[],
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  zone: Zone,
): number[] {
  const seen = rows.slice(0, SEEN_ROWS);
  return columns.map(({ kind }, index) => {
    const widest = seen.reduce(
      (most, row) => Math.max(most, displayWidth(cellText(row[index] ?? null, kind === 'bytes' ? 'count' : kind, zone))),
      0,
    );
    return Math.min(60, Math.max(8, widest + 2, Math.min(24, displayWidth(printable(titles[index]!)) + 2)));
  });
}

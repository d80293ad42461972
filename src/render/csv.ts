/** The tables of a document as CSV: times in ISO UTC, formulas made harmless. */
import type { Cell, Column, Document, Table } from '../document/document.ts';
import { cellText, type Zone } from './cell-text.ts';
import { chartTable } from './chart/chart-table.ts';
import { type CsvOptions, csvLines, csvStart } from './csv-lines.ts';

/** `zone`: where days begin; UTC without it. */
export interface CsvPageOptions extends CsvOptions {
  readonly zone?: Zone;
}

const UTC: Zone = { name: 'UTC' };

/** Only tables and the figures of charts are data; where there are several, each begins with a line of its title. */
export function renderCsv(document: Document, options: CsvPageOptions = {}): string {
  const tables = document.sections.flatMap((section): Table[] => {
    if (section.kind === 'table') return [section];
    return section.kind === 'chart' ? [chartTable(section, options.zone ?? UTC)] : [];
  });
  const said = tables.map((table) => (tables.length > 1 ? titleLine(table.title ?? '') : '') + renderRows(table, options));
  return csvStart(options) + said.join('\r\n');
}

/** The title is hostile text too: it stays in its line. */
const titleLine = (title: string): string => `# ${title.replace(/[\r\n]+/g, ' ')}\r\n`;

function renderRows({ columns, rows }: Table, options: CsvPageOptions): string {
  return csvLines(
    [columns.map(({ title }) => title), ...rows.map((row) => row.map((cell, index) => value(cell, columns[index]!, options)))],
    options,
  );
}

function value(cell: Cell, { kind }: Column, { zone = UTC }: CsvPageOptions): string | number {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  if (kind === 'day') return cellText(cell, kind, zone);
  return kind === 'time' || kind === 'minute' ? new Date(cell).toISOString() : cell;
}

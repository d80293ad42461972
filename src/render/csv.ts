/** The tables of a document as CSV: times in ISO UTC, formulas made harmless. */
import type { Cell, Column, Document, Table } from '../document/document.ts';
import { csvLines } from './csv-lines.ts';

/** Only tables are data; where there are several, each begins with a line of its title. */
export function renderCsv(document: Document): string {
  const tables = document.sections.filter((section): section is Table => section.kind === 'table');
  return tables.map((table) => (tables.length > 1 ? `# ${table.title ?? ''}\r\n` : '') + renderRows(table)).join('\r\n');
}

function renderRows({ columns, rows }: Table): string {
  return csvLines([
    columns.map(({ title }) => title),
    ...rows.map((row) => row.map((cell, index) => value(cell, columns[index]!))),
  ]);
}

function value(cell: Cell, column: Column): string | number {
  if (cell === null) return '';
  return (column.kind === 'time' || column.kind === 'minute') && typeof cell === 'number' ? new Date(cell).toISOString() : cell;
}

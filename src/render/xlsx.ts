/**
 * A document as a workbook: its words and key figures on the first sheet, a sheet for each table and chart. Numbers and
 * times are real ones, no text is ever a formula. The library is loaded with the first workbook.
 */
import { TZDate } from '@date-fns/tz';
import type { CellObject, Row, Sheet } from 'write-excel-file/node';
import type { Cell, CellKind, Chart, Column, Document, Table } from '../document/document.ts';
import { alignsRight, cellText, type Zone } from './cell-text.ts';
import { chartTable } from './chart/chart-table.ts';
import type { Paint } from './chart/picture.ts';
import { outline } from './outline.ts';
import { cellString, columnWidths, SheetNames } from './sheet-text.ts';
import { transcriptRows } from './transcript-rows.ts';
import { withoutTimes } from './zip-times.ts';

export interface XlsxOptions {
  readonly zone: Zone;
  /** Without it, charts are tables alone. */
  readonly paint?: Paint | undefined;
}

export type Workbook =
  | { readonly kind: 'workbook'; readonly bytes: Buffer }
  /** A table has more rows than a sheet can hold; `title` is its own. */
  | { readonly kind: 'too-long'; readonly title: string; readonly rows: number };

/** Rows of a sheet, the header among them. */
export const MOST_ROWS = 1_048_576;

export async function renderXlsx(document: Document, options: XlsxOptions): Promise<Workbook> {
  const names = new SheetNames();
  const first = names.next('Report');
  let heading = document.title;
  const tables: SheetTable[] = document.sections.flatMap((section): SheetTable[] => {
    if (section.kind === 'heading') heading = section.text.replaceAll(': ', ' ');
    if (section.kind === 'table' && section.rows.length > 0 && section.columns.length > 0)
      return [{ table: section, section, name: names.next(section.title ?? heading) }];
    if (section.kind === 'chart')
      return [{ table: chartTable(section, options.zone), section, chart: section, name: names.next(section.title) }];
    return [];
  });
  const long = tables.find(({ table }) => table.rows.length >= MOST_ROWS);
  if (long) return { kind: 'too-long', title: long.table.title ?? long.name, rows: long.table.rows.length };
  const { default: write } = await import('write-excel-file/node');
  const sheets = [firstSheet(document, first, tables, options), ...tables.map((one) => tableSheet(one, options))];
  return { kind: 'workbook', bytes: withoutTimes(await write(sheets, { fontFamily: 'Calibri', fontSize: 11 }).toBuffer()) };
}

interface SheetTable {
  readonly name: string;
  readonly table: Table;
  /** Of which it was made. */
  readonly section: Document['sections'][number];
  readonly chart?: Chart;
}

type BookSheet = Sheet<Buffer>;

/** Widths in letters. */
const FIRST_COLUMNS = [{ width: 30 }, { width: 90 }];

function firstSheet(document: Document, name: string, tables: readonly SheetTable[], options: XlsxOptions): BookSheet {
  const { title, sections } = outline(document);
  const rows: Row[] = [[text(title, { fontWeight: 'bold', fontSize: 16, height: 24 })], []];
  const spread = (said: string, more: CellObject = {}): Row => [
    text(said, { columnSpan: 2, wrap: true, alignVertical: 'top', ...more }),
    null,
  ];
  const { zone } = options;
  for (const { section, depth } of sections) {
    const own = tables.find((one) => one.section === section);
    switch (section.kind) {
      case 'heading':
        rows.push([], [text(section.text, { fontWeight: 'bold', fontSize: depth === 2 ? 14 : 12 })]);
        break;
      case 'text':
        rows.push(...section.text.split('\n').map((line) => spread(line, { height: heightOf(line) })));
        break;
      case 'commands':
        rows.push(...section.lines.map((line) => spread(line, { fontFamily: 'Consolas', height: heightOf(line) })));
        break;
      case 'figures':
        rows.push(
          ...section.figures.map(({ label, value, cell }): Row => {
            const said = cellOf(value, cell, zone);
            return [text(label, { textColor: QUIET, alignVertical: 'top' }), said && { ...said, align: 'left', wrap: true }];
          }),
        );
        break;
      case 'table':
        rows.push(
          own === undefined
            ? spread(`${section.title === undefined ? '' : `${section.title}: `}${section.none ?? 'none'}`)
            : spread(`${section.title ?? 'Table'}: ${section.rows.length} rows, on the sheet ${own.name}`),
        );
        break;
      case 'chart':
        rows.push(
          spread(`${section.title}: on the sheet ${own?.name ?? ''}`),
          spread(section.alt, { height: heightOf(section.alt) }),
          ...(section.note === undefined ? [] : [spread(section.note, { textColor: QUIET, height: heightOf(section.note) })]),
        );
        break;
      case 'transcript':
        rows.push(
          ...transcriptRows(section.lines, zone).map(({ head, said }) =>
            spread(head + said, { fontFamily: 'Consolas', wrap: false }),
          ),
        );
        break;
    }
  }
  rows.push([], [text(`Times are ${zone.name}.`, { textColor: QUIET })]);
  return { sheet: name, data: rows, columns: FIRST_COLUMNS, showGridLines: false };
}

const QUIET = '#56616c';

/** Points: a cell over two columns does not find its own height. */
const heightOf = (line: string): number => 15 * Math.max(1, Math.ceil(line.length / 115));

const HEADER = { fontWeight: 'bold', backgroundColor: '#eef1f4', wrap: true, alignVertical: 'top' } as const;

/** Columns between a table and its picture. */
const BESIDE = 2;

function tableSheet({ name, table, chart }: SheetTable, { zone, paint }: XlsxOptions): BookSheet {
  const { columns, rows } = table;
  const titles = columns.map(headerOf);
  const header: Row = columns.map(({ kind }, index) =>
    text(titles[index]!, { ...HEADER, ...(alignsRight(kind) && { align: 'right' }) }),
  );
  const picture = chart && paint?.(chart, 'alone');
  return {
    sheet: name,
    data: [header, ...rows.map((row) => columns.map(({ kind }, index) => cellOf(row[index] ?? null, kind, zone)))],
    columns: columnWidths(columns, titles, rows, zone).map((width) => ({ width })),
    stickyRowsCount: 1,
    ...(picture && {
      images: [
        {
          content: picture.png,
          contentType: 'image/png',
          width: picture.width,
          height: picture.height,
          dpi: 96,
          anchor: { row: 2, column: columns.length + BESIDE },
          title: cellString(chart.title),
          description: cellString(chart.alt),
        },
      ],
    }),
  };
}

/** A number says in its header what it counts. */
function headerOf({ title, kind }: Column): string {
  if (kind === 'bytes' && !/byte/i.test(title)) return `${title} (bytes)`;
  return kind === 'duration' ? `${title} (s)` : title;
}

const FORMATS = {
  count: '#,##0',
  bytes: '#,##0',
  duration: '#,##0.000',
  share: '0.0 %',
  change: '+0 %;−0 %;0 %',
  time: 'yyyy-mm-dd hh:mm:ss',
  minute: 'yyyy-mm-dd hh:mm',
  day: 'yyyy-mm-dd',
} as const;

function cellOf(cell: Cell, kind: CellKind, zone: Zone): CellObject | null {
  if (cell === null) return null;
  if (typeof cell === 'string') return text(cell, {});
  if (!Number.isFinite(cell)) return text(String(cell), {});
  switch (kind) {
    case 'time':
    case 'minute':
    case 'day':
      return cell < FIRST_TIME || cell > LAST_TIME
        ? text(cellText(cell, kind, zone), {})
        : { type: Date, value: kind === 'day' ? wholeDay(wallClock(cell, zone)) : wallClock(cell, zone), format: FORMATS[kind] };
    case 'duration':
      return { type: Number, value: cell / 1000, format: FORMATS.duration };
    case 'count':
    case 'bytes':
    case 'share':
    case 'change':
      return { type: Number, value: cell, format: FORMATS[kind] };
    case 'text':
    case 'curve':
    case 'outcome':
    case 'error':
      return { type: Number, value: cell };
  }
}

/** Spreadsheets reckon from 1900 to 9999. */
const FIRST_TIME = Date.UTC(1900, 2, 1);
const LAST_TIME = Date.UTC(9999, 11, 30);

/** Spreadsheets know no zones: the time that a clock of the zone shows, as if it were UTC. */
const wallClock = (at: number, zone: Zone): Date => new Date(at - new TZDate(at, zone.name).getTimezoneOffset() * 60_000);

const wholeDay = (at: Date): Date => new Date(Math.floor(at.getTime() / DAY) * DAY);
const DAY = 86_400_000;

/** Text by its format too, so that it stays text when its cell is edited. */
const text = (value: string, style: CellObject): CellObject => ({
  ...style,
  type: String,
  value: cellString(value),
  format: '@',
});

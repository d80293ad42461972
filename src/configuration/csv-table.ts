/**
 * Tables of Export-Csv, of Excel, and written by hand: commas, semicolons or tabs, cells of several lines. Lines end with
 * a line feed alone.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { kindOfNames } from './kind.ts';
import { Problems } from './problem.ts';
import type { RawExport } from './raw-export.ts';
import { RawObject, type RawRecord } from './raw-value.ts';

const DELIMITERS = [',', ';', '\t'] as const;

/** True where the first line names the columns of something that relaylens reads. */
export function isKnownTable(text: string): boolean {
  const { header } = headOf(text);
  if (header.length < 2) return false;
  const kind = kindOfNames(header);
  return (
    kind === 'device' || (kind !== undefined && header.every((name) => /^[\p{L}\p{N}_. -]*$/u.test(name) && !/^-|\s-/.test(name)))
  );
}

/** True where the first line has at least two columns. */
export const isTable = (text: string): boolean => headOf(text).header.length > 1;

export function readCsvTable(text: string): RawExport {
  const { header, delimiter, offset, line } = headOf(text);
  const problems = new Problems();
  const decides = kindOfNames(header) !== 'device';
  const { rows, fault } = rowsOf(text.slice(offset), delimiter);
  const records: RawRecord[] = [];
  for (const { cells, first } of rows.slice(1)) {
    if (cells.every((cell) => cell.trim() === '') || cells[0]!.trimStart().startsWith('#')) continue;
    const place = `line ${line - 1 + first}`;
    if (cells.slice(header.length).some((cell) => cell.trim() !== '')) {
      problems[decides ? 'refuse' : 'note'](
        place,
        `the row has ${cells.length} cells and the header ${header.length}, so the row is left out`,
        `Put cells that hold a ${delimiter === '\t' ? 'tab' : delimiter} in double quotes.`,
      );
      continue;
    }
    records.push({ place, object: RawObject.of(cells.slice(0, header.length).map((cell, at) => [header[at]!, cell])) });
  }
  if (fault !== undefined)
    problems.refuse(
      `line ${line - 1 + fault}`,
      'a cell that begins here has no closing quote, so the table cannot be read from here on',
      'Export again, or repair the quotes.',
    );
  return { records, problems: problems.list };
}

interface Head {
  readonly header: readonly string[];
  readonly delimiter: string;
  /** Where the header begins, in characters and as line. */
  readonly offset: number;
  readonly line: number;
}

/** The header stands behind `#TYPE …` of Windows PowerShell, other comments, `sep=;` of Excel, and blank lines. */
function headOf(text: string): Head {
  let offset = 0;
  let line = 1;
  let named: string | undefined;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', offset)) {
    const row = text.slice(offset, Math.min(end, offset + LONGEST_HEADER));
    if (!/^\s*(?:$|#|sep=.?$)/i.test(row)) break;
    named ??= /^sep=(.)$/i.exec(row)?.[1];
    offset = end + 1;
    line++;
  }
  const end = text.indexOf('\n', offset);
  const first = text.slice(offset, end < 0 ? undefined : end).slice(0, LONGEST_HEADER);
  const heads = (named ? [named] : DELIMITERS).map((delimiter): Head => {
    const [row] = rowsOf(first, delimiter).rows;
    return { header: (row?.cells ?? []).map((name) => name.trim()), delimiter, offset, line };
  });
  return heads.reduce((best, head) => (head.header.length > best.header.length ? head : best));
}

const LONGEST_HEADER = 100_000;

interface Row {
  readonly cells: readonly string[];
  /** Line in which the row begins, counted from 1. */
  readonly first: number;
}

/** Rows up to the one whose quotes do not close: `fault` is the line in which it begins. */
function rowsOf(text: string, delimiter: string): { readonly rows: readonly Row[]; readonly fault?: number } {
  const rows: Row[] = [];
  let end = 0;
  try {
    parse(text, {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      on_record: (cells: string[], { lines }) => {
        rows.push({ cells, first: lines - cells.reduce((count, cell) => count + (cell.match(/\n/g)?.length ?? 0), 0) });
        end = lines;
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { rows, fault: end + 1 };
  }
  return { rows };
}

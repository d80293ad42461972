/** Finds the rows of sessions again in the archive. */
import { FIELD_COUNT } from '../protocol-log/fields.ts';
import type { ColumnOrder } from '../protocol-log/line-scanner.ts';
import { scanLine } from '../protocol-log/line-scanner.ts';
import { LogReader } from '../protocol-log/log-reader.ts';
import { RowView } from '../protocol-log/row-view.ts';
import type { SequencedRow } from '../session/partition.ts';
import type { Archive } from './archive.ts';

/** A row with the place of its evidence; `line` is in the usual order and quoting. */
export interface StoredRow extends SequencedRow {
  readonly sectionId: number;
  readonly fileId: number;
  readonly position: number;
  /** Number of the line in its file, from 1. */
  readonly lineNumber: number;
}

/** Takes a row that was found; `original` is its whole line as it stands in the file, line end included (copy what you keep). */
export type RowFound<Owner> = (owner: Owner, row: StoredRow, original: () => Buffer) => void;

/** A stretch of one section to look in for the rows of `owner`. */
export interface Stretch<Owner> {
  readonly owner: Owner;
  readonly sessionId: string;
  readonly remoteEndpoint: string;
  readonly sectionId: number;
  readonly fileId: number;
  readonly order: ColumnOrder | undefined;
  readonly first: number;
  readonly last: number;
}

/** Reads each file once, from its first wanted byte to its last, and hands every wanted row to its owner. */
export function findRows<Owner>(archive: Archive, stretches: readonly Stretch<Owner>[], found: RowFound<Owner>): void {
  const byFile = new Map<number, Stretch<Owner>[]>();
  for (const stretch of stretches) {
    const list = byFile.get(stretch.fileId);
    if (list) list.push(stretch);
    else byFile.set(stretch.fileId, [stretch]);
  }
  for (const [fileId, wanted] of byFile) findInFile(archive, fileId, wanted, found);
}

function findInFile<Owner>(archive: Archive, fileId: number, wanted: Stretch<Owner>[], found: RowFound<Owner>): void {
  const byKey = new Map<string, Stretch<Owner>[]>();
  for (const stretch of wanted) {
    const key = `${stretch.sessionId}\0${stretch.remoteEndpoint}`;
    const list = byKey.get(key);
    if (list) list.push(stretch);
    else byKey.set(key, [stretch]);
  }
  const inOrder = [...wanted].sort((a, b) => a.first - b.first);
  for (const [first, last] of ranges(inOrder)) {
    for (const block of archive.read(fileId, first, last)) {
      new LogReader(
        {
          row(view, position, lineNumber) {
            const stretches = byKey.get(`${view.sessionId}\0${view.remoteEndpoint}`);
            const stretch = stretches?.find((one) => position >= one.first && position <= one.last);
            if (!stretch || position < first || position > last) return;
            found(
              stretch.owner,
              {
                at: view.at,
                sequence: view.sequence,
                line: canonicalLine(view),
                sectionId: stretch.sectionId,
                fileId,
                position,
                lineNumber,
              },
              () => lineAt(block.bytes, position - block.position),
            );
          },
          damage() {},
        },
        block.firstLine,
        inOrder.find((stretch) => stretch.last >= block.position)?.order,
      ).read(block.bytes, block.position);
    }
  }
}

function lineAt(bytes: Buffer, start: number): Buffer {
  const end = bytes.indexOf(0x0a, start);
  return bytes.subarray(start, end < 0 ? bytes.length : end + 1);
}

/** The wanted stretches (in order of their first byte) as few ranges that do not overlap. */
function ranges(inOrder: readonly Stretch<unknown>[]): [number, number][] {
  const merged: [number, number][] = [];
  for (const { first, last } of inOrder) {
    const before = merged.at(-1);
    if (before && first <= before[1] + (1 << 20)) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** The row in the usual order and quoting, so that the same row is the same bytes wherever it stands. */
function canonicalLine(view: RowView): Buffer {
  const parts: Buffer[] = [];
  for (let field = 0; field < FIELD_COUNT; field++) {
    if (field > 0) parts.push(COMMA);
    const raw = view.bytes.subarray(view.starts[field]!, view.ends[field]!);
    if (view.doubled & (1 << field)) parts.push(QUOTE, raw, QUOTE);
    else if (raw.includes(0x22)) parts.push(QUOTE, Buffer.from(raw.toString('latin1').replaceAll('"', '""'), 'latin1'), QUOTE);
    else if (raw.includes(0x2c)) parts.push(QUOTE, raw, QUOTE);
    else parts.push(raw);
  }
  return Buffer.concat(parts);
}

const COMMA = Buffer.from(',');
const QUOTE = Buffer.from('"');

/** A stored row as a view, for the session builder. The view is used again with every call. */
export function viewOf(row: SequencedRow): RowView {
  if (scanLine(VIEW, row.line, 0, row.line.length) !== row.line.length)
    throw new Error(`a stored row cannot be read again: ${row.line.toString('latin1')}`);
  return VIEW;
}

const VIEW = new RowView();

/**
 * Reads a log block by block: frames lines, follows headers (a header may stand anywhere), takes each row the fast or
 * the slow way and hands it on. It opens no file and keeps nothing but its place.
 */

import { parseFields, parseHeaderLine } from './header.ts';
import { type ColumnOrder, scanLine } from './line-scanner.ts';
import { RowView } from './row-view.ts';
import { type Damage, readSlowly } from './slow-row.ts';
import { decodeText } from './text-decoding.ts';

/** Receives what stands in a log, in the order of the file. `position`: byte offset in the log; `line`: from 1. */
export interface LogSink {
  row(view: RowView, position: number, line: number): void;
  /** A line that fits no row, or (repaired, merged) did so only after mending; then `row` follows. */
  damage(kind: Damage, position: number, line: number, text: string): void;
  /** A header line of ours; `order` is set with `Fields`. */
  header?(name: string, value: string, position: number, order: ColumnOrder | undefined): void;
}

const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

export class LogReader {
  readonly #sink: LogSink;
  readonly #view = new RowView();
  #order: ColumnOrder | undefined;
  /** Number of the line that comes next. */
  line: number;

  constructor(sink: LogSink, line = 1, order?: ColumnOrder) {
    this.#sink = sink;
    this.line = line;
    this.#order = order;
  }

  /** Reads every line of `block`; a last line without line end counts as a line. `position`: offset of its first byte. */
  read(block: Buffer, position: number): void {
    const { length } = block;
    const limit = block[length - 1] === CR ? length - 1 : length;
    for (let start = 0; start < length; this.line++) start = this.#readLine(block, start, limit, position + start);
  }

  /** Reads one line and gives the start of the next. */
  #readLine(block: Buffer, start: number, limit: number, position: number): number {
    const first = block[start]!;
    if (first >= DIGIT_0 && first <= DIGIT_9) {
      const end = scanLine(this.#view, block, start, limit, this.#order);
      if (end >= 0) {
        this.#sink.row(this.#view, position, this.line);
        return end + (block[end] === CR ? 2 : 1);
      }
    }
    const lineEnd = block.indexOf(LF, start);
    const next = lineEnd < 0 ? block.length : lineEnd + 1;
    let end = lineEnd < 0 ? block.length : lineEnd;
    if (end > start && block[end - 1] === CR) end--;
    if (end > start) this.#readOther(block, start, end, position);
    return next;
  }

  /** A line that is no well-formed row. */
  #readOther(block: Buffer, start: number, end: number, position: number): void {
    const first = block[start]!;
    const view = this.#view;
    if (first === HASH || first === 0xef || first > DIGIT_9 || first === 0x20 || first === 0x09 || first === 0x22) {
      if (this.#readHeader(block, start, end, position)) return;
      if (isBlank(block, start, end)) return;
    }
    const damage = readSlowly(view, block, start, end, this.#order);
    if (damage !== undefined) this.#sink.damage(damage, position, this.line, excerpt(block, start, end));
    if (damage === undefined || damage === 'repaired' || damage === 'merged') this.#sink.row(view, position, this.line);
  }

  #readHeader(block: Buffer, start: number, end: number, position: number): boolean {
    if (end - start > 4096) return false;
    const line = parseHeaderLine(decodeText(block, start, end));
    if (!line) return block[start] === HASH;
    if (line.name === 'Fields') {
      const fields = parseFields(line.value);
      this.#order = fields.kind === 'reordered' ? fields.order : undefined;
    }
    this.#sink.header?.(line.name, line.value, position, this.#order);
    return true;
  }
}

function isBlank(block: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (block[i] !== 0x20 && block[i] !== 0x09) return false;
  return true;
}

/** Enough of a damaged line to recognise it by. */
function excerpt(block: Buffer, start: number, end: number): string {
  return decodeText(block, start, Math.min(end, start + 400));
}

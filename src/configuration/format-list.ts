/**
 * The text of `Get-… | Format-List`: blocks of `Name : value`, divided by blank lines. A value that is wider than the
 * console goes on in lines that are indented to its column. How Windows PowerShell breaks: behind blanks, or at the edge
 * in the middle of a word that is wider than the column; in languages whose words it does not know, always at the edge.
 */
import { Problems } from './problem.ts';
import type { RawExport } from './raw-export.ts';
import { RawObject, type RawRecord, type RawValue, Wrapped } from './raw-value.ts';

/** Behind the name stands at least one blank: `Machine: EX01` in the head of a transcript is no property. */
const PROPERTY = /^(\s*)([\p{L}_][\p{L}\p{N}_.]{0,99}(?:[ -][\p{L}\p{N}_.]{1,99}){0,9})\s+:(?:\s(.*))?$/u;
const SIMPLE_NAME = /^[\p{L}_][\p{L}\p{N}_.]*$/u;
/** Prompts, continued prompts, the stars of a transcript, warnings of the shell. */
const SHELL = /^\s*(?:(?:\[PS\]\s*|PS\s+)?[A-Z]:\\[^<>|]*>|(?:\[PS\]|PS)[^<>|]*>|>>|\*{5,}|\p{Lu}{4,}\s?:\s)/u;
const WARNING = /^\s*\p{Lu}{4,}\s?:\s/u;

interface Line {
  readonly text: string;
  /** Cells of the console that the whole line takes. */
  readonly width: number;
}

interface Entry {
  readonly name: string;
  /** Cells before the value. */
  readonly column: number;
  readonly pieces: Line[];
}

interface Block {
  readonly line: number;
  readonly indent: number;
  readonly colon: number;
  readonly entries: Entry[];
  readonly names: Set<string>;
  /** A line inside that belongs to no property. */
  damage?: { readonly line: number; readonly text: string };
}

/** True where at least two lines look like properties. */
export function isFormatList(text: string): boolean {
  let properties = 0;
  for (const line of linesOf(text)) if (PROPERTY.test(line) && ++properties === 2) return true;
  return false;
}

export function readFormatList(text: string): RawExport {
  const blocks = blocksOf(text);
  const console = consoleOf(blocks);
  const problems = new Problems();
  const records: RawRecord[] = [];
  for (const { line, entries, damage } of blocks) {
    if (damage) {
      problems.refuse(
        `line ${damage.line}`,
        `"${damage.text.trim().slice(0, 60)}" belongs to no property, so the object that begins at line ${line} cannot be trusted and is left out`,
        'Take the line out, or join it to the value that it belongs to.',
      );
      continue;
    }
    records.push({ place: `line ${line}`, object: RawObject.of(entries.map((entry) => [entry.name, rawValue(entry, console)])) });
  }
  return { records, problems: problems.list };
}

function* linesOf(text: string): Generator<string> {
  for (let at = 0; at <= text.length; ) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? undefined : end);
    yield line.replace(/\r+$/, '');
    if (end < 0) return;
    at = end + 1;
  }
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let block: Block | undefined;
  let afterBlank = true;
  let inWarning = false;
  let number = 0;
  for (const line of linesOf(text)) {
    number++;
    if (line.trim() === '') {
      afterBlank = true;
      inWarning = false;
      continue;
    }
    const indent = line.length - line.trimStart().length;
    const property = propertyAt(line, block, afterBlank);
    if (property) {
      const key = property.name.toLowerCase();
      if (!block || afterBlank || block.names.has(key)) {
        block = { line: number, indent, colon: property.colon, entries: [], names: new Set() };
        blocks.push(block);
      }
      block.names.add(key);
      block.entries.push({
        name: property.name,
        column: property.column,
        pieces: [{ text: property.value, width: cells(line) }],
      });
      inWarning = false;
    } else if (block && indent > block.indent && !inWarning) {
      const entry = block.entries.at(-1)!;
      // What a console without word wrap breaks may begin with a blank of its own.
      const text = indent > entry.column ? line.slice(entry.column) : line.trimStart();
      entry.pieces.push({ text, width: cells(line) });
    } else if (SHELL.test(line)) {
      inWarning = WARNING.test(line);
      if (!inWarning) block = undefined;
    } else if (afterBlank) {
      block = undefined;
    } else if (block && !inWarning) {
      block.damage ??= { line: number, text: line };
    }
    afterBlank = false;
  }
  return blocks;
}

interface PropertyLine {
  readonly name: string;
  readonly colon: number;
  readonly column: number;
  readonly value: string;
}

function propertyAt(line: string, block: Block | undefined, afterBlank: boolean): PropertyLine | undefined {
  const match = PROPERTY.exec(line);
  if (!match) return undefined;
  const [, indent = '', name = '', value = ''] = match;
  const colon = indent.length + line.slice(indent.length).indexOf(':');
  if (!SIMPLE_NAME.test(name) && colon !== block?.colon) return undefined;
  if (block) {
    const continues = afterBlank ? indent.length >= block.entries.at(-1)!.column : indent.length > block.indent;
    if (continues) return undefined;
  }
  return { name, colon, column: colon + 2, value };
}

/** How the console broke lines, as far as the file tells. */
interface Console {
  readonly width: number;
  /** Blanks at the end of broken lines are still there, so the pieces need nothing between them. */
  readonly keepsBlanks: boolean;
  /** Lines are broken at the edge, wherever that is. */
  readonly breaksWords: boolean;
}

const ENOUGH_BREAKS = 3;

function consoleOf(blocks: readonly Block[]): Console {
  const pieces = blocks.flatMap(({ entries }) => entries.map((entry) => entry.pieces));
  const broken = pieces.flatMap((lines) => lines.slice(0, -1));
  const width = pieces.reduce((most, lines) => lines.reduce((more, line) => Math.max(more, line.width), most), 0);
  return {
    width,
    keepsBlanks: broken.some(({ text }) => /\S\s$/.test(text)),
    breaksWords: broken.length >= ENOUGH_BREAKS && broken.every((line) => line.width === width),
  };
}

function rawValue({ pieces, column }: Entry, console: Console): RawValue {
  if (pieces.length === 1) return pieces[0]!.text.trim();
  let text = pieces[0]!.text;
  for (let at = 1; at < pieces.length; at++) text += gap(pieces[at - 1]!, pieces[at]!.text, column, console) + pieces[at]!.text;
  return new Wrapped(
    pieces.map((piece) => piece.text),
    text.trim(),
  );
}

/** What stood between two pieces: nothing, a blank that the file has lost, or the end of a line of the value itself. */
function gap(before: Line, after: string, column: number, { width, keepsBlanks, breaksWords }: Console): string {
  if (/\s$/.test(before.text) || /^\s/.test(after)) return '';
  if (before.width < width) return keepsBlanks ? '\n' : ' ';
  if (keepsBlanks || breaksWords) return '';
  const word = before.text.slice(before.text.lastIndexOf(' ') + 1) + after.split(' ', 1)[0]!;
  return cells(word) > width - column ? '' : ' ';
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** Characters of East Asia take two cells. */
const cells = (text: string): number => text.length + (text.match(WIDE)?.length ?? 0);

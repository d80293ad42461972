/** Lines of a script to be read, pasted into the Exchange Management Shell, or saved. */
import { comment } from './quoting.ts';

/** `text` is one line, safe as it is: of a comment with its `#`; a command may go on in the next line. */
export interface ScriptLine {
  readonly kind: 'command' | 'comment' | 'blank';
  readonly text: string;
}

export const BLANK: ScriptLine = { kind: 'blank', text: '' };

/** Widest line of a comment, and of a command where it can be broken. */
export const LINE_WIDTH = 120;

/** What is to be said in as many lines as it takes. */
export function say(text: string): ScriptLine[] {
  const lines: string[] = [];
  for (const word of comment(text).slice(2).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_WIDTH - 2) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => ({ kind: 'comment', text: comment(line) }));
}

/** Commands for the reader, who has to decide about them first. */
export const unrun = (lines: readonly ScriptLine[]): ScriptLine[] =>
  lines.map(({ text }) => ({ kind: 'comment', text: `#   ${text}` }));

/**
 * Windows PowerShell reads a file without a byte order mark in the code page of the machine, where the bytes of other
 * letters can turn into quotes. Such a script ends itself before anything in it is done.
 */
const GUARD = [
  comment('Save as UTF-8 with byte order mark: without it, Windows PowerShell reads other names than these.'),
  'if (\'\u00e4\' -cne [string][char]0x00E4) { throw "Not read as UTF-8: save this script with a byte order mark." }',
  '',
];

/** The text, each line ended by a line feed. */
export function script(lines: readonly ScriptLine[]): string {
  const texts = lines.map(({ text }) => text);
  const guarded = texts.some((text) => [...text].some((character) => character > '~')) ? [...GUARD, ...texts] : texts;
  return guarded.map((text) => `${text}\n`).join('');
}

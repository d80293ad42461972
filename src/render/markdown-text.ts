/**
 * Text that means itself in Markdown of GitHub's flavour. A backslash takes the meaning from a character, but not from an
 * address, a mention or a reference: those are looked for in the text that is left when the escapes are gone. They are put
 * into code, where nothing is looked for.
 */
import { printable } from './printable.ts';

/** Addresses, mentions, references to issues, formulas, emoji (`fd00:100::1` has one). */
const LIVE = /@|:\/\/|www\.|(?:mailto|xmpp):|#\d|\bGH-\d|\$|:(?:\w*[a-z_+-]\w*|\d{3,4}):/i;

/** Text within a line: of a heading, a cell, a list. */
export function inline(text: string): string {
  return printable(text)
    .trim()
    .split(/ +/)
    .map((word) => (LIVE.test(word) ? codeOf(word) : escaped(word)))
    .join(' ');
}

/** Text with which a line begins, where some characters would make a list, a rule, a quotation or a table of it. */
export function block(text: string): string {
  return inline(text)
    .replace(/^(?:>|[-+=:](?=[-+=: ]|$))/, '\\$&')
    .replace(/^(\d{1,9})([.)])(?= |$)/, '$1\\$2');
}

/** A backslash before a letter is one, as in names of connectors; a `#` counts before a word alone. */
const escaped = (word: string): string => word.replace(/[`*_[<~|]|\\(?=[!-/:-@[-`{-~]|$)|&(?=[#\w])|^#/g, '\\$&');

/** Code cannot hold a bar in a table: it is written between pieces of code. */
function codeOf(word: string): string {
  return word
    .split('|')
    .map((piece) => {
      if (piece === '') return '';
      const fence = longerThan(piece, 1);
      const pad = piece.startsWith('`') || piece.endsWith('`') ? ' ' : '';
      return `${fence}${pad}${piece}${pad}${fence}`;
    })
    .join('\\|');
}

/** Lines as they are, between fences that none of them can be; `language` colours them. */
export function fenced(lines: readonly string[], language: string): string {
  const fence = longerThan(lines.join('\n'), 3);
  return [`${fence}${language}`, ...lines, fence].join('\n');
}

/** Backticks, at least so many, and more than stand together anywhere in the text. */
function longerThan(text: string, least: number): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 0);
  return '`'.repeat(Math.max(least, longest + 1));
}

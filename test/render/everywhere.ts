/** Hostile text, and a document with a text wherever one can stand. */
import fc from 'fast-check';
import type { Document, Section } from '../../src/document/document.ts';

export const HOSTILE: readonly [what: string, text: string][] = [
  ['a colour', '\u001b[31mred\u001b[0m'],
  ['a cleared screen', '\u001b[2J\u001b[H'],
  ['a title of the window', '\u001b]0;owned\u0007'],
  ['a hyperlink', '\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007'],
  ['an escape of one character', '\u009b31m\u009d0;x\u009c'],
  ['an unfinished escape', 'x\u001b['],
  ['a device control string', '\u001bP$q"p\u001b\\'],
  ['a carriage return that overwrites', '550 refused\r250 accepted'],
  ['a line feed that makes a line', 'x\nlooks like a line of its own'],
  ['tab, backspace, bell, delete and zero', 'a\tb\bc\u0007d\u007fe\u0000'],
  ['a right-to-left override', 'exe.\u202egpj'],
  ['isolates of direction', '\u2066a\u2067b\u2068c\u2069'],
  ['marks of direction', '\u200e\u200f\u061c'],
  ['letters without width', 'a\u200bb\u2060c\ufeffd'],
  ['separators of lines and paragraphs', 'a\u2028b\u2029c\u0085d'],
];

/** What means something in Markdown, in HTML or on GitHub, put together as it comes. */
export const markupSoup: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...[
        '`',
        '``',
        '```',
        '````',
        '~~~',
        '~',
        '|',
        '\\',
        '\\|',
        '\n',
        '\r',
        '\t',
        '[',
        ']',
        '(',
        ')',
        '![',
        '[x]: /u',
        '[^1]',
        '[ ]',
      ],
      ...['<', '>', '</td>', '</pre>', '<script>', '<img src=x onerror=x>', '<!--', '-->', ']]>', '&', '&lt;', '&#35;', '"', "'"],
      ...[
        '*',
        '**',
        '_',
        '__',
        '#',
        '# ',
        '## ',
        '- ',
        '+ ',
        '1. ',
        '1) ',
        '> ',
        '    ',
        '---',
        '===',
        ':--',
        '|--|',
        '-',
        '=',
        '+',
      ],
      ...['http://evil.example', 'https://e', '://', 'www.evil.example', 'a@b.example', '@user', 'mailto:a@b.example', '#12'],
      ...['$x$', '$', ':smile:', 'a', 'b c', ' ', '  ', 'é', '界', '\u202e', '\u200b', '\u0000', '\u001b[31m', '\u00a0'],
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

/** The text wherever a document can have text, a section a place. */
export const everywhere = (text: string): Section[] => [
  { kind: 'heading', text },
  { kind: 'text', text },
  {
    kind: 'figures',
    figures: [
      { label: text, value: text, cell: 'text' },
      { label: '', value: text, cell: 'error' },
    ],
  },
  {
    kind: 'table',
    title: text,
    columns: [
      { title: text, kind: 'text' },
      { title: 'b', kind: 'error', shrinks: true },
    ],
    rows: [[text, text]],
  },
  { kind: 'table', columns: [], rows: [], none: text },
  { kind: 'transcript', lines: [{ at: 0, after: null, event: '<', data: text, context: text, line: 1 }] },
  { kind: 'commands', lines: [text] },
  {
    kind: 'chart',
    title: text,
    unit: { kind: 'count', name: text },
    note: text,
    alt: text,
    data: { kind: 'bars', names: [text], series: [{ name: text, values: [7] }] },
  },
];

export const document = (...sections: Section[]): Document => ({ title: '', sections });

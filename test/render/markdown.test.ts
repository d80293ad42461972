/** Markdown says what the document says, and hostile text in it stays text. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Section } from '../../src/document/document.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { printable } from '../../src/render/printable.ts';
import { document, everywhere, HOSTILE, markupSoup } from './everywhere.ts';
import { type Block, blocksOf, cellsOf, plainText } from './markdown-reading.ts';

const OPTIONS = { zone: { name: 'Europe/Berlin' } };
const markdown = (...sections: Section[]): string => renderMarkdown(document(...sections), OPTIONS);
/** Of the sections alone, without the title of the page. */
const blocks = (...sections: Section[]): Block[] => blocksOf(markdown(...sections)).slice(1);

/** What a reader sees of a text: blanks count once. */
const shown = (text: string): string => printable(text).replace(/ +/g, ' ').trim();

const hostile = fc.oneof(markupSoup, fc.constantFrom(...HOSTILE.map(([, text]) => text)), fc.string({ unit: 'binary' }));
const always = (holds: (text: string) => void): void => {
  fc.assert(fc.property(hostile, holds), { numRuns: 400, seed: 7 });
};

describe('hostile text', () => {
  const kindsOf = (sections: Section[]): string[] => blocks(...sections).map(({ kind }) => kind);
  const CHART = ['paragraph', 'paragraph', 'table', 'paragraph'];
  const PLAIN = kindsOf(everywhere('plain'));

  it('makes no block: no heading, list, table, rule, quotation or fence that the document has not', () => {
    expect(PLAIN).toEqual(['heading', 'paragraph', 'list', 'paragraph', 'table', 'paragraph', 'fence', 'fence', ...CHART]);
    always((text) => {
      const line = text.replaceAll('\n', ' ');
      if (shown(line) !== '') expect(kindsOf(everywhere(line))).toEqual(PLAIN);
    });
  });

  it('makes nothing within a line: no link, image, tag, mention, reference, formula or emphasis', () => {
    always((text) => {
      // plainText() throws at anything that is alive.
      for (const block of blocks(...everywhere(text)))
        if (block.kind === 'table') for (const row of block.lines) cellsOf(row).map(plainText);
        else if (block.kind !== 'fence') block.lines.map(plainText);
    });
  });

  it('stays whole in a heading, a figure and a cell', () => {
    always((text) => {
      const [heading, , figures, , table] = blocks(
        { kind: 'heading', text: `a ${text}` },
        { kind: 'text', text: 'b' },
        ...everywhere(`c ${text}`).slice(2, 4),
      );
      expect(plainText(heading!.lines[0]!)).toBe(shown(`a ${text}`));
      expect(figures!.lines.map(plainText)).toEqual([`${shown(`c ${text}`)}:`, shown(`c ${text}`), shown(`c ${text}`)]);
      expect(cellsOf(table!.lines[2]!).map(plainText)).toEqual([shown(`c ${text}`), shown(`c ${text}`)]);
    });
  });

  it('does not leave a fence, and stands in it letter by letter', () => {
    always((text) => {
      const [commands] = blocks({ kind: 'commands', lines: [text, 'next'] });
      expect(commands).toEqual({ kind: 'fence', language: 'powershell', lines: [printable(text), 'next'] });
    });
  });

  it.each([
    ['fd00:100::1', '`fd00:100::1`', 'would have an emoji in it'],
    ['scan@contoso.example', '`scan@contoso.example`', 'would be a link, with or without a backslash'],
    ['see #12 or GH-12', 'see `#12` or `GH-12`', 'would refer to another ticket'],
    ['EX01\\Anon Relay_1', 'EX01\\Anon Relay\\_1', 'is a name, legible as it is pasted'],
    ['10.0.20.0/28 - 12:02:05', '10.0.20.0/28 - 12:02:05', 'means nothing in Markdown'],
    ['a@b|c`', '`a@b`\\|`` c` ``', 'is code in pieces'],
  ])('%s is written %s, since it %s', (text, written) => {
    expect(markdown({ kind: 'heading', text: `x ${text}` }).split('\n')[2]).toBe(`## x ${written}`);
  });
});

describe('a page', () => {
  test('has its title once, and leaves no depth of headings out', () => {
    const heading = (text: string, level?: 1 | 2): Section => ({ kind: 'heading', text, ...(level && { level }) });
    const page = { title: 'Session 1', sections: [heading('Session 1'), heading('a', 2), heading('b', 2), heading('c')] };
    expect(renderMarkdown(page, OPTIONS)).toBe('# Session 1\n\n## a\n\n### b\n\n## c\n');
  });

  test('keeps the lines of a text, and its empty lines', () => {
    expect(markdown({ kind: 'text', text: 'a\nb\n\nc' })).toBe('# relaylens\n\na\\\nb\n\nc\n');
  });

  test('lists what a figure has several of below it, and keeps lists apart', () => {
    const figure = (label: string, value: string) => ({ label, value, cell: 'text' as const });
    const one: Section = { kind: 'figures', figures: [figure('a', '1'), figure('', ''), figure('b', '3')] };
    expect(markdown(one, one)).toBe(
      '# relaylens\n\n- **a:**\n  - 1\n  - (empty)\n- **b:** 3\n\n* **a:**\n  - 1\n  - (empty)\n* **b:** 3\n',
    );
  });

  test('shows every column whole, numbers to the right, times in the zone', () => {
    const long = 'x'.repeat(300);
    const text = markdown({
      kind: 'table',
      title: 'T',
      columns: [
        { title: 'A', kind: 'text', shrinks: true, cap: 5, optional: true, below: 'always' },
        { title: 'At', kind: 'minute' },
        { title: 'Outcome', kind: 'outcome' },
        { title: 'N', kind: 'count' },
      ],
      rows: [[long, 0, 'refused', 1234]],
    });
    expect(text).toBe(
      `# relaylens\n\n**T**\n\n| A | At | Outcome | N |\n| --- | --- | --- | ---: |\n| ${long} | 1970-01-01 01:00 | **refused** | 1,234 |\n`,
    );
  });
});

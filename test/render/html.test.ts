/** A page is whole, asks for nothing, and hostile text in it stays text. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Column, Section } from '../../src/document/document.ts';
import { renderHtml } from '../../src/render/html.ts';
import { printable } from '../../src/render/printable.ts';
import { document, everywhere, HOSTILE, markupSoup } from './everywhere.ts';
import { type Element, elementsOf } from './html-reading.ts';

const OPTIONS = { zone: { name: 'Europe/Berlin' } };
const html = (...sections: Section[]): string => renderHtml(document(...sections), OPTIONS);
const elements = (...sections: Section[]): Element[] => elementsOf(html(...sections));
const textsOf = (name: string, of: readonly Element[]): string[] => of.filter((one) => one.name === name).map(({ text }) => text);

const hostile = fc.oneof(markupSoup, fc.constantFrom(...HOSTILE.map(([, text]) => text)), fc.string({ unit: 'binary' }));
const always = (holds: (text: string) => void): void => {
  fc.assert(fc.property(hostile, holds), { numRuns: 300, seed: 7 });
};

describe('hostile text', () => {
  it('makes no element and no attribute', () => {
    const namesOf = (text: string): string[] => elements(...everywhere(text)).map(({ name }) => name);
    const plain = namesOf('plain');
    always((text) => {
      expect(namesOf(`a ${text.replaceAll('\n', ' ')}`)).toEqual(plain);
    });
  });

  it('stands in the page letter by letter, what cannot be seen made visible', () => {
    always((text) => {
      const page = elementsOf(renderHtml({ title: `t ${text}`, sections: everywhere(text) }, OPTIONS));
      const shown = printable(text);
      expect(textsOf('title', page)).toEqual([printable(`t ${text}`)]);
      expect(textsOf('h1', page)).toEqual([printable(`t ${text}`)]);
      expect(textsOf('h2', page)).toEqual([shown]);
      expect(textsOf('td', page)).toEqual([shown, shown, shown, '7']);
      expect(textsOf('dd', page)).toEqual([shown, shown]);
      expect(textsOf('caption', page)).toEqual([shown]);
      expect(page.find(({ attributes }) => attributes.role === 'group')?.attributes['aria-label']).toBe(shown);
      expect(textsOf('pre', page)[1]).toBe(`${shown}\n`);
    });
  });
});

describe('a page', () => {
  const page = elementsOf(
    renderHtml({ title: 'Session 1', sections: [{ kind: 'heading', text: 'Session 1' }, ...everywhere('plain')] }, OPTIONS),
  );

  it('names its language, its title and one heading of the first level, which does not come twice', () => {
    expect(page.find(({ name }) => name === 'html')?.attributes.lang).toBe('en');
    expect(textsOf('title', page)).toEqual(['Session 1']);
    expect(textsOf('h1', page)).toEqual(['Session 1']);
    expect(textsOf('h2', page)).toEqual(['plain']);
  });

  it('leaves no level of headings out', () => {
    const levels = elements({ kind: 'heading', text: 'a', level: 2 }, { kind: 'heading', text: 'b', level: 2 });
    expect(levels.filter(({ name }) => /^h[1-6]$/.test(name)).map(({ name }) => name)).toEqual(['h1', 'h2', 'h3']);
  });

  it('loads nothing, runs nothing, and forbids both', () => {
    const text = html(...everywhere('plain'));
    expect(text).not.toMatch(/https?:|url\(|@import|@font-face|<script|<link|src=/);
    expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('says what its columns are, with amounts to the right', () => {
    const table = elements({
      kind: 'table',
      title: 'T',
      columns: [
        { title: 'A', kind: 'text', optional: true, below: 'always', shrinks: true, cap: 3 },
        { title: 'N', kind: 'bytes' },
      ],
      rows: [['x'.repeat(300), 2048]],
    });
    const cells = table.filter(({ name }) => name === 'th' || name === 'td');
    expect(cells.map(({ attributes }) => attributes)).toEqual([
      { scope: 'col' },
      { scope: 'col', class: 'number' },
      { class: 'endless' },
      { class: 'number' },
    ]);
    expect(cells.map(({ text }) => text)).toEqual(['A', 'N', 'x'.repeat(300), '2.0 KB']);
  });

  it('has in words under each row what would make the table wider than a page', () => {
    const amount = (title: string): Column => ({ title, kind: 'count' });
    const table = elements({
      kind: 'table',
      columns: [...'ABCDEFG'].map(amount).concat(['H', 'I', 'J'].map((title) => ({ title, kind: 'text', below: 'always' }))),
      rows: [
        [1, 2, 3, 4, 5, 6, 7, 'TLS1.2', '', 'Facilities'],
        [1, 2, 3, 4, 5, 6, 7, '', 'x', ''],
      ],
    });
    expect(textsOf('th', table).join('')).toBe('ABCDEFG');
    expect(table.filter(({ attributes }) => attributes.colspan === '7').map(({ text }) => text)).toEqual([
      'TLS1.2 · Facilities',
      'x',
    ]);
    expect(table.filter(({ name }) => name === 'tbody')).toHaveLength(2);
  });

  test('without rows says so in place of the table', () => {
    expect(textsOf('p', elements({ kind: 'table', title: 'T', columns: [], rows: [], none: 'None.' }))).toEqual(['T', 'None.']);
  });

  test('keeps each command in a line of its own, as it is', () => {
    const lines = ['Set-ReceiveConnector "A & B" -X @{Add=\'<x>\'}', 'Get-X | Y'];
    expect(textsOf('pre', elements({ kind: 'commands', lines }))).toEqual([`${lines.join('\n')}\n`]);
  });

  test('is small: programs for mail drop style sheets above 8 KB', () => {
    expect(/<style>.*<\/style>/s.exec(html())?.[0].length).toBeLessThan(8000);
  });
});

/** Text fits the screen, whatever letters it is made of. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it, test } from 'vitest';
import type { Column, Section, Table } from '../../src/document/document.ts';
import { renderText } from '../../src/render/text.ts';
import { cut, displayWidth } from '../../src/render/width.ts';

const render = (section: Section, width: number): string[] =>
  renderText({ title: '', sections: [section] }, { zone: { name: 'UTC' }, width, colour: false })
    .trimEnd()
    .split('\n');
const tooWide = (lines: readonly string[], width: number): string[] => lines.filter((line) => stringWidth(line) > width);

const CJK = '组织内发送连接器';
const FAMILY = '👨‍👩‍👧‍👦';
const LETTERS = fc.string({
  unit: fc.constantFrom('a', ' ', '界', '한', 'é', 'e\u0301', '👍🏽', FAMILY, '🇩🇪', 'ｘ', '…'),
  maxLength: 60,
});

describe('the width', () => {
  test('of every character is that which the library says', () => {
    const wrong: string[] = [];
    for (let code = 0x20; code < 0x3000; code++) {
      const text = `a${String.fromCharCode(code)}b`;
      if (displayWidth(text) !== stringWidth(text)) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });
});

describe('cut', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly 10', 10, 'exactly 10'],
    ['eleven long', 10, 'eleven lo…'],
    ['组织内发送', 10, '组织内发送'],
    ['组织内发送连', 10, '组织内发…'],
    ['x组织内发送', 10, 'x组织内发…'],
  ])('%s to %i columns', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });

  test('never takes more columns than it may', () => {
    fc.assert(
      fc.property(LETTERS, fc.integer({ min: 1, max: 30 }), (text, width) => displayWidth(cut(text, width)) <= width),
      { seed: 4 },
    );
  });

  test('breaks no letter in two', () => {
    expect(cut(`ab${FAMILY}cd`, 4)).not.toMatch(/\u200d…$/);
    expect(() => encodeURIComponent(cut('👍👍👍', 4))).not.toThrow();
  });
});

describe('a table', () => {
  const table = (rows: Table['rows'], columns: readonly Column[]): Table => ({ kind: 'table', columns, rows });
  const shrinking = (count: number): Column[] =>
    Array.from({ length: count }, (_, index) => ({ title: `c${index}`, kind: 'text', shrinks: true }));

  test('of short cells has one line a row, under its heading', () => {
    expect(
      render(
        table(
          [
            ['a', 'b'],
            ['ccc', 'd'],
          ],
          shrinking(2),
        ),
        80,
      ),
    ).toEqual(['c0   c1', 'a    b', 'ccc  d']);
  });

  it.each(['x'.repeat(500), CJK.repeat(40), FAMILY.repeat(60), `${'word '.repeat(100)}end`])(
    'of a name of 500 letters fits',
    (name) => {
      for (const width of [60, 80, 120])
        expect(tooWide(render(table([[name, name, 'x']], shrinking(3)), width), width)).toEqual([]);
    },
  );

  test('of any letters fits, where every column may shrink', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 60, max: 160 }),
        fc.array(fc.array(LETTERS, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        (count, width, cells) => {
          expect(
            tooWide(
              render(
                table(
                  cells.map((row) => row.slice(0, count)),
                  shrinking(count),
                ),
                width,
              ),
              width,
            ),
          ).toEqual([]);
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });

  test('keeps its columns under one another when letters are wide', () => {
    const lines = render(
      table(
        [
          [CJK, 'end'],
          ['abc', 'end'],
          [FAMILY, 'end'],
        ],
        shrinking(2),
      ),
      80,
    );
    const places = lines.slice(1).map((line) => stringWidth(line.slice(0, line.indexOf('end'))));
    expect(new Set(places).size).toBe(1);
  });

  test('counts are flush right and grouped, so that they can be compared', () => {
    const lines = render(
      table(
        [
          ['a', 5],
          ['b', 1_234_567],
        ],
        [
          { title: 'x', kind: 'text' },
          { title: 'n', kind: 'count' },
        ],
      ),
      80,
    );
    expect(lines).toEqual(['x          n', 'a          5', 'b  1,234,567']);
  });

  test('with a column that has neither title nor text is drawn all the same', () => {
    expect(
      render(
        table(
          [['', 'a']],
          [
            { title: '', kind: 'text' },
            { title: 'x', kind: 'text' },
          ],
        ),
        80,
      ).map((line) => line.trim()),
    ).toEqual(['x', 'a']);
  });

  test('without rows says what there is none of', () => {
    expect(render({ ...table([], shrinking(1)), none: 'No session matches.' }, 80)).toEqual(['No session matches.']);
  });
});

describe('running text', () => {
  const text = (words: string): Section => ({ kind: 'text', text: words });
  const transcript = (data: string): Section => ({
    kind: 'transcript',
    lines: [{ at: 0, after: 0, event: '<', data, context: '', line: 123_456 }],
  });
  const figures = (value: string): Section => ({ kind: 'figures', figures: [{ label: 'Last error', value, cell: 'text' }] });

  it.each([
    ['text', text],
    ['a transcript', transcript],
    ['figures', figures],
  ])('in %s is broken to fit, and nothing of it is lost', (_, section) => {
    for (const words of ['word '.repeat(60).trim(), 'x'.repeat(500), CJK.repeat(40), '👍'.repeat(100)])
      for (const width of [80, 100, 120]) {
        const lines = render(section(words), width);
        expect({ words: words.slice(0, 8), width, tooWide: tooWide(lines, width) }).toEqual({
          words: words.slice(0, 8),
          width,
          tooWide: [],
        });
        expect(lines.join('').replace(/\s/g, '')).toContain(words.replace(/\s/g, '').slice(-40));
      }
  });

  test('breaks no letter in two', () => {
    const out = render(text(`a${'👍'.repeat(100)}`), 60).join('\n');
    expect(() => encodeURIComponent(out)).not.toThrow();
  });

  test('blanks in a row stay: they may be what is wrong', () => {
    expect(render(transcript('MAIL  FROM:<a@b>  '), 80)[0]).toContain('MAIL  FROM:<a@b>');
  });
});

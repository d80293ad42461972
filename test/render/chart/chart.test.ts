/** What the words, tables and axes of a chart say: no figure is lost, none is made up. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Amount, Chart } from '../../../src/document/document.ts';
import { chartTable } from '../../../src/render/chart/chart-table.ts';
import { foldedBars, foldedSeries, sumOf } from '../../../src/render/chart/folding.ts';
import { scaleTo, shortAmount } from '../../../src/render/chart/scale.ts';
import { textChart } from '../../../src/render/chart/text-chart.ts';
import { axisLabels } from '../../../src/render/chart/time-label.ts';
import { renderCsv } from '../../../src/render/csv.ts';
import { renderHtml } from '../../../src/render/html.ts';
import { renderMarkdown } from '../../../src/render/markdown.ts';
import { printable } from '../../../src/render/printable.ts';
import { renderText } from '../../../src/render/text.ts';
import { displayWidth } from '../../../src/render/width.ts';
import { document } from '../everywhere.ts';
import { elementsOf } from '../html-reading.ts';
import { BERLIN, CHARTS, chart, days, series } from './charts.ts';

const amount: fc.Arbitrary<Amount> = fc.option(fc.nat(1_000_000), { nil: null });

describe('what is too much', () => {
  it('is added up as others, and the sum of every time stays', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(40),
        fc.integer({ min: 2, max: 9 }),
        fc.infiniteStream(amount),
        (length, count, most, stream) => {
          const all = Array.from({ length: count }, (_, index) => series(`s${index}`, length, () => stream.next().value!));
          const folded = foldedSeries(all, most);
          expect(folded.length).toBe(Math.min(count, most));
          for (let at = 0; at < length; at++)
            expect(sumOf(folded.map(({ values }) => values[at]!))).toBe(sumOf(all.map(({ values }) => values[at]!)));
          if (count > most) expect(folded.at(-1)).toMatchObject({ name: `${count - most + 1} others`, tone: 'quiet' });
          const bars = foldedBars(
            { names: all.map(({ name }) => name), series: [series('n', count, () => stream.next().value!)] },
            most,
          );
          expect(bars.names.length).toBe(Math.min(count, most));
        },
      ),
      { numRuns: 100, seed: 4 },
    );
  });

  test('the largest are kept, in their order', () => {
    const of = (name: string, value: number) => series(name, 1, () => value);
    const folded = foldedSeries([of('c', 1), of('a', 9), of('d', 0), of('b', 5)], 3);
    expect(folded.map(({ name, values }) => [name, values[0]])).toEqual([
      ['a', 9],
      ['b', 5],
      ['2 others', 1],
    ]);
  });
});

describe('an axis', () => {
  it('begins at nothing, holds the most, and has few round steps', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(), fc.maxSafeNat(), fc.nat(30)),
        fc.constantFrom('count' as const, 'bytes' as const),
        (most, kind) => {
          const { max, step } = scaleTo(most, kind);
          expect(max).toBeGreaterThanOrEqual(most);
          expect(max / step).toBeLessThanOrEqual(8);
          expect(max / step).toBeCloseTo(Math.round(max / step));
          if (kind === 'count') expect(Number.isInteger(step)).toBe(true);
        },
      ),
      { numRuns: 500, seed: 4 },
    );
  });

  test.each([
    [7, 'count', '0 2 4 6 8'],
    [3, 'count', '0 1 2 3'],
    [0, 'count', '0 1'],
    [123_456, 'count', '0 25,000 50,000 75,000 100,000 125,000'],
    [9_300_000_000, 'bytes', '0 B 2 GB 4 GB 6 GB 8 GB 10 GB'],
    [700, 'bytes', '0 B 200 B 400 B 600 B 800 B'],
  ] as const)('up to %d %s is %s', (most, kind, said) => {
    const { max, step } = scaleTo(most, kind);
    const ticks = Array.from({ length: Math.round(max / step) + 1 }, (_, index) => shortAmount(index * step, kind));
    expect(ticks.join(' ')).toBe(said);
  });

  test('amounts are exact up to ten million, and short above', () => {
    expect([9_999_999, 12_345_678, 1e12].map((value) => shortAmount(value, 'count'))).toEqual(['9,999,999', '12.35M', '1T']);
  });

  const marked = (labels: readonly unknown[]): unknown[] => labels.filter((label) => label !== undefined);

  test('days are named in their zone, over the hour that is given back', () => {
    expect(axisLabels(days(4), BERLIN, 13)).toEqual(['25 Oct', '26 Oct', '27 Oct', '28 Oct']);
    expect(axisLabels(days(4), { name: 'UTC' }, 13)[0]).toBe('24 Oct');
    expect(marked(axisLabels(days(60), BERLIN, 13))).toContain('2 Nov');
    expect(marked(axisLabels(days(366), BERLIN, 13)).slice(0, 3)).toEqual([['Nov', '2026'], 'Dec', ['Jan', '2027']]);
  });

  it('has never more labels than there is room for, and always one', () => {
    const DAY = 86_400_000;
    const steps = { hour: 3_600_000, day: DAY, week: 7 * DAY, month: 31 * DAY, quarter: 92 * DAY, year: 366 * DAY };
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 3, max: 13 }),
        (step, count, most) => {
          const starts = Array.from({ length: count }, (_, index) => Date.UTC(2020, 0, 1, 3) + index * steps[step]);
          const labels = marked(axisLabels({ step, starts }, BERLIN, most));
          expect(labels.length).toBeLessThanOrEqual(most);
          expect(labels.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200, seed: 9 },
    );
  });
});

const ALL = Object.entries(CHARTS);

describe('as a table', () => {
  it.each(ALL)('a chart %s has a row for each time, name or hour, and every figure', (_, one) => {
    const { columns, rows } = chartTable(one, BERLIN);
    for (const row of rows) expect(row.length).toBe(columns.length);
    const told = rows.flatMap((row) => row.slice(1)).filter((cell) => cell !== null);
    const { data } = one;
    const own = (data.kind === 'heat-map' ? data.days.flat() : data.series.flatMap(({ values }) => values)).filter(
      (value) => value !== null,
    );
    expect([...told].sort()).toEqual([...own].sort());
  });

  test('in CSV with a semicolon, with a byte order mark, days as dates of the zone', () => {
    const one = chart({ kind: 'stacked', span: days(2), series: [series('a;b', 2, (index) => (index === 0 ? 5 : null))] });
    expect(renderCsv(document(one), { zone: BERLIN, separator: ';', bom: true })).toBe(
      '\ufeffDay;"a;b"\r\n2026-10-25;5\r\n2026-10-26;\r\n',
    );
  });

  test('in Markdown after its words', () => {
    const one = chart({ kind: 'bars', names: ['a|b'], series: [series('n', 1, () => 1234)] }, { note: 'Without probes.' });
    expect(renderMarkdown(document(one), { zone: BERLIN })).toBe(
      '# relaylens\n\n**Messages (messages a day)**\n\nMessages: 12 in all.\n\n| Name | n |\n| --- | ---: |\n| a\\|b | 1,234 |\n\nWithout probes.\n',
    );
  });
});

describe('on a terminal', () => {
  it.each(ALL)('a chart %s fits the screen, and no name does harm', (_, one) => {
    for (const width of [60, 100]) {
      const lines = textChart(one, { zone: BERLIN, width });
      for (const line of lines) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(printable(line)).toBe(line);
      }
    }
  });

  test('bars are as long as their figures, and nothing is no bar', () => {
    const one = chart({
      kind: 'bars',
      names: ['long', 'half', 'none', 'not known'],
      series: [series('n', 4, (at) => [10, 5, 0, null][at]!)],
    });
    expect(textChart(one, { zone: BERLIN, width: 40 })).toEqual([
      `long       ${'█'.repeat(25)} 10`,
      `half       ${'█'.repeat(13)} 5`,
      'none       0',
      'not known  ',
    ]);
  });

  test('lines of blocks have one measure, gaps where nothing is known, and their sums', () => {
    const one = chart({
      kind: 'stacked',
      span: days(4),
      series: [series('a', 4, (at) => [8, 4, 0, null][at]!), series('b', 4, () => 1)],
    });
    expect(renderText(document(one), { zone: BERLIN, width: 60, colour: false })).toBe(
      ['Messages (messages a day)', '         sum', 'a  █▄·    12', 'b  ▁▁▁▁    4', '   2026-10-25 – 2026-10-28', ''].join('\n'),
    );
  });
});

describe('on a page', () => {
  const one = chart({ kind: 'stacked', span: days(3), series: [series('a', 3)] }, { note: 'Times are Europe/Berlin.' });
  const png = Buffer.from('89504e47', 'hex');
  const paint = (): { png: Buffer; width: number; height: number } => ({ png, width: 880, height: 300 });
  const page = (more: object, ...charts: Chart[]): string => renderHtml(document(...charts), { zone: BERLIN, ...more });

  test('it is a figure: title, picture with its words, a smaller one for phones, and the figures to be opened', () => {
    const elements = elementsOf(page({ paint }, one));
    const names = elements.map(({ name }) => name);
    expect(names.slice(names.indexOf('figure'))).toEqual([
      'figure',
      'figcaption',
      'picture',
      'source',
      'img',
      'p',
      'details',
      'summary',
      'div',
      'table',
      'thead',
      'tr',
      'th',
      'th',
      'tbody',
      ...Array(3).fill(['tr', 'td', 'td']).flat(),
    ]);
    expect(elements.find(({ name }) => name === 'img')?.attributes).toEqual({
      src: `data:image/png;base64,${png.toString('base64')}`,
      alt: 'Messages: 12 in all.',
      width: '880',
      height: '300',
    });
  });

  test('it allows its own pictures alone', () => {
    expect(page({ paint }, one)).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(page({ paint })).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  test('without pictures the words and the figures stand open', () => {
    const elements = elementsOf(page({}, one));
    expect(elements.map(({ name }) => name)).not.toContain('img');
    expect(elements.map(({ name }) => name)).not.toContain('details');
    expect(elements.find(({ name }) => name === 'figcaption')?.text).toBe('Messages (messages a day)');
    expect(elements.filter(({ name }) => name === 'td')).toHaveLength(6);
  });
});

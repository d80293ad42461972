/** A chart as lines of block characters, for a terminal and for mail that is read as plain text. */
import type { Amount, Chart } from '../../document/document.ts';
import { cellText, type Zone } from '../cell-text.ts';
import { printable } from '../printable.ts';
import { cut, displayWidth } from '../width.ts';
import { WEEKDAYS } from './chart-table.ts';
import { foldedBars, foldedSeries, sumOf } from './folding.ts';
import { wholeLabel } from './time-label.ts';

export interface TextChartOptions {
  readonly zone: Zone;
  /** Columns of the screen. */
  readonly width: number;
}

const MOST_SERIES = 12;
const MOST_BARS = 25;

/** Without the title: a line for each series, bar or day. Nothing is drawn where nothing is known. */
export function textChart(chart: Chart, options: TextChartOptions): string[] {
  const { data } = chart;
  const amount = (value: Amount): string => cellText(value, chart.unit.kind, options.zone);
  switch (data.kind) {
    case 'stacked':
    case 'compared':
    case 'lines':
    case 'curve': {
      const { span } = data;
      const [first, last] = [span.starts[0], span.starts.at(-1)];
      const series = foldedSeries(data.series, MOST_SERIES);
      if (first === undefined || last === undefined || series.length === 0) return ['No figures.'];
      const [from, to] = [wholeLabel(first, span.step, options.zone), wholeLabel(last, span.step, options.zone)];
      const isSum = data.kind === 'stacked' || data.kind === 'compared';
      const said = series.map(({ values }) =>
        isSum ? amount(sumOf(values)) : amount(values.findLast((one) => one !== null) ?? null),
      );
      const right = widest([...said, isSum ? 'sum' : 'last']);
      const { names, room } = laidOut(
        series.map(({ name }) => name),
        options.width - right - 2,
      );
      const groups = series.map(({ values }) => grouped(values, room, isSum));
      // One measure for all lines, so that they can be compared.
      const top = groups.flat().reduce((most: number, value) => Math.max(most, value ?? 0), 0);
      const length = groups[0]?.length ?? 0;
      const axis = from === to ? from : between(from, to, length);
      const pad = ' '.repeat(displayWidth(names[0] ?? ''));
      return [
        `${pad}  ${''.padEnd(length)}  ${(isSum ? 'sum' : 'last').padStart(right)}`,
        ...groups.map(
          (group, index) =>
            `${names[index]}  ${group.map((value) => spark(value, top)).join('')}  ${said[index]!.padStart(right)}`,
        ),
        `${pad}  ${axis}`,
      ];
    }
    case 'bars': {
      const { names, series } = foldedBars(data, MOST_BARS);
      if (names.length === 0) return ['No figures.'];
      const sums = names.map((_, index) => sumOf(series.map(({ values }) => values[index] ?? null)));
      const said = names.map((_, index) =>
        series.length === 1
          ? amount(series[0]!.values[index] ?? null)
          : series.map(({ name, values }) => `${amount(values[index] ?? null) || '?'} ${printable(name)}`).join(', '),
      );
      const { names: heads, room } = laidOut(names, options.width - Math.min(40, widest(said)) - 2);
      const top = Math.max(...sums);
      return heads.map((head, index) => {
        const bar =
          top > 0 ? '█'.repeat(Math.max(sums[index]! > 0 ? 1 : 0, Math.round((sums[index]! / top) * Math.min(room, 50)))) : '';
        return `${head}  ${bar}${bar === '' ? '' : ' '}${said[index]}`;
      });
    }
    case 'heat-map': {
      const top = data.days.flat().reduce((most: number, value) => Math.max(most, value ?? 0), 0);
      const hours = Array.from({ length: 24 }, (_, hour) => (hour % 6 === 0 ? String(hour).padStart(2, '0') : '  ')).join('');
      return [
        `           ${hours}`,
        ...WEEKDAYS.map(
          (day, index) =>
            `${day.padEnd(9)}  ${Array.from({ length: 24 }, (_, hour) => shade(data.days[index]?.[hour] ?? null, top).repeat(2)).join('')}`,
        ),
        `           · none  ░ ▒ ▓ █ up to ${amount(top)}`,
      ];
    }
  }
}

const SPARKS = '▁▂▃▄▅▆▇█';

/** Nothing is no bar; the least amount is one that can be seen. */
function spark(value: Amount, top: number): string {
  if (value === null) return ' ';
  if (value <= 0 || top <= 0) return '·';
  return SPARKS[Math.min(SPARKS.length - 1, Math.ceil((value / top) * SPARKS.length) - 1)]!;
}

function shade(value: Amount, top: number): string {
  if (value === null) return ' ';
  if (value <= 0 || top <= 0) return '·';
  return '░▒▓█'[Math.min(3, Math.ceil((value / top) * 4) - 1)]!;
}

/** Neighbours are put together where there is no room for each: added up, or the last of them. */
function grouped(values: readonly Amount[], room: number, isSum: boolean): Amount[] {
  const stride = Math.max(1, Math.ceil(values.length / Math.max(1, room)));
  const groups: Amount[] = [];
  for (let start = 0; start < values.length; start += stride) {
    const known = values.slice(start, start + stride).filter((value) => value !== null);
    groups.push(known.length === 0 ? null : isSum ? sumOf(known) : known.at(-1)!);
  }
  return groups;
}

/** Names of equal width, cut so that half of the screen is left for what stands beside them. */
function laidOut(names: readonly string[], width: number): { readonly names: string[]; readonly room: number } {
  const most = Math.max(8, Math.min(40, Math.floor(width / 2)));
  const shown = names.map((name) => cut(printable(name), most));
  const own = widest(shown);
  return { names: shown.map((name) => name + ' '.repeat(own - displayWidth(name))), room: Math.max(8, width - own - 2) };
}

const between = (from: string, to: string, length: number): string =>
  `${from}${from.length + to.length + 1 > length ? ' – ' : ' '.repeat(length - from.length - to.length)}${to}`;

const widest = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0);

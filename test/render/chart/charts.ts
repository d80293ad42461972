/** Charts of every kind and of many shapes, with names that want to do harm. */
import type { Amount, Chart, ChartData, Series, TimeSpan } from '../../../src/document/document.ts';

export const BERLIN = { name: 'Europe/Berlin' };

/** Days of Berlin from 25 October 2026 on, on which it gives back an hour. */
export function days(count: number): TimeSpan {
  const first = Date.UTC(2026, 9, 24, 22);
  return {
    step: 'day',
    starts: Array.from({ length: count }, (_, index) => first + index * 86_400_000 + (index > 0 ? 3_600_000 : 0)),
  };
}

export const series = (name: string, count: number, of: (index: number) => Amount = (index) => (index * 7) % 11): Series => ({
  name,
  values: Array.from({ length: count }, (_, index) => of(index)),
});

export const chart = (data: ChartData, more: Partial<Chart> = {}): Chart => ({
  kind: 'chart',
  title: 'Messages',
  unit: { kind: 'count', name: 'messages a day' },
  alt: 'Messages: 12 in all.',
  data,
  ...more,
});

const HOSTILE = [
  '<img src=x onerror=x>',
  '=cmd()',
  'exe.\u202egpj\u0000\u001b[31m',
  'x'.repeat(500),
  '界'.repeat(300),
  'مرحبا',
  '👩‍👩‍👧',
  '\ud800',
  '',
];
const week = (of: (day: number, hour: number) => Amount): Amount[][] =>
  Array.from({ length: 7 }, (_, day) => Array.from({ length: 24 }, (_, hour) => of(day, hour)));

export const CHARTS: Readonly<Record<string, Chart>> = {
  stacked: chart({ kind: 'stacked', span: days(30), series: [series('a', 30), series('b', 30)] }),
  'with times without logs': chart({
    kind: 'stacked',
    span: days(30),
    series: [series('a', 30, (index) => (index < 9 ? null : index))],
  }),
  'of 366 days': chart({ kind: 'stacked', span: days(366), series: [series('a', 366), series('b', 366)] }),
  'of 30 series': chart({
    kind: 'stacked',
    span: days(9),
    series: Array.from({ length: 30 }, (_, index) => series(`s${index}`, 9)),
  }),
  'of hostile names': chart(
    { kind: 'stacked', span: days(3), series: HOSTILE.map((name) => series(name, 3)) },
    { title: HOSTILE.join(' '), unit: { kind: 'count', name: HOSTILE.join(' ') }, note: HOSTILE.join(' ') },
  ),
  'of nothing': chart({ kind: 'stacked', span: days(0), series: [] }),
  'of zeros': chart({ kind: 'lines', span: days(5), series: [series('a', 5, () => 0)] }),
  'of one day': chart({ kind: 'lines', span: days(1), series: [series('a', 1, () => 3)] }),
  compared: chart({
    kind: 'compared',
    span: days(30),
    series: [
      { ...series('accepted', 30), tone: 'good' },
      { ...series('refused', 30), tone: 'bad' },
    ],
  }),
  lines: chart({
    kind: 'lines',
    span: days(30),
    series: [series('a', 30), series('b', 30, (index) => (index === 5 ? null : index))],
  }),
  'of huge numbers': chart({
    kind: 'lines',
    span: days(3),
    series: [series('a', 3, (index) => Number.MAX_SAFE_INTEGER / (index + 1))],
  }),
  curve: chart({ kind: 'curve', span: days(30), series: [series('devices', 30, (index) => 30 - index)] }),
  bars: chart({ kind: 'bars', names: ['a', 'b'], series: [series('a', 2), series('b', 2)] }),
  'of hostile bars': chart(
    { kind: 'bars', names: HOSTILE, series: [series('a', HOSTILE.length)] },
    { unit: { kind: 'bytes', name: 'size' } },
  ),
  'of 5,000 bars': chart({
    kind: 'bars',
    names: Array.from({ length: 5000 }, (_, index) => `d${index}`),
    series: [series('a', 5000)],
  }),
  'without bars': chart({ kind: 'bars', names: [], series: [] }),
  'heat map': chart({ kind: 'heat-map', days: week((day, hour) => (day === 2 ? null : day * hour)) }),
  'empty heat map': chart({ kind: 'heat-map', days: [] }),
};

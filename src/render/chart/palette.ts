/** Colours that also those tell apart who do not see red or green, after Okabe and Ito; their lightness differs on paper too. */
import type { Series } from '../../document/document.ts';

export const INK = {
  text: '#1d2329',
  quiet: '#56616c',
  grid: '#e3e7eb',
  axis: '#8a96a3',
  paper: '#ffffff',
  gap: '#eef1f4',
} as const;

/** Its yellow is left out, which is no colour on white. */
const DISTINCT = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#3f4750'] as const;
const BAD = ['#d55e00', '#e69f00', '#8a3b00', '#f0c27a'] as const;
const GOOD = ['#0072b2', '#56b4e9', '#009e73'] as const;
const QUIET = ['#a3adb8', '#c9d0d7'] as const;

/** As many series as there are colours; more would be more than an eye tells apart. */
export const MOST_SERIES = 8;

/** A colour for each series: by its tone where any has one besides `quiet`, else one after the other. */
export function coloursOf(series: readonly Series[]): string[] {
  const toned = series.some(({ tone }) => tone === 'good' || tone === 'bad');
  const used = { good: 0, bad: 0, quiet: 0, none: 0 };
  return series.map(({ tone }) => {
    const kind = tone ?? 'none';
    const colours = kind === 'quiet' ? QUIET : toned && kind === 'bad' ? BAD : toned && kind === 'good' ? GOOD : DISTINCT;
    return colours[used[kind]++ % colours.length]!;
  });
}

const HEAT = [
  [221, 235, 247],
  [158, 202, 225],
  [66, 146, 198],
  [8, 81, 156],
  [8, 38, 84],
] as const;

/** Nothing at all is white; the least is already seen. */
export function heat(share: number): string {
  const at = Math.max(0, Math.min(1, share)) * (HEAT.length - 1);
  const [from, to] = [HEAT[Math.floor(at)]!, HEAT[Math.ceil(at)]!];
  const channel = (index: 0 | 1 | 2): number => Math.round(from[index] + (to[index] - from[index]) * (at % 1));
  return `rgb(${channel(0)},${channel(1)},${channel(2)})`;
}

/** Letters on a field of that heat. */
export const onHeat = (share: number): string => (share > 0.45 ? '#ffffff' : INK.text);

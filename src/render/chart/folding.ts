/** What is too much for a picture, added up as `others`: no figure is lost. */
import type { Amount, Series } from '../../document/document.ts';

/** At most `most` series, those with the largest sums; they keep their order, and the others come last. */
export function foldedSeries(series: readonly Series[], most: number): Series[] {
  if (series.length <= most) return [...series];
  const kept = new Set(
    largest(
      series.map(({ values }) => sumOf(values)),
      most - 1,
    ),
  );
  const rest = series.filter((_, index) => !kept.has(index));
  return [
    ...series.filter((_, index) => kept.has(index)),
    { name: `${rest.length} others`, values: addedUp(rest.map(({ values }) => values)), tone: 'quiet' },
  ];
}

export interface Bars {
  readonly names: readonly string[];
  readonly series: readonly Series[];
}

/** At most `most` bars: the first ones, since they come in the order that the report chose. */
export function foldedBars({ names, series }: Bars, most: number): Bars {
  if (names.length <= most) return { names, series };
  const kept = most - 1;
  return {
    names: [...names.slice(0, kept), `${names.length - kept} others`],
    series: series.map((one) => ({
      ...one,
      values: [...one.values.slice(0, kept), addedUp(one.values.slice(kept).map((value) => [value]))[0] ?? null],
    })),
  };
}

/** What is not known counts nothing. */
export function sumOf(values: readonly Amount[]): number {
  return values.reduce((sum: number, value) => sum + (value ?? 0), 0);
}

function addedUp(rows: readonly (readonly Amount[])[]): Amount[] {
  return (rows[0] ?? []).map((_, index) => {
    const known = rows.map((row) => row[index] ?? null).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  });
}

const largest = (sums: readonly number[], count: number): number[] =>
  sums
    .map((sum, index) => ({ sum, index }))
    .sort((a, b) => b.sum - a.sum || a.index - b.index)
    .slice(0, count)
    .map(({ index }) => index);

/** What chart.js is told of a chart: axes, colours, letters. Nothing here draws; what chart.js cannot draw is in marks.ts. */
import type { ChartConfiguration, ChartData, ChartDataset, ChartOptions } from 'chart.js';
import type { Amount, Chart, Series, TimeSpan } from '../../document/document.ts';
import type { Zone } from '../cell-text.ts';
import { printable } from '../printable.ts';
import { cut } from '../width.ts';
import { foldedBars, foldedSeries, sumOf } from './folding.ts';
import { FONTS } from './font-name.ts';
import { endMarks, gapMarks, heatMarks, lastMark, paper, saying } from './marks.ts';
import { coloursOf, INK, MOST_SERIES } from './palette.ts';
import type { PictureForm } from './picture.ts';
import { scaleTo, shortAmount } from './scale.ts';
import { axisLabels } from './time-label.ts';

/** Pixels. */
export const WIDTHS: Readonly<Record<PictureForm, number>> = { wide: 880, narrow: 358, alone: 880 };

const MOST_BARS = { wide: 20, narrow: 15, alone: 20 } as const;
const MOST_LABELS = { wide: 13, narrow: 5, alone: 13 } as const;
const LEGEND_LETTERS = { wide: 30, narrow: 20, alone: 30 } as const;
const NAME_LETTERS = { wide: 38, narrow: 17, alone: 38 } as const;

/** Points above which a line has no dots and bars have no gaps. */
const DENSE = 62;

/** In pixels: bars need as much as there are. */
export function heightOf(chart: Chart, form: PictureForm): number {
  const title = form === 'alone' ? 30 + (chart.note === undefined ? 0 : 20) : 0;
  switch (chart.data.kind) {
    case 'bars': {
      const count = Math.max(1, Math.min(chart.data.names.length, MOST_BARS[form]));
      return 78 + 24 * count + title + (chart.data.series.length > 1 ? 26 : 0);
    }
    case 'heat-map':
      return (form === 'narrow' ? 240 : 300) + title;
    case 'stacked':
    case 'compared':
    case 'lines':
    case 'curve': {
      const rows = Math.ceil(Math.min(chart.data.series.length, MOST_SERIES) / (form === 'narrow' ? 2 : 4));
      return (form === 'narrow' ? 230 : 300) + 22 * Math.max(0, rows - 1) + title;
    }
  }
}

/** Of the same chart, always the same. */
export function chartConfiguration(chart: Chart, form: PictureForm, zone: Zone): ChartConfiguration {
  const { data } = chart;
  switch (data.kind) {
    case 'stacked':
    case 'compared':
    case 'lines':
    case 'curve':
      return overTime(chart, form, zone, data.span, foldedSeries(data.series, MOST_SERIES));
    case 'bars':
      return lying(
        chart,
        form,
        foldedBars({ names: data.names, series: foldedSeries(data.series, MOST_SERIES) }, MOST_BARS[form]),
      );
    case 'heat-map':
      return weekly(chart, form, zone, data.days);
  }
}

function overTime(chart: Chart, form: PictureForm, zone: Zone, span: TimeSpan, series: readonly Series[]): ChartConfiguration {
  const { kind } = chart.data;
  const points = span.starts.length;
  const isDense = points > DENSE / (form === 'narrow' ? 2 : 1);
  const isBars = kind === 'stacked' || kind === 'compared';
  const colours = coloursOf(series);
  const whole = span.starts.map((_, index) => series.map(({ values }) => values[index] ?? null));
  const tops = whole.map((values) => (kind === 'stacked' ? sumOf(values) : Math.max(0, ...values.map((value) => value ?? 0))));
  const most = Math.max(0, ...tops);
  const isEmpty = points === 0 || series.length === 0;
  const gaps = isEmpty ? [] : whole.flatMap((values, index) => (values.every((value) => value === null) ? [index] : []));
  const labels = axisLabels(span, zone, MOST_LABELS[form]);
  const datasets = series.map((one, index): ChartDataset<'bar' | 'line'> => {
    const colour = colours[index]!;
    const common = {
      label: cut(printable(one.name), LEGEND_LETTERS[form]),
      data: span.starts.map((_, at) => one.values[at] ?? null),
    };
    if (isBars)
      return {
        ...common,
        type: 'bar',
        backgroundColor: colour,
        borderColor: INK.paper,
        // Neighbours in a stack are told apart by a line, too.
        borderWidth: isDense ? 0 : { top: kind === 'stacked' && index < series.length - 1 ? 1 : 0 },
        maxBarThickness: 56,
        categoryPercentage: isDense ? 1 : 0.86,
        barPercentage: isDense ? 1 : 0.92,
      };
    return {
      ...common,
      type: 'line',
      borderColor: colour,
      backgroundColor: `${colour}26`,
      borderWidth: 2,
      borderDash: [...DASHES[index % DASHES.length]!],
      stepped: kind === 'curve',
      fill: kind === 'curve' && series.length === 1 ? 'origin' : false,
      pointRadius: isDense || kind === 'curve' ? (isAlone(one.values) ? 2 : 0) : 2.5,
      pointBackgroundColor: colour,
      pointBorderWidth: 0,
    };
  });
  const hasLegend = series.length > 1 || gaps.length > 0;
  return {
    type: isBars ? 'bar' : 'line',
    data: { labels: span.starts.map(() => ''), datasets: datasets as ChartDataset[] },
    options: {
      ...COMMON,
      layout: { padding: { right: kind === 'curve' && series.length === 1 ? 44 : 14, left: 4, top: 4, bottom: 4 } },
      scales: {
        x: {
          stacked: kind === 'stacked',
          offset: true,
          grid: { display: false },
          border: { color: INK.axis },
          title: axisTitle(`${NAMES[span.step]} · ${zone.name}`, 'end'),
          ticks: {
            autoSkip: false,
            maxRotation: 0,
            ...letters(11),
            callback: (_, index) => labels[index] as string | string[] | undefined,
          },
        },
        y: amountAxis(chart, most, kind === 'stacked'),
      },
      plugins: { ...titles(chart, form), legend: legend(hasLegend, form, !isBars, gaps.length > 0) },
    } as ChartOptions,
    plugins: [
      paper,
      gapMarks(gaps),
      ...(kind === 'curve' && series.length === 1 ? [lastMark((value) => shortAmount(value, chart.unit.kind))] : []),
      ...(isEmpty
        ? [saying('No figures in this period')]
        : most === 0 && gaps.length === 0
          ? [saying('None in this period')]
          : []),
    ],
  };
}

const NAMES: Readonly<Record<TimeSpan['step'], string>> = {
  hour: 'hours',
  day: 'days',
  week: 'weeks',
  month: 'months',
  quarter: 'quarters',
  year: 'years',
};

/** Lines are told apart without colour too. */
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 2], [10, 3, 2, 3], [], [7, 3], [2, 2], [10, 3, 2, 3]] as const;

/** One point has no line. */
const isAlone = (values: readonly Amount[]): boolean =>
  values.some((value, index) => value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null);

function lying(
  chart: Chart,
  form: PictureForm,
  { names, series }: { names: readonly string[]; series: readonly Series[] },
): ChartConfiguration {
  const colours = coloursOf(series);
  const sums = names.map((_, index) => sumOf(series.map(({ values }) => values[index] ?? null)));
  const known = names.map((_, index) => series.some(({ values }) => (values[index] ?? null) !== null));
  return {
    type: 'bar',
    data: {
      labels: names.map((name) => cut(printable(name), NAME_LETTERS[form])),
      datasets: series.map((one, index) => ({
        label: cut(printable(one.name), LEGEND_LETTERS[form]),
        data: names.map((_, at) => one.values[at] ?? null),
        backgroundColor: colours[index]!,
        borderColor: INK.paper,
        borderWidth: { right: index < series.length - 1 ? 1 : 0 },
        maxBarThickness: 18,
        categoryPercentage: 0.86,
        barPercentage: 0.9,
      })) as ChartDataset[],
    },
    options: {
      ...COMMON,
      indexAxis: 'y',
      layout: { padding: { right: form === 'narrow' ? 48 : 64, left: 4, top: 4, bottom: 4 } },
      scales: {
        x: amountAxis(chart, Math.max(0, ...sums), true, form === 'narrow' ? 3 : 5),
        y: {
          stacked: true,
          grid: { display: false },
          border: { color: INK.axis },
          ticks: { autoSkip: false, ...letters(12), color: INK.text },
        },
      },
      plugins: { ...titles(chart, form, true), legend: legend(series.length > 1, form, false, false) },
    } as ChartOptions,
    plugins: [
      paper,
      endMarks(sums.map((sum, index) => (known[index] ? shortAmount(sum, chart.unit.kind) : ''))),
      ...(names.length === 0 ? [saying('No figures in this period')] : []),
    ],
  };
}

function weekly(chart: Chart, form: PictureForm, zone: Zone, days: readonly (readonly Amount[])[]): ChartConfiguration {
  const isNarrow = form === 'narrow';
  return {
    type: 'scatter',
    data: { datasets: [] },
    options: {
      ...COMMON,
      // Room for what the colours mean, where the axis leaves none.
      layout: { padding: { right: 16, left: 4, top: 4, bottom: isNarrow ? 26 : 4 } },
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: 24,
          grid: { display: false },
          border: { display: false },
          title: axisTitle(`hour of the day · ${zone.name}`, 'end'),
          ticks: {
            stepSize: isNarrow ? 6 : 2,
            autoSkip: false,
            maxRotation: 0,
            ...letters(11),
            callback: (value) => `${String(value).padStart(2, '0')}:00`,
          },
        },
        y: {
          type: 'linear',
          min: 0,
          max: 7,
          reverse: true,
          grid: { display: false },
          border: { display: false },
          afterBuildTicks: (axis) => {
            axis.ticks = [0, 1, 2, 3, 4, 5, 6].map((day) => ({ value: day + 0.5 }));
          },
          ticks: { autoSkip: false, ...letters(12), color: INK.text, callback: (value) => WEEKDAYS[Math.floor(Number(value))] },
        },
      },
      plugins: { ...titles(chart, form, true), legend: { display: false } },
    } as ChartOptions,
    plugins: [paper, heatMarks(days, chart.unit, isNarrow)],
  };
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** Two dots a pixel. */
const COMMON = { devicePixelRatio: 2, events: [] as never[], locale: 'en-US', font: { family: FONTS } };

const letters = (size: number, weight: 'normal' | 'bold' = 'normal') => ({
  color: INK.quiet,
  font: { family: FONTS, size, weight },
});

const axisTitle = (text: string, align: 'start' | 'center' | 'end') => ({
  display: true,
  text,
  align,
  padding: { top: 4, bottom: 0 },
  ...letters(11),
});

function amountAxis(chart: Chart, most: number, stacked: boolean, steps = 5): object {
  const { kind } = chart.unit;
  const { max, step } = scaleTo(most, kind, steps);
  return {
    type: 'linear',
    min: 0,
    max,
    stacked,
    grid: { color: INK.grid, drawTicks: false },
    border: { display: false },
    ticks: {
      stepSize: step,
      autoSkip: false,
      maxRotation: 0,
      padding: 6,
      ...letters(11),
      // Of one axis, all are written in one manner.
      callback: (value: string | number) => shortAmount(Number(value), kind, max >= 100_000 ? 1000 : undefined),
    },
  };
}

/** The unit stands above its axis; a picture that stands alone has its title and note too. */
function titles({ title, unit, note }: Chart, form: PictureForm, isBelow = false): object {
  const said = printable(unit.name);
  const isAlone = form === 'alone';
  return {
    title: {
      display: isAlone,
      text: cut(printable(title), 80),
      align: 'start',
      padding: { top: 2, bottom: 4 },
      color: INK.text,
      font: { family: FONTS, size: 16, weight: 'bold' },
    },
    subtitle: {
      display: true,
      text: [...(isAlone && note !== undefined ? [cut(printable(note), 120)] : []), cut(said, form === 'narrow' ? 44 : 100)],
      align: 'start',
      padding: { top: 0, bottom: isBelow ? 6 : 10 },
      ...letters(12),
    },
  };
}

function legend(display: boolean, form: PictureForm, isLine: boolean, hasGaps: boolean): object {
  return {
    display,
    position: 'top',
    align: 'start',
    labels: {
      usePointStyle: true,
      pointStyleWidth: isLine ? 24 : 12,
      boxHeight: isLine ? 8 : 10,
      padding: form === 'narrow' ? 8 : 12,
      color: INK.text,
      font: { family: FONTS, size: 12 },
      generateLabels: ({ data }: { readonly data: ChartData }) => [
        ...data.datasets.map((set, datasetIndex) => legendItem(set as unknown as DrawnSeries, datasetIndex, isLine)),
        ...(hasGaps
          ? [
              {
                text: 'no logs',
                fillStyle: INK.gap,
                strokeStyle: INK.axis,
                lineWidth: 1,
                fontColor: INK.text,
                pointStyle: 'rect',
              },
            ]
          : []),
      ],
    },
  };
}

interface DrawnSeries {
  readonly label: string;
  readonly backgroundColor: string;
  readonly borderColor: string;
  readonly borderDash?: number[];
}

const legendItem = ({ label, backgroundColor, borderColor, borderDash }: DrawnSeries, datasetIndex: number, isLine: boolean) => ({
  text: label,
  datasetIndex,
  fillStyle: backgroundColor,
  strokeStyle: isLine ? borderColor : backgroundColor,
  lineWidth: isLine ? 2 : 0,
  lineDash: borderDash ?? [],
  fontColor: INK.text,
  pointStyle: isLine ? 'line' : 'rect',
});

/** What chart.js does not draw by itself: the paper, times without logs, figures beside bars, and the fields of a week. */
import type { Chart as DrawnChart, Plugin } from 'chart.js';
import type { Amount, Chart } from '../../document/document.ts';
import { FONTS } from './font-name.ts';
import { heat, INK, onHeat } from './palette.ts';
import { shortAmount } from './scale.ts';

type Ink = DrawnChart['ctx'];

/** White, since a picture is also shown where the page is dark. */
export const paper: Plugin = {
  id: 'paper',
  beforeDraw: ({ ctx, width, height }) => {
    ctx.save();
    ctx.fillStyle = INK.paper;
    ctx.fillRect(0, 0, width, height);
    ctx.restore();
  },
};

/** Said in place of figures. */
export const saying = (text: string): Plugin => ({
  id: 'saying',
  afterDraw: ({ ctx, chartArea: { left, right, top, bottom } }) => {
    write(ctx, text, (left + right) / 2, (top + bottom) / 2, { align: 'center', size: 14, colour: INK.quiet });
  },
});

/** Hatched fields behind the times of which nothing is known. */
export const gapMarks = (indices: readonly number[]): Plugin => ({
  id: 'gaps',
  beforeDatasetsDraw: ({ ctx, chartArea: { left, right, top, bottom }, scales, data }) => {
    const axis = scales.x;
    if (!axis || indices.length === 0) return;
    const width = (right - left) / Math.max(1, data.labels?.length ?? 0);
    ctx.save();
    ctx.beginPath();
    for (const index of indices) ctx.rect(axis.getPixelForValue(index) - width / 2, top, width, bottom - top);
    ctx.clip();
    hatch(ctx, left, top, right, bottom);
    ctx.restore();
  },
});

/** The sum of every bar at its end. */
export const endMarks = (texts: readonly string[]): Plugin => ({
  id: 'ends',
  afterDatasetsDraw: (chart) => {
    const ends = texts.map((_, index) =>
      chart.data.datasets.reduce(
        (most, __, set) => Math.max(most, chart.getDatasetMeta(set).data[index]?.x ?? 0),
        chart.chartArea.left,
      ),
    );
    texts.forEach((text, index) => {
      const bar = chart.getDatasetMeta(0).data[index];
      if (bar && text !== '') write(chart.ctx, text, ends[index]! + 6, bar.y, { align: 'left', size: 11, colour: INK.text });
    });
  },
});

/** The amount with which the first line ends. */
export const lastMark = (textOf: (value: number) => string): Plugin => ({
  id: 'last',
  afterDatasetsDraw: (chart) => {
    const values = (chart.data.datasets[0]?.data ?? []) as readonly Amount[];
    const index = values.findLastIndex((value) => value !== null);
    const point = chart.getDatasetMeta(0).data[index];
    if (point)
      write(chart.ctx, textOf(values[index] ?? 0), point.x + 8, point.y, {
        align: 'left',
        size: 12,
        colour: INK.text,
        isBold: true,
      });
  },
});

/** A field for each hour of the week; where there is room, with its figure. Below them, what the colours mean. */
export const heatMarks = (days: readonly (readonly Amount[])[], unit: Chart['unit'], isNarrow: boolean): Plugin => ({
  id: 'heat',
  beforeDatasetsDraw: ({ ctx, height: whole, chartArea: { left, right, top, bottom } }) => {
    const most = days.flat().reduce((top: number, value) => Math.max(top, value ?? 0), 0);
    const [width, height] = [(right - left) / 24, (bottom - top) / 7];
    let hasGaps = false;
    for (let day = 0; day < 7; day++)
      for (let hour = 0; hour < 24; hour++) {
        const value = days[day]?.[hour] ?? null;
        const [x, y] = [left + hour * width, top + day * height];
        ctx.save();
        ctx.beginPath();
        ctx.rect(x + 0.5, y + 0.5, width - 1, height - 1);
        if (value === null) {
          hasGaps = true;
          ctx.clip();
          hatch(ctx, x, y, x + width, y + height);
        } else {
          const share = most > 0 ? value / most : 0;
          ctx.fillStyle = value > 0 ? heat(share) : NOTHING;
          ctx.fill();
          const text = shortAmount(value, unit.kind, 1000);
          if (!isNarrow && unit.kind === 'count' && value > 0 && text.length <= 5)
            write(ctx, text, x + width / 2, y + height / 2, { align: 'center', size: 10, colour: onHeat(share) });
        }
        ctx.restore();
      }
    drawKey(ctx, left, whole - 18, shortAmount(most, unit.kind), hasGaps);
  },
});

/** A field with nothing in it. */
const NOTHING = '#f6f8fa';

const KEY_WIDTH = 110;
const KEY_HEIGHT = 9;

function drawKey(ctx: Ink, left: number, y: number, most: string, hasGaps: boolean): void {
  const middle = y + KEY_HEIGHT / 2;
  const said = (text: string, x: number): number => {
    write(ctx, text, x, middle, { align: 'left', size: 11, colour: INK.quiet });
    return x + widthOf(ctx, text, 11);
  };
  const start = said('0', left) + 6;
  for (let dot = 0; dot < KEY_WIDTH; dot++) {
    ctx.fillStyle = dot < 4 ? NOTHING : heat((dot - 4) / (KEY_WIDTH - 4));
    ctx.fillRect(start + dot, y, 1, KEY_HEIGHT);
  }
  const end = said(most, start + KEY_WIDTH + 6);
  if (!hasGaps) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(end + 14, y, 12, KEY_HEIGHT);
  ctx.clip();
  hatch(ctx, end + 14, y, end + 26, y + KEY_HEIGHT);
  ctx.restore();
  said('no logs', end + 31);
}

/** Grey with slanting lines, which no amount has. */
function hatch(ctx: Ink, left: number, top: number, right: number, bottom: number): void {
  ctx.fillStyle = INK.gap;
  ctx.fillRect(left, top, right - left, bottom - top);
  ctx.strokeStyle = '#cfd6dd';
  ctx.lineWidth = 1;
  ctx.beginPath();
  const height = bottom - top;
  for (let x = left - height; x < right; x += 6) {
    ctx.moveTo(x, bottom);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
}

interface Letters {
  readonly align: 'left' | 'center' | 'right';
  readonly size: number;
  readonly colour: string;
  readonly isBold?: boolean;
}

function write(ctx: Ink, text: string, x: number, y: number, { align, size, colour, isBold }: Letters): void {
  ctx.save();
  ctx.font = `${isBold ? 'bold ' : ''}${size}px ${FONTS}`;
  ctx.textAlign = align;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
  ctx.restore();
}

function widthOf(ctx: Ink, text: string, size: number): number {
  ctx.save();
  ctx.font = `${size}px ${FONTS}`;
  const { width } = ctx.measureText(text);
  ctx.restore();
  return width;
}

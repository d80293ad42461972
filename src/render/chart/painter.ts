/**
 * Draws charts with chartjs-node-canvas. Both libraries are loaded when the first report wants pictures, so that no other
 * command waits for them; where the canvas has no binary for the machine, there are no pictures, and the report says so.
 */
import { fileURLToPath } from 'node:url';
import type { ChartConfiguration, Plugin } from 'chart.js';
import type { ChartJSNodeCanvas } from 'chartjs-node-canvas';
import type { Chart } from '../../document/document.ts';
import { inPackage } from '../../package-root.ts';
import type { Zone } from '../cell-text.ts';
import { chartConfiguration, heightOf, WIDTHS } from './configuration.ts';
import { FONT } from './font-name.ts';
import { type Dots, indexedPng } from './indexed-png.ts';
import type { Paint, Picture, PictureForm } from './picture.ts';

export type LoadedPainter =
  | { readonly kind: 'ready'; readonly paint: Paint }
  /** `reason`: one line. */
  | { readonly kind: 'missing'; readonly reason: string };

const FONT_FILES = ['OpenSans-Regular.ttf', 'OpenSans-Semibold.ttf'];

/** What is taken of both libraries. */
export interface Drawing {
  readonly Canvas: new (options: { width: number; height: number }) => ChartJSNodeCanvas;
  /** Null where the file is no font. */
  readonly registerFont: (path: string, name: string) => unknown;
}

/** A painter for pages of this zone; `load` is for tests of a machine without a canvas. */
export async function loadPainter(zone: Zone, load = loadDrawing): Promise<LoadedPainter> {
  let drawing: Drawing;
  try {
    drawing = await load();
  } catch (error) {
    const [reason = ''] = (error as Error).message.split(/\n|\. /);
    return { kind: 'missing', reason: `no pictures: the canvas does not run on ${process.platform} ${process.arch} (${reason})` };
  }
  registerFonts(drawing);
  return { kind: 'ready', paint: paintWith(drawing, zone) };
}

async function loadDrawing(): Promise<Drawing> {
  const { GlobalFonts } = await import('canvas');
  const { ChartJSNodeCanvas } = await import('chartjs-node-canvas');
  return { Canvas: ChartJSNodeCanvas, registerFont: (path, name) => GlobalFonts.registerFromPath(path, name) };
}

let areFontsRegistered = false;

/** The fonts are those of the process. */
function registerFonts({ registerFont }: Drawing): void {
  if (areFontsRegistered) return;
  for (const file of FONT_FILES)
    if (!registerFont(fileURLToPath(inPackage(`src/render/chart/font/${file}`)), FONT)) throw new Error(`${file} is no font`);
  areFontsRegistered = true;
}

/** Making a canvas loads the libraries anew: one of each size is kept. */
function paintWith({ Canvas }: Drawing, zone: Zone): Paint {
  const canvases = new Map<string, ChartJSNodeCanvas>();
  return (chart: Chart, form: PictureForm): Picture => {
    const width = WIDTHS[form];
    const height = heightOf(chart, form);
    const size = `${width}x${height}`;
    const canvas = canvases.get(size) ?? new Canvas({ width, height });
    canvases.set(size, canvas);
    return { png: indexedPng(dotsOf(canvas, chartConfiguration(chart, form, zone))), width, height };
  };
}

/** The library hands out pictures in its own formats only: the dots are taken when it has drawn, the quickest format is left. */
function dotsOf(canvas: ChartJSNodeCanvas, configuration: ChartConfiguration): Dots {
  let dots: Dots | undefined;
  const taking: Plugin = {
    id: 'taking',
    afterRender: ({ ctx, canvas: { width, height } }) => {
      dots = ctx.getImageData(0, 0, width, height);
    },
  };
  canvas.renderToBufferSync({ ...configuration, plugins: [...(configuration.plugins ?? []), taking] }, 'image/jpeg');
  if (dots === undefined) throw new Error('the chart was not drawn');
  return dots;
}

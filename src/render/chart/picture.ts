/** A chart as a picture. */
import type { Chart } from '../../document/document.ts';

export interface Picture {
  /** PNG with two dots a pixel, so that it is sharp on paper too. */
  readonly png: Buffer;
  /** Pixels that it takes on a page. */
  readonly width: number;
  readonly height: number;
}

/**
 * `wide`: for a page on a screen or on paper. `narrow`: for a phone. `alone`: wide, with its title and note in it, for a
 * place that shows nothing else.
 */
export type PictureForm = 'wide' | 'narrow' | 'alone';

/** The same chart gives the same bytes, on one machine. */
export type Paint = (chart: Chart, form: PictureForm) => Picture;

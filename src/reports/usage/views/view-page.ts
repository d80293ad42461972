/** What the pages of views share: curves over the slices of a period, and how a device is told. */
import type { Chart, Series } from '../../../document/document.ts';
import type { SliceUnit } from '../../../queries/usage/period.ts';
import type { ViewDevice } from '../../../queries/usage/views/view-frame.ts';
import { ms } from '../page.ts';
import type { Columns } from '../usage-tables.ts';

/** Rows of a table on a page: it is a list to be worked through, so that few organisations ever meet the end of it. */
export const LISTED = 200;

/** A chart over the slices; the pictures and the text of it come from the renderers. */
export function overSlices(
  {
    createdAt,
    unit,
    slices,
  }: { readonly createdAt: string; readonly unit: SliceUnit; readonly slices: readonly { readonly since: string }[] },
  chart: Omit<Chart, 'kind' | 'data'> & { readonly as: 'curve' | 'stacked'; readonly series: readonly Series[] },
): Chart {
  const { as, series, ...said } = chart;
  return {
    kind: 'chart',
    ...said,
    data: {
      kind: as,
      span: { step: unit, starts: slices.map(({ since }) => ms(since)) },
      // What has not begun yet is not nothing.
      series: series.map((one) => ({
        ...one,
        values: one.values.map((value, at) => (slices[at]!.since >= createdAt ? null : value)),
      })),
    },
  };
}

/** The first columns of every table of devices as data. */
export const DEVICE: Columns<ViewDevice> = [
  ['source', 'text', (one) => one.source],
  ['device', 'text', (one) => one.device],
  ['owner', 'text', (one) => one.owner],
  ['site', 'text', (one) => one.site],
  ['helo', 'text', (one) => one.helo],
];

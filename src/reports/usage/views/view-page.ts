/** What the pages of views share: curves over the slices of a period, and how a device is told. */
import type { Cell, Chart, Column, Series, Table } from '../../../document/document.ts';
import type { SliceUnit } from '../../../queries/usage/period.ts';
import type { ViewDevice } from '../../../queries/usage/views/view-frame.ts';
import { ms, nameOf } from '../page.ts';
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

/** A column of a page, and how a row gives it. */
export interface PageColumn<T> extends Column {
  readonly value: (one: T) => Cell;
}

/** A table of a page; columns that are not there are left out. */
export function pageTable<T>(
  rows: readonly T[],
  columns: readonly (PageColumn<T> | undefined)[],
  said: Pick<Table, 'title' | 'none'> = {},
): Table {
  const own = columns.filter((column) => column !== undefined);
  return {
    kind: 'table',
    ...said,
    columns: own.map(({ value: _, ...column }) => column),
    rows: rows.map((row) => own.map(({ value }) => value(row))),
  };
}

export const amount = <T>(title: string, value: (one: T) => number | null): PageColumn<T> => ({ title, kind: 'count', value });

export const minute = <T>(title: string, value: (one: T) => string | null): PageColumn<T> => ({
  title,
  kind: 'minute',
  value: (one) => {
    const at = value(one);
    return at === null ? null : ms(at);
  },
});

export const word = <T>(title: string, value: (one: T) => string): PageColumn<T> => ({ title, kind: 'text', value });

/** Said in a line under the row. */
export const below = <T>(title: string, value: (one: T) => string): PageColumn<T> => ({
  ...word(title, value),
  shrinks: true,
  below: 'always',
});

/** Who it is: the first columns of every table of devices. */
export const who = (cap: number): readonly PageColumn<ViewDevice>[] => [
  word('Source', (one) => one.source || '(unknown)'),
  { ...word('Device, or hello', nameOf), shrinks: true, cap },
];

/** Only where the device list names one. */
export const owner = (devices: readonly ViewDevice[]): PageColumn<ViewDevice> | undefined =>
  devices.some((one) => one.owner !== null) ? below('Owner', (one) => one.owner ?? '') : undefined;

export const connectors = below<{ readonly connectors: readonly string[] }>(
  'Connectors',
  (one) => one.connectors.join(', ') || 'no connector',
);

/** The first columns of every table of devices as data. */
export const DEVICE: Columns<ViewDevice> = [
  ['source', 'text', (one) => one.source],
  ['device', 'text', (one) => one.device],
  ['owner', 'text', (one) => one.owner],
  ['site', 'text', (one) => one.site],
  ['helo', 'text', (one) => one.helo],
];

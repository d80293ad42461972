/** What the parts of a page of use share: words for amounts, and curves of text blocks. */
import type { Cell, Section, Table } from '../../document/document.ts';
import type { UsageReport } from '../../queries/usage/usage-report.ts';

export interface PageOptions {
  /** A time as a sentence says it, in the zone of the period. */
  readonly time: (at: number) => string;
  /** The format has room for pictures. */
  readonly charts: boolean;
  /** The format is for reckoning rather than for reading: no table is cut short. */
  readonly whole?: boolean;
}

export const count = (n: number, noun: string, plural = `${noun}s`): string => `${number(n)} ${n === 1 ? noun : plural}`;

export const number = (n: number): string => n.toLocaleString('en-US');

/** A share in whole per cent; what is there is never 0 %, what is missing never 100 %. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return '';
  const share = Math.round((100 * part) / whole);
  if (share === 0 && part > 0) return '<1 %';
  if (share === 100 && part < whole) return '>99 %';
  return `${share} %`;
}

/** The same as a cell. */
export const share = (part: number, whole: number): Cell => (whole <= 0 ? null : part / whole);

/** How an amount stands to that of the compared period, as a cell of kind `change`; empty where nothing is compared. */
export function trend(now: number, before: number | null): Cell {
  if (before === null || (now === 0 && before === 0)) return null;
  if (before === 0) return 'new';
  return now === 0 ? 'none now' : (now - before) / before;
}

const BLOCKS = '▁▂▃▄▅▆▇█';
/** Points of a curve beside other columns. */
const POINTS = 16;

/** Rows that a page has room for, of the lists of clients. */
export const LISTED = { devices: 40, changes: 20, noise: 8 } as const;

/** A curve of blocks, from nothing (a dot) to its own peak; neighbours are taken together where it has many points. */
export function curve(values: readonly number[], points = POINTS): string {
  const each = Math.ceil(values.length / points);
  const sums = Array.from({ length: Math.ceil(values.length / each) }, (_, index) =>
    values.slice(index * each, (index + 1) * each).reduce((sum, value) => sum + value, 0),
  );
  const peak = Math.max(...sums, 1);
  return sums
    .map((value) => (value <= 0 ? '·' : BLOCKS[Math.min(BLOCKS.length - 1, Math.floor((value / peak) * BLOCKS.length))]!))
    .join('');
}

/** A table that a page shows the beginning of, and a line that says what it leaves out. */
export function limited<T>(
  list: readonly T[],
  limit: number,
  { whole = false }: Pick<PageOptions, 'whole'>,
  table: (shown: readonly T[]) => Table,
  noun: string,
): Section[] {
  const left = list.length - limit;
  if (left <= 0 || whole) return [table(list)];
  const more: Section = {
    kind: 'text',
    text: `and ${number(left)} more ${left === 1 ? noun : `${noun}s`}: --format csv, json and xlsx have all of them.`,
  };
  return [table(list.slice(0, limit)), more];
}

export const ms = (iso: string): number => Date.parse(iso);

export const nullableMs = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso));

interface Named {
  readonly device: string | null;
  readonly helo?: string | null;
  readonly dnsName?: string | null;
}

/** What a device is called: by the device list, else by itself and by DNS, which says so. */
export function nameOf({ device, helo = null, dnsName = null }: Named): string {
  if (device !== null) return device;
  const own = helo !== null && helo.toLowerCase() === dnsName?.toLowerCase() ? null : helo;
  return [own, dnsName === null ? null : `${dnsName} (DNS)`].filter((name) => name !== null).join(', ');
}

/** The same in a sentence, with its address. */
export function whoIs(one: Named & { readonly source: string }): string {
  const name = nameOf(one);
  return name === '' ? one.source : `${name} (${one.source})`;
}

/** `SERVER\Name`, as logged. */
export function connectorName({ server, connector }: { readonly server: string; readonly connector: string }): string {
  if (connector !== '') return connector;
  return server === '' ? '(no connector)' : `(no connector of ${server})`;
}

/** Something is known of the compared period: else everything would be new. */
export const isComparable = ({ totalsBefore }: UsageReport): boolean => totalsBefore !== null && totalsBefore.devices > 0;

/** The last line of a page, and the only one that differs when the same report is made again. `counted`: what its figures mean. */
export function stampOf(
  { createdAt, period }: Pick<UsageReport, 'createdAt' | 'period'>,
  { time }: PageOptions,
  counted: string,
): Section {
  const times = `Times are ${period.timeZone}; the period is ${time(ms(period.since))} to ${time(ms(period.until))}`;
  return { kind: 'text', text: `${times}. ${counted} Made ${time(ms(createdAt))}.` };
}

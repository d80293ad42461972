/** Names of protocol logs, as the product gives them: `RECV2026110208-1.LOG` (reference of the protocol log, section 3). */
import type { Direction } from '../../protocol-log/fields.ts';

/** How long one series of files lasts: an hour from 2016 on, a day before. */
export type SeriesLength = 'hour' | 'day';

export interface LogFileName {
  /** Digits of the date, and of the hour where the name has one. */
  readonly series: string;
  /** From 1; a number, so that -10 comes after -2. */
  readonly instance: number;
}

const PREFIX: Readonly<Record<Direction, string>> = { receive: 'RECV', send: 'SEND' };

/** The series to which a row belongs that is written at `at`, milliseconds UTC. */
export function seriesAt(at: number, length: SeriesLength): string {
  return new Date(at)
    .toISOString()
    .slice(0, length === 'hour' ? 13 : 10)
    .replaceAll(/[-T]/g, '');
}

/** The name of a file, without its folder. */
export function logFileName(direction: Direction, { series, instance }: LogFileName): string {
  return `${PREFIX[direction]}${series}-${instance}.LOG`;
}

/** undefined: no log of this direction. As in the product, case does not matter and a note may follow the number. */
export function parseLogFileName(direction: Direction, name: string): LogFileName | undefined {
  const match = /^(RECV|SEND)(\d{8}(?:\d{2})?)-(\d+).*\.LOG$/i.exec(name);
  if (match?.[1]?.toUpperCase() !== PREFIX[direction]) return undefined;
  return { series: match[2]!, instance: Number(match[3]) };
}

/** Milliseconds UTC at which the series began: from it a file's age is counted. */
export function seriesStart(series: string): number {
  const [year, month, day, hour] = [series.slice(0, 4), series.slice(4, 6), series.slice(6, 8), series.slice(8, 10)];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour || 0));
}

/** Order in which files were written. */
export function compareLogFiles(a: LogFileName, b: LogFileName): number {
  return seriesStart(a.series) - seriesStart(b.series) || a.series.length - b.series.length || a.instance - b.instance;
}

/** Cells as people read them. */
import { TZDate } from '@date-fns/tz';
import { format } from 'date-fns/format';
import type { Cell, CellKind } from '../document/document.ts';
import { printable } from './printable.ts';

export interface Zone {
  /** IANA name, as `--tz` takes it. */
  readonly name: string;
}

/** The zone of this machine. */
export const machineZone = (): Zone => ({ name: Intl.DateTimeFormat().resolvedOptions().timeZone });

export const formatTime = (at: number, zone: Zone, pattern = 'yyyy-MM-dd HH:mm:ss'): string =>
  format(new TZDate(at, zone.name), pattern);

/** Thousands apart. Intl takes longer to get ready than most commands take for their answer, so it is left the fractions. */
const grouped = (value: number): string =>
  Number.isSafeInteger(value) ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : value.toLocaleString('en-US');

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** A share in whole per cent; what is there is never 0 %, what is missing never 100 %. */
function formatShare(share: number): string {
  const percent = Math.round(100 * share);
  if (percent === 0 && share > 0) return '<1 %';
  if (percent === 100 && share < 1) return '>99 %';
  return `${percent} %`;
}

function formatChange(change: number): string {
  const percent = change > -1 ? Math.max(-99, Math.round(100 * change)) : -100;
  if (percent > 999) return `× ${grouped(Math.round(change + 1))}`;
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %`;
}

/** Amounts, which are compared digit by digit. */
export const alignsRight = (kind: CellKind): boolean =>
  kind === 'count' || kind === 'bytes' || kind === 'duration' || kind === 'share' || kind === 'change';

export function cellText(cell: Cell, kind: CellKind, zone: Zone): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return printable(cell);
  switch (kind) {
    case 'time':
      return formatTime(cell, zone);
    case 'minute':
      return formatTime(cell, zone, 'yyyy-MM-dd HH:mm');
    case 'day':
      return formatTime(cell, zone, 'yyyy-MM-dd');
    case 'bytes':
      return formatBytes(cell);
    case 'duration':
      return formatDuration(cell);
    case 'count':
      return grouped(cell);
    case 'share':
      return formatShare(cell);
    case 'change':
      return formatChange(cell);
    case 'text':
    case 'curve':
    case 'outcome':
    case 'error':
      return String(cell);
  }
}

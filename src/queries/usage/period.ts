/** Periods as people name them: local days, weeks from Monday, months, quarters, years; and how a period is cut in slices. */
import { TZDate, tzOffset } from '@date-fns/tz';
import { addDays } from 'date-fns/addDays';
import { addMonths } from 'date-fns/addMonths';
import { addQuarters } from 'date-fns/addQuarters';
import { addWeeks } from 'date-fns/addWeeks';
import { addYears } from 'date-fns/addYears';
import { differenceInCalendarDays } from 'date-fns/differenceInCalendarDays';
import { format } from 'date-fns/format';
import { startOfDay } from 'date-fns/startOfDay';
import { startOfISOWeek } from 'date-fns/startOfISOWeek';
import { startOfMonth } from 'date-fns/startOfMonth';
import { startOfQuarter } from 'date-fns/startOfQuarter';
import { startOfYear } from 'date-fns/startOfYear';

export const CALENDAR_PERIODS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type CalendarPeriod = (typeof CALENDAR_PERIODS)[number];

export interface Period {
  readonly kind: CalendarPeriod | 'custom';
  /** As a sentence says it: `November 2026`. */
  readonly name: string;
  /** As a file name says it, and `periodNamed` takes it: `2026-11`. */
  readonly id: string;
  /** Milliseconds UTC, whole minutes; `until` lies behind it. */
  readonly since: number;
  readonly until: number;
  /** IANA name of the zone whose days are meant. */
  readonly zone: string;
}

/** A part of a period, milliseconds UTC. */
export interface Slice {
  readonly since: number;
  readonly until: number;
}

export type SliceUnit = 'hour' | 'day' | 'week' | 'month';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const STARTS = {
  day: startOfDay,
  week: startOfISOWeek,
  month: startOfMonth,
  quarter: startOfQuarter,
  year: startOfYear,
} as const;
const STEPS = { day: addDays, week: addWeeks, month: addMonths, quarter: addQuarters, year: addYears } as const;
const NAMES = {
  day: 'EEEE, d MMMM yyyy',
  week: "'week' I 'of' RRRR",
  month: 'MMMM yyyy',
  quarter: "'quarter' Q 'of' yyyy",
  year: 'yyyy',
} as const;
const IDS = { day: 'yyyy-MM-dd', week: "RRRR-'W'II", month: 'yyyy-MM', quarter: "yyyy-'Q'Q", year: 'yyyy' } as const;

/** The day, week … that holds a time. */
export function periodAround(kind: CalendarPeriod, at: number, zone: string): Period {
  const first = STARTS[kind](new TZDate(at, zone));
  const next = STARTS[kind](STEPS[kind](first, 1));
  return {
    kind,
    name: format(first, NAMES[kind]),
    id: format(first, IDS[kind]),
    since: first.getTime(),
    until: next.getTime(),
    zone,
  };
}

/** The last day, week … that is over. */
export const lastPeriod = (kind: CalendarPeriod, now: number, zone: string): Period =>
  periodAround(kind, periodAround(kind, now, zone).since - 1, zone);

/** Any time; its ends are taken back to the minute. */
export function customPeriod(since: number, until: number, zone: string): Period {
  const from = Math.floor(since / MINUTE_MS) * MINUTE_MS;
  const to = Math.max(Math.floor(until / MINUTE_MS) * MINUTE_MS, from + MINUTE_MS);
  const text = (at: number, pattern: string): string => format(new TZDate(at, zone), pattern);
  const days = isMidnight(from, zone) && isMidnight(to, zone);
  const [name, id] = days ? ['d MMMM yyyy', 'yyyy-MM-dd'] : ['yyyy-MM-dd HH:mm', "yyyy-MM-dd'T'HHmm"];
  const last = days ? to - 1 : to;
  return {
    kind: 'custom',
    name: `${text(from, name!)} to ${text(last, name!)}`,
    id: `${text(from, id!)}_${text(last, id!)}`,
    since: from,
    until: to,
    zone,
  };
}

/**
 * `2026`, `2026-Q4`, `2026-11`, `2026-W45` or `2026-11-02`; a day names the period of the kind that holds it, where a kind is
 * given. undefined for anything else, and for what is not that kind.
 */
export function periodNamed(text: string, zone: string, kind?: CalendarPeriod): Period | undefined {
  const [, year = '', quarter, week, month, day] = /^(\d{4})(?:-(?:Q([1-4])|W(\d\d?)|(\d\d?)(?:-(\d\d?))?))?$/i.exec(text) ?? [];
  if (year === '') return undefined;
  const own: CalendarPeriod = quarter ? 'quarter' : week ? 'week' : day ? 'day' : month ? 'month' : 'year';
  if (kind !== undefined && kind !== own && own !== 'day') return undefined;
  const at = (m: number, d: number): TZDate => new TZDate(Number(year), m, d, 12, zone);
  // The fourth of January is always in the first week.
  const inside = quarter
    ? at(Number(quarter) * 3 - 2, 1)
    : week
      ? addWeeks(at(0, 4), Number(week) - 1)
      : at(Number(month ?? 1) - 1, Number(day ?? 1));
  const named = periodAround(own, inside.getTime(), zone);
  const written = [Number(year), quarter ?? week ?? month, day].filter((part) => part !== undefined).map(Number);
  const meant = named.id.replace(/[QW]/, '').split('-').map(Number);
  if (meant.join('-') !== written.join('-')) return undefined;
  return kind === undefined || kind === own ? named : periodAround(kind, inside.getTime(), zone);
}

/** The period of the same length before. */
export function previousPeriod({ kind, since, until, zone }: Period): Period {
  if (kind !== 'custom') return periodAround(kind, since - 1, zone);
  const days =
    isMidnight(since, zone) && isMidnight(until, zone)
      ? differenceInCalendarDays(new TZDate(until, zone), new TZDate(since, zone))
      : 0;
  const from = days > 0 ? startOfDay(addDays(new TZDate(since, zone), -days)).getTime() : since - (until - since);
  return customPeriod(from, since, zone);
}

/** The hours, days, weeks or months of a period, as a curve over it has points. */
export function slicesOf({ kind, since, until, zone }: Period): { readonly unit: SliceUnit; readonly slices: readonly Slice[] } {
  const days = (until - since) / (24 * HOUR_MS);
  const unit: SliceUnit =
    kind === 'year' || days > 370
      ? 'month'
      : kind === 'quarter' || days > 62
        ? 'week'
        : kind === 'day' || days <= 2.1
          ? 'hour'
          : 'day';
  const slices: Slice[] = [];
  for (let from = since; from < until; ) {
    const next = unit === 'hour' ? nextHour(from, zone) : periodAround(unit, from, zone).until;
    const to = Math.min(next, until);
    slices.push({ since: from, until: to });
    from = to;
  }
  return { unit, slices };
}

function nextHour(at: number, zone: string): number {
  return at + HOUR_MS - ((((at + offsetAt(at, zone)) % HOUR_MS) + HOUR_MS) % HOUR_MS);
}

/** Milliseconds that local clocks are ahead of UTC. */
export const offsetAt = (at: number, zone: string): number => tzOffset(zone, new Date(at)) * MINUTE_MS;

const isMidnight = (at: number, zone: string): boolean => startOfDay(new TZDate(at, zone)).getTime() === at;

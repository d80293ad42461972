/** Periods begin and end where the administrator lives. */
import { describe, expect, it, test } from 'vitest';
import {
  customPeriod,
  lastPeriod,
  offsetAt,
  type Period,
  periodAround,
  periodNamed,
  previousPeriod,
  slicesOf,
} from '../../../src/queries/usage/period.ts';

const BERLIN = 'Europe/Berlin';
const AUCKLAND = 'Pacific/Auckland';
const HOUR = 3_600_000;

const bounds = (period: Period | undefined): string[] =>
  period ? [new Date(period.since).toISOString(), new Date(period.until).toISOString()] : [];

describe('a period that has a name', () => {
  test.each<[text: string, zone: string, since: string, until: string, name: string]>([
    ['2026-11-02', BERLIN, '2026-11-01T23:00:00.000Z', '2026-11-02T23:00:00.000Z', 'Monday, 2 November 2026'],
    ['2026-10-25', BERLIN, '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 'Sunday, 25 October 2026'],
    ['2026-03-29', BERLIN, '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', 'Sunday, 29 March 2026'],
    ['2026-W45', BERLIN, '2026-11-01T23:00:00.000Z', '2026-11-08T23:00:00.000Z', 'week 45 of 2026'],
    ['2026-W01', 'UTC', '2025-12-29T00:00:00.000Z', '2026-01-05T00:00:00.000Z', 'week 1 of 2026'],
    ['2026-10', BERLIN, '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z', 'October 2026'],
    ['2026-Q4', BERLIN, '2026-09-30T22:00:00.000Z', '2026-12-31T23:00:00.000Z', 'quarter 4 of 2026'],
    ['2026', BERLIN, '2025-12-31T23:00:00.000Z', '2026-12-31T23:00:00.000Z', '2026'],
    ['2026-09-27', AUCKLAND, '2026-09-26T12:00:00.000Z', '2026-09-27T11:00:00.000Z', 'Sunday, 27 September 2026'],
    ['2026-04-05', AUCKLAND, '2026-04-04T11:00:00.000Z', '2026-04-05T12:00:00.000Z', 'Sunday, 5 April 2026'],
    ['2026-11-02', 'Asia/Kolkata', '2026-11-01T18:30:00.000Z', '2026-11-02T18:30:00.000Z', 'Monday, 2 November 2026'],
  ])('%s in %s', (text, zone, since, until, name) => {
    const period = periodNamed(text, zone);
    expect(bounds(period)).toEqual([since, until]);
    expect(period).toMatchObject({ name, id: text, zone });
  });

  it('may be named by a day in it', () => {
    expect(periodNamed('2026-11-04', BERLIN, 'week')).toEqual(periodNamed('2026-W45', BERLIN));
    expect(periodNamed('2026-11-04', BERLIN, 'quarter')).toEqual(periodNamed('2026-Q4', BERLIN));
  });

  test.each(['2026-13', '2026-W54', '2026-Q5', '2026-02-30', '26', 'x', '2026-11-02T08', '', '2025-W53'])(
    '%j has none',
    (text) => {
      expect(periodNamed(text, BERLIN)).toBeUndefined();
    },
  );

  it('is of the kind that was asked for', () => {
    expect(periodNamed('2026-11', BERLIN, 'week')).toBeUndefined();
  });
});

describe('the last one', () => {
  const now = Date.parse('2026-11-01T23:30:00Z');

  test.each([
    ['day', BERLIN, '2026-11-01'],
    ['day', 'UTC', '2026-10-31'],
    ['day', AUCKLAND, '2026-11-01'],
    ['week', BERLIN, '2026-W44'],
    ['week', 'UTC', '2026-W43'],
    ['month', BERLIN, '2026-10'],
    ['quarter', BERLIN, '2026-Q3'],
    ['year', BERLIN, '2025'],
  ] as const)('%s in %s is %s', (kind, zone, id) => {
    expect(lastPeriod(kind, now, zone).id).toBe(id);
  });
});

describe('the one before', () => {
  test.each([
    ['2026-11-02', '2026-11-01'],
    ['2026-W01', '2025-W52'],
    ['2026-03', '2026-02'],
    ['2026-Q1', '2025-Q4'],
    ['2026', '2025'],
  ])('%s is %s', (text, before) => {
    expect(previousPeriod(periodNamed(text, BERLIN)!)).toEqual(periodNamed(before, BERLIN));
  });

  it('is as many days where days were meant, whatever the clocks did', () => {
    const days = customPeriod(Date.parse('2026-10-23T22:00Z'), Date.parse('2026-10-26T23:00Z'), BERLIN);
    expect(days.name).toBe('24 October 2026 to 26 October 2026');
    expect(bounds(previousPeriod(days))).toEqual(['2026-10-20T22:00:00.000Z', '2026-10-23T22:00:00.000Z']);
  });

  it('is as long where it was a time of day', () => {
    const morning = customPeriod(Date.parse('2026-11-02T07:30:20Z'), Date.parse('2026-11-02T09:00:00Z'), BERLIN);
    expect(bounds(previousPeriod(morning))).toEqual(['2026-11-02T06:00:00.000Z', '2026-11-02T07:30:00.000Z']);
  });
});

describe('slices', () => {
  test.each<[text: string, zone: string, unit: string, slices: number]>([
    ['2026-11-02', BERLIN, 'hour', 24],
    ['2026-10-25', BERLIN, 'hour', 25],
    ['2026-03-29', BERLIN, 'hour', 23],
    ['2026-09-27', AUCKLAND, 'hour', 23],
    ['2026-04-05', AUCKLAND, 'hour', 25],
    ['2026-W43', BERLIN, 'day', 7],
    ['2026-10', BERLIN, 'day', 31],
    ['2026-Q4', BERLIN, 'week', 14],
    ['2026', BERLIN, 'month', 12],
  ])('%s in %s: by %s, %i', (text, zone, unit, count) => {
    const period = periodNamed(text, zone)!;
    const sliced = slicesOf(period);
    expect([sliced.unit, sliced.slices.length]).toEqual([unit, count]);
    expect([sliced.slices[0]!.since, sliced.slices.at(-1)!.until]).toEqual([period.since, period.until]);
    sliced.slices.slice(1).forEach((slice, index) => void expect(slice.since).toBe(sliced.slices[index]!.until));
  });

  it('begin at whole hours of the local clock, where those are half hours of UTC', () => {
    const { slices } = slicesOf(periodNamed('2026-11-02', 'Asia/Kolkata')!);
    expect(slices.every(({ since, until }) => (since + 5.5 * HOUR) % HOUR === 0 && until - since === HOUR)).toBe(true);
  });
});

test('offsets are those of the time', () => {
  expect(offsetAt(Date.parse('2026-07-01T00:00Z'), BERLIN)).toBe(2 * HOUR);
  expect(offsetAt(Date.parse('2026-12-01T00:00Z'), 'Australia/Lord_Howe')).toBe(11 * HOUR);
  expect(offsetAt(Date.parse('2026-12-01T00:00Z'), 'America/St_Johns')).toBe(-3.5 * HOUR);
});

test('a day around a time holds it', () => {
  expect(periodAround('day', Date.parse('2026-10-25T00:30Z'), BERLIN).id).toBe('2026-10-25');
});

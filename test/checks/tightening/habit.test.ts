/** Who comes rarely is called out; who comes every week is not. */
import { expect, it } from 'vitest';
import { habitOf } from '../../../src/checks/tightening/habit.ts';

const DAY = 86_400_000;
const UNTIL = Date.parse('2026-11-03T00:00:00.000Z');
const ago = (days: number): number => UNTIL - days * DAY;

it.each([
  ['on one day', { activeDays: 1, firstEver: ago(3), last: ago(3) }, 'once', 'seen on one day only, 2026-10-31'],
  ['every week', { activeDays: 10, firstEver: ago(65), last: ago(2) }, 'regular', ''],
  ['every month', { activeDays: 4, firstEver: ago(92), last: ago(2) }, 'rare', 'comes about once a month, last on 2026-11-01'],
  [
    'every quarter',
    { activeDays: 4, firstEver: ago(280), last: ago(10) },
    'rare',
    'comes about once a quarter, last on 2026-10-24',
  ],
  ['every year', { activeDays: 2, firstEver: ago(380), last: ago(15) }, 'rare', 'comes about once a year, last on 2026-10-19'],
  [
    'daily until long ago',
    { activeDays: 20, firstEver: ago(70), last: ago(50) },
    'silent',
    'not seen since 2026-09-14, 50 days before the end',
  ],
  ['daily', { activeDays: 60, firstEver: ago(60), last: ago(1) }, 'regular', ''],
  // The active days before the counted ones are not in the count: neither is their time.
  ['daily for years', { activeDays: 390, firstEver: ago(3000), last: ago(1) }, 'regular', ''],
] as const)('%s', (_, source, kind, words) => {
  expect(habitOf(source, UNTIL)).toEqual({ kind, words });
});

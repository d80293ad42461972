/** How often a device comes, from the days on which it was seen. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { paceOf } from '../../../../src/queries/usage/views/rhythm.ts';

const every = (step: number, n: number): number[] => Array.from({ length: n }, (_, index) => index * step);

describe('the rhythm', () => {
  it.each([
    ['every day', every(1, 30), 'daily', 1, 14],
    ['on working days', every(7, 8).flatMap((day) => [0, 1, 2, 3, 4].map((n) => day + n)), 'daily', 1, 14],
    ['every day, but for three weeks of holiday', [...every(1, 40), ...every(1, 40).map((day) => day + 60)], 'daily', 1, 21],
    ['every week', every(7, 8), 'weekly', 7, 14],
    ['once a month', [0, 31, 61, 92], 'monthly', 31, 62],
    ['on five days in a row every month', every(30, 6).flatMap((day) => [0, 1, 2, 3, 4].map((n) => day + n)), 'monthly', 26, 52],
    ['once a quarter', every(91, 5), 'quarterly', 91, 182],
    ['twice a year', every(182, 4), 'seldom', 182, 364],
  ])('%s', (_, days, rhythm, usual, silentAfter) => {
    expect(paceOf(days)).toMatchObject({ rhythm, usualPauseDays: usual, silentAfterDays: silentAfter });
  });

  it('is unclear from one day or two, however far apart, and waits a month at least', () => {
    expect(paceOf([5])).toEqual({ rhythm: 'unclear', usualPauseDays: null, longestPauseDays: null, silentAfterDays: 31 });
    expect(paceOf([5, 95])).toEqual({ rhythm: 'unclear', usualPauseDays: null, longestPauseDays: 90, silentAfterDays: 180 });
  });
});

test('nobody is called silent within a pause from which it came back before', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 60 }), (list) => {
      const days = [...list].sort((a, b) => a - b);
      const { longestPauseDays, usualPauseDays, silentAfterDays } = paceOf(days);
      expect(silentAfterDays).toBeGreaterThanOrEqual(Math.max(14, longestPauseDays ?? 0));
      expect(usualPauseDays ?? 0).toBeLessThanOrEqual(longestPauseDays ?? 0);
    }),
    { seed },
  );
});

/** How often a device comes, from the days on which it was seen; and how long it has to be away before that means anything. */

/** `seldom`: pauses longer than those of a quarter. `unclear`: seen on too few days to have a rhythm. */
export type Rhythm = 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'seldom' | 'unclear';

export interface Pace {
  readonly rhythm: Rhythm;
  /** The pause of which at least half of its time consists, in days; null where the rhythm is unclear. */
  readonly usualPauseDays: number | null;
  /** After which it came back; null where it was seen on one day only. */
  readonly longestPauseDays: number | null;
  /** Away for longer than this, it is called silent. */
  readonly silentAfterDays: number;
}

/** Longest usual pause of each, in days: a weekend, a holiday in the week, a long month, a long quarter. */
const LONGEST = [
  ['daily', 4],
  ['weekly', 11],
  ['monthly', 45],
  ['quarterly', 135],
] as const;

/** Nobody is silent sooner: two weeks are a holiday. */
const LEAST_DAYS = 14;
/** The same of who has no rhythm: it may be one of once a month. */
const LEAST_UNCLEAR_DAYS = 31;
/** Pauses by which a rhythm is told. */
const LEAST_PAUSES = 2;

/**
 * `days`: numbers of days, ascending, each once. The usual pause is weighed by time and not by count: who comes on five days
 * in a row and then not for the rest of the month comes monthly.
 */
export function paceOf(days: readonly number[]): Pace {
  const pauses = days.slice(1).map((day, index) => day - days[index]!);
  const longestPauseDays = pauses.length === 0 ? null : Math.max(...pauses);
  if (pauses.length < LEAST_PAUSES)
    return {
      rhythm: 'unclear',
      usualPauseDays: null,
      longestPauseDays,
      silentAfterDays: Math.max(LEAST_UNCLEAR_DAYS, 2 * (longestPauseDays ?? 0)),
    };
  const usual = usualPause(pauses);
  return {
    rhythm: LONGEST.find(([, longest]) => usual <= longest)?.[0] ?? 'seldom',
    usualPauseDays: usual,
    longestPauseDays,
    silentAfterDays: Math.max(LEAST_DAYS, 2 * usual, longestPauseDays!),
  };
}

function usualPause(pauses: readonly number[]): number {
  const whole = pauses.reduce((sum, pause) => sum + pause, 0);
  let sum = 0;
  return [...pauses].sort((a, b) => b - a).find((pause) => (sum += pause) * 2 >= whole)!;
}

/** When most mail comes: hours and minutes, and the shape of a week. */
import { offsetAt, type Slice } from './period.ts';
import { MINUTE, type RollUpReader } from './roll-up-reader.ts';
import type { BusiestTimes, BusyTime } from './usage-report.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Clocks are set forward and back at quarters of an hour, if at all. */
const QUARTER_MS = 15 * MINUTE_MS;
/** The first day of the epoch was a Thursday. */
const EPOCH_WEEKDAY = 3;
const LISTED = 5;

/** `zone`: whose hours are meant. */
export function busiestTimes(reader: RollUpReader, slice: Slice, zone: string): BusiestTimes {
  const query = `SELECT ${MINUTE}, SUM(messages_accepted) FROM r WHERE messages_accepted > 0 GROUP BY hour, minute`;
  const minutes = reader.minutes<[at: number, accepted: number]>(query, slice);
  const hours = new Map<number, number>();
  const week = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  let quarter = Number.NaN;
  let offset = 0;
  for (const [at, accepted] of minutes) {
    const own = Math.floor(at / QUARTER_MS);
    if (own !== quarter) {
      quarter = own;
      offset = offsetAt(at, zone);
    }
    const local = at + offset;
    const hour = at - modulo(local, HOUR_MS);
    hours.set(hour, (hours.get(hour) ?? 0) + accepted);
    week[modulo(Math.floor(local / DAY_MS) + EPOCH_WEEKDAY, 7)]![Math.floor(modulo(local, DAY_MS) / HOUR_MS)]! += accepted;
  }
  return { hours: busiest(hours), minutes: busiest(minutes), week };
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

const busiest = (times: Iterable<readonly [at: number, accepted: number]>): BusyTime[] =>
  [...times]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, LISTED)
    .map(([at, messagesAccepted]) => ({ at: new Date(at).toISOString(), messagesAccepted }));

/** How often a client comes: who comes rarely is easily forgotten when ranges are narrowed. */
import type { AuditedSource } from '../../queries/audit/audit-facts.ts';

const DAY_MS = 86_400_000;
/** The facts count active days so far back. */
const COUNTED_DAYS = 400;
/** Weekly is often enough; who misses one week is not rare yet. */
const RARE_DAYS = 10;
const SILENT_DAYS = 30;

/** `once`: on one day only. `rare`: less than weekly. `silent`: came more often than its silence at the end is long. */
export type HabitKind = 'regular' | 'once' | 'rare' | 'silent';

export interface Habit {
  readonly kind: HabitKind;
  /** Half a sentence; empty for `regular`. */
  readonly words: string;
}

/** `until`: end of the period, milliseconds UTC. */
export function habitOf(
  { activeDays, firstEver, last }: Pick<AuditedSource, 'activeDays' | 'firstEver' | 'last'>,
  until: number,
): Habit {
  if (activeDays <= 1) return { kind: 'once', words: `seen on one day only, ${day(last)}` };
  const from = Math.max(firstEver, until - COUNTED_DAYS * DAY_MS);
  const every = (last - from) / DAY_MS / (activeDays - 1);
  const silence = (until - last) / DAY_MS;
  if (every > RARE_DAYS) return { kind: 'rare', words: `comes ${frequency(every)}, last on ${day(last)}` };
  if (silence > Math.max(SILENT_DAYS, 3 * every))
    return { kind: 'silent', words: `not seen since ${day(last)}, ${Math.floor(silence)} days before the end` };
  return { kind: 'regular', words: '' };
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

function frequency(days: number): string {
  if (days > 300) return 'about once a year';
  if (days > 75 && days < 110) return 'about once a quarter';
  if (days > 25 && days < 38) return 'about once a month';
  return `about every ${Math.round(days)} days`;
}

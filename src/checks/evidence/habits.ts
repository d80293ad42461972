/** How far back a client's habits are known. */
import type { AuditFacts } from '../../queries/audit/audit-facts.ts';

const DAY_MS = 86_400_000;
/** Whoever was not seen for so long while the logs were there is new. */
const SURE_DAYS = 14;

/** Whole days that the store reaches back before a time; 400 at most. */
export const daysOfHistory = ({ behaviours: { historySince } }: AuditFacts, at: number): number =>
  historySince === null ? 0 : Math.max(0, Math.floor((at - historySince) / DAY_MS));

/** True where the logs reach back so far that a client would have been seen before. */
export const surelyKnown = (facts: AuditFacts, at: number): boolean => daysOfHistory(facts, at) >= SURE_DAYS;

/** `2026-11-02` (UTC). */
export const dayName = (day: number): string => new Date(day).toISOString().slice(0, 10);

const MONTH_MS = (365.25 / 12) * DAY_MS;
/** Months differ, and a last working day moves. */
const MONTH_SLACK_MS = 4 * DAY_MS;

/** True where what happened came again, and each time after whole months: a job at the end of a month does. */
export const isMonthly = (at: number, again: readonly number[]): boolean =>
  again.length > 0 &&
  again.every((one) => {
    const months = Math.round((one - at) / MONTH_MS);
    return months > 0 && Math.abs(one - at - months * MONTH_MS) <= MONTH_SLACK_MS;
  });

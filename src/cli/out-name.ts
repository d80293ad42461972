/** `--out` with the period and the date in it, for a report that is made regularly. Pure. */
import { formatTime, type Zone } from '../render/cell-text.ts';
import { UserError } from '../store/user-error.ts';

export interface OutNameValues {
  /** As the report calls it, such as `2026-10` or `2026-W44`; what no file name may have becomes a hyphen. */
  readonly period: string;
  /** Milliseconds UTC of now. */
  readonly now: number;
  readonly zone: Zone;
}

/**
 * `reports/{period}.html` → `reports/2026-10.html`; `{date}` is the day on which it was made, in the zone of the report.
 * A UserError where there is another name in braces. A path is only what was typed: nothing that is put in makes a folder.
 */
export function outName(pattern: string, { period, now, zone }: OutNameValues): string {
  const values: Readonly<Record<string, string>> = { period: fileNamePart(period), date: formatTime(now, zone, 'yyyy-MM-dd') };
  return pattern.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    if (Object.hasOwn(values, name)) return values[name]!;
    throw new UserError(`--out ${pattern}: there is no {${name}}`, 'There are {period} and {date}.');
  });
}

/** Fit for a file name on Windows too. */
export const fileNamePart = (text: string): string =>
  text
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80) || 'report';

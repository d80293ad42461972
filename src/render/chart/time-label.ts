/** Times on an axis and in a table, in the zone of the page. */
import type { TimeSpan } from '../../document/document.ts';
import { formatTime, type Zone } from '../cell-text.ts';

type Step = TimeSpan['step'];

const WHOLE: Readonly<Record<Step, string>> = {
  hour: 'yyyy-MM-dd HH:mm',
  day: 'yyyy-MM-dd',
  week: 'yyyy-MM-dd',
  month: 'yyyy-MM',
  quarter: "yyyy 'Q'Q",
  year: 'yyyy',
};

/** The time with all that tells it from others. */
export const wholeLabel = (at: number, step: Step, zone: Zone): string => formatTime(at, zone, WHOLE[step]);

/** What stands above a column of these times. */
export const stepTitle = (step: Step): string => (step === 'week' ? 'Week from' : step.charAt(0).toUpperCase() + step.slice(1));

/** A label in one line, or with the year below it where another year begins. */
export type AxisLabel = string | readonly [string, string];

/** Labels for at most `most` of the times, where a reader looks for them; undefined for the others. */
export function axisLabels({ step, starts }: TimeSpan, zone: Zone, most: number): (AxisLabel | undefined)[] {
  const format = (at: number, pattern: string): string => formatTime(at, zone, pattern);
  const years = starts.map((at) => format(at, 'yyyy'));
  const hasYears = step === 'month' || years.some((year) => year !== years[0]);
  const labels = (marks: readonly boolean[], pattern: string): (AxisLabel | undefined)[] => {
    let before: string | undefined;
    return starts.map((at, index) => {
      if (!marks[index]) return undefined;
      const year = years[index]!;
      const isNew = year !== before;
      before = year;
      const text = format(at, pattern);
      return hasYears && isNew && !pattern.includes('yyyy') ? [text, year] : text;
    });
  };
  for (const { marks, pattern } of candidates(step, starts.length)) {
    const marked = starts.map((at, index) => marks((one) => format(at, one), index));
    const count = marked.filter(Boolean).length;
    if (count > 0 && count <= most) return labels(marked, pattern);
  }
  const stride = Math.max(1, Math.ceil(starts.length / most));
  return labels(
    starts.map((_, index) => index % stride === 0),
    WHOLE[step],
  );
}

interface Candidate {
  readonly marks: (format: (pattern: string) => string, index: number) => boolean;
  readonly pattern: string;
}

/** From the densest to the sparsest. */
function candidates(step: Step, points: number): Candidate[] {
  const every = (stride: number, pattern: string): Candidate => ({ marks: (_, index) => index % stride === 0, pattern });
  const hours = (stride: number): Candidate => ({ marks: (format) => Number(format('H')) % stride === 0, pattern: 'HH:mm' });
  /** Midnights, where the times are hours. */
  const dates = (pattern: string, wanted: (format: (pattern: string) => string) => boolean = () => true): Candidate => ({
    marks: (format) => (step !== 'hour' || format('H') === '0') && wanted(format),
    pattern,
  });
  const mondays = dates('d MMM', (format) => format('i') === '1');
  const months = dates('MMM', (format) => format('d') === '1');
  const quarters = dates('MMM', (format) => /^(1|4|7|10)$/.test(format('M')) && format('d') === '1');
  const years = (stride: number): Candidate =>
    dates('yyyy', (format) => format('M d') === '1 1' && Number(format('yyyy')) % stride === 0);
  switch (step) {
    case 'hour':
      return points <= 48
        ? [hours(1), hours(2), hours(3), hours(6), hours(12), dates('d MMM')]
        : [dates('d MMM'), mondays, months];
    case 'day':
      return [dates('d MMM'), every(2, 'd MMM'), mondays, months, quarters, years(1)];
    case 'week':
      return [every(1, 'd MMM'), every(2, 'd MMM'), every(4, 'd MMM'), every(8, 'd MMM'), every(13, 'd MMM')];
    case 'month':
      return [every(1, 'MMM'), every(2, 'MMM'), quarters, years(1), years(2), years(5)];
    case 'quarter':
      return [every(1, "'Q'Q yyyy"), every(2, "'Q'Q yyyy"), years(1), years(2), years(5)];
    case 'year':
      return [every(1, 'yyyy'), every(2, 'yyyy'), every(5, 'yyyy')];
  }
}

/** The figures of a chart as a table: what its picture shows, to be read, copied and reckoned with. */
import type { Cell, CellKind, Chart, Column, Table, TimeSpan } from '../../document/document.ts';
import type { Zone } from '../cell-text.ts';
import { stepTitle, wholeLabel } from './time-label.ts';

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

export const hourLabel = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** A row a time, name or day; a column a series or hour. Days and hours are times, longer spans text in the zone of the page. */
export function chartTable({ title, unit, data }: Chart, zone: Zone): Table {
  const amounts = (names: readonly string[]): Column[] => names.map((name) => ({ title: name, kind: unit.kind }));
  const none = 'No figures.';
  switch (data.kind) {
    case 'stacked':
    case 'compared':
    case 'lines':
    case 'curve': {
      const { span, series } = data;
      return {
        kind: 'table',
        title: captionOf(title, unit.name),
        columns: [timeColumn(span.step), ...amounts(series.map(({ name }) => name))],
        rows: span.starts.map((at, index) => [
          timeCell(at, span.step, zone),
          ...series.map(({ values }) => values[index] ?? null),
        ]),
        none,
      };
    }
    case 'bars':
      return {
        kind: 'table',
        title: captionOf(title, unit.name),
        columns: [text('Name'), ...amounts(data.series.map(({ name }) => name))],
        rows: data.names.map((name, index) => [name, ...data.series.map(({ values }) => values[index] ?? null)]),
        none,
      };
    case 'heat-map':
      return {
        kind: 'table',
        title: captionOf(title, unit.name),
        columns: [text('Hour'), ...amounts(WEEKDAYS)],
        rows: Array.from({ length: 24 }, (_, hour) => [
          hourLabel(hour),
          ...WEEKDAYS.map((_, day) => data.days[day]?.[hour] ?? null),
        ]),
        none,
      };
  }
}

const captionOf = (title: string, unit: string): string => `${title} (${unit})`;

const text = (title: string): Column => ({ title, kind: 'text' satisfies CellKind, shrinks: true });

const timeColumn = (step: TimeSpan['step']): Column => {
  const title = stepTitle(step);
  return step === 'hour' ? { title, kind: 'minute' } : step === 'day' || step === 'week' ? { title, kind: 'day' } : text(title);
};

const timeCell = (at: number, step: TimeSpan['step'], zone: Zone): Cell =>
  step === 'hour' || step === 'day' || step === 'week' ? at : wholeLabel(at, step, zone);

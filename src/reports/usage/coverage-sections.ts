/** What the logs say nothing about. */
import type { Section, Table } from '../../document/document.ts';
import type { UsageCoverage, UsageReport } from '../../queries/usage/usage-report.ts';
import { count, ms } from './page.ts';

/** Connectors that are named before they are only counted. */
const NAMED = 12;

export function coverageSections({ coverage }: Pick<UsageReport, 'coverage'>): Section[] {
  const { connectorsNotLogged, linesNotRead } = coverage;
  const sections: Section[] = [{ kind: 'heading', text: 'What the logs cover' }, coverageTable(coverage)];
  const more: string[] = [];
  if (connectorsNotLogged.length > 0) {
    const left = connectorsNotLogged.length - NAMED;
    const names = connectorsNotLogged.slice(0, NAMED).join(', ');
    more.push(
      `Connectors whose protocol logging is off, so that nobody knows who uses them: ${names}${left > 0 ? ` and ${left} more` : ''}.`,
    );
  }
  if (linesNotRead > 0)
    more.push(`${count(linesNotRead, 'line')} of all logs could not be read: "relaylens analyze" shows where.`);
  if (more.length > 0) sections.push({ kind: 'text', text: more.join('\n') });
  return sections;
}

/** Log by log, how many hours of it are silent. */
export function coverageTable({ logs }: UsageCoverage): Table {
  return {
    kind: 'table',
    columns: [
      { title: 'Server', kind: 'text', shrinks: true, cap: 15 },
      { title: 'Log', kind: 'text' },
      { title: 'Hours', kind: 'count' },
      { title: 'Silent', kind: 'count' },
      { title: 'Longest silence', kind: 'text' },
      { title: 'from', kind: 'minute' },
    ],
    rows: logs.map(({ server, service, direction, hours, silentHours, longestSilence }) => [
      server || '(unknown)',
      `${service || '(unknown)'} ${direction}`,
      hours,
      silentHours,
      longestSilence === null ? '' : `${longestSilence.hours} h`,
      longestSilence === null ? null : ms(longestSilence.since),
    ]),
    none: 'No log was read.',
  };
}

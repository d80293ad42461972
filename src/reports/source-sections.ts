/** Sources in groups: those that fail, those that send, those that only looked, and what is no device at all. */
import type { Section, Table } from '../document/document.ts';
import { failures, type SourceSummary } from '../queries/sources.ts';
import { outcomesText, sourceTable } from './session-tables.ts';

/** `limit`: sources listed in each group; the rest is only counted. */
export function sourceSections(sources: readonly SourceSummary[], limit = Number.POSITIVE_INFINITY): Section[] {
  const isFront = (source: SourceSummary): boolean => source.sessions > 0 && source.frontEndSessions === source.sessions;
  const isHealthCheck = (source: SourceSummary): boolean => source.sessions > 0 && source.healthProbes === source.sessions;
  const devices = sources.filter((source) => !isFront(source) && !isHealthCheck(source));
  const failing = devices.filter((source) => failures(source) > 0);
  const well = devices.filter((source) => failures(source) === 0);
  const sending = well.filter(sendsMail);
  const silent = well.filter((source) => !sendsMail(source));
  return [
    without(
      {
        ...sourceTable(failing.slice(0, limit)),
        title: titleOf('Failing sources', failing, limit, 'worst'),
        none: 'None: every source got what it wanted.',
      },
      ['Refused', 'Auth', 'Last seen', 'Outcomes'],
    ),
    without(
      {
        ...sourceTable(sending.slice(0, limit)),
        title: titleOf('Sources that send without failures', sending, limit, 'busiest'),
        none: 'None.',
      },
      ['Failing', 'Refused', 'Last error'],
    ),
    ...listed('Connected, and sent nothing', silent, limit, true),
    ...listed('Front ends that hand mail to a Hub, no devices', sources.filter(isFront), limit),
    ...listed("The product's own health checks, no devices", sources.filter(isHealthCheck), limit),
  ];
}

const sendsMail = (source: SourceSummary): boolean => source.messagesAccepted > 0 || (source.outcomes.proxied ?? 0) > 0;

const titleOf = (what: string, of: readonly SourceSummary[], limit: number, which: string): string =>
  `${what}: ${of.length}${of.length > limit ? ` (the ${limit} ${which})` : ''}`;

function without(table: Table, titles: readonly string[]): Table {
  const kept = table.columns.flatMap(({ title }, index) => (titles.includes(title) ? [] : [index]));
  return {
    ...table,
    columns: kept.map((index) => table.columns[index]!),
    rows: table.rows.map((row) => kept.map((index) => row[index] ?? null)),
  };
}

function listed(what: string, sources: readonly SourceSummary[], limit: number, withOutcomes = false): Section[] {
  if (sources.length === 0) return [];
  const names = sources
    .slice(0, limit)
    .map(({ source, outcomes }) => (withOutcomes ? `${source} (${outcomesText(outcomes)})` : source));
  const more = sources.length > limit ? ` and ${sources.length - limit} more` : '';
  return [{ kind: 'text', text: `${what}: ${names.join(', ')}${more}.` }];
}

/** The overview that `analyze` prints: what was read, what was not, who relays, who fails. */
import type { CaseVerdict } from '../checks/verdict.ts';
import type { Document, Section } from '../document/document.ts';
import type { CoverageEntry, DamageEntry } from '../queries/coverage.ts';
import type { OverviewFacts } from '../queries/overview.ts';
import { failures, type SourceSummary } from '../queries/sources.ts';
import { connectorSections } from './connector-tables.ts';
import { sourceSections } from './source-sections.ts';

export interface OverviewInput extends OverviewFacts {
  readonly database: string;
  /** The zone of the times, to be named. */
  readonly zone: string;
  /** What the run did, line by line. */
  readonly run: readonly string[];
  /** Why the worst of the failing sources fail. */
  readonly verdicts: readonly CaseVerdict[];
}

/** Sources that the overview lists before it refers to `relaylens sources`. */
const LISTED = 25;

/** The failing sources whose verdicts the overview tells: the worst. */
export const worstSources = (sources: readonly SourceSummary[]): string[] =>
  sources
    .filter((source) => failures(source) > 0)
    .slice(0, LISTED)
    .map(({ source }) => source);

const ANOMALIES: Readonly<Record<string, string>> = {
  'cut-start': 'the beginning is missing (an earlier file was not read)',
  'cut-end':
    'no disconnect in the logs (a later file was not read, or the service was killed; connections that are kept between servers are left out)',
  gap: 'rows in between are missing',
  'repeated-sequence': 'two rows claim the same number',
  unpaired: 'commands without a reply in the logs',
};

export function overviewDocument(input: OverviewInput): Document {
  const { totals } = input;
  const sections: Section[] = [
    { kind: 'heading', text: 'What was read' },
    {
      kind: 'text',
      text: [
        ...input.run,
        `${input.database} holds ${count(totals.sessions, 'session')} from ${count(totals.files, 'log')}. Times are ${input.zone}.`,
      ].join('\n'),
    },
    coverageTable(input.coverage),
  ];
  if (input.damage.length > 0) sections.push(damageTable(input.damage));
  if (input.anomalies.length > 0)
    sections.push(
      { kind: 'heading', text: 'Sessions with something missing' },
      {
        kind: 'figures',
        figures: input.anomalies.map(({ kind, sessions }) => ({
          label: kind,
          value: `${sessions}: ${ANOMALIES[kind] ?? ''}`,
          cell: 'text',
        })),
      },
    );
  sections.push(
    ...connectorSections(input.connectors),
    {
      kind: 'text',
      text: 'A message that passes front end, Hub and a send connector is counted at each of them; the sources below count it once.',
    },
    ...sourceSections(input.sources, LISTED),
  );
  if (input.verdicts.length > 0) sections.push(verdictTable(input.verdicts));
  sections.push({
    kind: 'text',
    text: 'Next: "relaylens diagnose ADDRESS" tells why a source fails, with evidence and the whole remedy; "relaylens sessions --source ADDRESS" lists its sessions, "relaylens session ID" shows one row by row.',
  });
  return { title: 'Overview', sections };
}

const count = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

/** A line each: why, and the first thing to do. */
function verdictTable(verdicts: readonly CaseVerdict[]): Section {
  return {
    kind: 'table',
    title: 'Why they fail, and the first thing to do',
    columns: [
      { title: 'Source', kind: 'text', shrinks: true, cap: 39 },
      { title: 'Why', kind: 'text', shrinks: true },
      { title: 'Sure', kind: 'text' },
      { title: 'Do', kind: 'text', shrinks: true, below: 'always' },
    ],
    rows: verdicts.map(({ subject, verdicts: [first] }) => [
      subject.kind === 'client' ? subject.source : subject.destination,
      first?.title ?? '',
      first?.confidence.level ?? '',
      first?.remedy[0]?.text ?? '',
    ]),
  };
}

function coverageTable(entries: readonly CoverageEntry[]): Section {
  const silent = entries.some(({ longestSilence }) => longestSilence !== undefined);
  return {
    kind: 'table',
    title: 'Coverage',
    columns: [
      { title: 'Server', kind: 'text', shrinks: true, cap: 15 },
      { title: 'Log', kind: 'text' },
      { title: 'From', kind: 'minute' },
      { title: 'To', kind: 'minute' },
      { title: 'Silent', kind: 'text' },
      { title: 'Sessions', kind: 'count' },
      ...(silent ? [{ title: 'Longest silence from', kind: 'minute' as const, optional: true }] : []),
    ],
    rows: entries.map((entry) => [
      entry.server || '(unknown)',
      `${entry.service || '(unknown)'} ${entry.direction}`,
      entry.first,
      entry.last,
      `${entry.silentHours} of ${entry.hours} h`,
      entry.sessions,
      ...(silent ? [entry.longestSilence?.at ?? null] : []),
    ]),
    none: 'No session was read.',
  };
}

function damageTable(entries: readonly DamageEntry[]): Section {
  return {
    kind: 'table',
    title: 'Lines that are no rows as the product writes them',
    columns: [
      { title: 'Lines', kind: 'count' },
      { title: 'Kind', kind: 'text' },
      { title: 'First at', kind: 'text', shrinks: true, cap: 40 },
      { title: 'Text', kind: 'text', shrinks: true, cap: 40 },
    ],
    rows: entries.map(({ kind, lines, file, line, excerpt }) => [lines, kind, `${shortPath(file)}:${line}`, excerpt]),
  };
}

const shortPath = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

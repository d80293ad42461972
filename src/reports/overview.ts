/** The overview that `analyze` prints: what was read, what was not, who relays, who fails. */
import type { Document, Section } from '../document/document.ts';
import type { CoverageEntry, DamageEntry } from '../queries/coverage.ts';
import type { OverviewFacts } from '../queries/overview.ts';
import { connectorSections } from './connector-tables.ts';
import { sourceSections } from './source-sections.ts';

export interface OverviewInput extends OverviewFacts {
  readonly database: string;
  /** The zone of the times, to be named. */
  readonly zone: string;
  /** What the run did, line by line. */
  readonly run: readonly string[];
}

/** Sources that the overview lists before it refers to `relaylens sources`. */
const LISTED = 25;

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
  sections.push({
    kind: 'text',
    text: 'Next: "relaylens sessions --source ADDRESS" lists the sessions of a source, "relaylens session ID" shows one row by row.',
  });
  return { title: 'Overview', sections };
}

const count = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

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

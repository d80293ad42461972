/** What may be closed, and what the dry run on history says of it. */

import type { ConnectorProposal, KeptClient, LeftOutClient, Proposal } from '../../checks/tightening/proposal.ts';
import { identityOf } from '../../connector/connector.ts';
import type { Section, Table } from '../../document/document.ts';
import type { ReplayReview } from '../../rehearsal/review.ts';
import { replayDocument, replaySentence } from '../replay.ts';
import { number } from '../usage/page.ts';
import type { AuditPageOptions, RehearsedProposal } from './audit-report.ts';

/** Sessions of one consequence that are listed on a page. */
const LISTED = 20;

/** Headed by itself; for the page of an audit, or for one of its own. */
export function proposalSections({ proposal, dryRun }: RehearsedProposal, options: AuditPageOptions): Section[] {
  return [
    { kind: 'heading', text: 'Proposal: what may be closed' },
    { kind: 'text', text: summaryOf(proposal) },
    { kind: 'text', text: `Dry run on history: ${replaySentence(dryRun.totals)}` },
    ...proposal.connectors.flatMap((connector) => connectorSections(connector, options)),
    ...dryRunSections(dryRun),
  ];
}

/** The value for JSON: without what is configured. */
export function proposalValue({ proposal, dryRun }: RehearsedProposal): object {
  const { organisation: _, ...rest } = proposal;
  return {
    ...rest,
    since: new Date(proposal.since).toISOString(),
    until: new Date(proposal.until).toISOString(),
    connectors: proposal.connectors.map((connector) => ({
      ...connector,
      kept: connector.kept.map((client) => ({
        ...client,
        firstEver: new Date(client.firstEver).toISOString(),
        last: new Date(client.last).toISOString(),
      })),
    })),
    dryRun,
  };
}

function summaryOf({ connectors }: Proposal): string {
  if (connectors.length === 0) return 'No connector of the configuration lets its clients relay without a logon.';
  const sum = (action: ConnectorProposal['action']): number => connectors.filter((one) => one.action === action).length;
  const parts = [
    [sum('narrow'), 'to be narrowed'],
    [sum('dedicate'), 'to lose the right to relay'],
    [sum('disable'), 'to be disabled'],
    [sum('leave'), 'left as it is'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${number(count)} ${what}`);
  return `Of ${number(connectors.length)} connector${connectors.length === 1 ? '' : 's'} on which clients relay without a logon: ${told.join(', ')}. What comes more rarely than the logs reach back cannot be seen in them.`;
}

const ACTIONS = {
  narrow: 'narrow its ranges',
  dedicate: 'take the right to relay away',
  disable: 'disable it',
  leave: 'leave it',
} as const;

function connectorSections(connector: ConnectorProposal, options: AuditPageOptions): Section[] {
  const { action, because, days, kept, leftOut, untouched, dedicated } = connector;
  const notes = kept.filter(isNoted);
  return [
    { kind: 'heading', level: 2, text: `${identityOf(connector)}: ${ACTIONS[action]}` },
    { kind: 'text', text: `${because} The logs of its server reach back ${number(days)} day${days === 1 ? '' : 's'}.` },
    ...(action === 'narrow' ? [rangesText(connector)] : []),
    ...(dedicated ? [{ kind: 'text', text: `New: "${dedicated.name}" for ${dedicated.ranges.join(', ')}.` } as const] : []),
    ...(untouched.length > 0
      ? [
          {
            kind: 'text',
            text: `Left as they are, since with narrower ones a client would land on another connector, or Exchange would refuse them: ${untouched.join(', ')}.`,
          } as const,
        ]
      : []),
    ...(notes.length > 0 ? [keptTable(notes, options)] : []),
    ...(leftOut.length > 0 ? [leftOutTable(leftOut)] : []),
    ...(connector.commands.length > 0
      ? [
          { kind: 'commands', lines: connector.commands } as const,
          { kind: 'text', text: 'The way back:' } as const,
          { kind: 'commands', lines: connector.wayBack } as const,
        ]
      : []),
  ];
}

function rangesText({ before, after, addressesBefore, addressesAfter }: ConnectorProposal): Section {
  const ranges = (count: number): string => `${number(count)} range${count === 1 ? '' : 's'}`;
  return {
    kind: 'text',
    text: `${ranges(before.length)} with ${addressesBefore} become ${ranges(after.length)} with ${addressesAfter}.`,
  };
}

/** Whom somebody has to think of before the change. */
const isNoted = ({ isPublic, habit, because }: KeptClient): boolean =>
  isPublic || habit.kind !== 'regular' || because === 'other-server';

/** Clients on a page. */
const KEPT = 60;

function keptTable(kept: readonly KeptClient[], { whole, day }: AuditPageOptions): Table {
  const shown = whole ? kept : kept.slice(0, KEPT);
  const left = kept.length - shown.length;
  return {
    kind: 'table',
    title: `Kept, and to be looked at${left > 0 ? ` (the first ${number(shown.length)} of ${number(kept.length)})` : ''}`,
    columns: [
      { title: 'Client', kind: 'text', shrinks: true },
      { title: 'Entry', kind: 'text' },
      { title: 'First seen', kind: 'text' },
      { title: 'Days', kind: 'count' },
      { title: 'Why', kind: 'text', shrinks: true, below: true },
    ],
    rows: shown.map((client) => [
      [client.source, client.device].filter(Boolean).join(' '),
      client.range,
      day(client.firstEver),
      client.activeDays,
      reasonsOf(client).join('; '),
    ]),
  };
}

function reasonsOf({ isPublic, habit, because }: KeptClient): string[] {
  return [
    ...(isPublic ? ['a public address: decide about it'] : []),
    ...(habit.words === '' ? [] : [habit.words]),
    ...(because === 'other-server' ? ['seen on another server only: behind one name it may come to this one tomorrow'] : []),
  ];
}

const LEFT_OUT: Readonly<Record<LeftOutClient['because'], string>> = {
  'only-connected': 'only connected, and never wanted anything',
  'own-server': 'a server that hands on the mail of others',
  'health-check': 'a health check',
  'public-relay': 'relayed from the Internet: if it is yours, give it a range of its own',
};

function leftOutTable(leftOut: readonly LeftOutClient[]): Table {
  return {
    kind: 'table',
    title: 'Seen, and not kept',
    columns: [
      { title: 'Client', kind: 'text', shrinks: true },
      { title: 'Why', kind: 'text', shrinks: true },
      { title: 'From then on', kind: 'text', shrinks: true },
    ],
    rows: leftOut.map(({ source, device, because, landsOn }) => [
      [source, device].filter(Boolean).join(' '),
      LEFT_OUT[because],
      because === 'public-relay'
        ? `on "${landsOn}", without relay`
        : landsOn === null
          ? 'turned away: no connector takes it (a balancer would call the server down)'
          : `on "${landsOn}"`,
    ]),
  };
}

/** The first section of a replay is its sentence, which stands above. */
const dryRunSections = (dryRun: ReplayReview): Section[] => [
  { kind: 'heading', level: 2, text: 'The dry run on history' },
  ...replayDocument(dryRun, LISTED).sections.slice(1),
];

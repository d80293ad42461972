/** Who may relay by configuration, how wide the ranges are, and how many addresses use them. */
import { identityOf, isEnabled, sameName } from '../../connector/connector.ts';
import type { Relay } from '../../connector/effective-rights.ts';
import { union } from '../../connector/range-set.ts';
import { countInWords, type RemoteRange } from '../../connector/remote-range.ts';
import type { Section, Table } from '../../document/document.ts';
import type { AuditedConnector, AuditFacts } from '../../queries/audit/audit-facts.ts';
import { number } from '../usage/page.ts';
import type { AuditPageOptions, AuditReport } from './audit-report.ts';

/** A connector that lets its clients relay without a logon, or very likely does. */
export interface OpenConnector {
  readonly audited: AuditedConnector;
  readonly relay: Extract<Relay, 'yes' | 'likely'>;
  readonly remoteIPRanges: readonly RemoteRange[];
  /** Addresses in its ranges, each once. */
  readonly size: bigint;
  readonly used: readonly string[];
}

export function openConnectors({ organisation, connectors }: AuditFacts): OpenConnector[] {
  return organisation.servers.flatMap((server) =>
    server.connectors.filter(isEnabled).flatMap((connector) => {
      const audited = connectors.find((one) => sameName(one.server, connector.server) && one.name === connector.name);
      const relay = audited?.mayRelay;
      if (!audited || (relay !== 'yes' && relay !== 'likely')) return [];
      const { remoteIPRanges } = connector;
      return [
        {
          audited,
          relay,
          remoteIPRanges,
          size: union(remoteIPRanges).reduce((sum, { first, last }) => sum + last - first + 1n, 0n),
          used: [...new Set(audited.ranges.flatMap(({ sources }) => sources))],
        },
      ];
    }),
  );
}

export function connectorSections({ facts }: AuditReport, options: AuditPageOptions): Section[] {
  if (facts.organisation.servers.length === 0) return [];
  const open = openConnectors(facts);
  return [
    { kind: 'heading', text: 'Receive connectors that let their clients relay without a logon' },
    openTable(open),
    ...open.flatMap((one) => rangeSections(one, options)),
    { kind: 'heading', text: 'All receive connectors' },
    connectorTable(facts),
  ];
}

function openTable(open: readonly OpenConnector[]): Table {
  return {
    kind: 'table',
    columns: [
      { title: 'Connector', kind: 'text', shrinks: true },
      { title: 'May relay', kind: 'text' },
      { title: 'Ranges', kind: 'count' },
      { title: 'Addresses', kind: 'text' },
      { title: 'In use', kind: 'count' },
      { title: 'Msgs', kind: 'count' },
      { title: 'Outside', kind: 'count' },
    ],
    rows: open.map(({ audited, relay, remoteIPRanges, size, used }) => [
      identityOf(audited),
      relay === 'yes' ? 'yes' : 'very likely (Custom)',
      remoteIPRanges.length,
      countInWords(size).replace(/ address(es)?$/, ''),
      used.length,
      audited.messagesAccepted,
      audited.externalRecipients,
    ]),
    none: 'None.',
  };
}

/** Ranges of one connector on a page. */
const RANGES = 60;

/** Range by range, the unused ones too. */
function rangeSections({ audited, remoteIPRanges }: OpenConnector, { whole, day }: AuditPageOptions): Section[] {
  const since = audited.logsSince;
  const shown = whole ? audited.ranges : audited.ranges.slice(0, RANGES);
  const left = audited.ranges.length - shown.length;
  return [
    {
      kind: 'table',
      title: `Ranges of ${identityOf(audited)}${since === null ? ', of whose server no log was read' : `, in the logs since ${day(since)}`}`,
      columns: [
        { title: 'Range', kind: 'text' },
        { title: 'Addresses', kind: 'text' },
        { title: 'In use', kind: 'count' },
        { title: 'Last use', kind: 'day' },
        { title: 'By', kind: 'text', shrinks: true },
      ],
      rows: shown.map(({ range, sources, lastUsed }) => {
        const size = remoteIPRanges.find(({ text }) => text === range);
        return [
          range,
          size ? countInWords(size.last - size.first + 1n).replace(/ address(es)?$/, '') : '',
          sources.length,
          lastUsed,
          sources.length === 0 ? 'nobody' : sources.slice(0, SHOWN).join(', ') + more(sources.length - SHOWN),
        ];
      }),
    },
    ...(left > 0 ? [{ kind: 'text', text: `and ${number(left)} more ranges: --format json has all of them.` } as const] : []),
  ];
}

/** Sources named in a cell. */
const SHOWN = 4;
const more = (left: number): string => (left > 0 ? ` and ${number(left)} more` : '');

function connectorTable({ organisation, connectors }: AuditFacts): Table {
  return {
    kind: 'table',
    columns: [
      { title: 'Connector', kind: 'text', shrinks: true },
      { title: 'May relay', kind: 'text' },
      { title: 'Logging', kind: 'text', optional: true },
      { title: 'Sources', kind: 'count' },
      { title: 'Msgs', kind: 'count' },
      { title: 'Outside', kind: 'count' },
      { title: 'Groups', kind: 'text', shrinks: true, below: 'always' },
      { title: 'Mechanisms', kind: 'text', shrinks: true, below: 'always' },
    ],
    rows: organisation.servers.flatMap((server) =>
      server.connectors.map((connector) => {
        const audited = connectors.find((one) => sameName(one.server, connector.server) && one.name === connector.name);
        const { PermissionGroups, AuthMechanism, ProtocolLoggingLevel } = connector.properties;
        return [
          `${identityOf(connector)}${isEnabled(connector) ? '' : ' (disabled)'}`,
          audited?.mayRelay ?? 'unknown',
          ProtocolLoggingLevel ?? 'not exported',
          audited?.sources ?? 0,
          audited?.messagesAccepted ?? 0,
          audited?.externalRecipients ?? 0,
          PermissionGroups === undefined ? 'groups not exported' : PermissionGroups.join(', ') || 'no permission groups',
          AuthMechanism === undefined ? 'mechanisms not exported' : AuthMechanism.join(', ') || 'no mechanism',
        ];
      }),
    ),
  };
}

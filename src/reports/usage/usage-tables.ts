/** The tables of a report of use as data: whole, one file each. */
import type { Cell, CellKind, Table } from '../../document/document.ts';
import type { UsageReport } from '../../queries/usage/usage-report.ts';

export interface NamedTable {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly table: Table;
}

/** Title, kind and value of each column. */
export type Columns<T> = readonly (readonly [title: string, kind: CellKind, value: (one: T) => Cell])[];

/** Columns in their order: what each is called, what it holds, and how a row gives it. */
export function table<T>(rows: readonly T[], columns: Columns<T>): Table {
  return {
    kind: 'table',
    columns: columns.map(([title, kind]) => ({ title, kind })),
    rows: rows.map((row) => columns.map(([, , value]) => value(row))),
  };
}

export const list = (texts: readonly string[]): string => texts.join('; ');
export const byName = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, n]) => `${name}:${n}`)
    .join(' ');

type WithVolume = UsageReport['devices'][number] | UsageReport['connectors'][number] | UsageReport['totals'];
const VOLUME: Columns<WithVolume> = [
  ['messagesAccepted', 'count', (one) => one.messagesAccepted],
  ['messagesRefused', 'count', (one) => one.messagesRefused],
  ['recipientsAccepted', 'count', (one) => one.recipientsAccepted],
  ['recipientsRefused', 'count', (one) => one.recipientsRefused],
  ['recipientsExternal', 'count', (one) => one.recipientsExternal],
  ['bytesAccepted', 'count', (one) => one.bytesAccepted],
];

/** Columns are called as in JSON; times are ISO. */
export function usageTables(report: UsageReport): NamedTable[] {
  const { period, compared, totals, totalsBefore } = report;
  const periods = [
    { which: 'period', ...period, ...totals },
    ...(compared && totalsBefore ? [{ which: 'compared', ...compared, ...totalsBefore }] : []),
  ];
  const changes = report.changes;
  return [
    {
      name: 'totals',
      table: table(periods, [
        ['which', 'text', (one) => one.which],
        ['period', 'text', (one) => one.name],
        ['since', 'text', (one) => one.since],
        ['until', 'text', (one) => one.until],
        ['timeZone', 'text', (one) => one.timeZone],
        ['devices', 'count', (one) => one.devices],
        ['devicesSending', 'count', (one) => one.devicesSending],
        ['sessions', 'count', (one) => one.sessions],
        ...VOLUME,
      ]),
    },
    coverageTable(report),
    {
      name: 'connectors',
      table: table(report.connectors, [
        ['server', 'text', (one) => one.server],
        ['connector', 'text', (one) => one.connector],
        ['sessions', 'count', (one) => one.sessions],
        ['devices', 'count', (one) => one.devices],
        ...VOLUME,
        ['messagesBefore', 'count', (one) => one.messagesBefore],
      ]),
    },
    {
      name: 'devices',
      table: table(report.devices, [
        ['source', 'text', (one) => one.source],
        ['device', 'text', (one) => one.device],
        ['owner', 'text', (one) => one.owner],
        ['site', 'text', (one) => one.site],
        ['helo', 'text', (one) => one.helo],
        ['dnsName', 'text', (one) => one.dnsName],
        ['servers', 'text', (one) => list(one.servers)],
        ['connectors', 'text', (one) => list(one.connectors)],
        ['sessions', 'count', (one) => one.sessions],
        ...VOLUME,
        ['tls', 'text', (one) => byName(one.tls)],
        ['authenticated', 'text', (one) => one.authenticated],
        ['messagesBefore', 'count', (one) => one.messagesBefore],
        ['firstSeen', 'text', (one) => one.firstSeen],
        ['lastSeen', 'text', (one) => one.lastSeen],
      ]),
    },
    {
      name: 'changes',
      table: table(
        changes === null
          ? []
          : [
              ...(['newcomers', 'returned', 'vanished'] as const).flatMap((what) =>
                changes[what].map((one) => ({ what, ...one, before: null as string | null, after: null as string | null })),
              ),
              ...changes.changed.flatMap(({ changes: own, ...one }) =>
                own.map(({ kind, before, after }) => ({
                  what: kind,
                  ...one,
                  messagesAccepted: null,
                  firstSeen: null,
                  lastSeen: null,
                  before: typeof before === 'object' ? list(before) : String(before),
                  after: typeof after === 'object' ? list(after) : String(after),
                })),
              ),
            ],
        [
          ['change', 'text', (one) => one.what],
          ['source', 'text', (one) => one.source],
          ['device', 'text', (one) => one.device],
          ['owner', 'text', (one) => one.owner],
          ['helo', 'text', (one) => one.helo],
          ['dnsName', 'text', (one) => one.dnsName],
          ['messagesAccepted', 'count', (one) => one.messagesAccepted],
          ['firstSeen', 'text', (one) => one.firstSeen],
          ['lastSeen', 'text', (one) => one.lastSeen],
          ['before', 'text', (one) => one.before],
          ['after', 'text', (one) => one.after],
        ],
      ),
    },
    {
      name: 'refusals',
      table: table(report.refusals, [
        ['cause', 'text', (one) => one.cause],
        ['title', 'text', (one) => one.title],
        ['reply', 'text', (one) => one.reply],
        ['refusals', 'count', (one) => one.refusals],
        ['devices', 'count', (one) => one.devices],
      ]),
    },
    {
      name: 'over-time',
      table: table(report.slices, [
        ['since', 'text', (one) => one.since],
        ['until', 'text', (one) => one.until],
        ['messagesAccepted', 'count', (one) => one.messagesAccepted],
        ['messagesRefused', 'count', (one) => one.messagesRefused],
        ['tls', 'text', (one) => byName(one.tls)],
      ]),
    },
    {
      name: 'sender-domains',
      table: table(report.senderDomains, [
        ['domain', 'text', (one) => one.domain],
        ['messagesAccepted', 'count', (one) => one.messagesAccepted],
        ['messagesRefused', 'count', (one) => one.messagesRefused],
        ['bytesAccepted', 'count', (one) => one.bytesAccepted],
        ['devices', 'count', (one) => one.devices],
      ]),
    },
    {
      name: 'recipient-domains',
      table: table(report.recipientDomains, [
        ['domain', 'text', (one) => one.domain],
        ['recipientsAccepted', 'count', (one) => one.recipientsAccepted],
        ['recipientsRefused', 'count', (one) => one.recipientsRefused],
        ['recipientsExternal', 'count', (one) => one.recipientsExternal],
        ['devices', 'count', (one) => one.devices],
      ]),
    },
    {
      name: 'busiest-hours',
      table: table(report.busiest.hours, [
        ['at', 'text', (one) => one.at],
        ['messagesAccepted', 'count', (one) => one.messagesAccepted],
      ]),
    },
    {
      name: 'busiest-minutes',
      table: table(report.busiest.minutes, [
        ['at', 'text', (one) => one.at],
        ['messagesAccepted', 'count', (one) => one.messagesAccepted],
      ]),
    },
    {
      name: 'largest-messages',
      table: table(report.largest, [
        ['at', 'text', (one) => one.at],
        ['bytes', 'count', (one) => one.bytes],
        ['source', 'text', (one) => one.source],
        ['device', 'text', (one) => one.device],
        ['dnsName', 'text', (one) => one.dnsName],
        ['sender', 'text', (one) => one.sender],
        ['server', 'text', (one) => one.server],
        ['connector', 'text', (one) => one.connector],
        ['sessionId', 'text', (one) => one.sessionId],
      ]),
    },
    noiseTable(report),
  ];
}

/** What the logs cover, a row a log. */
export const coverageTable = ({ coverage }: Pick<UsageReport, 'coverage'>): NamedTable => ({
  name: 'coverage',
  table: table(coverage.logs, [
    ['server', 'text', (one) => one.server],
    ['service', 'text', (one) => one.service],
    ['direction', 'text', (one) => one.direction],
    ['hours', 'count', (one) => one.hours],
    ['silentHours', 'count', (one) => one.silentHours],
    ['longestSilenceSince', 'text', (one) => one.longestSilence?.since ?? null],
    ['longestSilenceHours', 'count', (one) => one.longestSilence?.hours ?? null],
  ]),
});

/** What is no use of the relay, a row a source and kind. */
export const noiseTable = ({ noise }: Pick<UsageReport, 'noise'>): NamedTable => ({
  name: 'noise',
  table: table(
    noise.flatMap(({ kind, sources }) => sources.map((one) => ({ kind, ...one }))),
    [
      ['kind', 'text', (one) => one.kind],
      ['source', 'text', (one) => one.source],
      ['device', 'text', (one) => one.device],
      ['dnsName', 'text', (one) => one.dnsName],
      ['sessions', 'count', (one) => one.sessions],
    ],
  ),
});

/** The sources, by what they did without a logon: sent to the outside, may do so, tried to, logged on, or none of it. */
import { mayRelayAnywhere, type Risk, riskOf } from '../../checks/risk.ts';
import { isWholeFamily, parseRemoteRange } from '../../connector/remote-range.ts';
import type { Column, Section, Table } from '../../document/document.ts';
import type { AuditedSource, DomainCount, Place } from '../../queries/audit/audit-facts.ts';
import { tlsText } from '../usage/device-sections.ts';
import { count, limited, number } from '../usage/page.ts';
import type { AuditPageOptions, AuditReport } from './audit-report.ts';

/** Sources of one kind on a page. */
const SOURCES = 60;
/** Domains and examples named in a cell. */
const NAMED = 4;

/** `relays`: sent to the outside without a logon. `may`: could have. `tried`: every attempt was refused. */
export type SourceKind = 'relays' | 'may' | 'tried' | 'logs-on' | 'other';

/** The first that holds. */
export function kindOf(source: AuditedSource): SourceKind {
  if (source.external) return 'relays';
  if (mayRelayAnywhere(source)) return 'may';
  if (source.refusedRelay) return 'tried';
  return source.logon.succeeded > 0 ? 'logs-on' : 'other';
}

export function sourceSections({ facts }: AuditReport, options: AuditPageOptions): Section[] {
  const listed = facts.organisation.devices.length > 0;
  const rated = facts.sources.map((source) => ({ source, risk: riskOf(source, listed) }));
  const of = (kind: SourceKind): Rated[] => rated.filter(({ source }) => kindOf(source) === kind);
  const part = (kind: SourceKind, title: string, table: (shown: readonly Rated[]) => Table): Section[] => {
    const own = of(kind);
    if (own.length === 0 && kind !== 'relays') return [];
    return [{ kind: 'heading', text: `${title}: ${number(own.length)}` }, ...limited(own, SOURCES, options, table, 'source')];
  };
  return [
    ...part('relays', 'Sources that sent to the outside without a logon', (shown) => relayTable(shown, options)),
    ...part('may', 'Sources that may relay without a logon, and sent to the inside at most', (shown) => mayTable(shown, options)),
    ...part('tried', 'Sources that tried to relay, and were refused each time', (shown) => triedTable(shown, options)),
    ...part('logs-on', 'Sources that log on', (shown) => logonTable(shown, options)),
    ...part('other', 'Sources that may not relay', (shown) => otherTable(shown, options)),
    ...apart(facts),
  ];
}

interface Rated {
  readonly source: AuditedSource;
  readonly risk: Risk;
}

const WHO: readonly Column[] = [
  { title: 'Source', kind: 'text' },
  { title: 'Device, or hello', kind: 'text', shrinks: true, cap: 22 },
];
const DETAILS: readonly Column[] = [
  { title: 'Where', kind: 'text', shrinks: true, below: 'always' },
  { title: 'Details', kind: 'text', shrinks: true, below: 'always' },
  { title: 'Risk', kind: 'text', shrinks: true, below: 'always' },
];

const who = ({ source, device, helo }: AuditedSource): [string, string] => [source || '(unknown)', device ?? helo[0]?.name ?? ''];

function relayTable(shown: readonly Rated[], options: AuditPageOptions): Table {
  return {
    kind: 'table',
    columns: [
      ...WHO,
      { title: 'Outside', kind: 'count' },
      { title: 'First', kind: 'day' },
      { title: 'Last', kind: 'day' },
      { title: 'Days', kind: 'count' },
      ...DETAILS,
    ],
    rows: shown.map(({ source, risk }) => [
      ...who(source),
      source.external!.count,
      source.external!.first,
      source.external!.last,
      source.activeDays,
      whereText(source),
      [
        `to ${domainsText(source.external!.domains)}`,
        refusedText(source),
        sendersText(source),
        tlsText(source.tls),
        ownerText(source),
        `see session ${source.external!.examples.map(({ session, at }) => `${session} (${options.day(at)})`).join(' and ')}`,
      ]
        .filter((text) => text !== '')
        .join('; '),
      riskText(risk),
    ]),
    none: 'None.',
  };
}

function mayTable(shown: readonly Rated[], _: AuditPageOptions): Table {
  return {
    kind: 'table',
    columns: [
      ...WHO,
      { title: 'Msgs', kind: 'count' },
      { title: 'Last', kind: 'day' },
      { title: 'Days', kind: 'count' },
      ...DETAILS,
    ],
    rows: shown.map(({ source, risk }) => [
      ...who(source),
      messagesOf(source),
      source.last,
      source.activeDays,
      whereText(source),
      [rightText(source), unknownText(source), tlsText(source.tls), ownerText(source)].filter((text) => text !== '').join('; '),
      riskText(risk),
    ]),
  };
}

function triedTable(shown: readonly Rated[], options: AuditPageOptions): Table {
  return {
    kind: 'table',
    columns: [
      ...WHO,
      { title: 'Refused', kind: 'count' },
      { title: 'First', kind: 'day' },
      { title: 'Last', kind: 'day' },
      ...DETAILS,
    ],
    rows: shown.map(({ source, risk }) => [
      ...who(source),
      source.refusedRelay!.count,
      source.refusedRelay!.first,
      source.refusedRelay!.last,
      whereText(source),
      [
        `to ${domainsText(source.refusedRelay!.domains)}`,
        source.refusedRelay!.senderDomains.length === 0 ? '' : `from ${domainsText(source.refusedRelay!.senderDomains)}`,
        ownerText(source),
        `see session ${source.refusedRelay!.examples.map(({ session, at }) => `${session} (${options.day(at)})`).join(' and ')}`,
      ]
        .filter((text) => text !== '')
        .join('; '),
      riskText(risk),
    ]),
  };
}

function logonTable(shown: readonly Rated[], _: AuditPageOptions): Table {
  return {
    kind: 'table',
    columns: [
      ...WHO,
      { title: 'Logged on', kind: 'count' },
      { title: 'Failed', kind: 'count' },
      { title: 'Without', kind: 'count' },
      { title: 'Last', kind: 'day' },
      ...DETAILS,
    ],
    rows: shown.map(({ source, risk }) => [
      ...who(source),
      source.logon.succeeded,
      source.logon.failed,
      source.logon.none,
      source.last,
      whereText(source),
      [tlsText(source.tls), ownerText(source)].filter((text) => text !== '').join('; '),
      riskText(risk),
    ]),
  };
}

function otherTable(shown: readonly Rated[], _: AuditPageOptions): Table {
  return {
    kind: 'table',
    columns: [...WHO, { title: 'Msgs', kind: 'count' }, { title: 'Last', kind: 'day' }, ...DETAILS],
    rows: shown.map(({ source, risk }) => [
      ...who(source),
      messagesOf(source),
      source.last,
      whereText(source),
      [rightText(source), unknownText(source), failedText(source), ownerText(source)].filter((text) => text !== '').join('; '),
      riskText(risk),
    ]),
  };
}

const messagesOf = ({ places }: AuditedSource): number => places.reduce((sum, { messagesAccepted }) => sum + messagesAccepted, 0);

/** Connector by connector, with the very range that let it in, where that is not everybody's. */
const whereText = ({ places }: AuditedSource): string => places.map(placeText).join(', ');

function placeText({ server, connector, range }: Place): string {
  if (connector === '') return `no connector of ${server || 'an unknown server'}`;
  const all = range === null ? undefined : parseRemoteRange(range);
  return `${server}\\${connector}${range === null || (all && isWholeFamily(all)) ? '' : ` through ${range}`}`;
}

const domainsText = (domains: readonly DomainCount[]): string =>
  domains
    .slice(0, NAMED)
    .map(({ domain, count: of }) => `${domain || '(no domain)'} (${number(of)})`)
    .join(', ') + (domains.length > NAMED ? ` and ${count(domains.length - NAMED, 'other domain')}` : '');

/** Own domain from an anonymous source is marked. */
function sendersText({ senders }: AuditedSource): string {
  const { own, foreign, none, domains } = senders;
  if (own === null || foreign === null) return domains.length === 0 ? '' : `senders of ${domainsText(domains)}`;
  const parts = [
    ...(own > 0 ? [`${number(own)} in the name of the organisation`] : []),
    ...(foreign > 0 ? [`${number(foreign)} with a foreign sender`] : []),
    ...(none > 0 ? [`${number(none)} with <>`] : []),
  ];
  return parts.length === 0 ? '' : `messages: ${parts.join(', ')}`;
}

const KNOWN_BY = {
  log: "the session's own row",
  'accepted-recipient': 'an accepted recipient outside',
  'refused-recipient': 'a refused recipient',
  rights: 'the imported rights',
  'permission-groups': 'the permission groups',
  nothing: 'nothing',
} as const satisfies Record<Place['relay']['knownBy'], string>;

/** How the right to relay is known, of the place where it counts most. */
function rightText({ places }: AuditedSource): string {
  const may = places.find(({ relay }) => relay.mayRelay === 'yes') ?? places.find(({ relay }) => relay.mayRelay === 'likely');
  const { relay } = may ?? places[0] ?? {};
  if (!relay) return '';
  const verb = { yes: 'may relay', likely: 'may very likely relay', no: 'may not relay', unknown: 'right to relay unknown' }[
    relay.mayRelay
  ];
  return relay.knownBy === 'nothing' ? verb : `${verb}, by ${KNOWN_BY[relay.knownBy]}`;
}

const unknownText = ({ recipientsUnknown }: AuditedSource): string =>
  recipientsUnknown === 0 ? '' : `${count(recipientsUnknown, 'recipient')} of whom nobody knows whether they are outside`;

/** Beside what was accepted. */
const refusedText = ({ refusedRelay }: AuditedSource): string =>
  refusedRelay === null ? '' : `${count(refusedRelay.count, 'other recipient')} refused, for want of the right to relay there`;

const failedText = ({ logon }: AuditedSource): string =>
  logon.failed === 0 ? '' : `${count(logon.failed, 'session')} with a failed logon`;

const ownerText = ({ owner, site }: AuditedSource): string =>
  [...(owner === null ? [] : [`owner ${owner}`]), ...(site === null ? [] : [site])].join(', ');

const riskText = ({ level, reasons }: Risk): string => (level === 'none' ? '' : `risk ${level}: ${reasons.join(', ')}`);

/** Who is no device. */
function apart({ ownServers, healthChecks, probes }: AuditReport['facts']): Section[] {
  const lines = [
    ['Own servers, which hand on the mail of others', ownServers],
    ["The product's own health checks", healthChecks],
    ['Connected, and wanted nothing', probes],
  ] as const;
  const told = lines.filter(([, addresses]) => addresses.length > 0);
  if (told.length === 0) return [];
  return [
    { kind: 'heading', text: 'No sources of mail' },
    {
      kind: 'figures',
      figures: told.map(([label, addresses]) => ({
        label,
        value:
          addresses.slice(0, LISTED).join(', ') +
          (addresses.length > LISTED ? ` and ${number(addresses.length - LISTED)} more` : ''),
        cell: 'text',
      })),
    },
  ];
}

const LISTED = 12;

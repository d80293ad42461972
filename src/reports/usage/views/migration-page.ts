/** `report --view migration`: what each device asks of whoever takes its mail, and which service could. */
import type { Judgement } from '../../../checks/targets/judgement.ts';
import type { Amount, Limit, Source, Target } from '../../../checks/targets/limits.ts';
import type { MigratingDevice, Migration } from '../../../checks/targets/migration.ts';
import { byteCount } from '../../../checks/words/byte-count.ts';
import type { Cell, Document, Section, Table } from '../../../document/document.ts';
import type { Demand, Peak } from '../../../queries/usage/views/device-demand.ts';
import { coverageSections } from '../coverage-sections.ts';
import { holeSections, inPeriod, placeOf } from '../headline.ts';
import { count, limited, number, type PageOptions, percent, stampOf } from '../page.ts';
import { coverageTable, list, type NamedTable, table } from '../usage-tables.ts';
import { amount, below, DEVICE, LISTED, owner, pageTable, who, word } from './view-page.ts';

export function migrationDocument(view: Migration, options: PageOptions): Document {
  const title = `Moving the relay to a service: ${view.period.name}`;
  const { devices, targets } = view;
  return {
    title,
    sections: [
      { kind: 'heading', text: title },
      ...holeSections(view.coverage),
      { kind: 'text', text: headline(view).join('\n') },
      ...(devices.length === 0 ? [] : [summaryTable(view)]),
      { kind: 'heading', text: `Devices: ${number(devices.length)}` },
      ...limited(devices, LISTED, options, (shown) => deviceTable(view, shown, options.whole), 'device'),
      { kind: 'heading', text: 'What the services allow' },
      {
        kind: 'text',
        text: 'As far as found, and as of the dates given: look them up again before deciding by them.',
      },
      ...targets.flatMap(targetSections),
      ...coverageSections(view),
      stampOf(view, options, 'Accepted messages count, once, where and when they were accepted.'),
    ],
  };
}

function headline(view: Migration): string[] {
  const { devices, targets, period } = view;
  const place = placeOf(view);
  if (devices.length === 0) return [`${inPeriod(period)} nobody used the relay${place}, as far as the logs tell.`];
  const ways = [...targets.map(({ id, name }) => ({ id, name })), { id: 'own-relay' as const, name: OWN_RELAY }].flatMap(
    ({ id, name }) => {
      const own = devices.filter(({ recommended }) => recommended.target === id);
      const open = own.filter(({ recommended }) => recommended.fit === 'unknown').length;
      return own.length === 0
        ? []
        : [`${name} for ${number(own.length)}${open === 0 ? '' : ` (of ${number(open)} something is not known)`}`];
    },
  );
  const silent = devices.filter(({ recommended }) => recommended.target === null).length;
  const external = devices.filter(({ demand }) => (demand.recipientsExternal ?? 0) > 0).length;
  const unknown = devices.filter(({ demand }) => demand.recipientsExternal === null).length;
  return [
    `${inPeriod(period)}, ${count(devices.length, 'device')} used the relay${place}. Recommended: ${ways.join(', ') || 'nothing'}${silent === 0 ? '' : `; of ${number(silent)} no message was accepted, so that nothing shows what they need`}.`,
    unknown > 0
      ? 'Which recipients are outside is not known: import the accepted domains (relaylens config import).'
      : `${external === 0 ? 'None sends' : `${number(external)} of them send${external === 1 ? 's' : ''}`} to recipients outside the organisation.`,
  ];
}

const OWN_RELAY = 'a relay of your own in between';

function summaryTable({ devices, targets }: Migration): Table {
  const fits = (index: number, fit: Judgement['fit']): number =>
    devices.filter(({ judgements }) => judgements[index]!.fit === fit).length;
  return {
    kind: 'table',
    title: 'Devices by service',
    columns: [
      { title: 'Service', kind: 'text', shrinks: true },
      { title: 'Fits', kind: 'count' },
      { title: 'Does not', kind: 'count' },
      { title: 'Unknown', kind: 'count' },
    ],
    rows: targets.map(({ name }, index): Cell[] => [
      name,
      fits(index, 'fits'),
      fits(index, 'does-not-fit'),
      fits(index, 'unknown'),
    ]),
  };
}

const deviceTable = ({ targets }: Migration, shown: readonly MigratingDevice[], whole: boolean | undefined): Table =>
  pageTable<MigratingDevice>(
    shown,
    [
      ...who(18),
      amount('Msgs', ({ demand }) => demand.messages),
      ...(whole
        ? [
            amount<MigratingDevice>('Rcpts', ({ demand }) => demand.recipients),
            amount<MigratingDevice>('Outside', ({ demand }) => demand.recipientsExternal),
          ]
        : [word<MigratingDevice>('Outside', ({ demand }) => outsideText(demand))]),
      amount('A min', ({ demand }) => demand.peakMinute?.count ?? null),
      amount('A day', ({ demand }) => demand.peakDay?.count ?? null),
      amount('Rcpts a day', ({ demand }) => demand.peakDayRecipients?.count ?? null),
      { title: 'Largest', kind: 'bytes', value: ({ demand }) => demand.largestBytes },
      below('Asks', ({ demand }) => asksText(demand)),
      owner(shown),
      below('Recommended', ({ recommended }) => `→ ${recommendedText(recommended, targets)}`),
      below('Others', (one) => othersText(one, targets)),
    ],
    { none: 'No device used the relay.' },
  );

function outsideText({ messages, recipients, recipientsExternal }: Demand): string {
  if (messages === 0) return '';
  if (recipientsExternal === null) return '?';
  return recipientsExternal === 0 ? 'none' : `${number(recipientsExternal)} (${percent(recipientsExternal, recipients)})`;
}

/** `TLS 1.2 able, logs on, 3 sender addresses`. */
function asksText({ tls, sessions, authenticated, logonsFailed, senderAddresses, senderDomains }: Demand): string {
  const version =
    tls.new > 0
      ? 'TLS 1.2 able'
      : tls.old > 0
        ? 'TLS below 1.2 only'
        : sessions === 0 || tls.unknown > 0
          ? 'TLS not known'
          : 'never used TLS: whether it can is unknown';
  const logon =
    authenticated === null
      ? 'logon not known'
      : { no: logonsFailed > 0 ? 'tried to log on' : 'anonymous', yes: 'logs on', mixed: 'at times logs on' }[authenticated];
  const senders =
    senderAddresses === 0
      ? []
      : [`${count(senderAddresses, 'sender address', 'sender addresses')} of ${count(senderDomains.length, 'domain')}`];
  return [version, logon, ...senders].join(', ');
}

const SHORT: Readonly<Record<Target['id'], string>> = {
  'client-submission': 'SMTP AUTH',
  'high-volume-email': 'High Volume Email',
  'connector-relay': 'connector relay',
  'direct-send': 'Direct Send',
  'communication-services': 'Azure Communication Services',
};

function recommendedText({ target, fit, because }: MigratingDevice['recommended'], targets: readonly Target[]): string {
  if (target === null) return `unknown: ${because.join('; ')}`;
  const name = target === 'own-relay' ? OWN_RELAY : targets.find(({ id }) => id === target)!.name;
  return fit === 'fits' && target !== 'own-relay'
    ? name
    : `${name}, ${fit === 'unknown' ? 'if: ' : 'because '}${because.join('; ')}`;
}

/** Why not the others. Of a device of which nothing is known it would be the same sentence five times. */
function othersText(
  { judgements, recommended }: Pick<MigratingDevice, 'judgements' | 'recommended'>,
  targets: readonly Target[],
): string {
  if (recommended.target === null || recommended.target === 'own-relay') return '';
  const alike = new Map<string, string[]>();
  targets.forEach(({ id }, index) => {
    const { fit, because } = judgements[index]!;
    if (id === recommended.target) return;
    const says = fit === 'fits' ? 'would fit too' : `${fit === 'unknown' ? 'unknown' : 'do not fit'}: ${because.join('; ')}`;
    alike.set(says, [...(alike.get(says) ?? []), SHORT[id]]);
  });
  return [...alike].map(([says, names]) => `${names.join(', ')} ${says}`).join(' · ');
}

interface LimitRow {
  readonly what: string;
  readonly value: string;
  readonly source: Source;
}

function limitRows(target: Target): LimitRow[] {
  const row = <T>(what: string, limit: Limit<T>, text: (value: T) => string): LimitRow => ({
    what,
    value: text(limit.value),
    source: limit.source,
  });
  const amount = (what: string, limit: Limit<Amount>, words: (n: number) => string = number): LimitRow => {
    const raised =
      limit.raisedTo === undefined
        ? ''
        : limit.raisedTo === 'on request'
          ? ', more on request'
          : `, ${words(limit.raisedTo)} at most when raised`;
    return { what, value: limit.value === 'none' ? 'no limit named' : `${words(limit.value)}${raised}`, source: limit.source };
  };
  return [
    row('Recipients outside', target.external, (yes) => (yes ? 'yes' : 'no')),
    row('TLS 1.2', target.tls, (value) => value),
    row('Logon', target.logon, (value) => LOGON[value]),
    amount('Messages a minute', target.messagesPerMinute),
    amount('Messages an hour', target.messagesPerHour),
    amount('Recipients a day', target.recipientsPerDay),
    amount('Recipients a message', target.recipientsPerMessage),
    amount('Largest message', target.largestBytes, byteCount),
    row('Senders', target.senders, (value) => (value === 'one' ? 'that of the account' : 'any of the own domains')),
  ];
}

const LOGON: Readonly<Record<Target['logon']['value'], string>> = {
  account: 'user and password, or a token',
  place: 'none, but a static public address or a certificate',
  nothing: 'none',
};

const KIND: Readonly<Record<Source['kind'], string>> = {
  vendor: '',
  quoted: 'quoted: ',
  'general-knowledge': 'general knowledge: ',
};

function targetSections(target: Target): Section[] {
  return [
    { kind: 'heading', text: target.name, level: 2 },
    {
      kind: 'table',
      columns: [
        { title: 'What', kind: 'text' },
        { title: 'Allowed', kind: 'text', shrinks: true },
        { title: 'As of', kind: 'text' },
        { title: 'Source', kind: 'text', shrinks: true, cap: 24 },
      ],
      rows: limitRows(target).map(({ what, value, source }): Cell[] => [
        what,
        value,
        source.asOf,
        `${KIND[source.kind]}${source.page}`,
      ]),
    },
    { kind: 'text', text: target.cautions.map(({ text, source }) => `- ${text} (${source.asOf})`).join('\n') },
  ];
}

/** Whole, one file each; columns are called as in JSON. */
export function migrationTables(view: Migration): NamedTable[] {
  const at = (peak: Peak | null): string | null => peak?.at ?? null;
  return [
    coverageTable(view),
    {
      name: 'devices',
      table: table(view.devices, [
        ...DEVICE,
        ['messages', 'count', (one) => one.demand.messages],
        ['recipients', 'count', (one) => one.demand.recipients],
        ['recipientsExternal', 'count', (one) => one.demand.recipientsExternal],
        ['peakMinute', 'count', (one) => one.demand.peakMinute?.count ?? null],
        ['peakMinuteAt', 'text', (one) => at(one.demand.peakMinute)],
        ['peakHour', 'count', (one) => one.demand.peakHour?.count ?? null],
        ['peakHourAt', 'text', (one) => at(one.demand.peakHour)],
        ['peakDay', 'count', (one) => one.demand.peakDay?.count ?? null],
        ['peakDayAt', 'text', (one) => at(one.demand.peakDay)],
        ['peakDayRecipients', 'count', (one) => one.demand.peakDayRecipients?.count ?? null],
        ['largestBytes', 'count', (one) => one.demand.largestBytes],
        ['mostRecipients', 'count', (one) => one.demand.mostRecipients],
        ['senderAddresses', 'count', (one) => one.demand.senderAddresses],
        ['senderDomains', 'text', (one) => list(one.demand.senderDomains)],
        ['sessionsNewTls', 'count', (one) => one.demand.tls.new],
        ['sessionsOldTls', 'count', (one) => one.demand.tls.old],
        ['sessionsWithoutTls', 'count', (one) => one.demand.tls.none],
        ['sessionsUnknownTls', 'count', (one) => one.demand.tls.unknown],
        ['authenticated', 'text', (one) => one.demand.authenticated],
        ['recommended', 'text', (one) => one.recommended.target],
        ['recommendedFit', 'text', (one) => one.recommended.fit],
        ['recommendedBecause', 'text', (one) => list(one.recommended.because)],
      ]),
    },
    {
      name: 'judgements',
      table: table(
        view.devices.flatMap(({ source, device, judgements }) => judgements.map((one) => ({ source, device, ...one }))),
        [
          ['source', 'text', (one) => one.source],
          ['device', 'text', (one) => one.device],
          ['target', 'text', (one) => one.target],
          ['fit', 'text', (one) => one.fit],
          ['because', 'text', (one) => list(one.because)],
        ],
      ),
    },
    {
      name: 'limits',
      table: table(
        view.targets.flatMap((target) => limitRows(target).map((row) => ({ target: target.id, ...row }))),
        [
          ['target', 'text', (one) => one.target],
          ['limit', 'text', (one) => one.what],
          ['value', 'text', (one) => one.value],
          ['sourceKind', 'text', (one) => one.source.kind],
          ['source', 'text', (one) => one.source.page],
          ['asOf', 'text', (one) => one.source.asOf],
        ],
      ),
    },
  ];
}

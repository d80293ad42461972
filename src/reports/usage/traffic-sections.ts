/** Refusals, TLS, domains, busy times, large messages, and what is no use at all. */
import type { Section, Table } from '../../document/document.ts';
import type { NoiseKind, RecipientDomain, RefusalCause, SenderDomain, UsageReport } from '../../queries/usage/usage-report.ts';
import { connectorName, count, curve, LISTED, limited, ms, nameOf, number, type PageOptions, share, whoIs } from './page.ts';

const CAUSES = 20;
const DOMAINS = 20;

export function refusalSections({ refusals }: UsageReport, options: PageOptions): Section[] {
  const table = (shown: readonly RefusalCause[]): Table => ({
    kind: 'table',
    columns: [
      { title: 'Cause', kind: 'text', shrinks: true, cap: 40 },
      { title: 'Refusals', kind: 'count' },
      { title: 'Devices', kind: 'count' },
      { title: 'Most often said', kind: 'error', shrinks: true, below: true },
    ],
    rows: shown.map(({ title, refusals: times, devices, reply }) => [title, times, devices, reply]),
    none: 'No client was refused anything.',
  });
  return [{ kind: 'heading', text: 'Refusals by cause' }, ...limited(refusals, CAUSES, options, table, 'cause')];
}

export function tlsSections({ slices, unit }: UsageReport): Section[] {
  const versions = [...new Set(slices.flatMap(({ tls }) => Object.keys(tls)))].sort();
  const curves = versions.map((version) => slices.map(({ tls }) => tls[version] ?? 0));
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  const all = sum(curves.map(sum));
  return [
    { kind: 'heading', text: 'TLS over time' },
    {
      kind: 'table',
      columns: [
        { title: 'Version', kind: 'text' },
        { title: 'Sessions', kind: 'count' },
        { title: 'Share', kind: 'share' },
        { title: `By ${unit}`, kind: 'curve' },
      ],
      rows: versions.map((version, index) => [
        version === 'none' ? 'no TLS' : version,
        sum(curves[index]!),
        share(sum(curves[index]!), all),
        curve(curves[index]!, 31),
      ]),
      none: 'No session.',
    },
  ];
}

export function domainSections({ senderDomains, recipientDomains }: UsageReport, options: PageOptions): Section[] {
  const senders = (shown: readonly SenderDomain[]): Table => ({
    kind: 'table',
    title: 'Domains of senders',
    columns: [
      { title: 'Domain', kind: 'text', shrinks: true, cap: 40 },
      { title: 'Msgs', kind: 'count' },
      { title: 'Refused', kind: 'count' },
      { title: 'Bytes', kind: 'bytes' },
      { title: 'Devices', kind: 'count' },
    ],
    rows: shown.map((one) => [
      one.domain === null ? '(unknown)' : one.domain || '(none, such as <>)',
      one.messagesAccepted,
      one.messagesRefused,
      one.bytesAccepted,
      one.devices,
    ]),
    none: 'No message.',
  });
  const known = recipientDomains.some(({ recipientsExternal }) => recipientsExternal !== null);
  const recipients = (shown: readonly RecipientDomain[]): Table => ({
    kind: 'table',
    title: 'Domains of recipients',
    columns: [
      { title: 'Domain', kind: 'text', shrinks: true, cap: 40 },
      { title: 'Rcpts', kind: 'count' },
      { title: 'Refused', kind: 'count' },
      ...(known ? [{ title: 'Outside', kind: 'count' as const }] : []),
      { title: 'Devices', kind: 'count' },
    ],
    rows: shown.map((one) => [
      one.domain || '(none)',
      one.recipientsAccepted,
      one.recipientsRefused,
      ...(known ? [one.recipientsExternal] : []),
      one.devices,
    ]),
    none: 'No recipient.',
  });
  return [
    { kind: 'heading', text: 'Senders and recipients' },
    ...limited(senderDomains, DOMAINS, options, senders, 'domain'),
    ...limited(recipientDomains, DOMAINS, options, recipients, 'domain'),
  ];
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

export function busiestSections({ busiest, totals, period }: UsageReport, { time }: PageOptions): Section[] {
  const isWeek = ms(period.until) - ms(period.since) > 6 * 86_400_000;
  if (totals.messagesAccepted === 0) return [];
  const { hours, minutes, week } = busiest;
  const [minute] = minutes;
  const list = (times: typeof hours): string =>
    times.map(({ at, messagesAccepted }) => `${time(ms(at))} (${number(messagesAccepted)})`).join(', ');
  return [
    { kind: 'heading', text: 'Busiest times' },
    {
      kind: 'figures',
      figures: [
        {
          label: 'Peak',
          value: minute ? `${count(minute.messagesAccepted, 'message')} in the minute of ${time(ms(minute.at))}` : '',
          cell: 'text',
        },
        { label: 'Hours', value: list(hours), cell: 'text' },
        { label: 'Minutes', value: list(minutes), cell: 'text' },
      ],
    },
    {
      kind: 'table',
      title: 'Accepted messages by weekday and hour',
      columns: [
        { title: 'Day', kind: 'text' },
        { title: '0 to 23 h', kind: 'curve' },
        { title: 'Msgs', kind: 'count' },
      ],
      rows: week.flatMap((day, index) => {
        const all = day.reduce((sum, one) => sum + one, 0);
        return all > 0 || isWeek ? [[WEEKDAYS[index]!, heat(day, week), all]] : [];
      }),
    },
  ];
}

/** One scale for all days. */
function heat(day: readonly number[], week: readonly (readonly number[])[]): string {
  const peak = Math.max(...week.flat());
  return curve([...day, peak], day.length + 1).slice(0, day.length);
}

export function largestSections({ largest }: UsageReport): Section[] {
  if (largest.length === 0) return [];
  return [
    { kind: 'heading', text: 'Largest messages' },
    {
      kind: 'table',
      columns: [
        { title: 'Bytes', kind: 'bytes' },
        { title: 'Accepted', kind: 'minute' },
        { title: 'Source', kind: 'text' },
        { title: 'Device', kind: 'text', shrinks: true, cap: 18, optional: true },
        { title: 'Sender', kind: 'text', shrinks: true, cap: 30, below: true },
        { title: 'Connector', kind: 'text', shrinks: true, cap: 24, below: true },
        { title: 'Session', kind: 'text', below: true },
      ],
      rows: largest.map((one) => [
        one.bytes,
        ms(one.at),
        one.source,
        nameOf(one) || null,
        one.sender,
        connectorName(one),
        one.sessionId,
      ]),
    },
  ];
}

const NOISE: Readonly<Record<NoiseKind, string>> = {
  'health-checks': "The product's own checks",
  'own-servers': 'Own servers, handing mail on',
  probes: 'Connected, and wanted nothing',
};

export function noiseSections({ noise }: Pick<UsageReport, 'noise'>): Section[] {
  return [
    { kind: 'heading', text: 'Noise, in none of the figures above' },
    noise.length === 0
      ? { kind: 'text', text: 'None.' }
      : {
          kind: 'figures',
          figures: noise.map(({ kind, sessions, messagesAccepted, sources }) => {
            const names = sources.slice(0, LISTED.noise).map((one) => whoIs(one) || '(unknown)');
            const more = sources.length > LISTED.noise ? ` and ${number(sources.length - LISTED.noise)} more` : '';
            const mail = messagesAccepted === 0 ? '' : ` with ${count(messagesAccepted, 'message')}`;
            return {
              label: NOISE[kind],
              value: `${count(sessions, 'session')}${mail}, from ${names.join(', ')}${more}`,
              cell: 'text' as const,
            };
          }),
        },
  ];
}

/** Who used the relay, the busiest first. */
import type { Section, Table } from '../../document/document.ts';
import type { DeviceUsage, UsageReport } from '../../queries/usage/usage-report.ts';
import { curve, isComparable, LISTED, limited, ms, nameOf, nullableMs, type PageOptions, percent, share, trend } from './page.ts';

/** Letters of `2026-11-02`. */
const DAY = 10;

export function deviceSections(report: UsageReport, options: PageOptions): Section[] {
  const { time, whole = false } = options;
  const { devices } = report;
  const compared = isComparable(report);
  const external = devices.some(({ recipientsExternal }) => recipientsExternal !== null);
  const owned = devices.some(({ owner }) => owner !== null);
  const table = (shown: readonly DeviceUsage[]): Table => ({
    kind: 'table',
    columns: [
      { title: 'Source', kind: 'text' },
      { title: 'Device, or hello', kind: 'text', shrinks: true, cap: 18 },
      { title: 'Msgs', kind: 'count' },
      { title: 'Refused', kind: 'count' },
      { title: 'Rcpts', kind: 'count' },
      { title: 'Refused', kind: 'count', optional: true },
      ...(external ? [{ title: 'Outside', kind: 'share' as const, optional: true }] : []),
      { title: 'Bytes', kind: 'bytes' },
      ...(compared ? [{ title: 'Trend', kind: 'change' as const }] : []),
      { title: 'Course', kind: 'curve', optional: true },
      { title: 'Security', kind: 'text', shrinks: true, below: 'always' },
      { title: 'Connectors', kind: 'text', shrinks: true, below: 'always' },
      ...(owned ? [{ title: 'Owner', kind: 'text' as const, shrinks: true, below: 'always' as const }] : []),
      ...(whole
        ? [
            { title: 'First seen', kind: 'minute' as const },
            { title: 'Last seen', kind: 'minute' as const },
          ]
        : [{ title: 'Seen', kind: 'text' as const, shrinks: true, below: 'always' as const }]),
    ],
    rows: shown.map((one) => [
      one.source || '(unknown)',
      nameOf(one),
      one.messagesAccepted,
      one.messagesRefused,
      one.recipientsAccepted,
      one.recipientsRefused,
      ...(external ? [share(one.recipientsExternal ?? 0, one.recipientsAccepted)] : []),
      one.bytesAccepted,
      ...(compared ? [trend(one.messagesAccepted, one.messagesBefore)] : []),
      curve(one.curve),
      [tlsText(one.tls), authenticationText(one)].filter((text) => text !== '').join(', '),
      one.connectors.join(', ') || 'no connector',
      ...(owned ? [one.owner ?? ''] : []),
      ...(whole ? [nullableMs(one.firstSeen), nullableMs(one.lastSeen)] : [seenText(one, time)]),
    ]),
    none: 'No device used the relay.',
  });
  return [
    { kind: 'heading', text: `Devices: ${devices.length.toLocaleString('en-US')}` },
    ...limited(devices, LISTED.devices, options, table, 'device'),
  ];
}

/** One version by its name, several with their shares. */
export function tlsText(tls: DeviceUsage['tls']): string {
  const versions = Object.entries(tls);
  const all = versions.reduce((sum, [, sessions]) => sum + sessions, 0);
  const name = (version: string): string => (version === 'none' ? 'no TLS' : version);
  return versions
    .map(([version, sessions]) => (versions.length === 1 ? name(version) : `${name(version)} ${percent(sessions, all)}`))
    .join(', ');
}

const authenticationText = ({ authenticated }: DeviceUsage): string =>
  authenticated === null ? '' : { no: 'anonymous', yes: 'authenticated', mixed: 'at times authenticated' }[authenticated];

function seenText({ firstSeen, lastSeen }: DeviceUsage, time: PageOptions['time']): string {
  if (firstSeen === null || lastSeen === null) return '';
  const [first, last] = [time(ms(firstSeen)), time(ms(lastSeen))];
  if (first === last) return `seen ${first}`;
  const isOneDay = first.slice(0, DAY) === last.slice(0, DAY);
  return isOneDay ? `seen ${first} to ${last.slice(DAY + 1)}` : `seen ${first.slice(0, DAY)} to ${last}`;
}

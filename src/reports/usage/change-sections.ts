/** Devices that came, went, or behave otherwise than in the compared period. */
import type { Section, Table } from '../../document/document.ts';
import type { Change, NamedDevice, UsageReport } from '../../queries/usage/usage-report.ts';
import { tlsText } from './device-sections.ts';
import { LISTED, limited, nameOf, nullableMs, number, type PageOptions } from './page.ts';

export function changeSections({ changes, compared, totalsBefore }: UsageReport, options: PageOptions): Section[] {
  if (!changes || !compared || !totalsBefore) return [];
  const heading: Section = { kind: 'heading', text: `Devices, compared with ${compared.name}` };
  const { newcomers, returned, vanished, changed } = changes;
  if (totalsBefore.devices === 0)
    return [heading, { kind: 'text', text: `Nothing is known of ${compared.name} to compare with.` }];
  if (newcomers.length + returned.length + vanished.length + changed.length === 0)
    return [heading, { kind: 'text', text: 'No device came, went or changed.' }];
  return [
    heading,
    ...list('New', 'First seen', newcomers, options),
    ...list('Back again', 'First seen', returned, options),
    ...list('Not seen any more', 'Last seen', vanished, options),
    ...(changed.length === 0 ? [] : limited(changed, LISTED.changes, options, changedTable(changed.length), 'device')),
  ];
}

function list(title: string, seen: 'First seen' | 'Last seen', devices: readonly NamedDevice[], options: PageOptions): Section[] {
  if (devices.length === 0) return [];
  const owned = devices.some(({ owner }) => owner !== null);
  const table = (shown: readonly NamedDevice[]): Table => ({
    kind: 'table',
    title: `${title}: ${number(devices.length)}`,
    columns: [
      { title: 'Source', kind: 'text' },
      { title: 'Device, or hello', kind: 'text', shrinks: true },
      { title: 'Msgs', kind: 'count' },
      { title: seen, kind: 'minute' },
      ...(owned ? [{ title: 'Owner', kind: 'text' as const, shrinks: true }] : []),
    ],
    rows: shown.map((one) => [
      one.source || '(unknown)',
      nameOf(one),
      one.messagesAccepted,
      nullableMs(seen === 'First seen' ? one.firstSeen : one.lastSeen),
      ...(owned ? [one.owner] : []),
    ]),
  });
  return limited(devices, LISTED.changes, options, table, 'device');
}

const changedTable =
  (all: number) =>
  (shown: NonNullable<UsageReport['changes']>['changed']): Table => ({
    kind: 'table',
    title: `Changed: ${number(all)}`,
    columns: [
      { title: 'Source', kind: 'text' },
      { title: 'Device, or hello', kind: 'text', shrinks: true, cap: 18 },
      { title: 'Changes', kind: 'text', shrinks: true, below: true },
    ],
    rows: shown.map((one) => [one.source || '(unknown)', nameOf(one), one.changes.map(changeText).join('; ')]),
  });

function changeText(change: Change): string {
  switch (change.kind) {
    case 'connector':
      return `connectors ${change.before.join(', ') || 'none'} → ${change.after.join(', ') || 'none'}`;
    case 'tls':
      return `${change.before.map(tlsName).join(', ')} → ${change.after.map(tlsName).join(', ')}`;
    case 'authentication':
      return `authenticated: ${change.before} → ${change.after}`;
    case 'volume':
      return `${number(change.before)} → ${number(change.after)} messages`;
  }
}

const tlsName = (version: string): string => tlsText({ [version]: 1 });

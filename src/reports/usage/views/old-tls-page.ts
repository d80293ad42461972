/** `report --view tls`: what is below TLS 1.2, what never uses TLS, and how it declines. */
import type { Chart, Document, Section, Table } from '../../../document/document.ts';
import type { TlsDevice, TlsView } from '../../../queries/usage/views/old-tls.ts';
import { coverageSections } from '../coverage-sections.ts';
import { tlsText } from '../device-sections.ts';
import { holeSections, inPeriod, placeOf } from '../headline.ts';
import { count, curve, limited, number, type PageOptions, percent, stampOf } from '../page.ts';
import { byName, coverageTable, list, type NamedTable, table } from '../usage-tables.ts';
import { amount, below, connectors, DEVICE, LISTED, minute, overSlices, owner, pageTable, who } from './view-page.ts';

export function oldTlsDocument(view: TlsView, options: PageOptions): Document {
  const title = `TLS below 1.2: ${view.period.name}`;
  const of = (...standings: readonly TlsDevice['standing'][]): TlsDevice[] =>
    view.devices.filter(({ standing }) => standings.includes(standing));
  const [old, never, unknown] = [of('old'), of('never'), of('unknown')];
  return {
    title,
    sections: [
      { kind: 'heading', text: title },
      ...holeSections(view.coverage),
      { kind: 'text', text: headline(view, old, never, unknown).join('\n') },
      ...declineOf(view, old),
      { kind: 'heading', text: `Below TLS 1.2: ${number(old.length)}` },
      ...limited(old, LISTED, options, oldTable, 'device'),
      ...(never.length === 0 ? [] : neverSections(never, options)),
      ...(unknown.length === 0
        ? []
        : [
            { kind: 'heading' as const, text: `Version not known: ${number(unknown.length)}` },
            ...limited(unknown, LISTED, options, neverTable, 'device'),
          ]),
      ...coverageSections(view),
      stampOf(view, options, 'Sessions count where they began; what is no use of the relay is in no figure.'),
    ],
  };
}

function headline(
  view: TlsView,
  old: readonly TlsDevice[],
  never: readonly TlsDevice[],
  unknown: readonly TlsDevice[],
): string[] {
  const { period, sessions, devices } = view;
  const place = placeOf(view);
  if (devices.length === 0) return [`${inPeriod(period)} nobody used the relay${place}, as far as the logs tell.`];
  const all = sessions.none + sessions.old + sessions.new + sessions.unknown;
  const triers = never.filter(({ handshakesFailed }) => handshakesFailed > 0).length;
  const also = old.filter(({ sessions: own }) => own.new > 0).length;
  return [
    old.length === 0
      ? `${inPeriod(period)} no device of ${number(devices.length)}${place} negotiated TLS below 1.2.`
      : `${inPeriod(period)}, ${number(old.length)} of ${count(devices.length, 'device')}${place} negotiated TLS below 1.2, in ${number(sessions.old)} of ${count(all, 'session')} (${percent(sessions.old, all)}).`,
    ...(old.length === 0
      ? []
      : [
          also === 0
            ? 'None of them negotiated TLS 1.2 or later too.'
            : `${number(also)} of them negotiated TLS 1.2 or later too, and so ${also === 1 ? 'knows' : 'know'} it.`,
        ]),
    `${count(never.length, 'device')} never used TLS${never.length === 0 ? '' : `: what they could do, no log tells${triers === 0 ? '' : `, and ${number(triers)} of them tried and failed`}`}${unknown.length > 0 ? `; of ${number(unknown.length)} the log gives no version` : ''}.`,
  ];
}

function declineOf(view: TlsView, old: readonly TlsDevice[]): Chart[] {
  const { slices, unit } = view;
  if (slices.length < 2 || old.length === 0) return [];
  const versions = [...new Set(old.flatMap((one) => Object.keys(one.versions)))]
    .filter((version) => /^(SSL|PCT|TLS1\.[01]$)/.test(version))
    .sort();
  const [first, last] = [slices.find(({ devicesOld }) => devicesOld > 0)!, slices.at(-1)!];
  return [
    overSlices(view, {
      title: 'Devices with TLS below 1.2',
      unit: { kind: 'count', name: `devices a ${unit}` },
      alt: `Devices that negotiated TLS below 1.2, by ${unit}: ${number(first.devicesOld)} when they were first seen, ${number(last.devicesOld)} at the end.`,
      as: 'curve',
      series: [{ name: 'devices', values: slices.map(({ devicesOld }) => devicesOld), tone: 'bad' }],
    }),
    overSlices(view, {
      title: 'Sessions with TLS below 1.2',
      unit: { kind: 'count', name: `sessions a ${unit}` },
      alt: `Sessions with TLS below 1.2, by ${unit} and version: ${versions.join(', ')}.`,
      as: 'stacked',
      series: versions.map((version) => ({ name: version, values: slices.map((slice) => slice.versions[version] ?? 0) })),
    }),
  ];
}

const oldTable = (shown: readonly TlsDevice[]): Table =>
  pageTable<TlsDevice>(
    shown,
    [
      ...who(20),
      amount('Old', (one) => one.sessions.old),
      amount('New', (one) => one.sessions.new),
      amount('No TLS', (one) => one.sessions.none),
      minute('Last with old', (one) => one.lastOld?.at ?? null),
      { title: 'Course', kind: 'curve', optional: true, value: (one) => curve(one.curve) },
      below('Newer too', (one) => (one.sessions.new > 0 ? 'knows TLS 1.2 or later' : 'never newer')),
      below('Versions', (one) => tlsText(one.versions)),
      connectors,
      owner(shown),
    ],
    { none: 'None.' },
  );

function neverSections(devices: readonly TlsDevice[], options: PageOptions): Section[] {
  return [
    { kind: 'heading', text: `Never TLS: ${number(devices.length)}` },
    ...limited(devices, LISTED, options, neverTable, 'device'),
  ];
}

const neverTable = (shown: readonly TlsDevice[]): Table =>
  pageTable<TlsDevice>(shown, [
    ...who(24),
    amount('Sessions', (one) => one.sessions.none + one.sessions.unknown),
    amount('Failed TLS', (one) => one.handshakesFailed),
    { title: 'Connectors', kind: 'text', shrinks: true, value: connectors.value },
  ]);

/** Whole, one file each; columns are called as in JSON. */
export function oldTlsTables(view: TlsView): NamedTable[] {
  return [
    coverageTable(view),
    {
      name: 'devices',
      table: table(view.devices, [
        ...DEVICE,
        ['standing', 'text', (one) => one.standing],
        ['connectors', 'text', (one) => list(one.connectors)],
        ['sessionsOld', 'count', (one) => one.sessions.old],
        ['sessionsNew', 'count', (one) => one.sessions.new],
        ['sessionsNone', 'count', (one) => one.sessions.none],
        ['sessionsUnknown', 'count', (one) => one.sessions.unknown],
        ['handshakesFailed', 'count', (one) => one.handshakesFailed],
        ['versions', 'text', (one) => byName(one.versions)],
        ['lastOldAt', 'text', (one) => one.lastOld?.at ?? null],
        ['lastOldVersion', 'text', (one) => one.lastOld?.version ?? null],
        ['lastOldSessionId', 'text', (one) => one.lastOld?.sessionId ?? null],
      ]),
    },
    {
      name: 'over-time',
      table: table(view.slices, [
        ['since', 'text', (one) => one.since],
        ['until', 'text', (one) => one.until],
        ['devicesOld', 'count', (one) => one.devicesOld],
        ['sessionsOld', 'count', (one) => one.sessions.old],
        ['sessionsNew', 'count', (one) => one.sessions.new],
        ['sessionsNone', 'count', (one) => one.sessions.none],
        ['sessionsUnknown', 'count', (one) => one.sessions.unknown],
        ['versions', 'text', (one) => byName(one.versions)],
      ]),
    },
  ];
}

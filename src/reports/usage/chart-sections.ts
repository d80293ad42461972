/** The pictures of a report of use. Each stands beside the table that has the same figures. */
import type { Chart, Series, TimeSpan } from '../../document/document.ts';
import type { UsageReport } from '../../queries/usage/usage-report.ts';
import { connectorName, count, ms, number, whoIs } from './page.ts';

/** Connectors and devices beyond these are one, called "others". */
const CONNECTORS = 7;
const DEVICES = 15;

/** Messages over time by connector. */
export function connectorChart(report: UsageReport): Chart[] {
  const { slices, connectors, totals, unit } = report;
  if (totals.messagesAccepted === 0 || slices.length < 2) return [];
  const ranked = connectors.filter(({ messagesAccepted }) => messagesAccepted > 0);
  const shown = ranked.slice(0, ranked.length > CONNECTORS ? CONNECTORS - 1 : CONNECTORS).map(connectorName);
  const series = shown.map(
    (name): Series => ({
      name,
      values: slices.map((slice) => sum(slice.connectors.filter((one) => connectorName(one) === name))),
    }),
  );
  const others = slices.map((slice) => sum(slice.connectors.filter((one) => !shown.includes(connectorName(one)))));
  return [
    {
      kind: 'chart',
      title: 'Accepted messages by connector',
      unit: { kind: 'count', name: `messages a ${unit}` },
      alt: `Accepted messages by ${unit}: ${count(totals.messagesAccepted, 'message')} in all. ${ranked
        .slice(0, CONNECTORS)
        .map((one) => `${connectorName(one)} ${number(one.messagesAccepted)}`)
        .join(', ')}.`,
      data: {
        kind: 'stacked',
        span: spanOf(report),
        series: others.some((value) => value > 0) ? [...series, { name: 'others', values: others, tone: 'quiet' }] : series,
      },
    },
  ];
}

const sum = (parts: readonly { readonly messagesAccepted: number }[]): number =>
  parts.reduce((all, { messagesAccepted }) => all + messagesAccepted, 0);

const spanOf = ({ slices, unit }: UsageReport): TimeSpan => ({ step: unit, starts: slices.map(({ since }) => ms(since)) });

/** Accepted beside refused. */
export function refusalChart(report: UsageReport): Chart[] {
  const { slices, totals, unit } = report;
  if (totals.messagesRefused === 0 || slices.length < 2) return [];
  return [
    {
      kind: 'chart',
      title: 'Accepted and refused messages',
      unit: { kind: 'count', name: `messages a ${unit}` },
      alt: `Accepted and refused messages by ${unit}: ${number(totals.messagesAccepted)} accepted, ${number(totals.messagesRefused)} refused.`,
      data: {
        kind: 'compared',
        span: spanOf(report),
        series: [
          { name: 'accepted', values: slices.map(({ messagesAccepted }) => messagesAccepted), tone: 'good' },
          { name: 'refused', values: slices.map(({ messagesRefused }) => messagesRefused), tone: 'bad' },
        ],
      },
    },
  ];
}

/** The devices that send most. */
export function deviceChart({ devices }: UsageReport): Chart[] {
  const sending = devices
    .filter(({ messagesAccepted }) => messagesAccepted > 0)
    .sort((a, b) => b.messagesAccepted - a.messagesAccepted || (a.source < b.source ? -1 : 1));
  if (sending.length < 2) return [];
  const shown = sending.slice(0, DEVICES);
  return [
    {
      kind: 'chart',
      title: sending.length > DEVICES ? `The ${DEVICES} devices that send most` : 'Devices that send',
      unit: { kind: 'count', name: 'messages' },
      alt: `Accepted messages by device: ${shown.map((one) => `${whoIs(one)} ${number(one.messagesAccepted)}`).join(', ')}.`,
      data: {
        kind: 'bars',
        names: shown.map(whoIs),
        series: [{ name: 'accepted', values: shown.map(({ messagesAccepted }) => messagesAccepted), tone: 'good' }],
      },
    },
  ];
}

/** Sessions by TLS version. */
export function tlsChart(report: UsageReport): Chart[] {
  const { slices, unit } = report;
  const versions = [...new Set(slices.flatMap(({ tls }) => Object.keys(tls)))].sort();
  if (slices.length < 2 || versions.length === 0) return [];
  const series = versions.map(
    (version): Series => ({
      name: version === 'none' ? 'no TLS' : version,
      values: slices.map(({ tls }) => tls[version] ?? 0),
      ...(version === 'none' ? { tone: 'quiet' as const } : {}),
    }),
  );
  const totals = series.map(({ name, values }) => `${name} ${number(values.reduce<number>((all, one) => all + (one ?? 0), 0))}`);
  return [
    {
      kind: 'chart',
      title: 'TLS versions over time',
      unit: { kind: 'count', name: `sessions a ${unit}` },
      alt: `Sessions by TLS version: ${totals.join(', ')}.`,
      data: { kind: 'stacked', span: spanOf(report), series },
    },
  ];
}

/** Hour by weekday. */
export function weekChart({ busiest, totals, period }: UsageReport): Chart[] {
  if (totals.messagesAccepted === 0) return [];
  const peak = Math.max(...busiest.week.flat());
  return [
    {
      kind: 'chart',
      title: 'Accepted messages by weekday and hour',
      unit: { kind: 'count', name: 'messages' },
      note: `Hours are ${period.timeZone}.`,
      alt: `Accepted messages by weekday and hour of the day; at most ${count(peak, 'message')} in one hour of a weekday.`,
      data: { kind: 'heat-map', days: busiest.week },
    },
  ];
}

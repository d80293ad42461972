/** Names from DNS in a report of use: who needs one, and the report with them in it. Pure. */
import type { UsageReport } from './usage-report.ts';

interface Nameable {
  readonly source: string;
  readonly device: string | null;
  readonly dnsName: string | null;
}

/** How much of each list is shown. */
export interface ShownRows {
  readonly devices: number;
  readonly changes: number;
  readonly noise: number;
}

const EVERYTHING: ShownRows = { devices: Infinity, changes: Infinity, noise: Infinity };

/** Addresses that the device list does not name, of what is shown. */
export function namelessSources(report: UsageReport, shown: ShownRows = EVERYTHING): string[] {
  const { devices, changes, largest, noise } = report;
  const lists: (readonly Nameable[])[] = [
    devices.slice(0, shown.devices),
    ...(changes === null
      ? []
      : [changes.newcomers, changes.returned, changes.vanished, changes.changed].map((list) => list.slice(0, shown.changes))),
    largest,
    ...noise.map(({ sources }) => sources.slice(0, shown.noise)),
  ];
  return [...new Set(lists.flat().flatMap(({ source, device }) => (device === null && source !== '' ? [source] : [])))];
}

/** The same report with the names; the device list's own stay the only ones of their addresses. */
export function withDnsNames(report: UsageReport, names: ReadonlyMap<string, string | null>): UsageReport {
  const named = <T extends Nameable>(list: readonly T[]): T[] =>
    list.map((one) => (one.device === null ? { ...one, dnsName: names.get(one.source) ?? null } : one));
  const { changes } = report;
  return {
    ...report,
    devices: named(report.devices),
    changes: changes && {
      newcomers: named(changes.newcomers),
      returned: named(changes.returned),
      vanished: named(changes.vanished),
      changed: named(changes.changed),
    },
    largest: named(report.largest),
    noise: report.noise.map((one) => ({ ...one, sources: named(one.sources) })),
  };
}

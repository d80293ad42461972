/** What is different from the compared period: devices that came, went, or behave otherwise. */
import type { Change, DeviceUsage, NamedDevice, UsageChanges } from './usage-report.ts';

/** Messages of a device grew or shrank at least so many times … */
const FACTOR = 3;
/** … and by at least so many. */
const DIFFERENCE = 20;

/** `since`: beginning of the period, ISO. Both lists in the order in which they are to be told. */
export function changesBetween(before: readonly DeviceUsage[], after: readonly DeviceUsage[], since: string): UsageChanges {
  const then = new Map(before.map((device) => [device.source, device]));
  const now = new Set(after.map(({ source }) => source));
  const came = after.filter(({ source }) => !then.has(source));
  const isNew = ({ firstSeen }: DeviceUsage): boolean => firstSeen === null || firstSeen >= since;
  return {
    newcomers: came.filter(isNew).map(named),
    returned: came.filter((device) => !isNew(device)).map(named),
    vanished: before.filter(({ source }) => !now.has(source)).map(named),
    changed: after.flatMap((device) => {
      const old = then.get(device.source);
      const changes = old ? changesOf(old, device) : [];
      if (changes.length === 0) return [];
      const { source, device: name, owner, helo, dnsName } = device;
      return [{ source, device: name, owner, helo, dnsName, changes }];
    }),
  };
}

function named({ source, device, owner, helo, dnsName, messagesAccepted, firstSeen, lastSeen }: DeviceUsage): NamedDevice {
  return { source, device, owner, helo, dnsName, messagesAccepted, firstSeen, lastSeen };
}

function changesOf(before: DeviceUsage, after: DeviceUsage): Change[] {
  const changes: Change[] = [];
  if (!same(before.connectors, after.connectors))
    changes.push({ kind: 'connector', before: before.connectors, after: after.connectors });
  const [oldTls, newTls] = [Object.keys(before.tls), Object.keys(after.tls)];
  if (oldTls.length > 0 && newTls.length > 0 && !same(oldTls, newTls))
    changes.push({ kind: 'tls', before: oldTls, after: newTls });
  if (before.authenticated !== null && after.authenticated !== null && before.authenticated !== after.authenticated)
    changes.push({ kind: 'authentication', before: before.authenticated, after: after.authenticated });
  const [less, more] = [before.messagesAccepted, after.messagesAccepted].sort((a, b) => a - b) as [number, number];
  if (more - less >= DIFFERENCE && more >= FACTOR * less)
    changes.push({ kind: 'volume', before: before.messagesAccepted, after: after.messagesAccepted });
  return changes;
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);

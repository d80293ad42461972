/** What of two baselines belongs together, and how the time between them is told. */
import { partsOf, sameName } from '../../connector/connector.ts';
import { plainName } from '../../connector/server-name.ts';
import { parseRange } from '../../net/address-range.ts';
import type { Baseline, BaselineConnector } from '../baseline/baseline.ts';
import type { Comparison } from '../baseline-change.ts';
import type { Remedy } from '../finding.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';

const DAY_MS = 86_400_000;

export interface Pair {
  readonly before: BaselineConnector;
  readonly now: BaselineConnector;
}

const isSame = (a: BaselineConnector, b: BaselineConnector): boolean => sameName(a.server, b.server) && sameName(a.name, b.name);

/** Connectors that are in both. */
export const pairsOf = ({ before, now }: Comparison): Pair[] =>
  now.connectors.flatMap((one) => {
    const old = before.connectors.find((other) => isSame(one, other));
    return old ? [{ before: old, now: one }] : [];
  });

/** Connectors that only one of the two has, of servers that both have. */
export const missingIn = (here: Baseline, there: Baseline): BaselineConnector[] =>
  there.connectors.filter(
    (one) =>
      here.connectors.some(({ server }) => sameName(server, one.server)) && !here.connectors.some((other) => isSame(one, other)),
  );

/** Servers of which only one of the two has connectors. */
export const serversMissingIn = (here: Baseline, there: Baseline): string[] => [
  ...new Set(
    there.connectors.map(({ server }) => server).filter((server) => !here.connectors.some((one) => sameName(one.server, server))),
  ),
];

/** What does the same on each server of several behind one name. */
export const purposeOf = ({ server, connector }: { readonly server: string; readonly connector: string }): string =>
  plainName({ server, name: partsOf(connector).name }).toLowerCase();

export const relays = ({ mayRelay, enabled }: BaselineConnector): boolean =>
  enabled && (mayRelay === 'yes' || mayRelay === 'likely');

/** Parsed; what a baseline holds is checked when it is read. */
export const rangesIn = ({ ranges }: BaselineConnector) => ranges.flatMap((text) => parseRange(text) ?? []);

/** `the baseline saw 30 days, from 2026-10-01 to 2026-10-31`. */
export function periodWords({ period }: Baseline): string {
  if (period === null) return 'the baseline has no logs';
  return `the baseline saw ${count(daysIn(period), 'day')}, from ${period.since.slice(0, 10)} to ${period.until.slice(0, 10)}`;
}

/** Days of the baseline's logs, begun ones whole; 0 where it has none. */
export const baselineDays = ({ period }: Baseline): number => (period === null ? 0 : daysIn(period));

const daysIn = ({ since, until }: NonNullable<Baseline['period']>): number =>
  Math.max(1, Math.ceil((Date.parse(until) - Date.parse(since)) / DAY_MS));

/** `exported 2026-10-01 00:00 UTC`, or that it was not. */
export const exportWords = ({ configurationAsOf }: Baseline): string =>
  configurationAsOf === null
    ? 'no configuration'
    : `the configuration of ${configurationAsOf.slice(0, 16).replace('T', ' ')} UTC`;

export const NO_CONNECTORS = 'import the receive connectors, then save a new baseline';

/** undefined where both have connectors. */
export const withoutConnectors = ({ before, now }: Comparison): string | undefined =>
  now.connectors.length === 0
    ? 'import the receive connectors (Get-ReceiveConnector)'
    : before.connectors.length === 0
      ? `the baseline was saved without receive connectors: ${NO_CONNECTORS}`
      : undefined;

/** undefined where the baseline has logs. */
export const withoutLogs = ({ before }: Comparison): string | undefined =>
  before.period === null ? 'the baseline was saved without logs: save a new one' : undefined;

/** The last of the remedies. */
export const saveAgain = advice('If it is meant to be so, save a new baseline: "relaylens audit --save-baseline FILE".');

/** Who changed it: Exchange keeps that for 90 days. */
export const changeLog = ({ configurationAsOf }: Baseline): Remedy[] => [
  powershell(
    `Search-AdminAuditLog -Cmdlets Set-ReceiveConnector, New-ReceiveConnector, Remove-ReceiveConnector, Add-ADPermission, Remove-ADPermission, New-AcceptedDomain, Set-AcceptedDomain${configurationAsOf === null ? '' : ` -StartDate "${configurationAsOf.slice(0, 10)}"`} | Format-List RunDate, Caller, CmdletName, ObjectModified, CmdletParameters`,
  ),
];

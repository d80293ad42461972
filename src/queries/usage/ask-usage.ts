/** Asks for a report of use: from the roll-ups, so that it takes as long after ten years as after one month. */
import type { Database } from '../../store/database.ts';
import { ConfigurationHistory } from '../configuration-history.ts';
import { busiestTimes } from './busiest-times.ts';
import { changesBetween } from './changes.ts';
import { clientCurves } from './curves.ts';
import { recipientDomains, senderDomains } from './domains.ts';
import { largestMessages } from './largest-messages.ts';
import { usageCoverage } from './log-coverage.ts';
import { Identities, Texts } from './names.ts';
import { noiseOf } from './noise.ts';
import { type Period, slicesOf } from './period.ts';
import { refusalCauses } from './refusal-causes.ts';
import { RollUpReader, type UsageFilter } from './roll-up-reader.ts';
import { tlsOf, usageSlices } from './slices.ts';
import type { ConnectorUsage, DeviceUsage, UsagePeriod, UsageReport, UsageTotals } from './usage-report.ts';
import { UsageTally } from './usage-tally.ts';

export interface UsageQuestion extends UsageFilter {
  readonly period: Period;
  /** null: nothing is compared. */
  readonly compared: Period | null;
  /** Milliseconds UTC. */
  readonly now: number;
}

export function askUsage(db: Database, question: UsageQuestion): UsageReport {
  // One moment for all of it, whatever is written meanwhile.
  return db.transaction(() => report(db, question))();
}

function report(db: Database, { period, compared, now, server, connector }: UsageQuestion): UsageReport {
  const filter: UsageFilter = { ...(server === undefined ? {} : { server }), ...(connector === undefined ? {} : { connector }) };
  const reader = new RollUpReader(db, filter);
  const history = new ConfigurationHistory(db);
  const texts = new Texts(db);
  const identities = new Identities(db, texts, history.devicesAt(period.until - 1), period.until);
  const { unit, slices } = slicesOf(period);
  const tally = new UsageTally(reader, history, texts, period);
  const before = compared && new UsageTally(reader, history, texts, compared);
  const curves = clientCurves(reader, slices);
  const none = new Array<number>(slices.length).fill(0);
  const devices = devicesOf(tally, before, texts, identities, (id) => curves.get(id) ?? none);
  const devicesBefore = before && devicesOf(before, null, texts, identities, (id) => [before.clients.get(id)!.messagesAccepted]);
  return {
    createdAt: iso(now),
    period: usagePeriod(period),
    compared: compared && usagePeriod(compared),
    server: server ?? null,
    connector: connector ?? null,
    totals: totalsOf(tally),
    totalsBefore: before && totalsOf(before),
    coverage: usageCoverage(reader, history, texts, { filter, slice: period, now }),
    coverageBefore: compared && usageCoverage(reader, history, texts, { filter, slice: compared, now }),
    connectors: connectorsOf(tally, before, texts),
    devices,
    changes: devicesBefore && changesBetween(devicesBefore, devices, iso(period.since)),
    refusals: refusalCauses(reader, texts, period),
    unit,
    slices: usageSlices(reader, slices, texts),
    senderDomains: senderDomains(reader, texts, period),
    recipientDomains: recipientDomains(tally.recipients, texts),
    busiest: busiestTimes(reader, period, period.zone),
    largest: largestMessages(reader, texts, identities, period),
    noise: noiseOf(reader, identities, period),
  };
}

const iso = (at: number): string => new Date(at).toISOString();

/** As JSON has it. */
export const usagePeriod = ({ kind, name, id, since, until, zone }: Period): UsagePeriod => ({
  kind,
  name,
  id,
  since: iso(since),
  until: iso(until),
  timeZone: zone,
});

function totalsOf({ total, clients }: UsageTally): UsageTotals {
  return {
    devices: clients.size,
    devicesSending: [...clients.values()].filter(({ messagesAccepted }) => messagesAccepted > 0).length,
    sessions: total.sessions,
    ...total.volume(),
  };
}

/** The busiest first. */
function devicesOf(
  tally: UsageTally,
  before: UsageTally | null,
  texts: Texts,
  identities: Identities,
  curveOf: (id: number) => readonly number[],
): DeviceUsage[] {
  return [...tally.clients]
    .map(([id, client]): DeviceUsage => {
      const { source, helo, device, firstSeen, lastSeen } = identities.of(id);
      return {
        source,
        device: device?.name ?? null,
        owner: device?.owner ?? null,
        site: device?.site ?? null,
        helo,
        dnsName: null,
        servers: sorted([...client.servers].map((one) => texts.of(one))),
        connectors: sorted([...client.connectors].map((one) => texts.of(one))),
        sessions: client.sessions,
        ...client.volume(),
        tls: tlsOf(client.tls, texts),
        authenticated: client.authenticated,
        curve: curveOf(id),
        messagesBefore: before && (before.clients.get(id)?.messagesAccepted ?? 0),
        firstSeen: firstSeen === null ? null : iso(firstSeen),
        lastSeen: lastSeen === null ? null : iso(lastSeen),
      };
    })
    .sort(
      (a, b) =>
        b.messagesAccepted - a.messagesAccepted ||
        b.messagesRefused - a.messagesRefused ||
        b.sessions - a.sessions ||
        (a.source < b.source ? -1 : 1),
    );
}

/** The busiest first. One that nobody used in the period and somebody did before is there with nothing. */
function connectorsOf(tally: UsageTally, before: UsageTally | null, texts: Texts): ConnectorUsage[] {
  const keys = new Set([...tally.connectors.keys(), ...(before?.connectors.keys() ?? [])]);
  const known = before !== null ? before.total.recipientsExternal : tally.total.recipientsExternal;
  return [...keys]
    .map((key): ConnectorUsage => {
      const now = tally.connectors.get(key);
      const then = before?.connectors.get(key);
      const { server, connector } = (now ?? then)!;
      return {
        server: texts.of(server),
        connector: texts.of(connector),
        devices: now?.clients.size ?? 0,
        sessions: now?.sessions ?? 0,
        ...(now?.volume() ?? { ...NOTHING, recipientsExternal: known === null ? null : 0 }),
        messagesBefore: before && (then?.messagesAccepted ?? 0),
      };
    })
    .sort(
      (a, b) =>
        b.messagesAccepted - a.messagesAccepted ||
        b.sessions - a.sessions ||
        (b.messagesBefore ?? 0) - (a.messagesBefore ?? 0) ||
        (`${a.server}\0${a.connector}` < `${b.server}\0${b.connector}` ? -1 : 1),
    );
}

const NOTHING = {
  messagesAccepted: 0,
  messagesRefused: 0,
  recipientsAccepted: 0,
  recipientsRefused: 0,
  recipientsExternal: null,
  bytesAccepted: 0,
} as const;

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

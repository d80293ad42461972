/** In every table the parts add up to the whole, and the whole is what the rows say: for every filter, period and zone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askUsage } from '../../../src/queries/usage/ask-usage.ts';
import { customPeriod, type Period, periodAround, previousPeriod } from '../../../src/queries/usage/period.ts';
import type { UsageReport } from '../../../src/queries/usage/usage-report.ts';
import { storeConfigurations } from '../../../src/store/configuration-store.ts';
import type { Database } from '../../../src/store/database.ts';
import { DAYS, FIRST, logs, storeOf, wholeOf } from './random-stores.ts';

const zone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'America/St_Johns',
);
const minute = fc.integer({ min: 0, max: DAYS * 24 * 60 }).map((n) => FIRST + n * 60_000);
const period: fc.Arbitrary<Period> = fc.oneof(
  fc
    .tuple(fc.constantFrom('day', 'week', 'month', 'quarter', 'year'), minute, zone)
    .map(([kind, at, where]) => periodAround(kind, at, where)),
  fc.tuple(minute, minute, zone).map(([a, b, where]) => customPeriod(Math.min(a, b), Math.max(a, b) + 60_000, where)),
);
const question = fc.record({
  period,
  server: fc.option(fc.constantFrom('EX01', 'ex02', 'EX99'), { nil: undefined, freq: 2 }),
  connector: fc.option(fc.constantFrom('relay', 'DEFAULT', 'Default EX01', 'nowhere'), { nil: undefined, freq: 2 }),
});

const sum = <T>(list: readonly T[], value: (one: T) => number | null): number =>
  list.reduce((all, one) => all + (value(one) ?? 0), 0);

function holds(db: Database, asked: { period: Period; server: string | undefined; connector: string | undefined }): UsageReport {
  const { server, connector } = asked;
  const named = { ...(server === undefined ? {} : { server }), ...(connector === undefined ? {} : { connector }) };
  const report = askUsage(db, { period: asked.period, compared: previousPeriod(asked.period), now: FIRST + 1e10, ...named });
  const { totals, connectors, devices, slices, senderDomains, recipientDomains, busiest, largest, noise, refusals } = report;
  const whole = wholeOf(db, asked.period.since, asked.period.until, server, connector);
  const accepted = [
    totals.messagesAccepted,
    sum(connectors, (one) => one.messagesAccepted),
    sum(devices, (one) => one.messagesAccepted),
    sum(devices, (one) => sum(one.curve, (n) => n)),
    sum(slices, (one) => one.messagesAccepted),
    sum(slices, (one) => sum(one.connectors, (part) => part.messagesAccepted)),
    sum(senderDomains, (one) => one.messagesAccepted),
    sum(busiest.week.flat(), (n) => n),
  ];
  expect(accepted).toEqual(accepted.map(() => whole.accepted));
  for (const list of [[totals], connectors, devices, slices, senderDomains])
    expect(sum<{ messagesRefused: number }>(list, (one) => one.messagesRefused)).toBe(whole.refused);
  for (const list of [[totals], connectors, devices, senderDomains])
    expect(sum<{ bytesAccepted: number }>(list, (one) => one.bytesAccepted)).toBe(whole.bytes);
  for (const list of [[totals], connectors, devices, recipientDomains]) {
    expect(sum<{ recipientsAccepted: number }>(list, (one) => one.recipientsAccepted)).toBe(whole.recipientsAccepted);
    expect(sum<{ recipientsRefused: number }>(list, (one) => one.recipientsRefused)).toBe(whole.recipientsRefused);
    expect(sum<{ recipientsExternal: number | null }>(list, (one) => one.recipientsExternal)).toBe(
      totals.recipientsExternal ?? 0,
    );
  }
  // A noisy source is nobody's device; what is counted as noise is counted by its sources too.
  for (const { sessions: all, sources } of noise) expect(sum(sources, (one) => one.sessions)).toBe(all);
  for (const { curve, messagesAccepted } of devices) expect(sum(curve, (n) => n)).toBe(messagesAccepted);
  for (const { tls, sessions: all } of devices) expect(sum(Object.values(tls), (n) => n)).toBe(all);
  for (const { connectors: parts, messagesAccepted } of slices)
    expect(sum(parts, (part) => part.messagesAccepted)).toBe(messagesAccepted);
  // Who has mail of a domain is a device.
  for (const { devices: some } of [...senderDomains, ...recipientDomains]) expect(some).toBeLessThanOrEqual(totals.devices);
  expect(largest.map(({ bytes }) => bytes)).toEqual(whole.largest);
  expect(sum(refusals, (one) => one.refusals)).toBe(whole.refusals);
  const sessions = [totals.sessions, sum(connectors, (one) => one.sessions), sum(devices, (one) => one.sessions)];
  const byTls = [
    sum(devices, (one) => sum(Object.values(one.tls), (n) => n)),
    sum(slices, (one) => sum(Object.values(one.tls), (n) => n)),
  ];
  expect([...sessions, ...byTls].map((n) => n + sum(noise, (one) => one.sessions))).toEqual(new Array(5).fill(whole.sessions));
  expect(totals.devices).toBe(devices.length);
  expect(devices.every((one) => one.messagesAccepted >= 0 && one.sessions >= 0 && one.firstSeen! <= one.lastSeen!)).toBe(true);
  return report;
}

test('whatever was sent, and whatever is asked', async () => {
  const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  await fc.assert(
    fc.asyncProperty(
      logs,
      fc.array(question, { minLength: 6, maxLength: 6 }),
      fc.array(minute, { maxLength: 3 }),
      async (files, questions, changes) => {
        const db = await storeOf(files);
        const known = changes.map((asOf, index) => ({
          kind: 'accepted-domains' as const,
          scope: '',
          asOf: asOf + 17_003,
          importedAt: asOf,
          file: 'domains.json',
          content: JSON.stringify([
            {
              name: 'a',
              domainName: ['contoso.example', 'fabrikam.example', '*.example'][index],
              domainType: 'Authoritative',
              isDefault: true,
            },
          ]),
        }));
        storeConfigurations(db, known);
        for (const one of questions) {
          const report = holds(db, one);
          expect(report.totals.recipientsExternal === null).toBe(known.length === 0);
        }
        db.close();
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 12), seed: SEED },
  );
});

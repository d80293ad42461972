/** Who negotiates TLS below 1.2: stories told in a few sessions, figures counted by hand. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { LogRow } from '../../../../src/protocol-log/writer.ts';
import { askUsage } from '../../../../src/queries/usage/ask-usage.ts';
import { customPeriod, periodNamed } from '../../../../src/queries/usage/period.ts';
import { askOldTls, type TlsView } from '../../../../src/queries/usage/views/old-tls.ts';
import { tlsAge } from '../../../../src/smtp/tls-version.ts';
import type { Database } from '../../../../src/store/database.ts';
import { DAYS, FIRST, logs, storeOf as randomStore } from '../random-stores.ts';
import { greet, mail, QUIT, session, storeOf, tls } from './sessions.ts';

const NOW = Date.parse('2027-01-01T00:00Z');
const by = (at: string, source: string, version?: string): LogRow[] =>
  session(
    at,
    source,
    [greet(), ...(version === undefined ? [] : [tls(version), '< EHLO mfp\n> {hello SIZE}']), mail(), QUIT].join('\n'),
  );
const viewOf = (db: Database, of: string, zone = 'UTC'): TlsView => askOldTls(db, { period: periodNamed(of, zone)!, now: NOW });

it.each([
  ['none', 'none'],
  ['SSL3', 'old'],
  ['PCT1', 'old'],
  ['TLS1.0', 'old'],
  ['TLS1.1', 'old'],
  ['TLS1.2', 'new'],
  ['TLS1.3', 'new'],
  ['unknown(4096)', 'unknown'],
])('%s is %s', (version, age) => {
  expect(tlsAge(version)).toBe(age);
});

describe('devices', () => {
  it('stand by the oldest that they negotiated, with when that was last', async () => {
    const db = await storeOf({
      EX01: [
        by('2026-11-02T08:00:00.000Z', '10.0.1.1', '1_0'),
        by('2026-11-03T08:00:00.000Z', '10.0.1.1', '1_1'),
        by('2026-11-04T08:00:00.000Z', '10.0.1.1', '1_2'),
        by('2026-11-04T09:00:00.000Z', '10.0.1.1'),
        by('2026-11-02T08:01:00.000Z', '10.0.1.2', '1_0'),
        by('2026-11-02T08:02:00.000Z', '10.0.1.3'),
        by('2026-11-02T08:03:00.000Z', '10.0.1.4', '1_2'),
        by('2026-11-02T08:04:00.000Z', '10.0.1.4'),
        by('2026-11-02T08:05:00.000Z', '10.0.1.5', '4096'),
      ],
    });
    const { devices, sessions } = viewOf(db, '2026-11');
    expect(devices.map((one) => [one.source, one.standing, one.sessions.old, one.sessions.new, one.sessions.none])).toEqual([
      ['10.0.1.1', 'old', 2, 1, 1],
      ['10.0.1.2', 'old', 1, 0, 0],
      ['10.0.1.4', 'new', 0, 1, 1],
      ['10.0.1.3', 'never', 0, 0, 1],
      ['10.0.1.5', 'unknown', 0, 0, 0],
    ]);
    expect(devices[0]!.lastOld).toMatchObject({
      at: '2026-11-03T08:00:00.000Z',
      version: 'TLS1.1',
      sessionId: expect.stringMatching(/^08DE/),
    });
    expect(devices[3]!.lastOld).toBeNull();
    expect(sessions).toEqual({ none: 3, old: 3, new: 2, unknown: 1 });
  });

  it('that tried and failed are told from those that never tried', async () => {
    const failed = session(
      '2026-11-02T08:00:00.000Z',
      '10.0.1.1',
      `${greet()}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {failed-tls AlgorithmMismatch}\n- | Local`,
    );
    const { devices } = viewOf(await storeOf({ EX01: [failed, by('2026-11-02T08:01:00.000Z', '10.0.1.2')] }), '2026-11');
    expect(devices.map(({ source, standing, handshakesFailed }) => [source, standing, handshakesFailed])).toEqual([
      ['10.0.1.1', 'never', 1],
      ['10.0.1.2', 'never', 0],
    ]);
  });
});

test('the decline has a figure for every slice, of the days of the zone', async () => {
  const db = await storeOf({
    EX01: [
      by('2026-11-02T10:30:00.000Z', '10.0.1.1', '1_0'),
      by('2026-11-02T10:40:00.000Z', '10.0.1.1', '1_0'),
      by('2026-11-02T10:50:00.000Z', '10.0.1.2', '1_1'),
      by('2026-11-02T11:30:00.000Z', '10.0.1.1', '1_0'),
    ],
  });
  // Midnight in Auckland is eleven in the morning UTC: 2 and 3 November there.
  const period = customPeriod(Date.parse('2026-11-01T11:00Z'), Date.parse('2026-11-04T11:00Z'), 'Pacific/Auckland');
  const { slices, devices } = askOldTls(db, { period, now: NOW });
  expect(slices.map(({ devicesOld, sessions }) => [devicesOld, sessions.old])).toEqual([
    [2, 3],
    [1, 1],
    [0, 0],
  ]);
  expect(devices.map(({ curve }) => curve)).toEqual([
    [2, 1, 0],
    [1, 0, 0],
  ]);
});

test('the parts are the whole, and the whole is that of the report, whatever was sent', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  await fc.assert(
    fc.asyncProperty(logs, fc.integer({ min: 1, max: DAYS * 24 * 60 }), async (files, minutes) => {
      const db = await randomStore(files);
      const period = customPeriod(FIRST, FIRST + minutes * 60_000, 'Europe/Berlin');
      const view = askOldTls(db, { period, now: NOW });
      const { totals } = askUsage(db, { period, compared: null, now: NOW });
      const sum = (list: readonly { readonly sessions: TlsView['sessions'] }[]): number =>
        list.reduce((all, { sessions: { none, old, new: recent, unknown } }) => all + none + old + recent + unknown, 0);
      expect([sum([view]), sum(view.devices), sum(view.slices)]).toEqual([totals.sessions, totals.sessions, totals.sessions]);
      db.close();
    }),
    { numRuns: Number(process.env.RUNS ?? 8), seed },
  );
});

/** What each device asks of whoever takes its mail: stories told in a few sessions, figures counted by hand. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { askUsage } from '../../../../src/queries/usage/ask-usage.ts';
import { customPeriod, type Period, periodNamed } from '../../../../src/queries/usage/period.ts';
import { askDemand, type Demand } from '../../../../src/queries/usage/views/device-demand.ts';
import { storeConfigurations } from '../../../../src/store/configuration-store.ts';
import type { Database } from '../../../../src/store/database.ts';
import { DAYS, FIRST, logs, storeOf as randomStore } from '../random-stores.ts';
import { greet, mail, QUIT, sent, session, storeOf, tls } from './sessions.ts';

const NOW = Date.parse('2027-01-01T00:00Z');
const demandOf = (db: Database, period: Period, source = '10.0.1.1'): Demand =>
  askDemand(db, { period, now: NOW }).devices.find((one) => one.source === source)!.demand;
const day = (zone = 'UTC'): Period => periodNamed('2026-11-02', zone)!;

const acceptedDomains = (db: Database): void =>
  storeConfigurations(db, [
    {
      kind: 'accepted-domains',
      scope: '',
      asOf: Date.parse('2026-11-01T00:00Z'),
      importedAt: 0,
      file: 'x',
      content: JSON.stringify([{ name: 'a', domainName: 'contoso.example', domainType: 'Authoritative', isDefault: true }]),
    },
  ]);

describe('rates', () => {
  it('are of the minute, hour and day that had most, each for itself', async () => {
    const at = (...times: string[]) => times.map((time) => sent(`2026-11-${time}Z`, '10.0.1.1'));
    const db = await storeOf({
      EX01: [
        // Three within a minute, and one in the minute after it; of another device as many again, which count for that one.
        ...at('02T08:00:01.000', '02T08:00:30.000', '02T08:00:58.000', '02T08:01:02.000'),
        ...['02T08:00:05.000', '02T08:00:06.000'].map((time) => sent(`2026-11-${time}Z`, '10.0.1.2')),
        // Five in an hour, no two of them in a minute; six on that day.
        ...at('03T09:00:00.000', '03T09:10:00.000', '03T09:20:00.000', '03T09:30:00.000', '03T09:40:00.000', '03T11:00:00.000'),
      ],
    });
    const demand = demandOf(db, periodNamed('2026-11', 'UTC')!);
    expect(demand).toMatchObject({
      messages: 10,
      peakMinute: { count: 3, at: '2026-11-02T08:00:00.000Z' },
      peakHour: { count: 5, at: '2026-11-03T09:00:00.000Z' },
      peakDay: { count: 6, at: '2026-11-03T00:00:00.000Z' },
      peakDayRecipients: { count: 6 },
    });
  });

  it('have the days of the zone, also where the clocks are set back', async () => {
    // In Berlin 25 October 2026 has 25 hours: from 22:00 to 23:00 UTC of the day after.
    const times = ['24T21:30', '24T22:30', '25T12:00', '25T22:30', '25T23:30'];
    const db = await storeOf({ EX01: times.map((time) => sent(`2026-10-${time}:00.000Z`, '10.0.1.1')) });
    const period = customPeriod(Date.parse('2026-10-24T00:00Z'), Date.parse('2026-10-27T00:00Z'), 'Europe/Berlin');
    expect(demandOf(db, period).peakDay).toEqual({ count: 3, at: '2026-10-24T22:00:00.000Z' });
  });
});

describe('recipients, sizes and senders', () => {
  it('are those of accepted messages, outside by the accepted domains', async () => {
    const refused =
      '< MAIL FROM:<x@other.example>\n> 250 2.1.0 Sender OK\n< RCPT TO:<b@fabrikam.example>\n> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\n< RSET\n> 250 2.0.0 Resetting';
    const db = await storeOf({
      EX01: [
        session(
          '2026-11-02T08:00:00.000Z',
          '10.0.1.1',
          [
            greet(),
            mail(['a@contoso.example', 'b@fabrikam.example', 'c@fabrikam.example'], {
              bytes: 5000,
              sender: 'one@contoso.example',
            }),
            mail(['a@contoso.example'], { bytes: 9000, sender: 'two@wingtip.example' }),
            refused,
            QUIT,
          ].join('\n'),
        ),
      ],
    });
    expect(demandOf(db, day())).toMatchObject({ recipientsExternal: null, senderDomainsForeign: null });
    acceptedDomains(db);
    expect(demandOf(db, day())).toMatchObject({
      messages: 2,
      recipients: 4,
      recipientsExternal: 2,
      largestBytes: 9000,
      mostRecipients: 3,
      senderAddresses: 2,
      senderDomains: ['contoso.example', 'wingtip.example'],
      senderDomainsForeign: ['wingtip.example'],
    });
  });
});

describe('TLS and logon', () => {
  const logon = (reply: string): string =>
    `< AUTH LOGIN\n> 334 <authentication response>\n> 334 <authentication response>\n${reply}`;
  const GOOD = '* svc | authenticated\n> 235 2.7.0 Authentication successful';

  it('are what was seen, by session', async () => {
    const db = await storeOf({
      EX01: [
        session('2026-11-02T08:00:00.000Z', '10.0.1.1', [greet(), tls('1_2'), mail(), QUIT].join('\n')),
        session('2026-11-02T08:01:00.000Z', '10.0.1.1', [greet(), tls('1_0'), mail(), QUIT].join('\n')),
        session('2026-11-02T08:02:00.000Z', '10.0.1.1', [greet(), logon(GOOD), mail(), QUIT].join('\n')),
        session(
          '2026-11-02T08:03:00.000Z',
          '10.0.1.2',
          [greet(), logon('> 535 5.7.3 Authentication unsuccessful'), QUIT].join('\n'),
        ),
      ],
    });
    expect(demandOf(db, day())).toMatchObject({
      sessions: 3,
      tls: { none: 1, old: 1, new: 1, unknown: 0 },
      authenticated: 'mixed',
      logonsFailed: 0,
    });
    expect(demandOf(db, day(), '10.0.1.2')).toMatchObject({
      messages: 0,
      peakMinute: null,
      largestBytes: null,
      authenticated: 'no',
      logonsFailed: 1,
    });
  });
});

test('messages and recipients of all devices are those of the report, whatever was sent, and whatever is asked', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  await fc.assert(
    fc.asyncProperty(
      logs,
      fc.integer({ min: 1, max: DAYS * 24 * 60 }),
      fc.constantFrom({}, { server: 'EX01' }, { connector: 'relay' }),
      async (files, minutes, filter) => {
        const db = await randomStore(files);
        acceptedDomains(db);
        const question = { period: customPeriod(FIRST, FIRST + minutes * 60_000, 'Europe/Berlin'), now: NOW, ...filter };
        const { devices } = askDemand(db, question);
        const report = askUsage(db, { ...question, compared: null });
        const bySource = new Map(report.devices.map((one) => [one.source, one]));
        for (const { source, demand } of devices)
          expect([
            source,
            demand.messages,
            demand.recipients,
            demand.recipientsExternal,
            demand.sessions,
            demand.authenticated,
          ]).toEqual(
            (({ messagesAccepted, recipientsAccepted, recipientsExternal, sessions, authenticated }) => [
              source,
              messagesAccepted,
              recipientsAccepted,
              recipientsExternal,
              sessions,
              authenticated,
            ])(bySource.get(source)!),
          );
        expect(devices.reduce((sum, { demand }) => sum + demand.messages, 0)).toBe(report.totals.messagesAccepted);
        db.close();
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 8), seed },
  );
});

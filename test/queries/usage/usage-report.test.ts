/** What a report of use counts where, and what it says has changed: stories told in a few sessions. */
import { describe, expect, it, test } from 'vitest';
import { type StorySettings, story } from '../../../fixtures/story.ts';
import type { LogRow } from '../../../src/protocol-log/writer.ts';
import { askUsage } from '../../../src/queries/usage/ask-usage.ts';
import { periodNamed, previousPeriod } from '../../../src/queries/usage/period.ts';
import type { UsageReport } from '../../../src/queries/usage/usage-report.ts';
import { storeConfigurations } from '../../../src/store/configuration-store.ts';
import type { Database } from '../../../src/store/database.ts';
import { ingestFiles, logText, writeFiles } from '../../harness.ts';

const NOW = Date.parse('2027-01-01T00:00Z');
const QUIT = '< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local';
const greet = (name = 'mfp'): string => `+\n> {banner}\n< EHLO ${name}\n> {hello SIZE 37748736, STARTTLS, AUTH LOGIN, CHUNKING}`;
const mail = (recipient: string, bytes = 1000): string =>
  `< MAIL FROM:<scan@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<${recipient}>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued ${bytes}}`;

let next = 0x08de19a1b2c40001n;
const session = (at: string, settings: StorySettings, ...script: readonly string[]): LogRow[] =>
  story({ sessionId: (next++).toString(16).toUpperCase().padStart(16, '0'), at, ...settings }, script.join('\n'));
const sent = (at: string, source: string, settings: StorySettings = {}, name?: string): LogRow[] =>
  session(at, { remote: `${source}:5000`, ...settings }, greet(name), mail('a@contoso.example'), QUIT);

const storeOf = async (...sessions: readonly LogRow[][]): Promise<Database> =>
  (await ingestFiles({ 'FrontEnd/ProtocolLog/SmtpReceive/RECV1.LOG': logText(sessions.flat()) })).db;

function reportOf(
  db: Database,
  of: string,
  zone = 'Europe/Berlin',
  more: { server?: string; connector?: string } = {},
): UsageReport {
  const period = periodNamed(of, zone)!;
  return askUsage(db, { period, compared: previousPeriod(period), now: NOW, ...more });
}

describe('a message counts where and when it was accepted', () => {
  it('though its session began the day before', async () => {
    const db = await storeOf(
      session(
        '2026-11-02T22:59:50.000Z',
        { remote: '10.0.0.9:1' },
        greet(),
        mail('a@contoso.example'),
        `@20000 ${mail('b@contoso.example')}`,
        QUIT,
      ),
    );
    expect(reportOf(db, '2026-11-02').totals).toMatchObject({ devices: 1, sessions: 1, messagesAccepted: 1 });
    expect(reportOf(db, '2026-11-03').totals).toMatchObject({ devices: 1, devicesSending: 1, sessions: 0, messagesAccepted: 1 });
    expect(reportOf(db, '2026-11-02', 'UTC').totals.messagesAccepted).toBe(2);
    expect(reportOf(db, '2026-11-03').changes?.vanished).toEqual([]);
  });

  it('in the hour that comes twice, once for each of the two', async () => {
    const db = await storeOf(sent('2026-10-25T00:30:00.000Z', '10.0.0.9'), sent('2026-10-25T01:30:00.000Z', '10.0.0.9'));
    const { slices, busiest } = reportOf(db, '2026-10-25');
    expect(slices.map((one) => one.messagesAccepted).join('')).toBe(`001100000000000000000000${'0'}`);
    expect(busiest.week[6]![2]).toBe(2);
    expect(busiest.hours.map(({ at }) => at)).toEqual(['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z']);
  });

  it('in a zone of half hours', async () => {
    const db = await storeOf(sent('2026-11-01T18:29:00.000Z', '10.0.0.9'), sent('2026-11-01T18:31:00.000Z', '10.0.0.9'));
    expect(reportOf(db, '2026-11-01', 'Asia/Kolkata').busiest.week[6]![23]).toBe(1);
    expect(reportOf(db, '2026-11-02', 'Asia/Kolkata').slices[0]).toMatchObject({
      messagesAccepted: 1,
      since: '2026-11-01T18:30:00.000Z',
    });
  });

  it('on the day that is an hour short in Auckland', async () => {
    const db = await storeOf(
      sent('2026-09-26T11:59:00.000Z', '10.0.0.9'),
      sent('2026-09-26T12:01:00.000Z', '10.0.0.9'),
      sent('2026-09-27T10:59:00.000Z', '10.0.0.9'),
      sent('2026-09-27T11:01:00.000Z', '10.0.0.9'),
    );
    expect(reportOf(db, '2026-09-27', 'Pacific/Auckland').totals.messagesAccepted).toBe(2);
    expect(reportOf(db, '2026-09-27', 'Pacific/Auckland').busiest.week[6]![23]).toBe(1);
  });

  it('on the day that is an hour long in Auckland, where three in the morning is two again', async () => {
    const db = await storeOf(sent('2026-04-04T13:30:00.000Z', '10.0.0.9'), sent('2026-04-04T14:30:00.000Z', '10.0.0.9'));
    const { slices, busiest } = reportOf(db, '2026-04-05', 'Pacific/Auckland');
    expect(slices).toHaveLength(25);
    expect(slices.slice(2, 4).map((one) => one.messagesAccepted)).toEqual([1, 1]);
    expect(busiest.week[6]![2]).toBe(2);
  });

  it.each([
    ['Europe/Berlin', '2026-W43', 7, 7 * 24 + 1],
    ['Europe/Berlin', '2026-10', 31, 31 * 24 + 1],
    ['Europe/Berlin', '2026-03', 31, 31 * 24 - 1],
    ['Pacific/Auckland', '2026-W39', 7, 7 * 24 - 1],
    ['Pacific/Auckland', '2026-09', 30, 30 * 24 - 1],
    ['Pacific/Auckland', '2026-04', 30, 30 * 24 + 1],
  ])('in %s, %s: a message an hour, in days that begin at midnight', async (zone, name, days, hours) => {
    const { since, until } = periodNamed(name, zone)!;
    const every: LogRow[][] = [];
    for (let at = since; at < until; at += 3_600_000) every.push(sent(new Date(at + 60_000).toISOString(), '10.0.0.9'));
    const { slices, totals, busiest } = reportOf(await storeOf(...every), name, zone);
    expect([every.length, totals.messagesAccepted, slices.length]).toEqual([hours, hours, days]);
    // All days have 24 hours but the one on which the clocks are set.
    const odd = slices.filter((one) => one.messagesAccepted !== 24);
    expect(odd.map((one) => one.messagesAccepted - 24)).toEqual([hours - 24 * days]);
    expect(busiest.week.flat().reduce((sum, n) => sum + n, 0)).toBe(hours);
    // On that Sunday one hour of the clock came twice, or not at all: two o'clock in both countries.
    const sundays = slices.length === 7 ? 1 : busiest.week[6]![12]!;
    expect(busiest.week[6]!.map((n) => n - sundays).flatMap((n, hour) => (n === 0 ? [] : [[hour, n]]))).toEqual([
      [2, hours - 24 * days],
    ]);
  });

  it('once, however many chunks it came in', async () => {
    const chunks = `< MAIL FROM:<a@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<a@contoso.example>\n> 250 2.1.5 Recipient OK\n< BDAT 500\n> 250 2.6.0 CHUNK received OK, 500 octets\n< BDAT 400 LAST\n> {queued 900}`;
    const db = await storeOf(session('2026-11-02T08:00:00.000Z', { remote: '10.0.0.9:1' }, greet(), chunks, QUIT));
    expect(reportOf(db, '2026-11-02').totals).toMatchObject({ messagesAccepted: 1, bytesAccepted: 900 });
  });
});

test('a recipient is outside by the accepted domains of the time, within the very hour', async () => {
  const to = (at: string): LogRow[] => session(at, { remote: '10.0.0.9:1' }, greet(), mail('a@fabrikam.example'), QUIT);
  const db = await storeOf(to('2026-11-02T08:10:00.000Z'), to('2026-11-02T08:40:00.000Z'), to('2026-11-02T09:10:00.000Z'));
  expect(reportOf(db, '2026-11-02').totals.recipientsExternal).toBeNull();
  const domains = (at: string, ...names: string[]) => ({
    kind: 'accepted-domains' as const,
    scope: '',
    asOf: Date.parse(at),
    importedAt: 0,
    file: 'x',
    content: JSON.stringify(
      names.map((domainName) => ({ name: domainName, domainName, domainType: 'Authoritative', isDefault: false })),
    ),
  });
  storeConfigurations(db, [
    domains('2026-11-01T00:00Z', 'contoso.example'),
    domains('2026-11-02T08:30Z', 'contoso.example', 'fabrikam.example'),
  ]);
  const { totals, devices, connectors, recipientDomains } = reportOf(db, '2026-11-02');
  expect([totals, devices[0], connectors[0], recipientDomains[0]].map((one) => one?.recipientsExternal)).toEqual([1, 1, 1, 1]);
});

describe('changes', () => {
  const tls = '< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n* {tls 1_2}';
  const logon =
    '< AUTH LOGIN\n> 334 <authentication response>\n> 334 <authentication response>\n* svc@contoso.example | authenticated\n> 235 2.7.0 Authentication successful';

  it('tell new from returned, and what is gone', async () => {
    const db = await storeOf(
      sent('2026-09-10T08:00:00.000Z', '10.0.0.1'),
      sent('2026-10-10T08:00:00.000Z', '10.0.0.2', {}, 'gone'),
      sent('2026-10-10T08:00:00.000Z', '10.0.0.3'),
      sent('2026-11-10T08:00:00.000Z', '10.0.0.1'),
      sent('2026-11-10T08:00:00.000Z', '10.0.0.3'),
      sent('2026-11-10T08:00:00.000Z', '10.0.0.4'),
      sent('2026-12-10T08:00:00.000Z', '10.0.0.2', {}, 'renamed'),
    );
    const { changes, devices } = reportOf(db, '2026-11');
    expect(changes?.newcomers.map(({ source }) => source)).toEqual(['10.0.0.4']);
    expect(changes?.returned.map(({ source }) => source)).toEqual(['10.0.0.1']);
    // It came back later: of that the report of November says when it was last seen, and still calls it by its name of then.
    expect(changes?.vanished).toMatchObject([
      { source: '10.0.0.2', helo: 'gone', lastSeen: expect.stringMatching(/^2026-12-10/) },
    ]);
    expect(changes?.changed).toEqual([]);
    expect(devices.find(({ source }) => source === '10.0.0.1')).toMatchObject({ firstSeen: '2026-09-10T08:00:00.000Z' });
  });

  it('of connector, TLS, authentication and volume', async () => {
    const relay = { connector: 'EX01\\Relay' };
    const many = (day: string, n: number): LogRow[][] =>
      Array.from({ length: n }, (_, i) => sent(`2026-11-${day}T08:${10 + i}:00.000Z`, '10.0.0.4'));
    const db = await storeOf(
      sent('2026-11-02T08:00:00.000Z', '10.0.0.1'),
      sent('2026-11-03T08:00:00.000Z', '10.0.0.1', relay),
      sent('2026-11-02T08:00:00.000Z', '10.0.0.2'),
      session('2026-11-03T08:00:00.000Z', { remote: '10.0.0.2:1' }, greet(), tls, mail('a@contoso.example'), QUIT),
      sent('2026-11-02T08:00:00.000Z', '10.0.0.3'),
      session('2026-11-03T08:00:00.000Z', { remote: '10.0.0.3:1' }, greet(), logon, mail('a@contoso.example'), QUIT),
      ...many('02', 2),
      ...many('03', 30),
    );
    const { changes } = reportOf(db, '2026-11-03');
    expect(Object.fromEntries(changes!.changed.map(({ source, changes: own }) => [source, own]))).toEqual({
      '10.0.0.1': [{ kind: 'connector', before: ['EX01\\Default Frontend EX01'], after: ['EX01\\Relay'] }],
      '10.0.0.2': [{ kind: 'tls', before: ['none'], after: ['TLS1.2'] }],
      '10.0.0.3': [{ kind: 'authentication', before: 'no', after: 'yes' }],
      '10.0.0.4': [{ kind: 'volume', before: 2, after: 30 }],
    });
  });

  test('a connector that was renamed shows under both names, the old one with what it had', async () => {
    const db = await storeOf(
      sent('2026-11-02T08:00:00.000Z', '10.0.0.1', { connector: 'EX01\\Relay' }),
      sent('2026-11-03T08:00:00.000Z', '10.0.0.1', { connector: 'EX01\\Printers' }),
    );
    expect(reportOf(db, '2026-11-03').connectors).toMatchObject([
      { connector: 'EX01\\Printers', messagesAccepted: 1, messagesBefore: 0 },
      { connector: 'EX01\\Relay', messagesAccepted: 0, devices: 0, messagesBefore: 1 },
    ]);
  });
});

describe('coverage', () => {
  test('a server that is gone is missed; one that was asked for alone is told of alone', async () => {
    const folder = (server: string): string => `${server}/FrontEnd/ProtocolLog/SmtpReceive/1.LOG`;
    const on = (server: string, day: string): LogRow[] =>
      sent(`2026-11-${day}T08:00:00.000Z`, '10.0.0.1', { connector: `${server}\\Relay` });
    const { db } = await ingestFiles({
      [folder('EX01')]: logText([...on('EX01', '02'), ...on('EX01', '03')]),
      [folder('EX02')]: logText(on('EX02', '02')),
    });
    expect(reportOf(db, '2026-11-03').coverage).toMatchObject({
      complete: false,
      logs: [
        { server: 'EX01', hours: 24, silentHours: 23, longestSilence: { since: '2026-11-03T09:00:00.000Z', hours: 14 } },
        { server: 'EX02', hours: 24, silentHours: 24, longestSilence: { hours: 24 } },
      ],
    });
    expect(reportOf(db, '2026-11-03', 'UTC', { server: 'ex01' }).coverage.logs).toMatchObject([{ server: 'EX01' }]);
  });

  it('is complete where every hour was heard, and does not ask for hours to come', async () => {
    const db = await storeOf(
      ...Array.from({ length: 24 }, (_, hour) => sent(`2026-11-02T${String(hour).padStart(2, '0')}:30:00.000Z`, '10.0.0.1')),
    );
    expect(reportOf(db, '2026-11-02', 'UTC').coverage).toMatchObject({
      complete: true,
      unfinishedAt: null,
      logs: [{ silentHours: 0 }],
    });
    const period = periodNamed('2026-11', 'UTC')!;
    const early = askUsage(db, { period, compared: null, now: Date.parse('2026-11-02T23:40Z') });
    expect(early).toMatchObject({
      changes: null,
      coverage: { complete: false, unfinishedAt: '2026-11-02T23:40:00.000Z', logs: [{ hours: 48, silentHours: 24 }] },
    });
  });
});

test('noise is in no other figure: mail between own servers, checks of the product, and who only looked', async () => {
  const server = '* SMTPSubmit SMTPAcceptAnyRecipient AcceptForestHeaders AcceptOrganizationHeaders | Set Session Permissions';
  const db = await storeOf(
    session(
      '2026-11-02T08:00:00.000Z',
      { remote: '10.0.0.6:1' },
      greet('ex02'),
      server,
      mail('a@fabrikam.example', 90_000),
      QUIT,
    ),
    session('2026-11-02T08:01:00.000Z', { remote: '127.0.0.1:1', local: '127.0.0.1:25' }, greet('localhost'), QUIT),
    session('2026-11-02T08:02:00.000Z', { remote: '10.0.0.250:1' }, '+\n> {banner}\n- | Remote'),
    sent('2026-11-02T08:03:00.000Z', '10.0.0.9'),
  );
  const { totals, noise, largest, devices, busiest } = reportOf(db, '2026-11-02');
  expect(totals).toMatchObject({ devices: 1, sessions: 1, messagesAccepted: 1, bytesAccepted: 1000 });
  expect(devices.map(({ source }) => source)).toEqual(['10.0.0.9']);
  expect(largest.map(({ bytes }) => bytes)).toEqual([1000]);
  expect(busiest.minutes).toEqual([{ at: '2026-11-02T08:03:00.000Z', messagesAccepted: 1 }]);
  expect(noise).toMatchObject([
    { kind: 'health-checks', sessions: 1, sources: [{ source: '127.0.0.1' }] },
    { kind: 'own-servers', sessions: 1, messagesAccepted: 1, sources: [{ source: '10.0.0.6' }] },
    { kind: 'probes', sessions: 1, sources: [{ source: '10.0.0.250' }] },
  ]);
});

test('an old report stays as it was when new logs come', async () => {
  const { db, folder, again } = await ingestFiles({ '1.LOG': logText(sent('2026-11-02T08:00:00.000Z', '10.0.0.9')) });
  const before = reportOf(db, '2026-11-02');
  writeFiles(folder, { '2.LOG': logText(sent('2026-11-04T08:00:00.000Z', '10.0.0.8')) });
  await again();
  expect(reportOf(db, '2026-11-02')).toEqual(before);
});

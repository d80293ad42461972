/** Who still uses a server: stories told in a few sessions, figures counted by hand. */
import { describe, expect, it, test } from 'vitest';
import { story } from '../../../../fixtures/story.ts';
import type { LogRow } from '../../../../src/protocol-log/writer.ts';
import { customPeriod, periodNamed } from '../../../../src/queries/usage/period.ts';
import { askServerUse, type ServerUse } from '../../../../src/queries/usage/views/server-use.ts';
import type { Database } from '../../../../src/store/database.ts';
import { ingestFiles, logText } from '../../../harness.ts';
import { daily, days, greet, mail, QUIT, sent, session, storeOf } from './sessions.ts';

const NOW = Date.parse('2027-01-01T00:00Z');
const EX02 = { connector: 'EX02\\Default Frontend EX02', local: '10.0.0.6:25' };

const useOf = (db: Database, since: string, until: string, zone = 'UTC'): ServerUse =>
  askServerUse(db, { period: customPeriod(Date.parse(since), Date.parse(until), zone), now: NOW, server: 'EX01' });
const told = ({ devices }: ServerUse): [string, string, string, number][] =>
  devices.map(({ source, status, rhythm, awayDays }) => [source, status, rhythm, awayDays]);

/** A device of every day keeps the logs going to the end of August. */
const CLOCK = daily(days('2026-03-01', '2026-08-31'), '10.0.1.1');

describe('devices', () => {
  it('left, silent, and monthly, each with its last proof', async () => {
    const monthly = ['2026-04-01', '2026-05-01', '2026-06-01', '2026-07-01', '2026-08-01'];
    const db = await storeOf({
      EX01: [
        ...CLOCK,
        ...daily(days('2026-03-01', '2026-05-31'), '10.0.1.2'),
        ...daily(monthly, '10.0.1.3'),
        ...daily(['2026-03-05'], '10.0.1.4'),
        ...daily(['2026-08-20'], '10.0.1.5'),
      ],
    });
    const use = useOf(db, '2026-03-01T00:00Z', '2026-09-01T00:00Z');
    // Silent since the last of May: 92 days to the last row of the logs. Who was seen once in March may have been a test.
    expect(told(use)).toEqual([
      ['10.0.1.1', 'using', 'daily', 0],
      ['10.0.1.5', 'using', 'unclear', 11],
      ['10.0.1.3', 'using', 'monthly', 30],
      ['10.0.1.2', 'silent', 'daily', 92],
      ['10.0.1.4', 'silent', 'unclear', 179],
    ]);
    expect(use.devices[2]).toMatchObject({
      daysSeen: 5,
      usualPauseDays: 31,
      lastSeen: expect.stringMatching(/^2026-08-01T08:00:00/),
      entrance: { connector: 'EX01\\Default Frontend EX01', port: 25 },
      lastProof: {
        connector: 'EX01\\Default Frontend EX01',
        outcome: 'accepted',
        messagesAccepted: 1,
        sessionId: expect.stringMatching(/^08DE/),
        behind: null,
      },
    });
    expect(use.verdict).toBe('in-use');
    expect(use.reach).toMatchObject({ since: '2026-03-01T08:00:00.000Z', days: 183 });
    expect(use.doubts).toEqual(['under-a-year']);
  });

  it('are judged by what was seen before the end of the period, and from the time before its beginning', async () => {
    const db = await storeOf({ EX01: [...CLOCK, ...daily(days('2026-03-01', '2026-05-31'), '10.0.1.2')] });
    const june = useOf(db, '2026-06-01T00:00Z', '2026-06-10T00:00Z');
    expect(told(june)).toEqual([
      ['10.0.1.1', 'using', 'daily', 0],
      ['10.0.1.2', 'using', 'daily', 9],
    ]);
    expect(told(useOf(db, '2026-06-01T00:00Z', '2026-07-01T00:00Z'))[1]).toEqual(['10.0.1.2', 'silent', 'daily', 30]);
  });

  it('seen at two servers tell of the other', async () => {
    const db = await storeOf({
      EX01: daily(['2026-11-02', '2026-11-03'], '10.0.1.1'),
      EX02: [...daily(['2026-11-04'], '10.0.1.1', EX02), ...daily(['2026-11-04'], '10.0.1.9', EX02)],
    });
    const { devices } = useOf(db, '2026-11-01T00:00Z', '2026-12-01T00:00Z');
    expect(devices.map(({ source }) => source)).toEqual(['10.0.1.1']);
    expect(devices[0]).toMatchObject({
      daysSeen: 2,
      lastSeen: expect.stringMatching(/^2026-11-03/),
      elsewhere: [{ server: 'EX02', lastSeen: expect.stringMatching(/^2026-11-04/) }],
    });
  });

  it('that got nothing through still use it, and the proof says what they were told', async () => {
    const refused = `${greet()}\n< MAIL FROM:<a@contoso.example>\n> 250 2.1.0 Sender OK\n< RCPT TO:<b@fabrikam.example>\n> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\n${QUIT}`;
    const db = await storeOf({ EX01: [session('2026-11-02T08:00:00.000Z', '10.0.1.1', refused)] });
    expect(useOf(db, '2026-11-01T00:00Z', '2026-11-03T00:00Z').devices[0]).toMatchObject({
      status: 'using',
      lastProof: { outcome: 'refused', messagesAccepted: 0, lastError: expect.stringContaining('5.7.54') },
    });
  });

  test('noise is no device: mail between servers, checks of the product, and who only looked', async () => {
    const rights = '* SMTPSubmit SMTPAcceptAnyRecipient AcceptForestHeaders AcceptOrganizationHeaders | Set Session Permissions';
    const db = await storeOf({
      EX01: [
        session('2026-11-02T08:00:00.000Z', '10.0.0.6', `${greet('ex02')}\n${rights}\n${mail()}\n${QUIT}`),
        session('2026-11-02T08:01:00.000Z', '127.0.0.1', `${greet('localhost')}\n${QUIT}`, { local: '127.0.0.1:25' }),
        session('2026-11-02T08:02:00.000Z', '10.0.0.250', '+\n> {banner}\n- | Remote'),
      ],
    });
    const use = useOf(db, '2026-11-01T00:00Z', '2026-11-03T00:00Z');
    expect(use.devices).toEqual([]);
    expect(use.noise.map(({ kind, sessions }) => [kind, sessions])).toEqual([
      ['health-checks', 1],
      ['own-servers', 1],
      ['probes', 1],
    ]);
  });

  test('who uses the front end of another server, which handed its mail to the Hub here, is set apart', async () => {
    const hub = (front: string, id: string, at: string): LogRow[] =>
      story(
        { connector: 'EX01\\Default EX01', remote: `${front}:20001`, local: '10.0.0.5:2525', sessionId: id, at },
        `+\n> {banner}\n< EHLO front\n> {hello SIZE 37748736, XPROXYFROM}\n< XPROXYFROM SID=08DE19A1B2C3D9${id.slice(-2)} IP=10.0.1.${front.slice(-1)} PORT=1 DOMAIN=x SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous\n> 250 XProxyFrom accepted\n${mail()}\n${QUIT}`,
      );
    const { db } = await ingestFiles({
      'EX01/Hub/ProtocolLog/SmtpReceive/1.LOG': logText([
        ...hub('10.0.0.6', '08DE19A1B2C3E001', '2026-11-02T08:00:00.000Z'),
        ...hub('10.0.0.5', '08DE19A1B2C3E002', '2026-11-02T08:01:00.000Z'),
      ]),
    });
    const { devices } = useOf(db, '2026-11-01T00:00Z', '2026-11-03T00:00Z');
    expect(devices.map(({ source, status, entrance }) => [source, status, entrance])).toEqual([
      ['10.0.1.5', 'using', null],
      ['10.0.1.6', 'behind-another-server', null],
    ]);
    expect(devices[1]?.lastProof.behind).toBe('10.0.0.6');
  });
});

describe('the curve', () => {
  it('has in every slice those that were to be seen then or later, and nothing where the logs do not reach', async () => {
    const db = await storeOf({
      EX01: [
        ...daily(['2026-11-03', '2026-11-04', '2026-11-05', '2026-11-06'], '10.0.1.1'),
        ...daily(['2026-11-03', '2026-11-04'], '10.0.1.2'),
        ...daily(['2026-11-04'], '10.0.1.3'),
        ...daily(['2026-11-03'], '10.0.1.4'),
      ],
    });
    const { slices, unit } = useOf(db, '2026-11-02T00:00Z', '2026-11-08T00:00Z');
    expect(unit).toBe('day');
    expect(slices.map(({ devicesLeft }) => devicesLeft)).toEqual([null, 4, 3, 1, 1, null]);
  });

  it('has the days of the zone that was asked for', async () => {
    const db = await storeOf({
      EX01: [sent('2026-11-02T10:30:00.000Z', '10.0.1.1'), sent('2026-11-02T11:30:00.000Z', '10.0.1.2')],
    });
    // Midnight in Auckland is eleven in the morning UTC.
    const period = customPeriod(Date.parse('2026-11-01T11:00Z'), Date.parse('2026-11-04T11:00Z'), 'Pacific/Auckland');
    const { slices } = askServerUse(db, { period, now: NOW, server: 'EX01' });
    expect(slices.map(({ devicesLeft }) => devicesLeft)).toEqual([2, 1, null]);
  });

  it('never rises, and begins with all who are not behind another server', async () => {
    const db = await storeOf({ EX01: [...CLOCK, ...daily(['2026-03-05', '2026-07-09'], '10.0.1.2')] });
    const { slices, devices } = useOf(db, '2026-03-01T08:00Z', '2026-09-01T00:00Z');
    const left = slices.flatMap(({ devicesLeft }) => devicesLeft ?? []);
    expect(left[0]).toBe(devices.length);
    expect(left).toEqual([...left].sort((a, b) => b - a));
  });
});

describe('the verdict', () => {
  const year = days('2025-07-01', '2026-08-31');

  it('is that it is unused where nobody is left and the logs are whole', async () => {
    const probes = year.flatMap((day) => [`${day}T00:10:00.000Z`, `${day}T12:10:00.000Z`]);
    const db = await storeOf({
      EX01: [
        ...probes.map((at) => session(at, '10.0.0.250', '+\n> {banner}\n- | Remote')),
        ...daily(days('2025-07-01', '2025-09-01'), '10.0.1.1'),
      ],
    });
    const use = useOf(db, '2025-07-01T00:00Z', '2026-09-01T00:00Z');
    expect(use.devices.map(({ status }) => status)).toEqual(['silent']);
    expect({ verdict: use.verdict, doubts: use.doubts }).toEqual({ verdict: 'unused', doubts: [] });
  });

  it('is unknown where the logs end early, have a silent day, or reach over less than a month', async () => {
    const db = await storeOf({ EX01: [session('2026-11-02T08:00:00.000Z', '10.0.0.250', '+\n> {banner}\n- | Remote')] });
    expect(useOf(db, '2026-11-01T00:00Z', '2026-12-01T00:00Z')).toMatchObject({
      verdict: 'unknown',
      doubts: ['logs-end-early', 'silent-day', 'under-a-month', 'under-a-year'],
    });
  });

  it('is unknown where no receive log was read', async () => {
    const db = await storeOf({ EX02: daily(['2026-11-02'], '10.0.1.1', EX02) });
    const period = periodNamed('2026-11', 'UTC')!;
    expect(askServerUse(db, { period, now: NOW, server: 'EX01' })).toMatchObject({
      reach: null,
      verdict: 'unknown',
      doubts: ['no-log'],
      devices: [],
    });
  });
});

/** Cases: who is meant, which sessions are theirs, and how they stand. */
import { describe, expect, it } from 'vitest';
import type { DiagnosisExample, SessionSketch } from '../../src/checks/diagnosis.ts';
import { passedOn } from '../../src/checks/examples/example-next-hops.ts';
import {
  delivered,
  greeted,
  mailFrom,
  QUIT,
  relayRefusedSession,
  tarpitted,
  workingSession,
} from '../../src/checks/examples/example-sessions.ts';
import { absenceOf } from '../../src/queries/cases/absence.ts';
import { CaseReader } from '../../src/queries/cases/case-reader.ts';
import { subjectsOf } from '../../src/queries/cases/subject.ts';
import { absenceSections } from '../../src/reports/absence.ts';
import { exampleDatabase, verdictOn } from '../checks/example-case.ts';

const GOOD: SessionSketch = { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') };
const BAD: SessionSketch = { rows: relayRefusedSession('MFP-02') };
const PARTLY: SessionSketch = {
  rows: `${greeted('MFP-02')}\n${mailFrom()}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< RCPT TO:<partner@fabrikam.example>\n${tarpitted('550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain')}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued 900}\n${QUIT}`,
};
const LOOK: SessionSketch = { rows: '+\n> {banner}\n- | Remote(SocketError)' };
const OPEN: SessionSketch = { rows: `${greeted('MFP-02')}\n${mailFrom()}` };

const base = (sessions: readonly SessionSketch[]) => exampleDatabase({ about: '', sessions }, 'B');

describe('how a client stands', () => {
  it.each<[string, SessionSketch[]]>([
    ['fails', [BAD]],
    ['fails', [GOOD, BAD, BAD]],
    ['recovered', [BAD, BAD, GOOD]],
    ['recovered', [GOOD, BAD, GOOD]],
    ['sometimes', [BAD, GOOD, BAD]],
    ['sometimes', [BAD, GOOD, BAD, GOOD]],
    ['partly', [PARTLY, PARTLY]],
    ['works', [GOOD, GOOD]],
    ['silent', [LOOK, LOOK]],
    ['open', [OPEN]],
  ])('%s', async (condition, sessions) => {
    const verdict = verdictOn(await base(sessions), '10.0.20.12');
    expect(verdict.condition).toBe(condition);
    expect(verdict.failed).toBe(sessions.filter((one) => one === BAD || one === PARTLY).length);
  });

  it('fails since the first failure behind the last success', async () => {
    const verdict = verdictOn(await base([BAD, GOOD, { ...BAD, at: '2026-11-02T09:30:00.000Z' }]), '10.0.20.12');
    expect(verdict.condition).toBe('sometimes');
    const since = verdictOn(
      await base([GOOD, { ...BAD, at: '2026-11-02T09:30:00.000Z' }, { ...BAD, at: '2026-11-02T10:30:00.000Z' }]),
      '10.0.20.12',
    );
    expect([since.condition, new Date(since.firstFailure ?? 0).toISOString()]).toEqual(['fails', '2026-11-02T09:30:00.000Z']);
  });
});

it('five hundred failing sessions of one cause are one verdict with a count', async () => {
  const many = Array.from({ length: 500 }, (_, index) => ({
    ...BAD,
    at: new Date(Date.UTC(2026, 10, 2, 8) + index * 1000).toISOString(),
  }));
  const { verdicts, failed } = verdictOn(await base(many), '10.0.20.12');
  expect(verdicts.map(({ check, count }) => [check, count])).toEqual([['relay-denied', 500]]);
  expect(failed).toBe(500);
});

describe('who is meant', () => {
  const sessions: SessionSketch[] = [
    BAD,
    { from: '10.0.20.13', rows: workingSession('MFP-03', 'anna@contoso.example', 'fax@contoso.example') },
    { from: 'fd00:20::31', rows: relayRefusedSession('cam-lobby') },
    {
      direction: 'send',
      from: '203.0.113.9',
      rows: '* | attempting to connect\n* | Failed to connect. Winsock error code: 10061, Win32 error code: 10061, Error Message: refused 203.0.113.9:25.',
    },
  ];
  it.each<[string, string, string[]]>([
    ['10.0.20.12', 'address', ['10.0.20.12']],
    ['fd00:20:0:0::31', 'address', ['fd00:20::31']],
    ['10.0.20.0/24', 'range', ['10.0.20.12', '10.0.20.13']],
    ['10.0.20.13-10.0.20.99', 'range', ['10.0.20.13']],
    ['mfp-03', 'hello-name', ['10.0.20.13']],
    ['FAX@contoso.example', 'mail-address', ['10.0.20.13']],
    ['partner@fabrikam.example', 'mail-address', ['10.0.20.12', 'fd00:20::31']],
    ['08DE19A1B2C3D401', 'session', ['10.0.20.12']],
    ['203.0.113.9', 'address', ['203.0.113.9:25']],
    ['nobody', 'nothing', []],
    ['10.9.9.9', 'address', []],
  ])('%s', async (who, by, clients) => {
    const asked = subjectsOf(await base(sessions), who);
    expect(asked.named.by).toBe(by);
    expect(asked.subjects.map((one) => (one.kind === 'client' ? one.source : one.destination))).toEqual(clients);
  });

  it('asked about one session, only that one is explained', async () => {
    const db = await base([BAD, { rows: `+\n> {banner}\n< EHLO UPS room\n> 501 5.5.4 Invalid domain name\n- | Local` }]);
    expect(verdictOn(db, '10.0.20.12').verdicts).toHaveLength(2);
    expect(verdictOn(db, '08DE19A1B2C3D401').verdicts.map(({ check }) => check)).toEqual(['relay-denied']);
  });
});

describe('sessions that a front end hands to a Hub', () => {
  const hub = (rows: string): SessionSketch => ({
    service: 'Hub',
    connector: 'EX01\\Default EX01',
    from: '10.0.0.5',
    to: '10.0.0.5:2525',
    rows: `+\n> {banner}\n< EHLO ex01\n> {hello SIZE, XPROXYFROM, XPROXY}\n${rows}`,
  });
  const turn = (client: string, id: string, rest: string): string =>
    `< XPROXYFROM SID=${id} IP=${client} PORT=1 DOMAIN=x SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous\n> 250 XProxyFrom accepted\n${rest}`;
  const tooLarge = `${mailFrom()}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> 554 5.6.0 Invalid message content`;

  it('where the front end is not in the store, each client answers for its own mail', async () => {
    const db = await base([
      hub(`${turn('10.0.20.11', '08DE000000000001', delivered())}\n${turn('10.0.20.12', '08DE000000000002', tooLarge)}`),
    ]);
    expect(verdictOn(db, '10.0.20.12').verdicts).toHaveLength(1);
    expect(new CaseReader(db).failingSubjects().map((one) => (one.kind === 'client' ? one.source : ''))).toContain('10.0.20.12');
    const other = [...new CaseReader(db).read(subjectsOf(db, '10.0.20.11').subjects)];
    expect(other.flatMap(({ failing }) => failing)).toEqual([]);
  });

  it('where it is, its own log counts and the Hub adds nothing', async () => {
    const db = await base([
      { sessionId: '08DE000000000002', rows: `${greeted('MFP-02')}\n${tooLarge}\n${QUIT}` },
      hub(turn('10.0.20.12', '08DE000000000002', tooLarge)),
    ]);
    const { sessions, verdicts } = verdictOn(db, '10.0.20.12');
    expect([sessions, verdicts.length]).toEqual([1, 1]);
  });

  it('behind a logon, what the Hub refused is the verdict of the client', async () => {
    const example: DiagnosisExample = {
      about: '',
      sessions: [
        {
          connector: 'EX01\\Client Frontend EX01',
          to: '10.0.0.5:587',
          sessionId: '08DE000000000002',
          rows: `${greeted('crm')}\n< AUTH LOGIN\n> 334 <authentication response>\n* crm@contoso.example | authenticated\n* | Proxy session was successfully set up. Session forcrm@contoso.example will now be proxied\n> 235 2.7.0 Authentication successful\n- | Remote(ConnectionReset)`,
        },
        {
          service: 'Hub',
          connector: 'EX01\\Client Proxy EX01',
          from: '10.0.0.5',
          to: '10.0.0.5:465',
          rows: `+\n> {banner}\n< EHLO ex01\n> {hello SIZE, XPROXY}\n< XPROXY SID=08DE000000000002 IP=10.0.20.12 PORT=1 DOMAIN=crm CAPABILITIES=0 UNAME=crm@contoso.example\n> 250 XProxy accepted and authenticated\n${mailFrom('boss@contoso.example')}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> 550 5.7.60 SMTP; Client does not have permissions to send as this sender\n${QUIT}`,
        },
      ],
    };
    const { verdicts, condition } = verdictOn(await exampleDatabase(example, 'B'), '10.0.20.12');
    expect(verdicts.map(({ what }) => what).join()).toContain('5.7.60');
    expect(condition).toBe('fails');
  });
});

describe('a client without any row', () => {
  it('says what the logs cover, who came meanwhile, and where it would have landed', async () => {
    const db = await exampleDatabase(
      {
        about: '',
        sessions: [BAD, { from: '10.0.30.5', rows: workingSession('erp', 'anna@contoso.example') }],
        configuration: {
          connectors: [
            { id: 'EX01\\Default Frontend EX01', ProtocolLoggingLevel: 'Verbose', PermissionGroups: ['AnonymousUsers'] },
            { id: 'EX01\\Quiet', from: '10.0.20.99', ProtocolLoggingLevel: 'None', PermissionGroups: ['AnonymousUsers'] },
          ],
        },
      },
      'B',
    );
    const absence = absenceOf(db, '10.0.20.99', subjectsOf(db, '10.0.20.99'), {});
    expect(absence.others).toEqual({ clients: 2, sessions: 2 });
    expect(absence.neighbours.map(({ source, helo }) => [source, helo])).toEqual([['10.0.20.12', 'MFP-02']]);
    expect(absence.landings[0]).toMatchObject({ server: 'EX01', port: 25, connector: 'EX01\\Quiet', logged: false });
    expect(absence.unlogged).toEqual(['EX01\\Quiet']);
    expect(absence.coverage).toMatchObject([{ server: 'EX01', service: 'FrontEnd', sessions: 2, silentHours: 0 }]);
  });

  it('tells names that are like the one that was asked for', async () => {
    const db = await base([BAD]);
    expect(absenceOf(db, 'MFP-77', subjectsOf(db, 'MFP-77'), {}).similarNames).toEqual(['MFP-02']);
  });
});

describe('who is meant by little', () => {
  it('is the client of an endpoint, as a row shows it', async () => {
    const db = await base([BAD, { ...BAD, from: 'fd00:20::31', to: '[fd00::5]:25' }]);
    const meant = (who: string) => subjectsOf(db, who).subjects;
    expect(meant('10.0.20.12:50100')).toEqual([{ kind: 'client', source: '10.0.20.12' }]);
    expect(meant('[fd00:20::31]:50101')).toEqual([{ kind: 'client', source: 'fd00:20::31' }]);
  });

  it('is nobody where nothing is said', async () => {
    expect(subjectsOf(await base([BAD]), ' ')).toEqual({ named: { by: 'nothing' }, subjects: [], filter: {} });
  });
});

describe('a client without rows in part of the logs', () => {
  const leaves = async (sessions: readonly SessionSketch[]): Promise<string> => {
    const db = await base(sessions);
    const absence = absenceOf(db, '10.99.0.1', subjectsOf(db, '10.99.0.1'), {});
    return JSON.stringify(absenceSections('10.99.0.1', absence, String));
  };

  it('may have been refused where only the Hub was read', async () => {
    expect(await leaves([{ ...GOOD, service: 'Hub', connector: 'EX01\\Default EX01', to: '10.0.0.5:2525' }])).toContain(
      'the log of the front end was not read',
    );
    expect(await leaves([GOOD])).not.toContain('was not read');
  });

  it('is not compared with others where no receive log was read', async () => {
    const told = await leaves([{ direction: 'send', service: 'Hub', from: '203.0.113.9', rows: passedOn('08DE19A1B2C3D401') }]);
    expect(told).toContain('no receive log was read');
    expect(told).not.toContain('same subnet');
  });
});

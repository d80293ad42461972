/** `--format json` keeps the contract of the design, section 6, whatever the logs hold. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { type StorySettings, story } from '../../fixtures/story.ts';
import type { LogRow } from '../../src/protocol-log/writer.ts';
import { logText, temporaryFolder } from '../harness.ts';
import { relaylens as process } from '../ingest/command-line.ts';
import { type Asked, databaseOf, LOGS, relaylens, type Said } from './console.ts';
import {
  diagnoseContract,
  ingestContract,
  reportContract,
  sessionContract,
  sessionsContract,
  sourcesContract,
} from './contract.ts';

/** One JSON object on standard output and nothing else anywhere. */
function objectOf({ code, out, err }: Pick<Said, 'out' | 'err'> & { code: number | null }): object {
  expect(err).toBe('');
  expect(code).toBe(0);
  expect(out).toMatch(/^\{[\s\S]*\}\n$/);
  return JSON.parse(out) as object;
}

/** The object, when it keeps the contract; else the test fails with the places where it does not. */
function holds<T extends z.ZodType>(contract: T, said: Said): z.infer<T> {
  const parsed = contract.safeParse(objectOf(said));
  expect(parsed.error?.issues ?? []).toEqual([]);
  return parsed.data as z.infer<T>;
}

const json = ['--format', 'json'];

/** Every command on one database; gives the sessions one by one. */
async function everySession(ask: Asked): Promise<z.infer<typeof sessionContract>[]> {
  holds(sourcesContract, await ask('sources', ...json));
  holds(diagnoseContract, await ask('diagnose', ...json));
  holds(reportContract, await ask('report', '--since', '2026-11-02', '--until', '2026-11-03', '--tz', 'UTC', ...json));
  holds(reportContract, await ask('report', '--of', '2026-11', '--compare', 'none', '--tz', 'Asia/Kolkata', ...json));
  const { sessions } = holds(sessionsContract, await ask('sessions', ...json));
  const details = [];
  for (const { id } of sessions) details.push(holds(sessionContract, await ask('session', id, ...json)));
  return details;
}

describe('over the logs of the organisation', () => {
  const ask = databaseOf();

  test('ingest keeps the contract, the first time and the second', async () => {
    const args = ['ingest', LOGS, '--db', `${temporaryFolder()}/own.db`, ...json];
    const first = holds(ingestContract, await relaylens(args));
    expect(first).toMatchObject({ files: 6, rows: 504, sessions: 33, newSessions: 33, anomalies: {} });
    expect(holds(ingestContract, await relaylens(args))).toMatchObject({ rows: 0, sessions: 33, newSessions: 0 });
  });

  test('sources, sessions and every single session keep the contract', async () => {
    expect(await everySession(ask)).toHaveLength(33);
  });

  test('session shows what sessions lists', async () => {
    const { sessions } = await ask.json('sessions');
    for (const session of sessions) expect(await ask.json('session', session.id)).toMatchObject(session);
  });

  test('ids are unique', async () => {
    const { sessions } = await ask.json('sessions');
    expect(new Set(sessions.map((session: { id: string }) => session.id)).size).toBe(33);
  });

  test('JSON is UTC whatever the zone', async () => {
    const { out } = await ask('sessions', ...json);
    expect((await ask('sessions', ...json, '--tz', 'America/Anchorage')).out).toBe(out);
  });

  test('a filter that nothing meets is an empty list and no error', async () => {
    expect(holds(sessionsContract, await ask('sessions', '--source', '192.0.2.1', ...json))).toEqual({ sessions: [] });
    expect(holds(sourcesContract, await ask('sources', '--server', 'EX99', ...json))).toEqual({ sources: [] });
  });

  test('analyze and connectors print one object too', async () => {
    objectOf(await relaylens(['analyze', LOGS, '--db', `${temporaryFolder()}/own.db`, ...json]));
    objectOf(await ask('connectors', ...json));
  });

  test('the built command prints the same object', async () => {
    const built = process('sessions', '--db', ask.database(), ...json);
    expect(objectOf(built)).toEqual(await ask.json('sessions'));
  });
});

describe('over stories', () => {
  const at = (minute: number): string => `2026-11-02T08:${String(minute).padStart(2, '0')}:00.000Z`;
  const told = (number: number, settings: StorySettings, script: string): LogRow[] =>
    story(
      { sessionId: `08DE19A1B2C3E4${number.toString(16).toUpperCase().padStart(2, '0')}`, at: at(number), ...settings },
      script,
    );
  const hello = '+\n> {banner}\n< EHLO app\n> {hello SIZE, STARTTLS}';
  const mail =
    '< MAIL FROM:<a@contoso.example>\n> 250 2.1.0 Sender OK\n< RCPT TO:<b@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 go';
  const receive = [
    told(
      1,
      { connector: 'EX01\\Default EX01', local: '10.0.0.5:2525', remote: '10.0.0.5:33011' },
      `+
      > {banner}
      < EHLO ex01
      > {hello XPROXYFROM}
      < XPROXYFROM SID=08DE000000000001 IP=10.0.20.11 PORT=50100 DOMAIN=MFP-01 SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous
      > 250 XProxyFrom accepted
      ${mail}
      > {queued 100}
      < XPROXYFROM SID=08DE000000000002 IP=fd00:20::31 PORT=50101 DOMAIN=cam SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous
      > 250 XProxyFrom accepted
      ${mail}
      > {queued 200}
      - | Local`,
    ),
    told(2, { from: 7 }, `${mail}\n> {queued 300}`),
    told(
      3,
      { remote: '10.0.20.21:1' },
      `${hello}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {tls 4096}\n< EHLO app\n> {hello}\n- | Local`,
    ),
    told(
      4,
      { remote: '10.0.20.22:1' },
      `${hello}\n< MAIL FROM:<>\n> 250 2.1.0 Sender OK\n< RCPT TO:<nobody@contoso.example>\n> 550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found\n< RSET\n> 250 2.0.0 Resetting\n- | Remote`,
    ),
    told(5, { remote: '10.0.20.23:1', connector: '' }, '+\n> 421 4.3.2 Service not available\n- | Local'),
    told(6, { remote: '' }, '+\n> {banner}\n- | Local'),
  ];
  const send = [
    told(
      20,
      { direction: 'send', connector: 'Internet', remote: '203.0.113.9:25', local: '10.0.0.5:40000' },
      `* SendRoutingHeaders | Set Session Permissions
      * | attempting to connect
      +
      < 220 mx.fabrikam.example
      > EHLO mail.contoso.example
      < 250 mx.fabrikam.example
      > MAIL FROM:<a@contoso.example> SIZE=1
      < 250 2.1.0 Ok
      > RCPT TO:<b@fabrikam.example>
      < 250 2.1.5 Ok
      > RCPT TO:<c@fabrikam.example>
      < 550 5.1.1 no such user
      > DATA
      < 354 go
      < 250 2.0.0 Ok
      > QUIT
      - | Local`,
    ),
    told(
      21,
      { direction: 'send', connector: 'Internet', remote: '203.0.113.10:25' },
      '* | attempting to connect\n@21000 * | Failed to connect. Error Message: timed out 203.0.113.10:25.',
    ),
  ];
  const ask = databaseOf(() => ({
    'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG': logText(receive.flat()),
    'EX01/Hub/ProtocolLog/SmtpSend/SEND2026110208-1.LOG': logText(send.flat(), 'send'),
  }));

  test('every one keeps the contract', async () => {
    expect(await everySession(ask)).toHaveLength(8);
  });

  test('a Hub session names the real client of each message, and of the session all of them', async () => {
    const session = await ask.json('session', '08DE19A1B2C3E401');
    expect(session).toMatchObject({ source: '10.0.0.5', clientSources: ['10.0.20.11', 'fd00:20::31'], messagesAccepted: 2 });
    expect(session.transactions.map(({ client }: { client: string }) => client)).toEqual(['10.0.20.11', 'fd00:20::31']);
  });

  test('a session without connect and disconnect is told from the rows that are there', async () => {
    const session = await ask.json('session', '08DE19A1B2C3E402');
    expect(session).toMatchObject({ outcome: 'accepted', messagesAccepted: 1, disconnect: null, helo: null });
    expect(session.anomalies.map(({ kind }: { kind: string }) => kind)).toContain('cut-start');
  });

  test('a send session has a destination, no source', async () => {
    const session = await ask.json('session', '08DE19A1B2C3E414');
    expect(session).toMatchObject({
      direction: 'send',
      source: null,
      destination: '203.0.113.9:25',
      service: 'Hub',
      outcome: 'partial',
      messagesAccepted: 1,
      recipientsAccepted: 1,
      recipientsRefused: 1,
      lastError: '550 5.1.1 no such user',
    });
  });

  test('no send session makes a source', async () => {
    const { sources } = await ask.json('sources');
    expect(sources.map(({ source }: { source: string }) => source)).not.toContain('203.0.113.9');
  });
});

describe('over a size that no message has', () => {
  const claims = (command: string, last: string): LogRow[] =>
    story(
      { sessionId: command.slice(0, 4) === 'BDAT' ? '08DE19A1B2C3E501' : '08DE19A1B2C3E502' },
      `+\n> {banner}\n< EHLO app\n> {hello SIZE}\n< MAIL FROM:<a@contoso.example>${command.slice(0, 4) === 'SIZE' ? ` ${command}` : ''}\n> 250 2.1.0 Sender OK\n< RCPT TO:<b@contoso.example>\n> 250 2.1.5 Recipient OK\n< ${command.slice(0, 4) === 'BDAT' ? command : 'DATA'}\n${last}\n> 250 2.6.0 Queued mail for delivery\n- | Local`,
    );
  const ask = databaseOf(() => ({
    'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG': logText([
      ...claims('BDAT 99999999999999999999 LAST', ''),
      ...claims('SIZE=99999999999999999999', '> 354 go'),
    ]),
  }));

  test('bytes stay a number that can be added up', async () => {
    expect(await everySession(ask)).toHaveLength(2);
  });
});

describe('over anything', () => {
  /** Rows that a conversation is made of, and rows that have no business in one. */
  const LINES = [
    '+',
    '> {banner}',
    '< EHLO app',
    '> {hello SIZE, STARTTLS}',
    '< HELO =cmd()',
    '< STARTTLS',
    '> 220 2.0.0 SMTP server ready',
    '* {tls 1_2}',
    '* {failed-tls AlgorithmMismatch}',
    '< AUTH LOGIN',
    '> 334 <authentication response>',
    '> 235 2.7.0 Authentication successful',
    '* user@contoso.example | authenticated',
    '> 535 5.7.3 Authentication unsuccessful',
    '< MAIL FROM:<a@contoso.example> SIZE=10',
    '* {message}',
    '> 250 2.1.0 Sender OK',
    '< RCPT TO:<b@contoso.example>',
    '> 250 2.1.5 Recipient OK',
    '> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
    '< DATA',
    '> 354 Start mail input; end with <CRLF>.<CRLF>',
    '> {queued 1234}',
    '< BDAT 10 LAST',
    '< RSET',
    '> 250 2.0.0 Resetting',
    '< QUIT',
    '> 421 4.4.1 Connection timed out',
    '#+3',
    '- | Local',
    '- | Remote(SocketError)',
    "* Tarpit for '0.00:00:05'",
    '* SMTPSubmit Nonsense | Set Session Permissions',
    '> 999 what',
    '< ',
    '* | ',
    '< XPROXYFROM SID=08DE000000000001 IP=10.0.20.11 PORT=1 DOMAIN=x SEQNUM=1',
    '< XPROXY SID=08DE000000000001 IP=::1 PORT=1',
  ];
  const scripts = fc
    .sample(fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 25 }), { numRuns: 60, seed: 20_261_102 })
    .filter((script) => script.some((line) => !line.startsWith('#')));
  const ask = databaseOf(() => {
    const tell = (direction: 'receive' | 'send'): LogRow[] =>
      scripts.flatMap((script, index) =>
        story(
          {
            direction,
            sessionId: (index + (direction === 'send' ? 4096 : 0)).toString(16).toUpperCase().padStart(16, '0'),
            remote: `10.0.${index % 7}.9:${index + 1}`,
            at: new Date(Date.UTC(2026, 10, 2, 8) + index * 1000).toISOString(),
          },
          script.join('\n'),
        ),
      );
    return {
      'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG': logText(tell('receive')),
      'EX01/Hub/ProtocolLog/SmtpSend/SEND2026110208-1.LOG': logText(tell('send'), 'send'),
    };
  });

  test('rows in any order, on receive and on send, keep the contract', async () => {
    expect(await everySession(ask)).toHaveLength(2 * scripts.length);
  });
});

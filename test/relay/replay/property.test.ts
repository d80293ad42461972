/** A session that the machine itself has conducted, replayed under the same configuration: nothing changes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityOf, type ReceiveConnector } from '../../../src/connector/connector.ts';
import type { Organisation } from '../../../src/connector/organisation.ts';
import { RELAY_RIGHT } from '../../../src/connector/permission-group.ts';
import { decodeText } from '../../../src/protocol-log/text-decoding.ts';
import type { LogRow } from '../../../src/protocol-log/writer.ts';
import type { Recording } from '../../../src/relay/replay/recording.ts';
import { type Replay, Replayer } from '../../../src/relay/replay/replay.ts';
import { onOneLine } from '../../../src/smtp/replies/template.ts';
import { ALL_IPV4, connector } from '../../connector/connectors.ts';
import { FRONTEND, RELAY, SUBMISSION, Talk } from '../machine/conversing.ts';

/** Stricter than the others in everything that a session can run into. */
const STRICT = connector('Strict EX01', '0.0.0.0:2525', ALL_IPV4, {
  AuthMechanism: ['BasicAuth'],
  PermissionGroups: ['AnonymousUsers', 'ExchangeUsers'],
  ProtocolLoggingLevel: 'Verbose',
  RequireEHLODomain: true,
  MaxMessageSize: 12,
  MaxRecipientsPerMessage: 1,
  MaxProtocolErrors: 2,
  MaxLogonFailures: 1,
  TarpitInterval: 1000,
  ConnectionTimeout: 120_000,
  ConnectionInactivityTimeout: 60_000,
});
const CONNECTORS = [FRONTEND, SUBMISSION, RELAY, STRICT];

const CONFIGURATION: Organisation = {
  servers: [{ server: 'EX01', asOf: 0, connectors: CONNECTORS }],
  rights: new Map([
    ['ex01\\anon relay ex01', [{ user: 'NT AUTHORITY\\ANONYMOUS LOGON', deny: false, inherited: false, rights: [RELAY_RIGHT] }]],
  ]),
  acceptedDomains: [
    { name: 'contoso', domainName: 'contoso.example', domainType: 'Authoritative', isDefault: true },
    { name: 'sub', domainName: '*.contoso.example', domainType: 'InternalRelay', isDefault: false },
  ],
  devices: [],
};

const LINES = [
  'EHLO app',
  'EHLO app',
  'HELO app',
  'EHLO',
  'EHLO UPS room 2',
  'STARTTLS',
  'AUTH LOGIN',
  'AUTH LOGIN Y3Jt',
  'AUTH LOGIN Y3Jt x',
  'AUTH PLAIN x',
  'AUTH NTLM',
  'AUTH NTLM TlRM',
  'Y3Jt',
  'c2VjcmV0',
  '*',
  'MAIL FROM:<a@contoso.example>',
  'MAIL FROM:<a@contoso.example>',
  'MAIL FROM:<>',
  'MAIL FROM:<x@contoso.example> SIZE=99999999',
  'mail from: a@contoso.example SIZE=10 BODY=8BITMIME',
  'MAIL FROM:<a b>',
  'RCPT TO:<b@contoso.example>',
  'RCPT TO:<b@contoso.example>',
  'RCPT TO:<x@fabrikam.example>',
  'RCPT TO:<x@fabrikam.example> NOTIFY=NEVER',
  'DATA',
  'DATA',
  'Subject: x',
  'Content-Type: message/partial',
  '',
  'text',
  '..',
  '.',
  '.',
  'BDAT 4',
  'BDAT 0 LAST',
  'BDAT 6 LAST',
  'BDAT 60 LAST',
  'RSET',
  'NOOP',
  'VRFY a',
  'HELP',
  'EXPN b',
  'QUIT',
  'QUIT x',
  'XPROXYFROM SID=1',
  '\u0016\u0003\u0001',
  'ÄÖÜ, "quoted"',
];
const line = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...LINES) },
  // A line feed within a line is logged as two other characters.
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ' ')) },
);
const step = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 5 }),
  wait: fc.constantFrom(0, 0, 0, 30, 5000, 61_000, 290_000, 301_000),
});
const stage = fc.record({
  version: fc.constantFrom('2013' as const, '2016+' as const),
  remote: fc.constantFrom('10.0.20.11:50100', '10.0.20.12:50111', '[fd00:20::31]:49800'),
  port: fc.constantFrom(25, 587, 2525, 26),
  tls: fc.boolean(),
  end: fc.constantFrom('reset', 'quit', 'open'),
});

type Stage = typeof stage extends fc.Arbitrary<infer S> ? S : never;

function recorded(
  where: Stage,
  steps: readonly { readonly lines: readonly string[]; readonly wait: number }[],
  connectors: readonly ReceiveConnector[] = CONNECTORS,
): LogRow[] {
  const { remote, port, version, tls, end } = where;
  const local = remote.startsWith('[') ? `[fd00::5]:${port}` : `10.0.0.5:${port}`;
  const talk = new Talk({ version, remote, local, tls, connectors, users: { crm: 'secret' } });
  for (const { lines, wait } of steps) {
    if (wait > 0) talk.wait(wait);
    talk.say(...lines);
  }
  if (end === 'quit') talk.say('QUIT');
  if (!talk.closed && end !== 'open') talk.hangUp('ConnectionReset');
  return talk.rows;
}

/** As the log is read: what a client sent stands there octet by octet. */
function recordingOf(rows: readonly LogRow[]): Recording {
  const { connector: taken, sessionId, localEndpoint, remoteEndpoint } = rows[0]!;
  const read = rows.map((row) => {
    if (row.event !== '<') return row;
    const octets = Buffer.from(row.data, 'latin1');
    return { ...row, data: decodeText(octets, 0, octets.length) };
  });
  return { sessionId, server: 'EX01', service: 'FrontEnd', connector: taken, localEndpoint, remoteEndpoint, rows: read };
}

const takenBy = (rows: readonly LogRow[]): ReceiveConnector | undefined =>
  CONNECTORS.find((one) => identityOf(one) === rows[0]!.connector);

function replayed(version: '2013' | '2016+', rows: readonly LogRow[], configuration = CONFIGURATION): Replay {
  const replayer = new Replayer(configuration, { versionOf: () => version });
  const replay = replayer.replay(recordingOf(rows), { connector: takenBy(rows) });
  if (replay.kind !== 'replayed') throw new Error(replay.because);
  return replay;
}

test('a session of the machine, replayed under its own configuration, is the same in every reply', () => {
  fc.assert(
    fc.property(stage, fc.array(step, { maxLength: 10 }), (where, steps) => {
      const rows = recorded(where, steps);
      const replay = replayed(where.version, rows);
      const changed = replay.replies.filter(({ same }) => !same);
      const told = rows.map(({ event, data, context }) => `${event} ${data} | ${context}`);
      expect({ told, changed }).toEqual({ told, changed: [] });
      expect(replay.stopped).toBeNull();
      expect(replay.consequence).toBe('none');
      expect(replay.outcome.replayed).toBe(replay.outcome.logged);
      expect(replay.messages.replayed).toMatchObject(replay.messages.logged);
    }),
    { numRuns: 1500 },
  );
});

/** Proposals: what one may change, one by one and together. */
const proposal = fc.record({
  RequireTLS: fc.boolean(),
  RequireEHLODomain: fc.boolean(),
  MaxMessageSize: fc.constantFrom(3, 12, 1000, 'Unlimited' as const),
  MaxRecipientsPerMessage: fc.constantFrom(1, 2, 200),
  AuthMechanism: fc.constantFrom([], ['Tls'] as const, ['BasicAuth'] as const, ['Tls', 'Integrated'] as const),
  PermissionGroups: fc.constantFrom(
    [],
    ['AnonymousUsers'] as const,
    ['ExchangeUsers'] as const,
    ['AnonymousUsers', 'ExchangeUsers'] as const,
  ),
  MaxProtocolErrors: fc.constantFrom(1, 5, 'Unlimited' as const),
  Enabled: fc.boolean(),
});

/** Replies on one line each, without the steps of a logon. */
function repliesOf(rows: readonly LogRow[]): string[] {
  const replies: string[] = [];
  let open: string[] = [];
  for (const { event, data } of rows) {
    if (event !== '>' || data.startsWith('334')) continue;
    open.push(data);
    if (data[3] === '-') continue;
    replies.push(onOneLine(open.join('\r\n')));
    open = [];
  }
  return replies;
}

test('what a replay predicts is what the machine does under the proposal, up to the first reply of another class', () => {
  const lines = fc.array(fc.constantFrom(...LINES), { maxLength: 14 });
  fc.assert(
    fc.property(stage, lines, proposal, (where, said, properties) => {
      const steps = said.map((one) => ({ lines: [one], wait: 0 }));
      const changed = CONNECTORS.map((one) => ({ ...one, properties: { ...one.properties, ...properties } }));
      const before = recorded({ ...where, end: 'open' }, steps);
      const after = repliesOf(recorded({ ...where, end: 'open' }, steps, changed));
      const { replies } = replayed(where.version, before, {
        ...CONFIGURATION,
        servers: [{ server: 'EX01', asOf: 0, connectors: changed }],
      });
      // Lines of a logon that is now refused at once would be commands: no client sends them.
      const last = replies.findIndex(({ command, same }) => /^AUTH/i.test(command) && !same);
      const compared = last < 0 ? replies : replies.slice(0, last + 1);
      const predicted = compared.flatMap(({ replayed: now }) => (now === null || now.startsWith('334') ? [] : [now]));
      const plain = (all: readonly string[]): string[] =>
        all.map((reply) => reply.replace(/ at .*|<.*|\d+ octets/, '')).slice(0, predicted.length);
      // Whether the server has a certificate is told by a hello only.
      fc.pre(where.tls || replies.every(({ replayed }) => !replayed?.includes('STARTTLS')));
      expect(plain(predicted)).toEqual(plain(after));
    }),
    { numRuns: 800 },
  );
});

test('every reply that was logged is compared', () => {
  fc.assert(
    fc.property(stage, fc.array(step, { maxLength: 10 }), (where, steps) => {
      const rows = recorded(where, steps);
      const said = rows.filter(({ event, data }) => event === '>' && data[3] !== '-' && !data.startsWith('334'));
      const replay = replayed(where.version, rows);
      const compared = replay.replies.filter(({ logged }) => logged !== null && !logged.startsWith('334'));
      expect(compared).toHaveLength(said.length);
    }),
    { numRuns: 300 },
  );
});

/**
 * Every answer of the receive side that the catalogue lists for a session, from connect to the end of data: provoked, and
 * answered with the very text of the version; or named here as one that a relay without Active Directory cannot meet.
 */
import { describe, expect, it } from 'vitest';
import type { Properties } from '../../../src/connector/properties.ts';
import { Limits } from '../../../src/relay/machine/limits.ts';
import { formatReply, isSaidBy, REPLIES, type ReplyId, replyById } from '../../../src/smtp/reply-catalogue.ts';
import { connector } from '../../connector/connectors.ts';
import { FRONTEND, RELAY, type Stage, SUBMISSION, Talk } from './conversing.ts';

type Version = '2013' | '2016+';
/** Gives the lines that were heard last, or what makes them. */
type Provocation = (version: Version) => { talk: Talk; heard: string[] };

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const with_ = (properties: Properties, ranges = '0.0.0.0-255.255.255.255') =>
  connector('C', '0.0.0.0:25', ranges, {
    PermissionGroups: ['AnonymousUsers'],
    AuthMechanism: ['Tls'],
    ProtocolLoggingLevel: 'Verbose',
    ...properties,
  });

/** Says all but the last packet, then hears the answer to that. */
const after =
  (stage: Stage, ...packets: (string | string[])[]): Provocation =>
  (version) => {
    const talk = new Talk({ ...stage, version });
    let heard = talk.hear();
    for (const packet of packets) heard = typeof packet === 'string' ? talk.say(packet) : talk.say(...packet);
    return { talk, heard };
  };

const EHLO = 'EHLO app';
const MAIL = 'MAIL FROM:<a@contoso.example>';
const RCPT = 'RCPT TO:<b@contoso.example>';
const logOn = (user: string, password: string): string[] => ['AUTH LOGIN', base64(user), base64(password)];
const CLIENT: Stage = { local: '10.0.0.5:587', users: { crm: 'secret', Administrator: 'secret' } };
const SECURE = [EHLO, 'STARTTLS', EHLO];
const message = (...header: string[]): string[] => [...header, '', 'text', '.'];
const CONNECTED: Stage = { remote: '10.0.20.11:50100' };

const occupied = (properties: Properties, source: string): Stage => {
  const one = with_(properties);
  const limits = new Limits();
  limits.admit(one, source);
  return { connectors: [one], limits };
};

const PROVOKED: Partial<Record<ReplyId, Provocation>> = {
  banner: after({}),
  'no-connector-for-client': after({ connectors: [RELAY] }),
  'service-not-active': after({ inactive: true }),
  'server-connections-exceeded': after(occupied({ MaxInboundConnection: 1 }, '10.9.9.9')),
  'source-connections-exceeded': after(occupied({ MaxInboundConnectionPerSource: 1 }, '10.0.20.12')),
  'back-pressure-at-connect': after({ backPressure: 'high' }),

  reset: after({}, EHLO, 'RSET'),
  'no-operation': after({}, EHLO, 'NOOP'),
  goodbye: after({}, EHLO, 'QUIT'),
  'user-not-verified': after({}, EHLO, 'VRFY anna'),
  help: after({}, EHLO, 'HELP'),
  'bad-sequence': after({}, EHLO, 'MAIL FROM:<a@contoso.example> BODY=BINARYMIME', RCPT, 'DATA'),
  'unrecognized-command': after({}, EHLO, 'HALLO'),
  'command-not-implemented': after({}, EHLO, 'EXPN all'),
  'command-too-long': after({}, EHLO, 'x'.repeat(32_769)),
  'invalid-arguments': after({}, EHLO, 'QUIT now'),
  'unrecognized-parameter': after({}, EHLO, 'MAIL TO:<a@contoso.example>'),
  'too-many-errors': after({}, EHLO, ['x', 'x', 'x', 'x', 'x'], 'x'),
  'inactivity-timeout': (version) => {
    const talk = new Talk({ version });
    talk.say(EHLO);
    expect(talk.wait(299_000)).toEqual([]);
    return { talk, heard: talk.wait(1_000) };
  },
  'session-too-old': (version) => {
    const talk = new Talk({ version });
    talk.say(EHLO);
    for (let i = 0; i < 2; i++) {
      talk.wait(250_000);
      talk.say('HELO app');
    }
    // Seen only when the client says something again.
    expect(talk.wait(120_000)).toEqual([]);
    return { talk, heard: talk.say('NOOP') };
  },

  'hello-accepted': after({}, 'HELO app'),
  'extended-hello-accepted': after({}, EHLO),
  'invalid-hello-name': after({}, 'EHLO UPS room 2'),
  'hello-without-name': after({ connectors: [with_({ RequireEHLODomain: true })] }, 'HELO'),
  'hello-missing': after({}, MAIL),
  'extended-hello-missing': after({}, 'HELO app', 'STARTTLS'),

  'ready-for-tls': after({}, EHLO, 'STARTTLS'),
  'second-starttls': after({}, ...SECURE, 'STARTTLS'),
  'starttls-required': after({ connectors: [with_({ RequireTLS: true })] }, EHLO, MAIL),

  'user-name-wanted': after(CLIENT, ...SECURE, 'AUTH LOGIN'),
  'password-wanted': after(CLIENT, ...SECURE, 'AUTH LOGIN', base64('crm')),
  'ntlm-ready': after(CLIENT, ...SECURE, 'AUTH NTLM'),
  'gssapi-ready': after(CLIENT, ...SECURE, 'AUTH GSSAPI'),
  authenticated: after(CLIENT, ...SECURE, ...logOn('crm', 'secret')),
  'unrecognized-authentication-type': after({}, EHLO, 'AUTH PLAIN AGEAYg=='),
  'second-authentication': after(CLIENT, ...SECURE, ...logOn('crm', 'secret'), 'AUTH LOGIN'),
  'authentication-cancelled': after(CLIENT, ...SECURE, 'AUTH LOGIN', '*'),
  'authentication-failed': after(CLIENT, ...SECURE, ...logOn('crm', 'wrong')),

  'sender-accepted': after({}, EHLO, MAIL),
  'client-not-authenticated': after({ connectors: [with_({ PermissionGroups: [] })] }, EHLO, MAIL),
  'invalid-sender-address': after({}, EHLO, 'MAIL FROM:<scan er@contoso.example>'),
  'sender-address-too-long': after({}, EHLO, `MAIL FROM:<${'a'.repeat(65)}@contoso.example>`),
  'sender-address-not-ascii': after(
    { connectors: [with_({ SmtpUtf8Enabled: false })] },
    EHLO,
    'MAIL FROM:<jürgen@contoso.example>',
  ),
  'utf8-not-announced': after({ connectors: [with_({ SmtpUtf8Enabled: true })] }, EHLO, 'MAIL FROM:<jürgen@contoso.example>'),
  'sender-already-specified': after({}, EHLO, MAIL, MAIL),
  'announced-size-exceeded': after({}, EHLO, 'MAIL FROM:<a@contoso.example> SIZE=37748737'),
  'submission-rate-exceeded': after({ connectors: [with_({ MessageRateLimit: 1 })] }, EHLO, MAIL, 'RSET', MAIL),
  'back-pressure': after({ backPressure: 'medium' }, EHLO, MAIL),
  'unsupported-body-type': after({}, EHLO, 'MAIL FROM:<a@contoso.example> BODY=9BIT'),
  'mail-option-not-authorized': after({}, EHLO, 'MAIL FROM:<a@contoso.example> AUTH=somebody'),

  'recipient-accepted': after({}, EHLO, MAIL, RCPT),
  'relay-denied': after({}, EHLO, MAIL, 'RCPT TO:<x@fabrikam.example>'),
  'too-many-recipients': after(
    { connectors: [with_({ MaxRecipientsPerMessage: 1 })] },
    EHLO,
    MAIL,
    RCPT,
    'RCPT TO:<c@contoso.example>',
  ),
  'invalid-recipient-address': after({}, EHLO, MAIL, 'RCPT TO:<>'),
  'recipient-address-too-long': after({}, EHLO, MAIL, `RCPT TO:<${'a'.repeat(65)}@contoso.example>`),
  'recipient-address-not-ascii': after({}, EHLO, MAIL, 'RCPT TO:<jürgen@contoso.example>'),
  'mail-missing': after({}, EHLO, RCPT),
  'reserved-top-level-domain': after({ connectors: [with_({ RejectReservedTopLevelRecipientDomains: true })] }, EHLO, MAIL, RCPT),
  'reserved-second-level-domain': after(
    {
      connectors: [
        with_({
          RejectReservedSecondLevelRecipientDomains: true,
          AuthMechanism: ['ExternalAuthoritative'],
          PermissionGroups: ['ExchangeServers'],
        }),
      ],
    },
    EHLO,
    MAIL,
    'RCPT TO:<a@example.com>',
  ),
  'single-label-domain': after(
    {
      connectors: [
        with_({
          RejectSingleLabelRecipientDomains: true,
          AuthMechanism: ['ExternalAuthoritative'],
          PermissionGroups: ['ExchangeServers'],
        }),
      ],
    },
    EHLO,
    MAIL,
    'RCPT TO:<a@contoso>',
  ),

  'data-wanted': after({}, EHLO, MAIL, RCPT, 'DATA'),
  'chunk-received': after({}, EHLO, MAIL, RCPT, ['BDAT 3', 'a']),
  'recipient-missing': after({}, EHLO, MAIL, 'DATA'),

  'message-queued': after({}, EHLO, MAIL, RCPT, 'DATA', message('Message-ID: <1@app>')),
  'message-too-large': after(
    { connectors: [with_({ MaxMessageSize: 20 })] },
    EHLO,
    MAIL,
    RCPT,
    'DATA',
    message('Subject: more than twenty'),
  ),
  'header-too-large': after(
    { connectors: [with_({ MaxHeaderSize: 20 })] },
    EHLO,
    MAIL,
    RCPT,
    'DATA',
    message('Subject: more than twenty'),
  ),
  'bare-line-feeds': after({ connectors: [with_({ BareLinefeedRejectionEnabled: true })] }, EHLO, MAIL, RCPT, 'DATA', [
    'Subject: x',
    '',
    'one\ntwo',
    '.',
  ]),
  'partial-message': after({}, EHLO, MAIL, RCPT, 'DATA', message('Content-Type: message/partial; id="1"')),
  'too-many-hops': after({}, EHLO, MAIL, RCPT, 'DATA', message(...Array.from({ length: 61 }, () => 'Received: from a by b'))),
  'queue-write-failed': after({ fullDisk: true }, EHLO, MAIL, RCPT, 'DATA', message('Subject: x')),
};

/** What only other parts of Exchange say; each with the part that is missing here. */
const ELSEWHERE: Partial<Record<ReplyId, string>> = {
  'network-messages-not-accepted': 'transport agents',
  'hand-over-connections-exceeded': 'destination tracker of the front end',
  'filter-data-loading': 'filter data',
  'internal-destination-unreachable': 'proxy layer',
  'command-not-allowed': 'policy',
  'connection-dropped-by-server': 'transport agents',
  'connection-dropped-by-client': 'said by nobody: the result of the queue',
  'tls-rate-exceeded': 'the rate of the whole server',
  'security-subsystem-failed': 'a private key that cannot be used',
  'cipher-too-weak': 'ciphers that no library offers any more',
  'starttls-first': 'said by the proxy layer',
  'exchange-authentication-impossible': 'authentication of servers',
  'internal-certificate-missing': 'authentication of servers',
  'client-certificate-invalid': 'certificates of clients',
  'secure-domain-disallowed': 'domain security',
  'secure-domain-unauthenticated': 'domain security',
  'authentication-challenge': 'what the log makes of a challenge',
  'authenticated-user-not-found': 'Active Directory',
  'authentication-failed-for-good': 'Active Directory',
  'authenticated-session-unproxied': 'mailbox servers',
  'authentication-temporarily-impossible': 'Active Directory',
  'authentication-temporarily-failed': 'Active Directory',
  'authorization-temporarily-failed': 'Active Directory',
  'mailbox-server-not-located': 'mailbox servers',
  'mailbox-user-not-looked-up': 'Active Directory',
  'submission-disabled': 'mailboxes',
  'mailbox-without-database': 'mailboxes',
  'cryptographic-failure': 'authentication of servers',
  'client-may-not-submit': 'accounts with rights of their own',
  'connection-bytes-exceeded': 'limits of the hosted service',
  'known-poison-message': 'poison detection',
  'internal-extension-not-authorized': 'internal extensions',
  'user-unknown': 'Recipient Filter agent',
  'recipient-not-found': 'Recipient Filter agent',
  'client-on-block-list': 'Connection Filter agent',
  'sender-blocked': 'Sender Filter agent',
  'sender-id-unavailable': 'Sender ID agent',
  'sender-id-failed': 'Sender ID agent',
  'purported-sender-missing': 'Sender ID agent',
  'binary-data-wanted': 'XEXCH50',
  'message-queued-for-redundancy': 'shadow redundancy',
  'send-as-denied': 'Active Directory, at the Hub',
  'anonymous-send-as-denied': 'checks of the Hub',
  'send-on-behalf-denied': 'Active Directory, at the Hub',
  'invalid-content': 'MIME parsing',
  'too-many-proxy-hops': 'proxy layer',
  'system-misconfigured': 'loops between servers',
  'submission-quota-exceeded': 'quotas',
  'back-pressure-at-end': 'pressure that begins within a message',
  'message-not-taken': 'transport agents',
  'shadow-copy-failed': 'shadow redundancy',
  'intercepted-for-good': 'interceptor agent',
  'intercepted-for-now': 'interceptor agent',
  'rejected-as-spam': 'Content Filter agent',
  'quarantined-as-spam': 'Content Filter agent',
  'hello-extension': 'a line of the hello',
  'masked-extension': 'a firewall',
  'starttls-missing': 'a line that is not there',
};

const STAGES = ['connect', 'any-time', 'hello', 'start-tls', 'authentication', 'mail', 'recipient', 'data', 'end-of-data'];
const SESSION = REPLIES.filter(({ side, stage, texts }) => side === 'receive' && STAGES.includes(stage) && texts.length > 0);

describe('the catalogue', () => {
  it('holds nothing that is neither provoked here nor known to be out of reach', () => {
    const named = [...Object.keys(PROVOKED), ...Object.keys(ELSEWHERE)];
    expect(SESSION.map(({ id }) => id).filter((id) => !named.includes(id))).toEqual([]);
    expect(named.filter((id, at) => named.indexOf(id) !== at)).toEqual([]);
  });
});

const CASES = (Object.keys(PROVOKED) as ReplyId[]).flatMap((id) =>
  (['2013', '2016+'] as const).filter((version) => isSaidBy(id, version)).map((version): [ReplyId, Version] => [id, version]),
);

describe('is said with the very text of the version', () => {
  it.each(CASES)('%s, %s', (id, version) => {
    const { talk, heard } = PROVOKED[id]!(version);
    const template = (formatReply as (id: string, version: string, values: object) => string)(
      id,
      version,
      new Proxy(
        {},
        {
          has: () => true,
          get: () => 'VALUE',
          getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: 'VALUE' }),
        },
      ),
    );
    const pattern = new RegExp(
      `^${template
        .split('\r\n')[0]!
        .replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
        .replaceAll('VALUE', '.+')}$`,
    );
    expect(heard.at(id === 'extended-hello-accepted' || id === 'help' ? 0 : -1)).toMatch(pattern);
    const { closes } = replyById(id);
    expect(talk.closed).toBe(closes);
    expect(talk.session.anomalies).toEqual([]);
  });
});

describe('is delayed where the catalogue says so', () => {
  const delayed = CASES.filter(([id]) => replyById(id).tarpits === 'unauthenticated');
  it.each(delayed)('%s, %s', (id, version) => {
    const { talk } = PROVOKED[id]!(version);
    const authenticated =
      talk.session.authResult === 'success' || ['reserved-second-level-domain', 'single-label-domain'].includes(id);
    expect(talk.log.some((row) => row.startsWith("* Tarpit for '0.00:00:05' due to '"))).toBe(!authenticated);
  });
});

describe('what only sometimes is delayed', () => {
  const tarpits = (talk: Talk): number => talk.log.filter((row) => row.startsWith('* Tarpit')).length;

  it('the first RSET, and the next one without a message since', () => {
    const talk = new Talk(CONNECTED);
    talk.say(EHLO);
    talk.say('RSET');
    expect(tarpits(talk)).toBe(1);
    talk.say('RSET');
    expect(tarpits(talk)).toBe(2);
    talk.say(MAIL, RCPT, 'DATA');
    talk.say(...message('Subject: x'));
    talk.say('RSET');
    expect(tarpits(talk)).toBe(2);
  });

  it('a second hello, and a recipient that is given twice', () => {
    const talk = new Talk(CONNECTED);
    talk.say(EHLO);
    talk.say(MAIL);
    talk.say(RCPT);
    expect(tarpits(talk)).toBe(0);
    talk.say(RCPT);
    expect(tarpits(talk)).toBe(1);
    talk.say(EHLO);
    expect(tarpits(talk)).toBe(2);
  });

  it('nothing for who has authenticated', () => {
    const talk = new Talk(CLIENT);
    for (const line of [...SECURE, ...logOn('crm', 'secret'), 'RSET', 'NOOP', 'HALLO', EHLO]) talk.say(line);
    expect(tarpits(talk)).toBe(0);
  });

  it('nothing where the connector has no interval', () => {
    const talk = new Talk({ connectors: [with_({ TarpitInterval: 0 })] });
    talk.say(EHLO, 'NOOP', 'HALLO');
    expect(tarpits(talk)).toBe(0);
  });
});

describe('limits', () => {
  it('the fourth wrong password ends the session', () => {
    const talk = new Talk(CLIENT);
    for (const line of SECURE) talk.say(line);
    for (let i = 0; i < 3; i++)
      expect(
        logOn('crm', 'wrong')
          .map((line) => talk.say(line))
          .at(-1),
      ).toEqual(['535 5.7.3 Authentication unsuccessful']);
    expect(
      logOn('crm', 'wrong')
        .map((line) => talk.say(line))
        .at(-1),
    ).toEqual(['421 4.7.0 Too many errors on this connection, closing transmission channel']);
    expect(talk.closed).toBe(true);
  });

  it('refused recipients are no errors of the protocol', () => {
    const talk = new Talk();
    talk.say(EHLO);
    talk.say(MAIL);
    for (let i = 0; i < 20; i++) expect(talk.say(`RCPT TO:<x${i}@fabrikam.example>`)[0]).toMatch(/^550 /);
    expect(talk.closed).toBe(false);
  });

  it('an account of the machine is rejected, whatever its password', () => {
    const talk = new Talk(CLIENT);
    for (const line of SECURE) talk.say(line);
    expect(
      logOn('Administrator', 'secret')
        .map((line) => talk.say(line))
        .at(-1),
    ).toEqual(['535 5.7.3 Authentication unsuccessful']);
    expect(talk.log.at(-3)).toBe(
      '* | Inbound authentication failed as we reject well-known account authentication for Administrator',
    );
  });

  it('a trusted network has none of size, recipients and rate', () => {
    const one = with_({
      AuthMechanism: ['ExternalAuthoritative'],
      PermissionGroups: ['ExchangeServers'],
      MaxMessageSize: 10,
      MaxRecipientsPerMessage: 1,
      MessageRateLimit: 1,
    });
    const talk = new Talk({ connectors: [one] });
    talk.say(EHLO);
    for (let i = 0; i < 2; i++) {
      talk.say('MAIL FROM:<a@contoso.example> SIZE=99');
      expect([RCPT, 'RCPT TO:<x@fabrikam.example>'].map((line) => talk.say(line)[0])).toEqual([
        '250 2.1.5 Recipient OK',
        '250 2.1.5 Recipient OK',
      ]);
      talk.say('DATA');
      expect(talk.say(...message('Subject: more than ten'))[0]).toMatch(/^250 2\.6\.0 /);
    }
  });
});

it('the submission port is another connector', () => {
  expect(new Talk(CLIENT).session.connector).toBe(`EX01\\${SUBMISSION.name}`);
  expect(new Talk().session.connector).toBe(`EX01\\${FRONTEND.name}`);
});

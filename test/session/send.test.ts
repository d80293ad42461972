import { describe, expect, it } from 'vitest';
import { read } from '../harness.ts';

const FAILED = 'Failed to connect. Winsock error code: 10060, Win32 error code: 10060';
const BANNER = '< 220 mx.fabrikam.example ESMTP\n';
const HELLO = `${BANNER}> EHLO ex01.contoso.example\n< 250-mx.fabrikam.example\n< 250-PIPELINING\n< 250-STARTTLS\n< 250 SIZE 52428800\n`;
const SENDING = '* | sending message with RecordId 167503004549 and InternetMessageId <1@contoso.example>\n';
const MAIL = '> MAIL FROM:<a@contoso.example> SIZE=18019\n< 250 2.1.0 Ok\n';
const RCPT = '> RCPT TO:<x@fabrikam.example>\n< 250 2.1.5 Ok\n';
const DATA = '> DATA\n< 354 End data with <CR><LF>.<CR><LF>\n';
const QUIT = '> QUIT\n< 221 2.0.0 Bye\n- | Local';

for (const dialect of ['A', 'B'] as const) {
  /** The rows before TCP is up, as the dialect has them. */
  const ATTEMPT =
    dialect === 'A'
      ? '* | attempting to connect\n'
      : '* SendRoutingHeaders | Set Session Permissions\n* | attempting to connect\n';
  const CONNECTED = `${ATTEMPT}+\n`;
  const send = {
    direction: 'send',
    dialect,
    connector: 'Outbound to Office 365',
    local: '10.0.0.5:40123',
    remote: '203.0.113.9:25',
  } as const;
  const told = (script: string, settings = {}) => read({ ...send, ...settings }, script);
  const REFUSED = '550 5.1.1 <x@fabrikam.example>: Recipient address rejected: User unknown';

  describe(`a connection to another server, dialect ${dialect}`, () => {
    it('has a local endpoint only from its connect on', () => {
      expect(told(CONNECTED + HELLO + QUIT)).toMatchObject({
        localEndpoint: '10.0.0.5:40123',
        remoteEndpoint: '203.0.113.9:25',
        outcome: 'probe',
      });
      expect(told(ATTEMPT).localEndpoint).toBe('');
    });

    it('has permissions where a row tells them', () => {
      expect(told(CONNECTED + HELLO + QUIT).permissions).toBe(dialect === 'A' ? null : 8192);
    });

    it.each([
      `${FAILED}, Error Message: No answer 203.0.113.9:25`,
      `${FAILED}, Destination domain: fabrikam.example, Error Message: Es konnte keine Verbindung hergestellt werden, da der Zielcomputer "nein" sagte 203.0.113.9:25`,
    ])('failed without + and -: %s', (error) => {
      expect(told(`${ATTEMPT}@21000 * | ${error}`)).toMatchObject({
        outcome: 'connect-failed',
        outcomeReason: error,
        lastError: error,
        ended: true,
        disconnect: null,
        messagesRefused: 0,
      });
    });

    it('is turned-away by a banner that is a refusal', () => {
      expect(told(`${CONNECTED}< 554 5.7.1 Service unavailable; client host blocked\n${QUIT}`)).toMatchObject({
        outcome: 'turned-away',
      });
      expect(told(`${CONNECTED}< 421 4.3.2 Service not available\n- | Remote`)).toMatchObject({
        outcome: 'turned-away',
        disconnect: 'Remote',
      });
    });

    it('is a probe when the remote left before its banner', () => {
      expect(told(`${CONNECTED}- | Remote`)).toMatchObject({ outcome: 'probe', disconnect: 'Remote', helo: null });
    });

    it('may go to IPv6', () => {
      expect(told(`${CONNECTED}${HELLO}${QUIT}`, { local: '[2001:db8::5]:40123', remote: '[2001:db8::7]:25' })).toMatchObject({
        localEndpoint: '[2001:db8::5]:40123',
        remoteEndpoint: '[2001:db8::7]:25',
      });
    });

    it.each(['组织内 SMTP 发送连接器', 'Внутренний соединитель отправки для вход. подкл. прокси-сервера', 'Größe, "alt" '])(
      'keeps the localised name of its connector: %s',
      (connector) => {
        expect(told(CONNECTED + HELLO + QUIT, { connector }).connector).toBe(connector);
      },
    );
  });

  describe(`a message to another server, dialect ${dialect}`, () => {
    it('was accepted, and keeps its number in our queue', () => {
      const session = told(`${CONNECTED}${HELLO}${SENDING}${MAIL}${RCPT}${DATA}< 250 2.0.0 Ok: queued as 4Xy\n${QUIT}`);
      expect(session).toMatchObject({
        outcome: 'accepted',
        messagesAccepted: 1,
        recipientsAccepted: 1,
        bytesAccepted: 18_019,
        helo: 'ex01.contoso.example',
        lastError: null,
      });
      expect(session.transactions).toMatchObject([
        { sender: 'a@contoso.example', internalId: '167503004549', messageId: '<1@contoso.example>' },
      ]);
    });

    it('keeps our number though the remote, another Exchange, says its own', () => {
      const reply =
        '< 250 2.6.0 <1@contoso.example> [InternalId=999, Hostname=mx.outlook.example] 19000 bytes in 0.102, 109,173 KB/sec Queued mail for delivery\n';
      expect(told(`${CONNECTED}${HELLO}${SENDING}${MAIL}${RCPT}${DATA}${reply}${QUIT}`).transactions).toMatchObject([
        { internalId: '167503004549', messageId: '<1@contoso.example>', bytes: 19_000 },
      ]);
    });

    it('keeps its message id when the remote says 250 2.6.0 and no id', () => {
      expect(
        told(`${CONNECTED}${HELLO}${SENDING}${MAIL}${RCPT}${DATA}< 250 2.6.0 Message accepted for delivery\n${QUIT}`)
          .transactions,
      ).toMatchObject([{ state: 'accepted', messageId: '<1@contoso.example>' }]);
    });

    it('was refused at its recipient', () => {
      for (const end of [QUIT, `> RSET\n< 250 2.0.0 Ok\n${QUIT}`, '> QUIT\n- | Remote'])
        expect(told(`${CONNECTED}${HELLO}${SENDING}${MAIL}> RCPT TO:<x@fabrikam.example>\n< ${REFUSED}\n${end}`)).toMatchObject({
          outcome: 'refused',
          outcomeReason: REFUSED,
          messagesRefused: 1,
          recipientsRefused: 1,
        });
    });

    it('was refused at MAIL with a code that Exchange says to RCPT', () => {
      const session = told(`${CONNECTED}${HELLO}${SENDING}> MAIL FROM:<a@contoso.example>\n< 550 5.1.1 Sender unknown\n${QUIT}`);
      expect(session).toMatchObject({
        outcome: 'refused',
        messagesRefused: 1,
        recipientsRefused: 0,
        refusals: [{ command: 'mail' }],
      });
    });

    it('was refused by several lines, which are one reply, the same in both dialects', () => {
      const refusal =
        dialect === 'A'
          ? '< 550-5.1.1 The account does not exist.\n< 550 5.1.1 Check for spelling mistakes.\n'
          : '< 550  5.1.1 The account does not exist. 5.1.1 Check for spelling mistakes.\n';
      const session = told(`${CONNECTED}${HELLO}${SENDING}${MAIL}> RCPT TO:<x@fabrikam.example>\n${refusal}${QUIT}`);
      expect(session).toMatchObject({
        recipientsRefused: 1,
        refusals: { length: 1 },
        lastError: '550 5.1.1 The account does not exist. 5.1.1 Check for spelling mistakes.',
      });
    });

    it('was sent with pipelining: replies first in, first out', () => {
      const script = `${CONNECTED}${HELLO}${SENDING}
        > MAIL FROM:<a@contoso.example>
        > RCPT TO:<x@fabrikam.example>
        > RCPT TO:<y@fabrikam.example>
        < 250 ok
        < 250 ok
        < 451 4.7.1 Greylisted
        ${DATA}< 250 ok
        ${QUIT}`;
      expect(told(script)).toMatchObject({
        outcome: 'partial',
        messagesAccepted: 1,
        recipientsAccepted: 1,
        recipientsRefused: 1,
      });
      expect(told(script).transactions[0]?.recipients).toMatchObject([
        { address: 'x@fabrikam.example', accepted: true },
        { address: 'y@fabrikam.example', accepted: false, reply: '451 4.7.1 Greylisted' },
      ]);
    });

    it('was accepted though a reply before its DATA is missing', () => {
      const script = `${CONNECTED}${HELLO}${SENDING}${MAIL}> RCPT TO:<x@fabrikam.example>\n#+1\n${DATA}< 250 2.0.0 Ok: queued as 4Xy\n${QUIT}`;
      expect(told(script)).toMatchObject({ outcome: 'accepted', messagesAccepted: 1 });
    });

    it('of several over one connection counts each, with its own number', () => {
      const second = '* | sending message with RecordId 167503004550 and InternetMessageId <2@contoso.example>\n';
      const rest = `${MAIL}${RCPT}${DATA}< 250 2.0.0 Ok: queued\n`;
      const session = told(`${CONNECTED}${HELLO}${SENDING}${rest}> RSET\n< 250 2.0.0 Ok\n${second}${rest}${QUIT}`);
      expect(session.transactions.map((one) => [one.internalId, one.messageId])).toEqual([
        ['167503004549', '<1@contoso.example>'],
        ['167503004550', '<2@contoso.example>'],
      ]);
      expect(session).toMatchObject({ outcome: 'accepted', messagesAccepted: 2 });
    });

    it('sent in chunks has one final reply', () => {
      const session = told(
        `${CONNECTED}${HELLO}${SENDING}${MAIL}${RCPT}> BDAT 9000\n< 250 2.6.0 CHUNK received OK, 9000 octets\n> BDAT 9019 LAST\n< 250 2.0.0 Ok\n${QUIT}`,
      );
      expect(session).toMatchObject({ messagesAccepted: 1, bytesAccepted: 18_019 });
    });

    it('cut off by the remote after DATA is abandoned', () => {
      expect(told(`${CONNECTED}${HELLO}${SENDING}${MAIL}${RCPT}${DATA}- | Remote`)).toMatchObject({
        outcome: 'abandoned',
        disconnect: 'Remote',
      });
    });
  });

  describe(`TLS and AUTH to another server, dialect ${dialect}`, () => {
    const STARTTLS = '> STARTTLS\n< 220 2.0.0 Ready to start TLS\n* {certificate}\n';

    it('was negotiated', () => {
      expect(told(`${CONNECTED}${HELLO}${STARTTLS}* {tls 1_2}\n> EHLO ex01.contoso.example\n< 250 mx\n${QUIT}`)).toMatchObject({
        tls: 'TLS1.2',
        outcome: 'probe',
      });
      expect(told(`${CONNECTED}${HELLO}${STARTTLS}* {tls 8192}\n> EHLO ex01.contoso.example\n< 250 mx\n${QUIT}`).tls).toBe(
        'unknown(8192)',
      );
    });

    it.each([
      'TLS negotiation failed with error UnknownCredentials',
      'Tls cipher strength is too weak',
      'Outbound TLS authentication failed for auth level DomainValidation with error SubjectMismatch',
    ])('failed: %s', (error) => {
      expect(told(`${CONNECTED}${HELLO}${STARTTLS}* | ${error}\n- | Local`)).toMatchObject({
        outcome: 'tls-failed',
        outcomeReason: error,
      });
    });

    it.each([
      "Connector is configured to send mail only over TLS connections and remote doesn't support TLS",
      'Drop connection because TLS configuration requires TLS before MailFrom command and could not achieve it, check connection authentication setting or remote capabilities',
    ])('was required and not offered: %s', (error) => {
      expect(told(`${CONNECTED}${HELLO}* | ${error}\n${QUIT}`)).toMatchObject({
        outcome: 'tls-failed',
        tls: 'none',
        lastError: error,
      });
    });

    it('was refused by the remote', () => {
      expect(told(`${CONNECTED}${HELLO}> STARTTLS\n< 454 4.7.0 TLS not available\n${QUIT}`)).toMatchObject({
        outcome: 'tls-failed',
        tls: 'none',
      });
    });

    it('hides what AUTH LOGIN sent, which is no command', () => {
      const script = `${CONNECTED}${HELLO}> AUTH LOGIN\n< 334 <authentication information>\n> <Binary Data>\n< 334 <authentication information>\n> <Binary Data>\n< 235 2.7.0 Authentication successful\n${SENDING}${MAIL}${RCPT}${DATA}< 250 ok\n${QUIT}`;
      expect(told(script)).toMatchObject({ authMechanism: 'LOGIN', authResult: 'success', outcome: 'accepted', anomalies: [] });
    });

    it('between servers is EXCHANGEAUTH', () => {
      const script = `${CONNECTED}${HELLO}> X-EXPS EXCHANGEAUTH SHA256 \n> <Binary Data>\n< 235 <authentication information>\n${QUIT}`;
      expect(told(script)).toMatchObject({ authMechanism: 'EXCHANGEAUTH', authResult: 'success', outcome: 'probe' });
    });

    it('failed before it was said, with a row alone', () => {
      const error = 'Outbound Authentication failed with LogonDenied';
      expect(told(`${CONNECTED}${HELLO}* | ${error}\n${QUIT}`)).toMatchObject({
        authResult: 'failed',
        outcome: 'auth-failed',
        outcomeReason: error,
      });
    });

    it('failed after the remote had said 235, because its proof was wrong', () => {
      const script = `${CONNECTED}${HELLO}> X-EXPS EXCHANGEAUTH SHA256 \n> <Binary Data>\n< 235 <authentication information>\n* | Outbound Exchange Authentication failed with InvalidToken\n${QUIT}`;
      expect(told(script)).toMatchObject({ authResult: 'failed', outcome: 'auth-failed' });
    });

    it('refused by the remote failed', () => {
      const script = `${CONNECTED}${HELLO}> AUTH LOGIN\n< 334 <authentication information>\n> <Binary Data>\n< 535 5.7.8 Error: authentication failed\n${QUIT}`;
      expect(told(script)).toMatchObject({
        authResult: 'failed',
        outcome: 'auth-failed',
        lastError: '535 5.7.8 Error: authentication failed',
      });
    });
  });

  describe(`a front end that hands over, dialect ${dialect}`, () => {
    const front = { connector: 'Inbound Proxy Internal Send Connector', remote: '10.0.0.5:2525' };
    const turn = (sid: string) =>
      `* | Proxying inbound session with session id ${sid}\n> XPROXYFROM SID=${sid} IP=10.0.20.12 PORT=5678 DOMAIN=mfp-02 SEQNUM=1 PERMS=1073 AUTHSRC=Anonymous\n< 250 XProxyFrom accepted\n${MAIL}${RCPT}${DATA}< 250 2.6.0 <1@device.example> [InternalId=4711, Hostname=ex01] Queued mail for delivery\n> RSET\n< 250 2.0.0 Resetting\n`;

    it('links every message to the session that it came from', () => {
      const session = told(`${CONNECTED}${HELLO}${turn('08D54162A04116F1')}${turn('08D54162A04116F7')}${QUIT}`, front);
      expect(session.transactions.map((one) => one.clientSessionId)).toEqual(['08D54162A04116F1', '08D54162A04116F7']);
      expect(session.links.filter((link) => link.kind === 'proxying')).toEqual([
        { kind: 'proxying', sessionId: '08D54162A04116F1' },
        { kind: 'proxying', sessionId: '08D54162A04116F7' },
      ]);
      expect(session).toMatchObject({ outcome: 'accepted', messagesAccepted: 2 });
    });

    it('links a blind client proxy, which is proxied', () => {
      const script = `* | attempting to connect. Client proxy session for CONTOSO\\nancy. Proxied session id 08D54162A04116F1\n+\n${HELLO}> XPROXY SID=08D54162A04116F1 IP=10.0.20.12 PORT=5678 DOMAIN=laptop CAPABILITIES=0 UNAME=x\n< 250 XProxy accepted and authenticated\n* | Proxy session successfully set up for CONTOSO\\nancy. Inbound session will now be blindly proxied\n- | Local`;
      const session = told(script, { connector: 'Client Proxy Send Connector' });
      expect(session.outcome).toBe('proxied');
      expect(session.links).toContainEqual({ kind: 'client-proxy', sessionId: '08D54162A04116F1' });
    });

    it('links a blind outbound proxy', () => {
      const script =
        '* | attempting to connect. Outbound proxy from ex01.contoso.example with session id 08D54162A04116A0. Proxied session id 08D54162A04116F1\n+\n- | QuitVerb';
      expect(told(script, { connector: 'Outbound Proxy External Send Connector' })).toMatchObject({
        links: [{ kind: 'outbound-proxy', sessionId: '08D54162A04116F1' }],
        disconnect: 'QuitVerb',
      });
    });

    it('links the sender of an outbound message', () => {
      const script = `${CONNECTED}${HELLO}> XPROXYTO PORT=25 DESTINATIONS=203.0.113.9 SESSIONID=08D54162A04116F1\n< 250 XProxyTo accepted\n${QUIT}`;
      expect(told(script, { remote: '10.0.0.5:717' }).links).toEqual([{ kind: 'xproxyto', sessionId: '08D54162A04116F1' }]);
    });
  });
}

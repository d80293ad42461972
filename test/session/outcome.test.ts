import { describe, expect, it } from 'vitest';
import { read } from '../harness.ts';

const GREETED = `
  +
  > {banner}
  < EHLO mfp-02
  > {hello SIZE 37748736, PIPELINING, STARTTLS, AUTH NTLM, CHUNKING}`;

const MAIL = `
  < MAIL FROM:<scan@contoso.example>
  * {message}
  > 250 2.1.0 Sender OK`;

const DELIVERED = `${MAIL}
  < RCPT TO:<anna@contoso.example>
  > 250 2.1.5 Recipient OK
  < DATA
  > 354 Start mail input; end with <CRLF>.<CRLF>
  > {queued 2048}`;

const QUIT = `
  < QUIT
  > 221 2.0.0 Service closing transmission channel
  - | Local`;

for (const dialect of ['A', 'B'] as const)
  describe(`the outcome of a session, dialect ${dialect}`, () => {
    const outcomeOf = (script: string) => read({ dialect }, script).outcome;

    it('is accepted when a message got its final 250', () => {
      const session = read({ dialect }, GREETED + DELIVERED + QUIT);
      expect(session).toMatchObject({
        outcome: 'accepted',
        messagesAccepted: 1,
        messagesRefused: 0,
        recipientsAccepted: 1,
        lastError: null,
        disconnect: 'Local',
      });
    });

    it('is partial when one recipient of three was refused: the message counts, and two recipients', () => {
      const session = read(
        { dialect },
        `${GREETED}${MAIL}
        < RCPT TO:<anna@contoso.example>
        > 250 2.1.5 Recipient OK
        < RCPT TO:<x@fabrikam.example>
        @5000 > 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain
        < RCPT TO:<bert@contoso.example>
        > 250 2.1.5 Recipient OK
        < DATA
        > 354 Start mail input; end with <CRLF>.<CRLF>
        > {queued}${QUIT}`,
      );
      expect(session).toMatchObject({
        outcome: 'partial',
        messagesAccepted: 1,
        messagesRefused: 0,
        recipientsAccepted: 2,
        recipientsRefused: 1,
      });
      expect(session.lastError).toMatch(/^550 5\.7\.54/);
    });

    it('stays accepted when the server says 421 of its own accord after a message', () => {
      const session = read({ dialect }, `${GREETED}${DELIVERED}\n> 421 4.3.2 Service not available\n- | Local`);
      expect(session).toMatchObject({ outcome: 'accepted', lastError: '421 4.3.2 Service not available' });
    });

    it('is partial when the 421 answers a second MAIL', () => {
      const script = `${GREETED}${DELIVERED}
        < MAIL FROM:<scan@contoso.example>
        > 421 4.4.2 Message submission rate for this client has exceeded the configured limit
        - | Local`;
      expect(read({ dialect }, script)).toMatchObject({ outcome: 'partial', messagesAccepted: 1, messagesRefused: 1 });
    });

    it('is turned-away when the first word of the server is a refusal', () => {
      expect(outcomeOf('+\n> 421 4.3.2 Service not available\n- | Local')).toBe('turned-away');
      expect(outcomeOf('> 421 4.3.2 Service not available\n- | Local')).toBe('turned-away');
    });

    it('is not turned-away when the rows before a refusal are missing', () => {
      expect(
        read({ dialect, from: 17 }, '> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\n- | Local'),
      ).toMatchObject({
        outcome: 'refused',
        recipientsRefused: 1,
      });
    });

    it('is tls-failed when the handshake failed', () => {
      const script = `${GREETED}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n* {failed-tls AlgorithmMismatch}\n- | Local`;
      expect(read({ dialect }, script)).toMatchObject({
        outcome: 'tls-failed',
        lastError: 'TLS negotiation failed with error AlgorithmMismatch',
        tls: 'none',
      });
    });

    it('is tls-failed when STARTTLS was answered 454', () => {
      expect(
        outcomeOf(`${GREETED}\n< STARTTLS\n> 454 4.7.0 Cannot accept TLS as maximum TLS rate exceeded for server${QUIT}`),
      ).toBe('tls-failed');
    });

    it('is auth-failed when the last AUTH failed and nothing was accepted', () => {
      const script = `${GREETED}
        < AUTH LOGIN
        > 334 <authentication response>
        > 334 <authentication response>
        * | Inbound AUTH LOGIN failed because of LogonDenied
        * | User Name: svc-scan
        @5000 > 535 5.7.3 Authentication unsuccessful${QUIT}`;
      expect(read({ dialect }, script)).toMatchObject({
        outcome: 'auth-failed',
        authResult: 'failed',
        authUser: 'svc-scan',
        authMechanism: 'LOGIN',
        lastError: '535 5.7.3 Authentication unsuccessful',
      });
    });

    it('believes the reply before the context row: authenticated, then 535', () => {
      const script = `${GREETED}\n< AUTH NTLM\n> 334 <authentication response>\n* CONTOSO\\nancy | authenticated\n> 535 5.7.3 Authentication unsuccessful${QUIT}`;
      expect(read({ dialect }, script)).toMatchObject({
        outcome: 'auth-failed',
        authResult: 'failed',
        authUser: 'CONTOSO\\nancy',
      });
    });

    it('counts the last of several AUTH tries', () => {
      const failed = '\n< AUTH LOGIN\n> 334 <authentication response>\n> 535 5.7.3 Authentication unsuccessful';
      const good =
        '\n< AUTH LOGIN\n> 334 <authentication response>\n* svc-scan | authenticated\n> 235 2.7.0 Authentication successful';
      expect(read({ dialect }, GREETED + failed + good + QUIT)).toMatchObject({
        outcome: 'probe',
        authResult: 'success',
        authUser: 'svc-scan',
      });
      expect(outcomeOf(GREETED + failed + good + DELIVERED + QUIT)).toBe('accepted');
      expect(outcomeOf(GREETED + failed + DELIVERED + QUIT)).toBe('accepted');
    });

    it('is auth-failed when the mechanism was refused with 504', () => {
      const script = `${GREETED}\n< AUTH LOGIN\n@5000 > 504 5.7.4 Unrecognized authentication type\n- | Remote`;
      expect(read({ dialect }, script)).toMatchObject({ outcome: 'auth-failed', authResult: 'failed', authMechanism: 'LOGIN' });
    });

    it('is refused for 530 at MAIL and close', () => {
      const script = `${GREETED}
        < MAIL FROM:<scan@contoso.example>
        @5000 > 530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM
        - | Local`;
      expect(read({ dialect }, script)).toMatchObject({ outcome: 'refused', messagesRefused: 1, recipientsRefused: 0 });
    });

    it('is refused when one RCPT was refused, one accepted, and then QUIT', () => {
      const script = `${GREETED}${MAIL}
        < RCPT TO:<x@fabrikam.example>
        > 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain
        < RCPT TO:<anna@contoso.example>
        > 250 2.1.5 Recipient OK${QUIT}`;
      expect(read({ dialect }, script)).toMatchObject({
        outcome: 'refused',
        messagesRefused: 1,
        recipientsRefused: 1,
        recipientsAccepted: 0,
      });
    });

    it('is refused for an EHLO answered 501, and for a TLS hello on a plain port', () => {
      expect(outcomeOf(`+\n> {banner}\n< EHLO scanner room 2\n@5000 > 501 5.5.4 Invalid domain name${QUIT}`)).toBe('refused');
      expect(
        outcomeOf(
          '+\n> {banner}\n< \u0016\u0003\u0001\u0002\n@5000 > 500 5.3.3 Unrecognized command\n- | Remote(ConnectionReset)',
        ),
      ).toBe('refused');
    });

    it('is refused for 552 at MAIL and for 5xx at the end of data', () => {
      expect(
        outcomeOf(
          `${GREETED}\n< MAIL FROM:<a@contoso.example> SIZE=99999999\n> 552 5.3.4 Message size exceeds fixed maximum message size${QUIT}`,
        ),
      ).toBe('refused');
      const script = `${GREETED}${MAIL}
        < RCPT TO:<anna@contoso.example>
        > 250 2.1.5 Recipient OK
        < DATA
        > 354 Start mail input; end with <CRLF>.<CRLF>
        > 554 5.6.0 Invalid message content${QUIT}`;
      expect(read({ dialect }, script)).toMatchObject({
        outcome: 'refused',
        messagesRefused: 1,
        recipientsAccepted: 0,
        recipientsRefused: 0,
      });
    });

    it('is abandoned when no final reply came after DATA, or the client reset what was accepted', () => {
      const begun = `${GREETED}${MAIL}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK`;
      expect(outcomeOf(`${begun}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n- | Remote(ConnectionReset)`)).toBe(
        'abandoned',
      );
      expect(outcomeOf(`${begun}\n< RSET\n> 250 2.0.0 Resetting${QUIT}`)).toBe('abandoned');
      expect(outcomeOf(begun + QUIT)).toBe('abandoned');
      expect(outcomeOf(`${begun}\n@300000 > 451 4.7.0 Timeout waiting for client input\n- | Local`)).toBe('abandoned');
    });

    it('is abandoned when AUTH or STARTTLS was begun and nothing decided it', () => {
      expect(outcomeOf(`${GREETED}\n< AUTH LOGIN\n> 334 <authentication response>\n- | Remote(ConnectionReset)`)).toBe(
        'abandoned',
      );
      expect(outcomeOf(`${GREETED}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n- | Remote(SocketError)`)).toBe(
        'abandoned',
      );
    });

    it('names what the server said of its own accord before it closed, whatever the client was doing', () => {
      const begun = `${GREETED}${MAIL}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK`;
      for (const farewell of ['421 4.3.2 Service not available', '451 4.7.0 Timeout waiting for client input']) {
        const end = `\n> ${farewell}\n- | Local`;
        const reasonOf = (script: string) => read({ dialect }, script + end).outcomeReason;
        expect(reasonOf('+\n> {banner}')).toBe(`connected, said nothing, then ${farewell}`);
        expect(reasonOf(GREETED)).toBe(`said hello, sent nothing, then ${farewell}`);
        expect(reasonOf(begun)).toBe(`1 recipient accepted, no message completed, then ${farewell}`);
        expect(reasonOf(`${begun}\n< BDAT 100\n> 250 2.6.0 CHUNK received OK, 100 octets`)).toBe(
          `1 recipient accepted, no message completed, then ${farewell}`,
        );
      }
    });

    it('is a probe when nothing was wanted', () => {
      expect(outcomeOf('+\n- | Remote(SocketError)')).toBe('probe');
      expect(outcomeOf(`+\n> {banner}\n- | Remote(SocketError)`)).toBe('probe');
      expect(outcomeOf(GREETED + QUIT)).toBe('probe');
      expect(outcomeOf(`${GREETED}\n< NOOP\n> 250 2.0.0 OK${QUIT}`)).toBe('probe');
      expect(
        outcomeOf(`${GREETED}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n* {tls 1_2}\n- | Remote(SocketError)`),
      ).toBe('probe');
    });

    it('is proxied when the session was handed over after AUTH', () => {
      const script = `${GREETED}
        < AUTH LOGIN
        > 334 <authentication response>
        * user@contoso.example | authenticated
        * | Proxy session was successfully set up. Session foruser@contoso.example will now be proxied
        > 235 2.7.0 Authentication successful
        - | Remote(ConnectionReset)`;
      expect(read({ dialect }, script)).toMatchObject({
        outcome: 'proxied',
        authResult: 'success',
        authUser: 'user@contoso.example',
      });
    });

    it('never counts a message queued for redundancy', () => {
      const script = `${GREETED}${MAIL}
        < RCPT TO:<anna@contoso.example>
        > 250 2.1.5 Recipient OK
        < DATA
        > 354 Start mail input; end with <CRLF>.<CRLF>
        > 250 2.6.0 <1@device.example> [InternalId=ex02.contoso.example, Hostname=4711] Queued mail for redundancy${QUIT}`;
      expect(read({ dialect }, script)).toMatchObject({ outcome: 'accepted', messagesAccepted: 0, recipientsAccepted: 0 });
    });
  });

describe('the outcome of a send session', () => {
  const send = { direction: 'send', connector: 'Internet', local: '10.0.0.5:40123', remote: '203.0.113.9:25' } as const;
  const outcomeOf = (script: string) => read(send, script).outcome;

  it('is connect-failed when no TCP connection was made', () => {
    const script = `* SendRoutingHeaders | Set Session Permissions
      * | attempting to connect
      @21000 * | Failed to connect. Winsock error code: 10060, Win32 error code: 10060, Destination domain: fabrikam.example, Error Message: no answer 203.0.113.9:25.`;
    expect(read(send, script)).toMatchObject({ outcome: 'connect-failed', ended: true, disconnect: null });
  });

  it('is turned-away for a 554 banner of the remote', () => {
    expect(
      outcomeOf('* | attempting to connect\n+\n< 554 mx.fabrikam.example no service for you\n> QUIT\n< 221 Bye\n- | Local'),
    ).toBe('turned-away');
  });

  it('is a probe for a cached connection without mail', () => {
    expect(
      outcomeOf(
        '* | attempting to connect\n+\n< 220 mx.fabrikam.example ESMTP\n> EHLO ex01.contoso.example\n< 250 mx.fabrikam.example\n> QUIT\n< 221 Bye\n- | Local',
      ),
    ).toBe('probe');
  });

  it('is refused when the remote refused the recipient', () => {
    const script = `* | attempting to connect
      +
      < 220 mx.fabrikam.example ESMTP
      > EHLO ex01.contoso.example
      < 250 mx.fabrikam.example
      * | sending message with RecordId 167503004549 and InternetMessageId <1@contoso.example>
      > MAIL FROM:<a@contoso.example> SIZE=18019
      < 250 2.1.0 Ok
      > RCPT TO:<x@fabrikam.example>
      < 550 5.1.1 <x@fabrikam.example>: Recipient address rejected: User unknown
      > QUIT
      < 221 2.0.0 Bye
      - | Local`;
    const session = read(send, script);
    expect(session).toMatchObject({ outcome: 'refused', messagesRefused: 1, recipientsRefused: 1 });
    expect(session.transactions[0]).toMatchObject({
      messageId: '<1@contoso.example>',
      internalId: '167503004549',
      bytes: 18019,
      bytesKnownBy: 'declared',
    });
  });
});

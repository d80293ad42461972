import { describe, expect, it } from 'vitest';
import { read } from '../harness.ts';

const HELLO = '+\n> {banner}\n< EHLO mfp-02\n> {hello SIZE 37748736, PIPELINING, STARTTLS, AUTH NTLM LOGIN}';
const END = '\n< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local';
const STARTTLS = '\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}';
const ANONYMOUS = 'SMTPSubmit SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender AcceptRoutingHeaders';

for (const dialect of ['A', 'B'] as const)
  describe(`information rows, dialect ${dialect}`, () => {
    const told = (script: string) => read({ dialect }, HELLO + script + END);

    describe('TLS', () => {
      it.each([
        ['1_0', 'TLS1.0'],
        ['1_1', 'TLS1.1'],
        ['1_2', 'TLS1.2'],
        ['1_3', 'TLS1.3'],
        ['SP_PROT_SSL3_SERVER', 'SSL3'],
        ['4096', 'unknown(4096)'],
      ])('%s is negotiated as %s', (protocol, tls) => {
        expect(told(`${STARTTLS}\n* {tls ${protocol}}\n< EHLO mfp-02\n> {hello SIZE 1, AUTH LOGIN}`)).toMatchObject({
          tls,
          outcome: 'probe',
          lastError: null,
        });
      });

      it('is none when it was never asked for', () => {
        expect(told('').tls).toBe('none');
      });

      it('is none when it failed', () => {
        expect(told(`${STARTTLS}\n* {failed-tls InvalidToken}`)).toMatchObject({
          tls: 'none',
          outcome: 'tls-failed',
          lastError: 'TLS negotiation failed with error InvalidToken',
        });
      });

      it('failed with a fatal exception, too', () => {
        expect(told(`${STARTTLS}\n* | TLS negotiation failed, fatal exception`).outcome).toBe('tls-failed');
      });

      it('was there but of unknown version when only the row that names it is missing', () => {
        const session = read(
          { dialect },
          `${HELLO}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n#+7\n< EHLO mfp-02\n> {hello SIZE 1, AUTH LOGIN}${END}`,
        );
        expect(session.tls).toMatch(/^unknown/);
        expect(session.outcome).toBe('probe');
      });

      it('is the same between servers, by X-ANONYMOUSTLS', () => {
        expect(told('\n< X-ANONYMOUSTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n* {tls 1_2}').tls).toBe('TLS1.2');
      });

      it('that failed does not undo a message that was accepted afterwards', () => {
        const mail =
          '\n< MAIL FROM:<a@b>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<c@d>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued}';
        expect(told(`\n< STARTTLS\n> 454 4.7.0 Cannot accept TLS${mail}`)).toMatchObject({ outcome: 'accepted', tls: 'none' });
      });
    });

    describe('AUTH', () => {
      it('LOGIN succeeded for the user that was typed', () => {
        const script = `
          < auth login
          > 334 <authentication response>
          > 334 <authentication response>
          * user@contoso.example | authenticated
          * SMTPSubmit SMTPSubmitForMLS | Set Session Permissions
          > 235 2.7.0 Authentication successful`;
        expect(told(script)).toMatchObject({
          authMechanism: 'LOGIN',
          authResult: 'success',
          authUser: 'user@contoso.example',
          permissions: 3,
          lastError: null,
        });
      });

      it('NTLM failed for a reason, without a user', () => {
        const script = `
          < AUTH NTLM
          > 334 <authentication response>
          * | Inbound Negotiate failed because of LogonDenied
          * Tarpit for '0.00:00:05' due to '535 5.7.3 Authentication unsuccessful'
          @5000 > 535 5.7.3 Authentication unsuccessful`;
        expect(told(script)).toMatchObject({
          authMechanism: 'NTLM',
          authResult: 'failed',
          authUser: null,
          outcome: 'auth-failed',
          tarpitMs: 5000,
        });
      });

      it('GSSAPI between servers succeeded for a computer', () => {
        const script =
          '\n< X-EXPS GSSAPI\n> 334 <authentication response>\n* CONTOSO\\EX02$ | authenticated\n> 235 <authentication response>';
        expect(told(script)).toMatchObject({ authMechanism: 'GSSAPI', authResult: 'success', authUser: 'CONTOSO\\EX02$' });
      });

      it('keeps the backslash and the n of CONTOSO\\nancy', () => {
        expect(told('\n< AUTH NTLM\n* CONTOSO\\nancy | authenticated\n> 235 2.7.0 Authentication successful').authUser).toBe(
          'CONTOSO\\nancy',
        );
      });

      it('names the user that failed, in either spelling of the row', () => {
        for (const label of ['User Name', 'Username']) {
          const script = `\n< AUTH LOGIN\n> 334 <authentication response>\n* | Inbound AUTH LOGIN failed because of LogonDenied\n* | ${label}: svc scan\n> 535 5.7.3 Authentication unsuccessful`;
          expect(told(script)).toMatchObject({ authResult: 'failed', authUser: 'svc scan' });
        }
      });

      it('failed by its row alone, when the client left before the reply', () => {
        const session = read(
          { dialect },
          `${HELLO}\n< AUTH LOGIN\n> 334 <authentication response>\n* | Inbound AUTH LOGIN failed because of LogonDenied\n- | Remote(ConnectionReset)`,
        );
        expect(session).toMatchObject({
          authResult: 'failed',
          outcome: 'auth-failed',
          outcomeReason: expect.stringContaining('LogonDenied'),
        });
      });

      it.each([
        'Failed to initialize inbound Negotiate because of InvalidToken',
        'Unable to initialize inbound AUTH LOGIN because of NoCredentials',
        "Inbound authentication failed because the client CONTOSO\\anna doesn't have submit permission.",
        'Inbound authentication failed as we reject well-known account authentication for NT AUTHORITY\\SYSTEM',
        'Rejecting the authentication and disconnecting as frontend transport service is Inactive.',
        'LiveID Authentication failed with reason: x, Details: y',
      ])('failed: %s', (context) => {
        const session = read({ dialect }, `${HELLO}\n< AUTH LOGIN\n* | ${context}\n- | Local`);
        expect(session).toMatchObject({ authResult: 'failed', outcome: 'auth-failed', lastError: context });
      });

      it('is never successful by a reply that is not 235', () => {
        const script = '\n< AUTH LOGIN\n> 334 <authentication response>\n* | Inbound AUTH LOGIN failed because of LogonDenied';
        expect(told(script)).toMatchObject({ authResult: 'failed', outcome: 'auth-failed' });
      });

      it('failed for a client that the row names', () => {
        expect(
          told(
            "\n< AUTH NTLM\n* | Inbound authentication failed because the client CONTOSO\\anna doesn't have submit permission.",
          ).authUser,
        ).toBe('CONTOSO\\anna');
      });

      it('is none, without a mechanism, when it was never tried', () => {
        expect(told('')).toMatchObject({ authMechanism: null, authResult: 'none', authUser: null });
      });

      it('stays successful when a second one is refused as out of order', () => {
        const script =
          '\n< AUTH LOGIN\n* anna | authenticated\n> 235 2.7.0 Authentication successful\n< AUTH LOGIN\n> 503 5.5.2 Auth command already issued';
        expect(told(script)).toMatchObject({ authResult: 'success', authUser: 'anna' });
      });
    });

    describe('permissions', () => {
      it('are unknown when no row told them', () => {
        expect(told('').permissions).toBeNull();
      });

      it('are those of the row', () => {
        expect(told(`\n* ${ANONYMOUS} | Set Session Permissions`).permissions).toBe(1073);
      });

      it('are those of the last row, more or less than before', () => {
        expect(
          told(`\n* ${ANONYMOUS} | Set Session Permissions\n* SMTPSubmit SMTPAcceptAnyRecipient | Set Session Permissions`)
            .permissions,
        ).toBe(5);
        expect(told(`\n* ${ANONYMOUS} | Set Session Permissions\n* None | Set Session Permissions`).permissions).toBe(0);
      });

      it('of one message are not those of the session', () => {
        expect(
          told(`\n* ${ANONYMOUS} | Set Session Permissions\n* SMTPAcceptAnyRecipient | Granted Mail Item Permissions`)
            .permissions,
        ).toBe(1073);
      });
    });

    describe('tarpit', () => {
      it.each([
        ["Tarpit for '0.00:00:05'", 5000],
        ["Tarpit for '0.00:00:05' due to '535 5.7.3 Authentication unsuccessful'", 5000],
        ["Tarpit for '0.00:00:25.639' due to 'DelayedAck' | Delivered", 25_639],
        ["Tarpit for '0.00:00:10' due to 'Back Pressure' | VB=121;QS=0", 10_000],
        ["Tarpit for '1.02:03:04.005'", 93_784_005],
        ["Tarpit for '00:00:05'", 5000],
        ["Tarpit for 'long'", 0],
      ])('of %s are %i ms', (row, ms) => {
        expect(told(`\n< NOOP\n* ${row}\n> 250 2.0.0 OK`).tarpitMs).toBe(ms);
      });

      it('adds up', () => {
        expect(told("\n* Tarpit for '0.00:00:05'\n* Tarpit for '0.00:00:05.500' due to '250 2.0.0 Resetting'").tarpitMs).toBe(
          10_500,
        );
      });

      it('is no failure', () => {
        expect(
          told("\n< NOOP\n* Tarpit for '0.00:00:05' due to '550 5.7.54 SMTP; Unable to relay'\n> 250 2.0.0 OK"),
        ).toMatchObject({
          outcome: 'probe',
          lastError: null,
        });
      });
    });

    describe('the message id', () => {
      const refused =
        '\n< MAIL FROM:<a@b>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<c@d>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n';

      it('of a refused message stands in the row after the refusal', () => {
        const script = `${refused}* | AccumulatedMessageSize: 37748801 > MessageSizeLimit: 37748736\n> 552 5.3.4 Message size exceeds fixed maximum message size\n* | InternetMessageId: <9@device.example>`;
        expect(told(script).transactions).toMatchObject([{ state: 'refused', messageId: '<9@device.example>' }]);
      });

      it('of a Hub message stands in a row when its headers are read', () => {
        const script = `${refused}* | receiving message with InternetMessageId <8@device.example>\n> 554 5.6.0 Invalid message content`;
        expect(told(script).transactions).toMatchObject([{ state: 'refused', messageId: '<8@device.example>' }]);
      });
    });

    it('that mean nothing to a session pass', () => {
      const script = `
        * | Client certificate chain validation status: 'EmptyCertificate'
        * | TlsDomainCapabilities='None'; Status='NoRemoteCertificate'
        * | ASyncBackendLocator.BeginGetDatabaseToServerMappingInfo for user x.
        * | Setting up client proxy session to destination(s): srv
        * | Proxy destination(s) obtained from OnProxyInboundMessage event. Correlation Id:0d0e
        * Unknown error on commit
        * {certificate}`;
      expect(told(script)).toMatchObject({ outcome: 'probe', lastError: null, authResult: 'none', tls: 'none' });
    });

    it('hand a session over to the Hub', () => {
      const script =
        '\n< AUTH LOGIN\n* anna | authenticated\n* | Proxy session was successfully set up. Session foranna will now be proxied\n> 235 2.7.0 Authentication successful';
      expect(read({ dialect }, `${HELLO}${script}\n- | Remote(ConnectionReset)`)).toMatchObject({
        outcome: 'proxied',
        authUser: 'anna',
        transactions: [],
      });
      expect(told('\n* | Proxy session was successfully set up. Outbound session will now be proxied').outcome).toBe('proxied');
    });

    it('tell of a client proxy that could not be set up, which is no proxy', () => {
      const error = 'Setting up client proxy session failed with error: 421 4.2.1 Unable to connect';
      const session = told(`\n< AUTH LOGIN\n* anna | authenticated\n* | ${error}\n> 454 4.7.0 Temporary authentication failure`);
      expect(session).toMatchObject({
        outcome: 'auth-failed',
        authResult: 'failed',
        lastError: '454 4.7.0 Temporary authentication failure',
      });
    });
  });

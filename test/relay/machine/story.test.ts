/** The stories of the fixtures, told by the machine: row for row what the product would have logged. */
import { expect, it } from 'vitest';
import { SUBMISSION, Talk } from './conversing.ts';

const HELLO =
  'SIZE 37748736 PIPELINING DSN ENHANCEDSTATUSCODES STARTTLS X-ANONYMOUSTLS AUTH NTLM X-EXPS GSSAPI NTLM 8BITMIME BINARYMIME CHUNKING SMTPUTF8 XRDST';
const MESSAGE = ['Subject: scan', 'Message-ID: <1@mfp-01>', '', 'text', '.'];

it('a printer without the right to relay', () => {
  const talk = new Talk();
  expect(talk.hear()).toEqual(['220 ex01.contoso.example Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 09:02:00 +0100']);
  talk.say('EHLO MFP-02');
  talk.say('MAIL FROM:<scan@contoso.example> SIZE=201822');
  expect(talk.say('RCPT TO:<partner@fabrikam.example>')).toEqual([
    '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
  ]);
  talk.say('QUIT');
  expect(talk.log).toEqual([
    '+',
    '> 220 ex01.contoso.example Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 09:02:00 +0100',
    '< EHLO MFP-02',
    `> 250  ex01.contoso.example Hello [10.0.20.12] ${HELLO}`,
    '< MAIL FROM:<scan@contoso.example> SIZE=201822',
    '* 08DE19A1B2C3D401;2026-11-02T08:02:00.000Z;1 | receiving message',
    '> 250 2.1.0 Sender OK',
    '< RCPT TO:<partner@fabrikam.example>',
    "* Tarpit for '0.00:00:05' due to '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain'",
    '> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
    '< QUIT',
    '> 221 2.0.0 Service closing transmission channel',
    '- | Local',
  ]);
  expect(talk.closed).toBe(true);
  expect(talk.session).toMatchObject({
    outcome: 'refused',
    messagesRefused: 1,
    recipientsRefused: 1,
    tarpitMs: 5000,
    anomalies: [],
  });
});

it('its twin with the right, over DATA', () => {
  const talk = new Talk({ remote: '10.0.20.11:50100' });
  talk.say('EHLO MFP-01');
  talk.say('MAIL FROM:<scan@contoso.example>');
  talk.say('RCPT TO:<partner@fabrikam.example>');
  expect(talk.say('DATA')).toEqual(['354 Start mail input; end with <CRLF>.<CRLF>']);
  const [queued] = talk.say(...MESSAGE);
  expect(queued).toBe(
    '250 2.6.0 <1@mfp-01> [InternalId=47111, Hostname=ex01.contoso.example] 47 bytes in 0.117, 0.392 KB/sec Queued mail for delivery',
  );
  talk.say('QUIT');
  expect(talk.log.slice(-7)).toEqual([
    '< DATA',
    '> 354 Start mail input; end with <CRLF>.<CRLF>',
    '* | Proxy destination(s) obtained from OnProxyInboundMessage event. Correlation Id:5f0c3ac1-88de-4f16-9a3f-8a2d6cc1d001',
    `> ${queued}`,
    '< QUIT',
    '> 221 2.0.0 Service closing transmission channel',
    '- | Local',
  ]);
  expect(talk.session).toMatchObject({
    outcome: 'accepted',
    connector: 'EX01\\Anon Relay EX01',
    messagesAccepted: 1,
    bytesAccepted: 47,
  });
  expect(talk.delivered).toMatchObject([
    {
      envelope: { sender: 'scan@contoso.example', recipients: ['partner@fabrikam.example'], helo: 'MFP-01' },
      content: `${MESSAGE.slice(0, -1).join('\r\n')}\r\n`,
    },
  ]);
});

it('a device that pipelines: replies come together, and behind the delay', () => {
  const talk = new Talk({ version: '2013' });
  talk.say('EHLO app');
  const replies = talk.say('MAIL FROM:<a@contoso.example>', 'RCPT TO:<x@fabrikam.example>');
  expect(replies).toEqual(['250 2.1.0 Sender OK', '550 5.7.1 Unable to relay']);
  expect(talk.log.slice(-6)).toEqual([
    '< MAIL FROM:<a@contoso.example>',
    '* 08DE19A1B2C3D401;2026-11-02T08:02:00.000Z;1 | receiving message',
    '< RCPT TO:<x@fabrikam.example>',
    "* Tarpit for '0.00:00:05' due to '550 5.7.1 Unable to relay'",
    '> 250 2.1.0 Sender OK',
    '> 550 5.7.1 Unable to relay',
  ]);
});

it('2013 logs a row a line, and what the session may do', () => {
  const talk = new Talk({ version: '2013' });
  talk.say('EHLO app');
  expect(talk.log.slice(0, 6)).toEqual([
    '+',
    '* SMTPSubmit SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender AcceptRoutingHeaders | Set Session Permissions',
    '> 220 ex01.contoso.example Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 09:02:00 +0100',
    '< EHLO app',
    '> 250-ex01.contoso.example Hello [10.0.20.12]',
    '> 250-SIZE 37748736',
  ]);
});

it('a NAS with an old password, over TLS', () => {
  const talk = new Talk({ local: '10.0.0.5:587', users: { nas: 'new' } });
  talk.say('EHLO nas');
  expect(talk.say('STARTTLS')).toEqual(['220 2.0.0 SMTP server ready']);
  expect(talk.say('EHLO nas').at(-1)).toBe('250 SMTPUTF8');
  expect(talk.say('AUTH LOGIN')).toEqual(['334 VXNlcm5hbWU6']);
  expect(talk.say(Buffer.from('nas').toString('base64'))).toEqual(['334 UGFzc3dvcmQ6']);
  expect(talk.say(Buffer.from('old').toString('base64'))).toEqual(['535 5.7.3 Authentication unsuccessful']);
  expect(talk.log.slice(-15)).toEqual([
    '< STARTTLS',
    '> 220 2.0.0 SMTP server ready',
    '*  CN=mail.contoso.example CN=Contoso Issuing CA 3 5F0C3AC188DE4F169A3F8A2D6CC1D001 A1B2C3D4E5F60718293A4B5C6D7E8F9001122334 2026-01-12T00:00:00.000Z 2027-01-12T00:00:00.000Z mail.contoso.example | Sending certificate Subject Issuer name Serial number Thumbprint Not before Not after Subject alternate names',
    '* | TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using bulk encryption algorithm CALG_AES_256 with strength 256 bits, MAC hash algorithm CALG_SHA_384 with strength 0 bits and key exchange algorithm CALG_ECDH_EPHEM with strength 256 bits',
    '< EHLO nas',
    "* | Client certificate chain validation status: 'EmptyCertificate'",
    "* | TlsDomainCapabilities='None'; Status='NoRemoteCertificate'",
    '> 250  ex01.contoso.example Hello [10.0.20.12] SIZE 37748736 PIPELINING DSN ENHANCEDSTATUSCODES AUTH GSSAPI NTLM LOGIN 8BITMIME BINARYMIME CHUNKING SMTPUTF8',
    '< AUTH LOGIN',
    '> 334 <authentication response>',
    '> 334 <authentication response>',
    '* | Inbound AUTH LOGIN failed because of LogonDenied',
    '* | User Name: nas',
    "* Tarpit for '0.00:00:05' due to '535 5.7.3 Authentication unsuccessful'",
    '> 535 5.7.3 Authentication unsuccessful',
  ]);
  expect(talk.session).toMatchObject({ tls: 'TLS1.2', authResult: 'failed', authUser: 'nas', outcome: 'auth-failed' });
});

it('a right password', () => {
  const talk = new Talk({ local: '10.0.0.5:587', users: { crm: 'secret' } });
  talk.say('EHLO crm');
  talk.say('STARTTLS');
  talk.say('EHLO crm');
  talk.say(`AUTH LOGIN ${Buffer.from('crm').toString('base64')}`);
  expect(talk.say(Buffer.from('secret').toString('base64'))).toEqual(['235 2.7.0 Authentication successful']);
  expect(talk.log.slice(-5)).toEqual([
    '< AUTH LOGIN',
    '> 334 <authentication response>',
    '* SMTPSubmit SMTPAcceptAnyRecipient BypassAntiSpam AcceptRoutingHeaders | Set Session Permissions',
    '* crm | authenticated',
    '> 235 2.7.0 Authentication successful',
  ]);
  talk.say('MAIL FROM:<crm@contoso.example>');
  expect(talk.say('RCPT TO:<any@fabrikam.example>')).toEqual(['250 2.1.5 Recipient OK']);
});

it('a right password on a connector without ExchangeUsers', () => {
  const talk = new Talk({ users: { crm: 'secret' } });
  talk.say('EHLO crm');
  talk.say('STARTTLS');
  talk.say('EHLO crm');
  talk.say(`AUTH LOGIN ${Buffer.from('crm').toString('base64')}`);
  expect(talk.say(Buffer.from('secret').toString('base64'))).toEqual(['535 5.7.3 Authentication unsuccessful']);
  expect(talk.log.at(-3)).toBe("* | Inbound authentication failed because the client crm doesn't have submit permission.");
});

it('nobody has a connector for the client', () => {
  const talk = new Talk({ connectors: [SUBMISSION] });
  expect(talk.hear()).toEqual(['421 4.3.2 Service not available']);
  expect(talk.rows.map(({ connector, event }) => [connector, event])).toEqual([
    ['', '+'],
    ['', '>'],
    ['', '-'],
  ]);
  expect(talk.session.outcome).toBe('turned-away');
});

it('BDAT in chunks', () => {
  const talk = new Talk({ remote: '10.0.20.11:50100' });
  talk.say('EHLO app');
  talk.say('MAIL FROM:<a@contoso.example> BODY=BINARYMIME');
  talk.say('RCPT TO:<b@contoso.example>');
  expect(talk.send(Buffer.from('BDAT 6\r\nabc\r\ndBDAT 2\r\nef'))).toEqual([
    '250 2.6.0 CHUNK received OK, 6 octets',
    '250 2.6.0 CHUNK received OK, 2 octets',
  ]);
  expect(talk.say('BDAT 0 LAST')[0]).toMatch(/^250 2\.6\.0 <08DE19A1B2C3D401\.1@ex01\.contoso\.example> .* 8 bytes in /);
  expect(talk.delivered[0]?.content).toBe('abc\r\ndef');
  expect(talk.session).toMatchObject({ outcome: 'accepted', messagesAccepted: 1, anomalies: [] });
});

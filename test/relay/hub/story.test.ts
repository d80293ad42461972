/** What one message and one submission look like in the three logs, row for row. */
import { expect, it } from 'vitest';
import { Client, Place } from './conversing.ts';

const BANNER = '220 ex01.contoso.example Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 09:02:00 +0100';
const CLEAR =
  'ex01.contoso.example Hello [10.0.0.5] SIZE PIPELINING DSN ENHANCEDSTATUSCODES STARTTLS X-ANONYMOUSTLS AUTH NTLM X-EXPS GSSAPI NTLM 8BITMIME BINARYMIME CHUNKING XEXCH50 SMTPUTF8 XRDST XSHADOW XPROXY XPROXYFROM';
const SECURED =
  'ex01.contoso.example Hello [10.0.0.5] SIZE PIPELINING DSN ENHANCEDSTATUSCODES AUTH NTLM LOGIN X-EXPS EXCHANGEAUTH GSSAPI NTLM X-EXCHANGEAUTH SHA256 8BITMIME BINARYMIME CHUNKING XEXCH50 SMTPUTF8 XRDST XSHADOW XPROXY XPROXYFROM';
const CERTIFICATE =
  ' CN=mail.contoso.example CN=Contoso Issuing CA 3 5F0C3AC188DE4F169A3F8A2D6CC1D001 A1B2C3D4E5F60718293A4B5C6D7E8F9001122334 2026-01-12T00:00:00.000Z 2027-01-12T00:00:00.000Z mail.contoso.example';
const CERTIFICATE_COLUMNS =
  'certificate Subject Issuer name Serial number Thumbprint Not before Not after Subject alternate names';
const tls = (side: string): string =>
  `* | TLS protocol SP_PROT_TLS1_2_${side} negotiation succeeded using bulk encryption algorithm CALG_AES_256 with strength 256 bits, MAC hash algorithm CALG_SHA_384 with strength 0 bits and key exchange algorithm CALG_ECDH_EPHEM with strength 256 bits`;
const SERVER_RIGHTS =
  'SMTPSubmit SMTPAcceptAnyRecipient SMTPAcceptAuthenticationFlag SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender BypassAntiSpam BypassMessageSizeLimit SMTPAcceptEXCH50 AcceptRoutingHeaders AcceptForestHeaders AcceptOrganizationHeaders SMTPAcceptXShadow SMTPAcceptXProxyFrom';
const RELAY_RIGHTS =
  'SMTPSubmit SMTPAcceptAnyRecipient SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender AcceptRoutingHeaders';
const USER_RIGHTS = 'SMTPSubmit SMTPAcceptAnyRecipient BypassAntiSpam AcceptRoutingHeaders';
const QUEUED =
  '250 2.6.0 <1@mfp-01> [InternalId=47111, Hostname=ex01.contoso.example] 32 bytes in 0.117, 0.267 KB/sec Queued mail for delivery';
const TEXT = 'Message-ID: <1@mfp-01>\r\n\r\ntext';

const FRONT = '08DE19A1B2C3D401';
const SEND = '08DE19A1B2C3D402';
const HUB = '08DE19A1C0000001';

/** MFP-01 sends one message. */
function printed(version: '2013' | '2016+' = '2016+'): { place: Place; queued: string } {
  const place = new Place({ version });
  const client = new Client(place, { remote: '10.0.20.11:50100' });
  client.say('EHLO MFP-01');
  const queued = client.mail('scan@contoso.example', ['partner@fabrikam.example', 'anna@contoso.example'], TEXT);
  client.say('QUIT');
  return { place, queued };
}

it('a message of a printer: the front end hands it over, and its send log says how', () => {
  const { place, queued } = printed();
  expect(queued).toBe(QUEUED);
  expect(place.rows('front-end-receive').slice(-7)).toEqual([
    '< DATA',
    '> 354 Start mail input; end with <CRLF>.<CRLF>',
    '* | Proxy destination(s) obtained from OnProxyInboundMessage event. Correlation Id:5f0c3ac1-88de-4f16-9a3f-8a2d6cc1d001',
    `> ${QUEUED}`,
    '< QUIT',
    '> 221 2.0.0 Service closing transmission channel',
    '- | Local',
  ]);
  expect(place.rows('front-end-send', SEND)).toEqual([
    '* SendRoutingHeaders | Set Session Permissions',
    '* | attempting to connect',
    '+',
    `< ${BANNER}`,
    `* | Proxying inbound session with session id ${FRONT}`,
    '> EHLO ex01.contoso.example',
    `< 250  ${CLEAR}`,
    '> X-ANONYMOUSTLS',
    '< 220 2.0.0 SMTP server ready',
    `* ${CERTIFICATE} | Remote ${CERTIFICATE_COLUMNS}`,
    tls('CLIENT'),
    '> EHLO ex01.contoso.example',
    `< 250  ${SECURED}`,
    '> X-EXPS EXCHANGEAUTH SHA256 ',
    '> <Binary Data>',
    '< 235 <authentication information>',
    `> XPROXYFROM SID=${FRONT} IP=10.0.20.11 PORT=50100 DOMAIN=MFP-01 SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous`,
    '< 250 XProxyFrom accepted',
    '> MAIL FROM:<scan@contoso.example> SIZE=0 AUTH=<> XMESSAGEVALUE=MediumHigh',
    '> RCPT TO:<partner@fabrikam.example>',
    '> RCPT TO:<anna@contoso.example>',
    '< 250 2.1.0 Sender OK',
    '< 250 2.1.5 Recipient OK',
    '< 250 2.1.5 Recipient OK',
    '> DATA',
    '< 354 Start mail input; end with <CRLF>.<CRLF>',
    `< ${QUEUED}`,
    '* | successfully added connection to cache. Current cache size is 1',
  ]);
  expect(new Set(place.logs['front-end-send'].map(({ connector }) => connector))).toEqual(
    new Set(['Inbound Proxy Internal Send Connector']),
  );
  const ends = place.logs['front-end-send'].map(({ localEndpoint, remoteEndpoint }) => [localEndpoint, remoteEndpoint].join(' '));
  expect(ends.slice(0, 3)).toEqual([' 10.0.0.5:2525', ' 10.0.0.5:2525', '10.0.0.5:20001 10.0.0.5:2525']);
});

it('the same message in the log of the Hub, with the real client in it', () => {
  const { place } = printed();
  expect(place.rows('hub-receive', HUB)).toEqual([
    '+',
    `> ${BANNER}`,
    '< EHLO ex01.contoso.example',
    `> 250  ${CLEAR}`,
    '< X-ANONYMOUSTLS',
    '> 220 2.0.0 SMTP server ready',
    `* ${CERTIFICATE} | Sending ${CERTIFICATE_COLUMNS}`,
    tls('SERVER'),
    '< EHLO ex01.contoso.example',
    `> 250  ${SECURED}`,
    '< X-EXPS EXCHANGEAUTH SHA256',
    `* ${SERVER_RIGHTS} | Set Session Permissions`,
    '* CONTOSO\\EX01$ | authenticated',
    '> 235 <authentication response>',
    `< XPROXYFROM SID=${FRONT} IP=10.0.20.11 PORT=50100 DOMAIN=MFP-01 SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous`,
    `* ${RELAY_RIGHTS} | Set Session Permissions`,
    '> 250 XProxyFrom accepted',
    '< MAIL FROM:<scan@contoso.example> SIZE=0 AUTH=<> XMESSAGEVALUE=MediumHigh',
    `* ${HUB};2026-11-02T08:02:00.075Z;1 | receiving message`,
    '< RCPT TO:<partner@fabrikam.example>',
    '< RCPT TO:<anna@contoso.example>',
    '> 250 2.1.0 Sender OK',
    '> 250 2.1.5 Recipient OK',
    '> 250 2.1.5 Recipient OK',
    '< DATA',
    '> 354 Start mail input; end with <CRLF>.<CRLF>',
    '* | receiving message with InternetMessageId <1@mfp-01>',
    `> ${QUEUED}`,
  ]);
  expect(place.logs['hub-receive'][0]).toMatchObject({
    connector: 'EX01\\Default EX01',
    localEndpoint: '10.0.0.5:2525',
    remoteEndpoint: '10.0.0.5:20001',
  });
  expect(place.delivered).toEqual([
    {
      envelope: {
        sender: 'scan@contoso.example',
        recipients: ['partner@fabrikam.example', 'anna@contoso.example'],
        helo: 'MFP-01',
        client: '10.0.20.11',
        authUser: null,
        body: '7BIT',
        smtpUtf8: false,
      },
      header: [
        'Received: from ex01.contoso.example (10.0.0.5)',
        ` by ex01.contoso.example (10.0.0.5) with ESMTPS id ${HUB};`,
        ' Mon, 2 Nov 2026 09:02:00 +0100',
        'Received: from MFP-01 (10.0.20.11)',
        ` by ex01.contoso.example (10.0.0.5) with ESMTP id ${FRONT};`,
        ' Mon, 2 Nov 2026 09:02:00 +0100',
        '',
      ].join('\r\n'),
      content: `${TEXT}\r\n`,
    },
  ]);
});

it('2013 writes a row a line, on both sides', () => {
  const { place, queued } = printed('2013');
  expect(queued).toBe('250 2.6.0 <1@mfp-01> [InternalId=47111, Hostname=ex01.contoso.example] Queued mail for delivery');
  expect(place.rows('front-end-send', SEND).slice(0, 8)).toEqual([
    '* | attempting to connect',
    '+',
    `< ${BANNER}`,
    `* | Proxying inbound session with session id ${FRONT}`,
    '> EHLO ex01.contoso.example',
    '< 250-ex01.contoso.example Hello [10.0.0.5]',
    '< 250-SIZE',
    '< 250-PIPELINING',
  ]);
  expect(place.rows('front-end-send', SEND)).toContain('* A1B2C3D4E5F60718293A4B5C6D7E8F9001122334 | Certificate thumbprint');
  expect(place.rows('front-end-send', SEND)).toContain('< 250-X-EXPS EXCHANGEAUTH GSSAPI NTLM');
  expect(place.rows('hub-receive', HUB).slice(0, 3)).toEqual(['+', '* None | Set Session Permissions', `> ${BANNER}`]);
  expect(place.rows('front-end-receive')).toContain('* | Proxy destination(s) obtained from OnProxyInboundMessage event');
  place.expectNoAnomalies();
});

it('the next message, of this session and of another, goes over the same connection', () => {
  const place = new Place();
  const printer = new Client(place, { remote: '10.0.20.11:50100' });
  printer.say('EHLO MFP-01');
  printer.mail('scan@contoso.example', ['anna@contoso.example']);
  printer.mail('scan@contoso.example', ['bert@contoso.example']);
  const camera = new Client(place, { remote: '10.0.20.31:40000' });
  camera.say('HELO cam');
  camera.mail('', ['anna@contoso.example']);
  const rows = place.rows('front-end-send');
  const second = rows.slice(rows.indexOf('* | successfully added connection to cache. Current cache size is 1') + 1);
  expect(second.slice(0, 6)).toEqual([
    `* | Proxying inbound session with session id ${FRONT}`,
    '> RSET',
    '< 250 2.0.0 Resetting',
    `> XPROXYFROM SID=${FRONT} IP=10.0.20.11 PORT=50100 DOMAIN=MFP-01 SEQNUM=2 PERMS=1077 AUTHSRC=Anonymous`,
    '< 250 XProxyFrom accepted',
    '> MAIL FROM:<scan@contoso.example> SIZE=0 AUTH=<> XMESSAGEVALUE=MediumHigh',
  ]);
  expect(second.filter((row) => row.includes('XPROXYFROM SID') || row.includes('Proxying'))).toEqual([
    `* | Proxying inbound session with session id ${FRONT}`,
    `> XPROXYFROM SID=${FRONT} IP=10.0.20.11 PORT=50100 DOMAIN=MFP-01 SEQNUM=2 PERMS=1077 AUTHSRC=Anonymous`,
    '* | Proxying inbound session with session id 08DE19A1B2C3D403',
    '> XPROXYFROM SID=08DE19A1B2C3D403 IP=10.0.20.31 PORT=40000 DOMAIN=cam SEQNUM=1 PERMS=1073 AUTHSRC=Anonymous',
  ]);
  expect(rows.filter((row) => row === '+')).toHaveLength(1);
  expect(place.rows('hub-receive').filter((row) => row.endsWith('receiving message'))).toEqual([
    `* ${HUB};2026-11-02T08:02:00.060Z;1 | receiving message`,
    `* ${HUB};2026-11-02T08:02:00.060Z;2 | receiving message`,
    `* ${HUB};2026-11-02T08:02:00.060Z;3 | receiving message`,
  ]);
  expect(place.delivered.map(({ envelope }) => [envelope.client, envelope.helo, envelope.sender])).toEqual([
    ['10.0.20.11', 'MFP-01', 'scan@contoso.example'],
    ['10.0.20.11', 'MFP-01', 'scan@contoso.example'],
    ['10.0.20.31', 'cam', ''],
  ]);
});

it('two messages at the same time need two connections, and both are kept', () => {
  const place = new Place();
  const clients = ['10.0.20.11:50100', '10.0.20.11:50101'].map((remote) => new Client(place, { remote }));
  for (const client of clients) {
    client.say('EHLO app');
    client.say('MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>');
    client.say('DATA');
    client.say('Subject: half');
  }
  for (const client of clients) expect(client.say('', 'text', '.').at(-1)).toMatch(/^250 2\.6\.0 /);
  const cached = place.rows('front-end-send').filter((row) => row.includes('cache size'));
  expect(cached.map((row) => row.slice(-1))).toEqual(['1', '2']);
  expect(place.sessions('hub-receive').map(({ messagesAccepted }) => messagesAccepted)).toEqual([1, 1]);
  place.expectNoAnomalies();
});

it('a connection that nobody needs is given up after a while', () => {
  const { place } = printed();
  place.wait(119_000);
  expect(place.rows('front-end-send').at(-1)).toMatch(/added connection to cache/);
  place.wait(2_000);
  expect(place.rows('front-end-send').slice(-4)).toEqual([
    '* | Connection being removed from Cache. Reason : Expired',
    '> QUIT',
    '< 221 2.0.0 Service closing transmission channel',
    '- | Local',
  ]);
  expect(place.rows('hub-receive').slice(-3)).toEqual([
    '< QUIT',
    '> 221 2.0.0 Service closing transmission channel',
    '- | Local',
  ]);
  expect(place.connections.wakeAt).toBeUndefined();
});

it('the services stop', () => {
  const { place } = printed();
  place.connections.shutDown(place.now);
  place.settle();
  expect(place.rows('front-end-send').slice(-2)).toEqual(['* | Server shutdown', '- | Local']);
  expect(place.rows('hub-receive').at(-1)).toBe('- | Remote(ConnectionReset)');
});

it('chunks go on as chunks, of the same size', () => {
  const place = new Place();
  const client = new Client(place, { remote: '10.0.20.11:50100' });
  client.say('EHLO app');
  client.say('MAIL FROM:<a@contoso.example> BODY=BINARYMIME');
  client.say('RCPT TO:<b@contoso.example>');
  client.send(Buffer.from('BDAT 6\r\nabc'));
  client.send(Buffer.from('\r\ndBDAT 2'));
  expect(client.send(Buffer.from('\r\n.fBDAT 0 LAST\r\n')).at(-1)).toMatch(/^250 2\.6\.0 <\S+> \[InternalId=47111/);
  expect(place.rows('front-end-send', SEND).slice(-11)).toEqual([
    '> MAIL FROM:<a@contoso.example> SIZE=0 BODY=BINARYMIME AUTH=<> XMESSAGEVALUE=MediumHigh',
    '> RCPT TO:<b@contoso.example>',
    '< 250 2.1.0 Sender OK',
    '< 250 2.1.5 Recipient OK',
    '> BDAT 6',
    '< 250 2.6.0 CHUNK received OK, 6 octets',
    '> BDAT 2',
    '< 250 2.6.0 CHUNK received OK, 2 octets',
    '> BDAT 0 LAST',
    expect.stringMatching(/^< 250 2\.6\.0 <\S+> \[InternalId=47111/),
    '* | successfully added connection to cache. Current cache size is 1',
  ]);
  expect(place.delivered[0]?.content).toBe('abc\r\nd.f');
  place.expectNoAnomalies();
});

it('content goes on as it comes: the Hub has the first part before the last is there', () => {
  const place = new Place();
  const client = new Client(place, { remote: '10.0.20.11:50100' });
  client.say('EHLO app');
  client.say('MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>', 'DATA');
  client.say('Message-ID: <early@app>', '', 'text');
  expect(place.rows('hub-receive').at(-1)).toBe('* | receiving message with InternetMessageId <early@app>');
});

it('a submission: after the password the front end logs nothing more, and the Hub has the rest', () => {
  const place = new Place({ users: { 'crm@contoso.example': 'secret' } });
  const client = new Client(place, { remote: '10.0.50.21:61001', local: '10.0.0.5:587' });
  expect(client.logOn('crm@contoso.example', 'secret')).toEqual(['235 2.7.0 Authentication successful']);
  expect(client.mail('crm@contoso.example', ['any@fabrikam.example'], TEXT)).toMatch(/^250 2\.6\.0 <1@mfp-01>/);
  client.hangUp('ConnectionReset');
  expect(place.rows('front-end-receive').slice(-10)).toEqual([
    '< AUTH LOGIN',
    '> 334 <authentication response>',
    `* ${USER_RIGHTS} | Set Session Permissions`,
    '* crm@contoso.example | authenticated',
    '* | ASyncBackendLocator.BeginGetDatabaseToServerMappingInfo for user crm@contoso.example.',
    '* | AsyncBackendLocator.EndGetDatabaseToServerMappingInfo for user crm@contoso.example',
    '* | Setting up client proxy session to destination(s): ex01.contoso.example',
    '* | Proxy session was successfully set up. Session forcrm@contoso.example will now be proxied',
    '> 235 2.7.0 Authentication successful',
    '- | Remote(ConnectionReset)',
  ]);
  const send = place.rows('front-end-send', FRONT);
  expect(send.slice(0, 3)).toEqual([
    '* SendRoutingHeaders | Set Session Permissions',
    `* | attempting to connect. Client proxy session for crm@contoso.example. Proxied session id ${FRONT}`,
    '+',
  ]);
  expect(send.slice(-5)).toEqual([
    '< 235 <authentication information>',
    `> XPROXY SID=${FRONT} IP=10.0.50.21 PORT=61001 DOMAIN=crm CAPABILITIES=0 UNAME=crm@contoso.example`,
    '< 250 XProxy accepted and authenticated',
    '* | Proxy session successfully set up for crm@contoso.example. Inbound session will now be blindly proxied',
    '- | Local',
  ]);
  expect(place.logs['front-end-send'].at(-1)).toMatchObject({
    connector: 'Client Proxy Send Connector',
    remoteEndpoint: '10.0.0.5:465',
  });
  expect(place.rows('hub-receive', HUB).slice(-14)).toEqual([
    `< XPROXY SID=${FRONT} IP=10.0.50.21 PORT=61001 DOMAIN=crm CAPABILITIES=0 UNAME=crm@contoso.example`,
    `* ${USER_RIGHTS} | Set Session Permissions`,
    '* crm@contoso.example | authenticated',
    '> 250 XProxy accepted and authenticated',
    '< MAIL FROM:<crm@contoso.example>',
    expect.stringMatching(/;1 \| receiving message$/),
    '> 250 2.1.0 Sender OK',
    '< RCPT TO:<any@fabrikam.example>',
    '> 250 2.1.5 Recipient OK',
    '< DATA',
    '> 354 Start mail input; end with <CRLF>.<CRLF>',
    '* | receiving message with InternetMessageId <1@mfp-01>',
    expect.stringMatching(/^> 250 2\.6\.0 <1@mfp-01> /),
    '- | Remote(ConnectionReset)',
  ]);
  expect(place.delivered[0]?.envelope).toMatchObject({
    client: '10.0.50.21',
    helo: 'crm',
    authUser: 'crm@contoso.example',
  });
  expect(place.delivered[0]?.header).toMatch(/^Received: from crm \(10\.0\.50\.21\)\r\n by .* with ESMTPSA id 08DE19A1C0000001;/);
});

it('a submission that ends with QUIT', () => {
  const place = new Place({ users: { crm: 'secret' } });
  const client = new Client(place, { local: '10.0.0.5:587' });
  client.logOn('crm', 'secret');
  expect(client.say('QUIT')).toEqual(['221 2.0.0 Service closing transmission channel']);
  expect(client.closed).toBe(true);
  expect(place.rows('front-end-receive').slice(-2)).toEqual(['> 235 2.7.0 Authentication successful', '- | Local']);
  expect(place.rows('front-end-send').at(-1)).toBe('- | Remote');
  expect(place.rows('hub-receive').slice(-3)).toEqual([
    '< QUIT',
    '> 221 2.0.0 Service closing transmission channel',
    '- | Local',
  ]);
});

it('what comes in one packet with the password is for the Hub', () => {
  const place = new Place({ users: { crm: 'secret' } });
  const client = new Client(place, { local: '10.0.0.5:587' });
  for (const line of ['EHLO crm', 'STARTTLS', 'EHLO crm', 'AUTH LOGIN Y3Jt']) client.say(line);
  expect(client.say('c2VjcmV0', 'MAIL FROM:<crm@contoso.example>', 'RCPT TO:<any@fabrikam.example>')).toEqual([
    '235 2.7.0 Authentication successful',
    '250 2.1.0 Sender OK',
    '250 2.1.5 Recipient OK',
  ]);
});

it('a user name with a blank is one word to the Hub', () => {
  const place = new Place({ users: { 'CONTOSO\\Jürgen + Co': 'secret' } });
  const client = new Client(place, { local: '10.0.0.5:587' });
  expect(client.logOn('CONTOSO\\Jürgen + Co', 'secret')).toEqual(['235 2.7.0 Authentication successful']);
  expect(place.rows('front-end-send').find((row) => row.startsWith('> XPROXY'))).toMatch(
    /UNAME=CONTOSO\\J\+C3\+BCrgen\+20\+2B\+20Co$/,
  );
  expect(place.rows('hub-receive')).toContain('* CONTOSO\\Jürgen + Co | authenticated');
});

it('the second hello of a client that is passed through names the client, and nothing that is for servers', () => {
  const place = new Place({ users: { crm: 'secret' } });
  const client = new Client(place, { remote: '10.0.50.21:61001', local: '10.0.0.5:587' });
  client.logOn('crm', 'secret');
  const hello = client.say('EHLO other');
  expect(hello[0]).toBe('250-ex01.contoso.example Hello [10.0.50.21]');
  expect(hello.filter((line) => /X-|XPROXY|XEXCH|XSHADOW|XRDST/.test(line))).toEqual([]);
  client.mail('crm@contoso.example', ['anna@contoso.example']);
  expect(place.delivered[0]?.envelope.helo).toBe('other');
});

it('a client over IPv6', () => {
  const place = new Place();
  const client = new Client(place, { remote: '[fd00:20::31]:49800' });
  client.say('EHLO cam');
  expect(client.mail('cam@contoso.example', ['anna@contoso.example'])).toMatch(/^250 2\.6\.0 /);
  expect(place.logs['hub-receive'][0]).toMatchObject({ localEndpoint: '[fd00::5]:2525', remoteEndpoint: '[fd00::5]:20001' });
  expect(place.rows('hub-receive').find((row) => row.startsWith('< XPROXYFROM'))).toContain(' IP=fd00:20::31 PORT=49800 ');
  expect(place.delivered[0]?.envelope.client).toBe('fd00:20::31');
});

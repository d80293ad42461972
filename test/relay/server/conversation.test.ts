/** Whole conversations over real sockets, and what relaylens reads back from the logs of them. */
import { describe, expect, test } from 'vitest';
import { cheapHash, PASSWORD, relayUnderTest } from './relay-under-test.ts';

const b64 = (text: string): string => Buffer.from(text).toString('base64');

const CONTENT = 'Subject: scan\r\nMessage-ID: <1@device>\r\n\r\nhello\r\n..dot\r\n.\r\n';

describe('a device that may relay', () => {
  test('sends a message, and the log tells the same', async () => {
    const under = await relayUnderTest();
    const client = await under.client({ from: '127.0.0.12' });
    expect(await client.reply()).toMatch(
      /^220 ex01\.contoso\.example Microsoft ESMTP MAIL Service ready at \w{3}, \d+ \w{3} \d{4} .* \+0[12]00$/,
    );
    expect(await client.say('EHLO mfp')).toMatch(/^250-ex01\.contoso\.example Hello \[10\.0\.20\.12\]\|250-SIZE /);
    await client.say('MAIL FROM:<mfp@contoso.example>');
    expect(await client.say('RCPT TO:<someone@example.net>')).toBe('250 2.1.5 Recipient OK');
    expect(await client.say('DATA')).toMatch(/^354 /);
    client.send(CONTENT);
    expect(await client.reply()).toMatch(
      /^250 2\.6\.0 <1@device> \[InternalId=\d+, Hostname=ex01\.contoso\.example\] 54 bytes in /,
    );
    expect(await client.say('QUIT')).toBe('221 2.0.0 Service closing transmission channel');
    await client.closed();
    expect(under.relay.counts()).toMatchObject({ sessions: 1, messages: 1, octets: 54, failures: 0 });
    const [session, ...more] = await under.sessions();
    expect(more).toEqual([]);
    expect(session).toMatchObject({
      server: 'EX01',
      service: 'FrontEnd',
      connector: 'EX01\\Relay',
      source: '10.0.20.12',
      localEndpoint: '10.0.0.5:25',
      helo: 'mfp',
      tls: 'none',
      outcome: 'accepted',
      messagesAccepted: 1,
      recipientsAccepted: 1,
      disconnect: 'Local',
    });
  });

  test('may send everything at once and leave: every reply still comes', async () => {
    const under = await relayUnderTest();
    const client = await under.client({ from: '127.0.0.12' });
    client.send(`EHLO mfp\r\nMAIL FROM:<a@contoso.example>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n${CONTENT}QUIT\r\n`);
    client.end();
    const replies = [];
    for (let reply = await client.reply(); reply !== ''; reply = await client.reply()) replies.push(reply.slice(0, 3));
    expect(replies).toEqual(['220', '250', '250', '250', '354', '250', '221']);
    expect((await under.sessions())[0]).toMatchObject({ outcome: 'accepted', messagesAccepted: 1, disconnect: 'Local' });
  });

  test('sends with BDAT, octets as they are', async () => {
    const under = await relayUnderTest();
    const client = await under.greeted({ from: '127.0.0.12' });
    await client.sayAll('MAIL FROM:<a@contoso.example> BODY=BINARYMIME', 'RCPT TO:<b@example.net>');
    client.send(Buffer.concat([Buffer.from('BDAT 20\r\n'), Buffer.alloc(20, 0)]));
    expect(await client.reply()).toBe('250 2.6.0 CHUNK received OK, 20 octets');
    client.send(Buffer.concat([Buffer.from('BDAT 3 LAST\r\n'), Buffer.from([0, 13, 10])]));
    expect(await client.reply()).toMatch(/^250 2\.6\.0 .* 23 bytes in /);
    client.end();
    await client.closed();
    expect((await under.sessions())[0]).toMatchObject({
      outcome: 'accepted',
      messagesAccepted: 1,
      disconnect: 'Remote(SocketError)',
    });
  });

  test('sends 5 MB in pieces that do not care for lines', async () => {
    const under = await relayUnderTest();
    const client = await under.greeted({ from: '127.0.0.12' });
    await client.sayAll('MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@example.net>', 'DATA');
    const octets = Buffer.from(`Subject: big\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(67_000)}.\r\n`);
    for (let at = 0; at < octets.length; at += 77_777) client.send(octets.subarray(at, at + 77_777));
    expect(await client.reply()).toMatch(/^250 2\.6\.0 .* 5226016 bytes in /);
    expect(under.relay.counts().octets).toBe(5_226_016);
  });
});

describe('a device that may not', () => {
  test('is refused by the recipient, in the words of its version', async () => {
    for (const [exchange, words] of [
      ['2013', '550 5.7.1 Unable to relay'],
      ['2016+', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain'],
    ] as const) {
      const under = await relayUnderTest({ exchange });
      const client = await under.greeted();
      await client.say('MAIL FROM:<a@contoso.example>');
      expect(await client.say('RCPT TO:<b@example.net>')).toBe(words);
      expect(await client.say('RCPT TO:<b@contoso.example>')).toBe('250 2.1.5 Recipient OK');
      await client.say('QUIT');
      expect((await under.sessions())[0]).toMatchObject({
        source: '10.0.20.11',
        connector: 'EX01\\Default Frontend EX01',
        recipientsRefused: 1,
      });
    }
  });

  test('no connector takes it: 421, and a session without a connector in the log', async () => {
    const under = await relayUnderTest({
      connectors: [
        {
          name: 'Only 12',
          bindings: '0.0.0.0:25',
          remoteIPRanges: '10.0.20.12',
          relay: 'anonymous',
          ProtocolLoggingLevel: 'None',
        },
      ],
      listen: [{ on: '127.0.0.1:0', as: '10.0.0.5:25' }],
    });
    const client = await under.client();
    expect(await client.reply()).toBe('421 4.3.2 Service not available');
    await client.closed();
    expect(await under.sessions()).toMatchObject([{ outcome: 'turned-away', connector: '' }]);
  });
});

describe('a user', () => {
  const user = async () => relayUnderTest({ users: { 'scanner@contoso.example': await cheapHash() } });

  test('logs on after STARTTLS and may send anywhere', async () => {
    const under = await user();
    const client = await under.greeted({ to: 587 });
    expect(await client.say('AUTH LOGIN')).toBe('504 5.7.4 Unrecognized authentication type');
    expect(await client.say('STARTTLS')).toBe('220 2.0.0 SMTP server ready');
    await client.startTls();
    expect(await client.say('EHLO scanner')).toContain('|250-AUTH GSSAPI NTLM LOGIN|');
    expect(await client.say('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6');
    expect(await client.say(b64('Scanner@contoso.example'))).toBe('334 UGFzc3dvcmQ6');
    expect(await client.say(b64(PASSWORD))).toBe('235 2.7.0 Authentication successful');
    await client.sayAll('MAIL FROM:<scanner@contoso.example>', 'RCPT TO:<b@example.net>', 'DATA');
    client.send('Subject: x\r\n\r\n.\r\n');
    expect(await client.reply()).toMatch(/^250 2\.6\.0 /);
    await client.say('QUIT');
    expect((await under.sessions())[0]).toMatchObject({
      connector: 'EX01\\Client Frontend EX01',
      tls: 'TLS1.3',
      authMechanism: 'LOGIN',
      authUser: 'Scanner@contoso.example',
      authResult: 'success',
      messagesAccepted: 1,
    });
  });

  test.each([
    ['a wrong password', 'scanner@contoso.example', 'guess'],
    ['a name that nobody has', 'nobody@contoso.example', PASSWORD],
    ['no name', '', PASSWORD],
    ['no password', 'scanner@contoso.example', ''],
  ])('with %s is refused', async (_, name, password) => {
    const under = await user();
    const client = await under.greeted({ to: 587 });
    await client.say('STARTTLS');
    await client.startTls();
    await client.sayAll('EHLO scanner', 'AUTH LOGIN', b64(name));
    expect(await client.say(b64(password))).toBe('535 5.7.3 Authentication unsuccessful');
    await client.say('QUIT');
    expect((await under.sessions())[0]).toMatchObject({ outcome: 'auth-failed', authResult: 'failed' });
  });

  test('no password and no hash stands in the log, right or wrong', async () => {
    const under = await user();
    const client = await under.greeted({ to: 587 });
    await client.say('STARTTLS');
    await client.startTls();
    await client.sayAll(
      'EHLO x',
      'AUTH LOGIN',
      b64('scanner@contoso.example'),
      b64('guess'),
      'AUTH LOGIN',
      b64('scanner@contoso.example'),
      b64(PASSWORD),
      'QUIT',
    );
    const [session] = await under.sessions();
    const rows = JSON.stringify(under.detail(session!.sessionId));
    for (const secret of [PASSWORD, b64(PASSWORD), b64('guess'), 'scrypt']) expect(rows).not.toContain(secret);
  });

  test('a second logon of a session that is gone is not waited for', async () => {
    const under = await user();
    const client = await under.greeted({ to: 587 });
    await client.say('STARTTLS');
    await client.startTls();
    await client.sayAll('EHLO x', 'AUTH LOGIN', b64('scanner@contoso.example'));
    client.send(`${b64(PASSWORD)}\r\n`);
    client.reset();
    expect(await under.sessions()).toHaveLength(1);
    expect(under.said).toEqual([]);
  });
});

describe('endpoints and clients of a rehearsal', () => {
  test('IPv6 clients land where IPv6 ranges say', async () => {
    const under = await relayUnderTest({
      listen: [{ on: '127.0.0.1:0', as: '[fd00::5]:25' }],
      clients: { '127.0.0.1': 'fd00:20::0031' },
      connectors: [
        { default: 'Default Frontend' },
        { name: 'Six', bindings: '[::]:25', remoteIPRanges: 'fd00:20::/64', relay: 'externally-secured' },
      ],
    });
    const client = await under.client();
    await client.reply();
    expect(await client.say('EHLO six')).toContain('Hello [fd00:20::31]');
    await client.say('QUIT');
    expect((await under.sessions())[0]).toMatchObject({
      connector: 'EX01\\Six',
      source: 'fd00:20::31',
      localEndpoint: '[fd00::5]:25',
    });
  });

  test('a listener may stand for one device, whoever connects', async () => {
    const under = await relayUnderTest({ listen: { on: '127.0.0.1:0', as: '10.0.0.5:25', from: '10.0.20.12' } });
    expect(under.relay.endpoints).toMatchObject([{ from: '10.0.20.12' }]);
    const client = await under.greeted();
    await client.say('QUIT');
    expect(await under.sessions()).toMatchObject([{ source: '10.0.20.12', connector: 'EX01\\Relay' }]);
  });

  test('two servers in one process keep logs of their own, and session ids never meet', async () => {
    const server = (name: string, address: string) => ({
      server: name,
      fqdn: `${name.toLowerCase()}.contoso.example`,
      listen: { on: '127.0.0.1:0', as: `${address}:25` },
    });
    const under = await relayUnderTest({
      server: undefined,
      fqdn: undefined,
      listen: undefined,
      connectors: [{ default: 'Default Frontend' }],
      servers: [server('EX01', '10.0.0.5'), server('EX02', '10.0.0.6')],
    });
    for (const { on } of under.relay.endpoints) {
      const { SmtpClient } = await import('./smtp-client.ts');
      const client = await SmtpClient.connect({ port: on.port });
      await client.reply();
      await client.say('QUIT');
    }
    const sessions = await under.sessions();
    expect(sessions.map(({ server: name }) => name).sort()).toEqual(['EX01', 'EX02']);
    expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(2);
  });
});

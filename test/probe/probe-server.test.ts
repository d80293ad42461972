/** Probes over sockets: of the relay, and of what is found on ports besides. */
import { createServer as createWebServer } from 'node:http';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { cheapHash, PASSWORD, relayUnderTest } from '../relay/server/relay-under-test.ts';
import { INSIDE, impatientWith, listening, OUTSIDE, portOf, probe, speaking } from './probing.ts';

const RELAY_CLIENT = { localAddress: '127.0.0.12' };
const texts = ({ conversation }: { readonly conversation: readonly { readonly text: string }[] }): string[] =>
  conversation.map(({ text }) => text);

describe('the relay', () => {
  test('takes a recipient outside from a client that may relay, and nothing is delivered', async () => {
    const under = await relayUnderTest();
    const report = await probe({ ...listening(under), ...RELAY_CLIENT });
    expect(report.verdict).toMatchObject({ kind: 'accepts', exitCode: 0, reply: '250 2.1.5 Recipient OK' });
    expect(report.recipients).toEqual([{ address: OUTSIDE, accepted: true, reply: '250 2.1.5 Recipient OK' }]);
    expect(texts(report).slice(-4)).toEqual([
      'RSET',
      '250 2.0.0 Resetting',
      'QUIT',
      '221 2.0.0 Service closing transmission channel',
    ]);
    expect(report.verdict.notTested[0]).toMatch(/^Nothing was delivered/);
    expect(under.relay.counts().messages).toBe(0);
    expect(report.tls).toMatchObject({ protocol: 'TLS1.3', strictClientAccepts: false });
    expect(report.tls?.findings.map(({ kind }) => kind)).toEqual(['other-name', 'self-signed']);
  });

  test('gets the test message with --send, and that says what it is', async () => {
    const under = await relayUnderTest();
    const message = ['Subject: Test', '', '.dots', 'stay'];
    const report = await probe({ ...listening(under), ...RELAY_CLIENT }, { message });
    expect(report.verdict).toMatchObject({ kind: 'delivered', exitCode: 0 });
    expect(report.messageSent).toBe(true);
    expect(under.relay.counts().messages).toBe(1);
  });

  test('denies relaying; the refusal is explained, the other recipient is still asked for', async () => {
    const under = await relayUnderTest();
    const report = await probe(listening(under), { recipients: [OUTSIDE, INSIDE] });
    expect(report.verdict).toMatchObject({
      kind: 'refuses',
      exitCode: 1,
      sentence: `refuses 1 of 2 recipients: 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain for ${OUTSIDE}`,
    });
    expect(report.recipients.map(({ accepted }) => accepted)).toEqual([false, true]);
    expect(report.explanations).toMatchObject([
      { isDeciding: true, explanation: { kind: 'known', candidates: [{ entry: { id: 'relay-denied' }, how: 'exact' }] } },
    ]);
  });

  test('sees another address than the client has: that is said', async () => {
    const report = await probe(listening(await relayUnderTest()));
    expect(report).toMatchObject({ seenAs: '10.0.20.11', behindNat: true });
    expect(report.remarks.join()).toContain('The server sees this machine as 10.0.20.11, not as 127.0.0.1');
  });

  test('wants a logon on port 587, and closes', async () => {
    const report = await probe(listening(await relayUnderTest(), 587));
    expect(report.verdict).toMatchObject({ kind: 'refuses', exitCode: 1 });
    expect(report.verdict.sentence).toMatch(/^refuses the sender: 530 5\.7\.57 /);
    expect(texts(report).at(-1)).toBe('the server has closed the connection');
  });

  test('wants STARTTLS on a connector that requires it', async () => {
    const connectors = [{ default: 'Default Frontend', RequireTLS: true, TarpitInterval: '00:00:00' }];
    const under = await relayUnderTest({ connectors });
    const inClear = await probe(listening(under), { tls: 'never' });
    expect(inClear.verdict.sentence).toBe('refuses the sender: 451 5.7.3 STARTTLS is required to send mail');
    expect((await probe(listening(under), { recipients: [INSIDE] })).verdict.exitCode).toBe(0);
  });

  test('without TLS in its mechanisms offers none: with --require-tls nothing further is said', async () => {
    const connectors = [{ default: 'Default Frontend', AuthMechanism: 'None', TarpitInterval: '00:00:00' }];
    const report = await probe(listening(await relayUnderTest({ connectors })), { tls: 'required' });
    expect(report.verdict).toMatchObject({ kind: 'lacks', exitCode: 1 });
    expect(texts(report)).not.toContain('MAIL FROM:<scan@contoso.example>');
    expect(report.remarks).toContain('AUTH LOGIN is not offered.');
  });

  test('and a client that is too old have no version in common', async () => {
    const under = await relayUnderTest();
    const report = await probe({ ...listening(under), tlsMin: 'TLSv1', tlsMax: 'TLSv1' });
    expect(report.verdict).toMatchObject({ kind: 'tls-fails', exitCode: 1 });
    expect(report.verdict.sentence).toBe('TLS fails: the two have no TLS version in common (offered were TLSv1)');
  });

  test('speaks TLS 1.0 with an old device where it may, which is remarked', async () => {
    const under = await relayUnderTest({ tls: { minVersion: '1.0' } });
    const report = await probe({ ...listening(under), tlsMin: 'TLSv1', tlsMax: 'TLSv1', ...RELAY_CLIENT });
    expect(report.tls).toMatchObject({ protocol: 'TLS1.0' });
    expect(report.tls?.findings.map(({ kind }) => kind)).toContain('old-protocol');
  });
});

describe('a logon', () => {
  const credentials = { user: 'crm', password: PASSWORD };
  const withUser = async () => relayUnderTest({ users: { crm: await cheapHash() } });

  test('that holds makes a relay of port 587, and its password is nowhere', async () => {
    const report = await probe(listening(await withUser(), 587), { credentials });
    expect(report).toMatchObject({ logon: 'accepted', verdict: { kind: 'accepts', exitCode: 0 } });
    expect(texts(report)).toEqual(expect.arrayContaining(['AUTH LOGIN', '<user name>', '<password>']));
    expect(report.remarks).toContain('Logging on with AUTH LOGIN is offered only after STARTTLS.');
    for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64'), Buffer.from('crm').toString('base64')])
      expect(JSON.stringify(report)).not.toContain(secret);
  });

  test('with a wrong password is refused', async () => {
    const report = await probe(listening(await withUser(), 587), { credentials: { user: 'crm', password: 'wrong' } });
    expect(report).toMatchObject({ logon: 'refused', verdict: { exitCode: 1 } });
    expect(report.verdict.sentence).toBe('refuses the logon: 535 5.7.3 Authentication unsuccessful');
    expect(texts(report)).not.toContain('MAIL FROM:<scan@contoso.example>');
  });

  test('that is not offered gets the answer that devices get', async () => {
    const report = await probe(listening(await withUser(), 587), { credentials, tls: 'never' });
    expect(report.verdict.sentence).toBe('refuses the logon: 504 5.7.4 Unrecognized authentication type');
    expect(report.remarks.join()).toContain('it may be after STARTTLS');
  });

  test('is not tried in clear unless that is asked for', async () => {
    const answers = { EHLO: '250-x\r\n250 AUTH LOGIN', AUTH: '334 VXNlcm5hbWU6' };
    const heard: string[] = [];
    const port = await portOf((socket) => {
      socket.on('data', (octets: Buffer) => void heard.push(octets.toString()));
      speaking('220 x', answers)(socket);
    });
    const report = await probe({ port }, { credentials });
    expect(report.verdict).toMatchObject({ kind: 'lacks', exitCode: 1 });
    expect(heard.join('')).not.toContain('AUTH');
  });

  test.each([PASSWORD, 'a+', '$&(.*)'])('%j that the server repeats is masked there too', async (password) => {
    const said = `535 you said ${Buffer.from(password).toString('base64')}, which is ${password}`;
    const port = await portOf((socket) => {
      let asked = 0;
      socket.write('220 x\r\n');
      socket.on('data', (octets: Buffer) => {
        if (octets.toString().startsWith('EHLO')) socket.write('250-x\r\n250 AUTH LOGIN\r\n');
        else socket.write(++asked > 2 ? `${said}\r\n` : '334 =\r\n');
      });
    });
    const report = await probe({ port }, { credentials: { user: 'crm', password }, tls: 'never' });
    expect(report.verdict.sentence).toBe('refuses the logon: 535 you said <password>, which is <password>');
  });
});

describe('a port without a mail server', () => {
  test('that nobody listens on is refused', async () => {
    // Below all ports that the system gives away.
    const { verdict } = await probe({ port: 1 });
    expect(verdict).toMatchObject({ kind: 'unreachable', exitCode: 2 });
    expect(verdict.sentence).toContain('refused the connection');
  });

  test('is none at all where the name is not known', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('?'), { code: 'ENOTFOUND' }));
    const report = await probe({ host: 'nowhere.contoso.example', port: 25 }, {}, { lookup });
    expect(report.verdict).toMatchObject({
      kind: 'unreachable',
      exitCode: 2,
      sentence: 'cannot be reached: the name nowhere.contoso.example has no address',
    });
  });

  test('at one address is found at the other family', async () => {
    const port = await portOf(speaking('220 x'));
    const report = await probe({ host: 'both.example', port }, {}, { lookup: async () => ['::1', '127.0.0.1', '127.0.0.2'] });
    expect(report).toMatchObject({ address: '127.0.0.1', attempts: [{ address: '::1' }, { result: 'connected' }] });
  });

  test('but with a web server', async () => {
    const port = await portOf(
      () => {},
      () => createWebServer(),
    );
    const { verdict } = await probe({ port }, {}, impatientWith('banner'));
    expect(verdict).toMatchObject({ kind: 'not-smtp', exitCode: 2, sentence: 'does not speak SMTP: HTTP: this is a web server' });
  });

  test('in clear, but inside TLS', async () => {
    const { key, cert } = await certificate();
    const port = await portOf(speaking('220 inside'), (serve) =>
      createTlsServer({ key, cert }, serve).on('tlsClientError', () => {}),
    );
    const { verdict } = await probe({ port }, {}, impatientWith('banner'));
    expect(verdict).toMatchObject({ kind: 'not-smtp', exitCode: 2 });
    expect(verdict.sentence).toMatch(/^speaks TLS from the first octet on: inside it says "220 inside"/);
  });

  test('that says nothing', async () => {
    const port = await portOf(() => {});
    const { verdict } = await probe({ port }, {}, impatientWith('banner', 'firstWords', 'handshake'));
    expect(verdict).toMatchObject({ kind: 'breaks-off', exitCode: 2 });
    expect(verdict.sentence).toMatch(/^takes the connection and says nothing/);
  });

  test('that greets late', async () => {
    const port = await portOf((socket) => void socket.once('data', () => socket.write('220 at last\r\n')));
    const { verdict } = await probe({ port }, {}, impatientWith('banner'));
    expect(verdict).toMatchObject({ kind: 'breaks-off', exitCode: 2 });
    expect(verdict.sentence).toMatch(/^greets late: nothing came within 10 s, then "220 at last"/);
  });

  test('that drips a banner which never ends', async () => {
    const port = await portOf((socket) => {
      const drip = (): void => void (socket.destroyed || socket.write('2', () => setImmediate(drip)));
      socket.write('220-', drip);
    });
    const { verdict } = await probe({ port }, {}, impatientWith('banner', 'firstWords', 'handshake'));
    expect(verdict.exitCode).toBe(2);
  });

  test('that goes on for ever is left when the time for the whole is over', async () => {
    const port = await portOf(() => {});
    const { verdict } = await probe({ port }, {}, impatientWith('overall'));
    expect(verdict.sentence).toContain('took too long as a whole');
  });

  test('that sends lines without an end', async () => {
    const port = await portOf((socket) => {
      const more = (): void => {
        while (socket.write('220-more\r\n'.repeat(1_000)));
      };
      socket.on('drain', more);
      more();
    });
    const { verdict } = await probe({ port });
    expect(verdict).toMatchObject({ kind: 'not-smtp', exitCode: 2 });
    expect(verdict.sentence).toContain('does not end');
  });

  test.each([
    ['+OK ready\r\n', 'POP3'],
    ['* OK IMAP4 ready\r\n', 'IMAP'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'SSH'],
  ])('that greets with %j is %s', async (greeting, name) => {
    const { verdict } = await probe({ port: await portOf((socket) => void socket.write(greeting)) });
    expect(verdict.sentence).toContain(`does not speak SMTP: ${name}`);
  });
});

describe('a server that is no Exchange', () => {
  test('closes after its banner', async () => {
    const { verdict } = await probe({ port: await portOf((socket) => void socket.end('220 x\r\n')) });
    expect(verdict).toMatchObject({ kind: 'breaks-off', exitCode: 2 });
    expect(verdict.sentence).toContain('instead of answering EHLO');
  });

  test('greets with a refusal', async () => {
    const { verdict } = await probe({ port: await portOf(speaking('554 no SMTP service here')) });
    expect(verdict).toMatchObject({ kind: 'refuses', exitCode: 1, sentence: 'refuses the connection: 554 no SMTP service here' });
  });

  test('does not know EHLO, but HELO', async () => {
    const report = await probe({ port: await portOf(speaking('220 x', { EHLO: '502 what', HELO: '250 x' })) });
    expect(report.verdict.exitCode).toBe(0);
    expect(texts(report)).toEqual(expect.arrayContaining(['EHLO mfp-01', '502 what', 'HELO mfp-01']));
    expect(report.remarks.join()).toContain('EHLO was refused and HELO accepted');
  });

  test('agrees to TLS, and then speaks none', async () => {
    const port = await portOf((socket) => {
      const answers = ['250-x\r\n250 STARTTLS\r\n', '220 go on\r\n', 'what is that?\r\n'];
      socket.write('220 x\r\n');
      socket.on('data', () => void socket.write(answers.shift() ?? ''));
    });
    const { verdict } = await probe({ port });
    expect(verdict).toMatchObject({ kind: 'tls-fails', exitCode: 1, sentence: 'TLS fails: what the server sent is no TLS' });
  });

  test('refuses STARTTLS: the conversation goes on without it unless it is required', async () => {
    const port = await portOf(speaking('220 x', { EHLO: '250-x\r\n250 STARTTLS', STARTTLS: '454 not now' }));
    expect((await probe({ port })).verdict.exitCode).toBe(0);
    expect((await probe({ port }, { tls: 'required' })).verdict.sentence).toBe('refuses STARTTLS: 454 not now');
  });

  test('uses known codes for other reasons: they are not explained as those of Exchange', async () => {
    const port = await portOf(speaking('220 x', { RCPT: '554 5.7.1 <x>: Relay access denied' }));
    const { explanations } = await probe({ port });
    expect(explanations).toMatchObject([{ explanation: { kind: 'unknown' } }]);
  });
});

async function certificate(): Promise<{ key: string; cert: string }> {
  const { generate } = await import('selfsigned');
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'inside.example' }], { keySize: 2048 });
  return { key, cert };
}

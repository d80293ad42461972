/** STARTTLS and what goes wrong with it. */
import { describe, expect, test } from 'vitest';
import { handshakeErrorName } from '../../../src/relay/server/network-error.ts';
import { relayUnderTest } from './relay-under-test.ts';

const failureIn = (events: readonly { readonly context: string }[]): string | undefined =>
  events.map(({ context }) => /^TLS negotiation failed with error (.*)$/.exec(context)?.[1]).find((error) => error !== undefined);

type UnderTest = Awaited<ReturnType<typeof relayUnderTest>>;

/** The one session, which failed in the handshake, and why. */
async function failure(under: UnderTest): Promise<string | undefined> {
  const sessions = await under.sessions();
  expect(sessions).toMatchObject([{ outcome: 'tls-failed' }]);
  expect(under.said).toEqual([]);
  return failureIn(under.detail(sessions[0]!.sessionId).events);
}

async function started(under: UnderTest) {
  const client = await under.greeted();
  expect(await client.say('STARTTLS')).toBe('220 2.0.0 SMTP server ready');
  return client;
}

describe('a handshake that succeeds', () => {
  test.each(['1.2', '1.3'] as const)(
    'over TLS %s is logged with its version, and the certificate is the one kept',
    async (version) => {
      const under = await relayUnderTest();
      const client = await started(under);
      const secure = await client.startTls({
        minVersion: `TLSv${version}`,
        maxVersion: `TLSv${version}`,
        ca: [...under.relay.certificates.values()],
        rejectUnauthorized: true,
        servername: 'ex01.contoso.example',
      });
      expect(secure.authorized).toBe(true);
      expect(await client.say('EHLO again')).not.toContain('STARTTLS');
      await client.sayAll('MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>', 'DATA');
      client.send('Subject: x\r\n\r\n.\r\n');
      expect(await client.reply()).toMatch(/^250 2\.6\.0 /);
      await client.say('QUIT');
      expect(await under.sessions()).toMatchObject([{ tls: `TLS${version}`, outcome: 'accepted', disconnect: 'Local' }]);
    },
  );

  test('with TLS 1.0 works for an old device where the configuration allows it', async () => {
    const under = await relayUnderTest({ tls: { minVersion: '1.0' } });
    const client = await started(under);
    await client.startTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    await client.sayAll('EHLO old', 'QUIT');
    expect(await under.sessions()).toMatchObject([{ tls: 'TLS1.0' }]);
  });

  test('wants a new hello', async () => {
    const under = await relayUnderTest();
    const client = await started(under);
    await client.startTls();
    expect(await client.say('MAIL FROM:<a@contoso.example>')).toBe('503 5.5.2 Send hello first');
  });

  test('takes 2 MB, and says the last reply before it closes', async () => {
    const under = await relayUnderTest();
    const client = await started(under);
    await client.startTls();
    await client.sayAll('EHLO x', 'MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>', 'DATA');
    client.send(`\r\n${`${'x'.repeat(98)}\r\n`.repeat(20_000)}.\r\nQUIT\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.6\.0 .* 2000002 bytes in /);
    expect(await client.reply()).toMatch(/^221 /);
    await client.closed();
    expect(client.error).toBeUndefined();
  });
});

describe('what was said in clear behind STARTTLS', () => {
  test('is never answered, in clear or inside', async () => {
    const under = await relayUnderTest();
    const client = await under.greeted();
    client.send('STARTTLS\r\nMAIL FROM:<evil@example.net>\r\nRCPT TO:<b@contoso.example>\r\n');
    expect(await client.reply()).toBe('220 2.0.0 SMTP server ready');
    await client.startTls();
    expect(await client.say('EHLO good')).toMatch(/^250-/);
    expect(await client.say('RCPT TO:<b@contoso.example>')).toMatch(/^503 /);
    await client.say('QUIT');
    const [session] = await under.sessions();
    const rows = JSON.stringify(under.detail(session!.sessionId).events);
    expect(rows).not.toContain('evil');
  });

  test('and comes a moment later spoils the handshake', async () => {
    const under = await relayUnderTest();
    const client = await started(under);
    client.send('MAIL FROM:<evil@example.net>\r\nRCPT TO:<b@contoso.example>\r\n');
    await client.closed();
    expect(await failure(under)).toBe('IllegalMessage');
  });
});

describe('a handshake that fails', () => {
  test('for want of a common version is AlgorithmMismatch', async () => {
    const under = await relayUnderTest();
    const client = await started(under);
    await expect(
      client.startTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
    ).rejects.toThrow();
    expect(await failure(under)).toBe('AlgorithmMismatch');
  });

  test('for want of a common cipher is AlgorithmMismatch', async () => {
    const under = await relayUnderTest({ tls: { maxVersion: '1.2', ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' } });
    const client = await started(under);
    await expect(client.startTls({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })).rejects.toThrow();
    expect(await failure(under)).toBe('AlgorithmMismatch');
  });

  test.each([
    ['junk', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['more junk', Buffer.alloc(300, 0xff)],
    ['a record that is none', Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0])],
  ])('over %s is IllegalMessage', async (_, octets) => {
    const under = await relayUnderTest();
    const client = await started(under);
    client.send(octets);
    await client.closed();
    expect(await failure(under)).toBe('IllegalMessage');
  });

  test('because the client closes is SocketError; resets, ConnectionReset', async () => {
    const under = await relayUnderTest();
    const client = await started(under);
    client.end();
    await client.closed();
    expect(await failure(under)).toBe('SocketError');
    const again = await relayUnderTest();
    const other = await started(again);
    other.reset();
    await expect.poll(() => again.relay.counts().connections).toBe(0);
    expect(await failure(again)).toBe('ConnectionReset');
  });

  test('because nothing comes is TimedOut, and the connection is closed', async () => {
    const under = await relayUnderTest({ tls: { handshakeTimeout: '00:00:00.050' } });
    const client = await started(under);
    client.send(Buffer.from([22, 3, 1]));
    await client.closed();
    expect(await failure(under)).toBe('TimedOut');
  });

  test('a hundred times leaves nothing behind', async () => {
    const under = await relayUnderTest();
    const all = await Promise.all(Array.from({ length: 100 }, () => started(under)));
    for (const [index, client] of all.entries()) {
      if (index % 3 === 0) client.reset();
      else if (index % 3 === 1) client.end();
      else client.send('junk\r\n'.repeat(100));
    }
    await expect.poll(() => under.relay.counts().connections, { timeout: 4000 }).toBe(0);
    const sessions = await under.sessions();
    expect(sessions.map(({ outcome }) => outcome)).toEqual(Array(100).fill('tls-failed'));
    expect(under.said).toEqual([]);
  });
});

test.each([
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'UntrustedRoot'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', 'CertUnknown'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'CertExpired'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'AlgorithmMismatch'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'IllegalMessage'],
  ['ERR_SSL_NO_SHARED_CIPHER', 'AlgorithmMismatch'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'AlgorithmMismatch'],
  ['ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM', 'AlgorithmMismatch'],
  ['ERR_SSL_HTTP_REQUEST', 'IllegalMessage'],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'DecryptFailure'],
  ['EPIPE', 'ConnectionAborted'],
  ['ECONNRESET', 'ConnectionReset'],
  [undefined, 'SocketError'],
])('the error %s of a handshake is %s in the log', (code, name) => {
  expect(handshakeErrorName(Object.assign(new Error('x'), { code }))).toBe(name);
});

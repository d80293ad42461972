/**
 * Clients that people really have send through the relay, and what each of them saw is what relaylens reads back from the
 * log. A client that is not installed is left out and named; CI installs swaks, curl and msmtp.
 */
import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { describe, expect, it } from 'vitest';
import type { SessionSummary } from '../../../src/queries/session-summary.ts';
import { cheapHash, PASSWORD, type RelayUnderTest, relayUnderTest } from '../server/relay-under-test.ts';

const USER = 'crm@contoso.example';
const OUTSIDE = 'someone@example.net';
const RELAYED = '127.0.0.12';

const isInstalled = (program: string, ...version: string[]): boolean => {
  try {
    execFileSync(program, version, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

interface Ran {
  readonly code: number;
  readonly out: string;
}

function execute(program: string, args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { timeout: 50_000, maxBuffer: 1 << 27 }, (error, stdout, stderr) =>
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, out: stdout + stderr }),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

async function relay(): Promise<RelayUnderTest & { port: (as: number) => number; mail: () => string[] }> {
  const under = await relayUnderTest({ users: { [USER]: await cheapHash() }, delivery: { kind: 'maildir', folder: 'mail' } });
  return {
    ...under,
    port: (as) => under.relay.endpoints.find((one) => one.as.port === as)!.on.port,
    mail: () => {
      const found = join(under.folder, 'mail', 'new');
      return readdirSync(found).map((name) => readFileSync(join(found, name), 'latin1'));
    },
  };
}

/** The only session, or the last of several. */
const last = (sessions: readonly SessionSummary[]): SessionSummary => sessions.at(-1)!;

/** Logs on over STARTTLS and sends a message. */
const swaksLogsOn = (port: number, password: string) =>
  execute('swaks', [
    ...['--server', `127.0.0.1:${port}`, '--tls'],
    ...['--auth', 'LOGIN', '--auth-user', USER, '--auth-password', password],
    ...['--from', USER, '--to', OUTSIDE],
  ]);

describe.runIf(isInstalled('swaks', '--version'))('swaks', () => {
  it('sends in clear from an address that may relay, to several recipients', async () => {
    const under = await relay();
    const { code, out } = await execute('swaks', [
      '--server',
      `127.0.0.1:${under.port(25)}`,
      '--local-interface',
      RELAYED,
      '--helo',
      'mfp',
      '--from',
      'mfp@contoso.example',
      '--to',
      `${OUTSIDE},anna@contoso.example`,
    ]);
    expect(code, out).toBe(0);
    expect(out).toMatch(/<- {2}250 2\.6\.0 <.*> \[InternalId=\d+, Hostname=ex01\.contoso\.example\]/);
    expect(last(await under.sessions())).toMatchObject({
      outcome: 'accepted',
      helo: 'mfp',
      tls: 'none',
      recipientsAccepted: 2,
      connector: 'EX01\\Relay',
    });
    expect(under.mail().length).toBeGreaterThan(0);
  });

  it('is told that it may not relay, in the words that the log has', async () => {
    const under = await relay();
    const { code, out } = await execute('swaks', [
      '--server',
      `127.0.0.1:${under.port(25)}`,
      '--from',
      'mfp@contoso.example',
      '--to',
      OUTSIDE,
    ]);
    expect(code).not.toBe(0);
    const words = '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain';
    expect(out).toContain(`<** ${words}`);
    expect(last(await under.sessions())).toMatchObject({ outcome: 'refused', lastError: words });
  });

  it('logs on over STARTTLS', async () => {
    const under = await relay();
    const { code, out } = await swaksLogsOn(under.port(587), PASSWORD);
    expect(code, out).toBe(0);
    expect(out).toContain('235 2.7.0 Authentication successful');
    expect(last(await under.sessions())).toMatchObject({
      outcome: 'accepted',
      authResult: 'success',
      authUser: USER,
      authMechanism: 'LOGIN',
      tls: expect.stringMatching(/^TLS1\.[23]$/),
    });
  });

  it('has a wrong password', async () => {
    const under = await relay();
    const { code, out } = await swaksLogsOn(under.port(587), 'wrong');
    expect(code).toBe(28);
    expect(out).toContain('535 5.7.3 Authentication unsuccessful');
    expect(last(await under.sessions())).toMatchObject({ outcome: 'auth-failed', authResult: 'failed', authUser: USER });
  });

  it('pipelines', async () => {
    const under = await relay();
    const { code, out } = await execute('swaks', [
      '--server',
      `127.0.0.1:${under.port(25)}`,
      '--local-interface',
      RELAYED,
      '--pipeline',
      '--from',
      'a@contoso.example',
      '--to',
      `${OUTSIDE},x@example.org,anna@contoso.example`,
    ]);
    expect(code, out).toBe(0);
    expect(last(await under.sessions())).toMatchObject({ outcome: 'accepted', recipientsAccepted: 3 });
  });
});

describe.runIf(isInstalled('curl', '--version'))('curl', () => {
  it('sends 30 MB', async () => {
    const under = await relay();
    const file = join(under.folder, 'big.eml');
    writeFileSync(file, `Subject: big\r\nMessage-ID: <big@curl>\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(403_000)}`);
    const { code, out } = await execute('curl', [
      '-sS',
      '--url',
      `smtp://127.0.0.1:${under.port(25)}/curl.contoso.example`,
      '--interface',
      RELAYED,
      '--mail-from',
      'a@contoso.example',
      '--mail-rcpt',
      OUTSIDE,
      '--upload-file',
      file,
    ]);
    expect(code, out).toBe(0);
    const [session] = await under.sessions();
    expect(session).toMatchObject({ outcome: 'accepted', messagesAccepted: 1, helo: 'curl.contoso.example' });
    expect(under.relay.counts().octets).toBeGreaterThan(31_000_000);
  });

  it('is refused where it has to use TLS and does not, and sends where it does', async () => {
    const under = await relay();
    const message = join(under.folder, 'm.eml');
    writeFileSync(message, 'Subject: x\r\n\r\nhello\r\n');
    const to = ['--mail-from', USER, '--mail-rcpt', OUTSIDE, '--upload-file', message, '--user', `${USER}:${PASSWORD}`];
    const clear = await execute('curl', ['-sS', '--url', `smtp://127.0.0.1:${under.port(587)}/curl`, ...to]);
    expect(clear.code).not.toBe(0);
    const secure = await execute('curl', [
      '-sS',
      '--ssl-reqd',
      '--insecure',
      '--url',
      `smtp://127.0.0.1:${under.port(587)}/curl`,
      '--login-options',
      'AUTH=LOGIN',
      ...to,
    ]);
    expect(secure.code, secure.out).toBe(0);
    expect(last(await under.sessions())).toMatchObject({ outcome: 'accepted', authUser: USER });
  });
});

describe.runIf(isInstalled('msmtp', '--version'))('msmtp', () => {
  it('logs on over STARTTLS and sends 8-bit content', async () => {
    const under = await relay();
    const { code, out } = await execute(
      'msmtp',
      [
        '--host=127.0.0.1',
        `--port=${under.port(587)}`,
        '--tls=on',
        '--tls-starttls=on',
        '--tls-certcheck=off',
        '--auth=login',
        `--user=${USER}`,
        `--passwordeval=echo "${PASSWORD}"`,
        `--from=${USER}`,
        OUTSIDE,
      ],
      'Subject: Grüße\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nSchöne Grüße\n',
    );
    expect(code, out).toBe(0);
    expect(last(await under.sessions())).toMatchObject({ outcome: 'accepted', authResult: 'success', messagesAccepted: 1 });
    expect(Buffer.from(under.mail()[0]!, 'latin1').toString('utf8')).toContain('Schöne Grüße');
  });
});

describe.runIf(isInstalled('python3', '-c', 'import smtplib'))("Python's smtplib", () => {
  const script = (body: string): string => `import smtplib, sys\nport = int(sys.argv[1])\n${body}`;

  it('sees the refusal of each recipient', async () => {
    const under = await relay();
    const { code, out } = await execute('python3', [
      '-c',
      script(`
s = smtplib.SMTP('127.0.0.1', port, local_hostname='app')
print(s.sendmail('a@contoso.example', ['anna@contoso.example', 'x@example.net'], 'Subject: x\\r\\n\\r\\n.dot\\r\\n'))
s.quit()`),
      String(under.port(25)),
    ]);
    expect(code, out).toBe(0);
    expect(out).toContain("(550, b'5.7.54 SMTP; Unable to relay recipient in non-accepted domain')");
    expect(last(await under.sessions())).toMatchObject({ outcome: 'partial', recipientsAccepted: 1, recipientsRefused: 1 });
    expect(under.mail()[0]).toMatch(/\r?\n\.dot\r?\n/);
  });

  it('sends to an address beyond ASCII with SMTPUTF8', async () => {
    const under = await relay();
    const { code, out } = await execute('python3', [
      '-c',
      script(`
s = smtplib.SMTP('127.0.0.1', port, local_hostname='app')
s.ehlo()
print(s.has_extn('smtputf8'))
s.sendmail('jürgen@contoso.example', ['müller@contoso.example'], 'Subject: x\\r\\n\\r\\nhello\\r\\n', mail_options=['SMTPUTF8', 'BODY=8BITMIME'])
s.quit()`),
      String(under.port(25)),
    ]);
    expect(code, out).toBe(0);
    const session = last(await under.sessions());
    expect(session).toMatchObject({ outcome: 'accepted', recipientsAccepted: 1 });
    expect(under.detail(session.sessionId).transactions[0]).toMatchObject({
      sender: 'jürgen@contoso.example',
      recipients: [{ address: 'müller@contoso.example' }],
    });
  });
});

describe.runIf(isInstalled('openssl', 'version'))('openssl s_client', () => {
  it('shakes hands behind STARTTLS, and talks', async () => {
    const under = await relay();
    const { out } = await execute(
      'openssl',
      ['s_client', '-starttls', 'smtp', '-connect', `127.0.0.1:${under.port(587)}`, '-crlf', '-quiet', '-ign_eof'],
      'EHLO by-hand\nQUIT\n',
    );
    expect(out).toMatch(/AUTH (GSSAPI )?NTLM LOGIN/);
    expect(last(await under.sessions())).toMatchObject({
      helo: 'by-hand',
      tls: expect.stringMatching(/^TLS1\.[23]$/),
      outcome: 'probe',
    });
  });
});

describe('nodemailer', () => {
  it('sends an attachment, logged on, over STARTTLS', async () => {
    const under = await relay();
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: under.port(587),
      requireTLS: true,
      tls: { rejectUnauthorized: false },
      auth: { user: USER, pass: PASSWORD },
      authMethod: 'LOGIN',
    });
    const sent = await transport.sendMail({
      from: USER,
      to: [OUTSIDE, 'anna@contoso.example'],
      subject: 'Offer',
      text: 'see below',
      attachments: [{ filename: 'a.bin', content: Buffer.alloc(100_000, 7) }],
    });
    transport.close();
    expect(sent.response).toMatch(/^250 2\.6\.0 /);
    expect(sent.accepted).toEqual([OUTSIDE, 'anna@contoso.example']);
    expect(last(await under.sessions())).toMatchObject({ outcome: 'accepted', authUser: USER, recipientsAccepted: 2 });
  });

  it('keeps one connection for many messages', async () => {
    const under = await relay();
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: under.port(25),
      localAddress: RELAYED,
      ignoreTLS: true,
      pool: true,
      maxConnections: 1,
    });
    for (let i = 0; i < 20; i++)
      await transport.sendMail({ from: 'a@contoso.example', to: OUTSIDE, subject: `Message ${i}`, text: 'x' });
    transport.close();
    const sessions = await under.sessions();
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ outcome: 'accepted', messagesAccepted: 20 });
    expect(under.mail()).toHaveLength(20);
  });
});

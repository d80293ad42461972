import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { DeliveryResult } from '../../../src/relay/delivery/schedule.ts';
import type { SmartHostSettings } from '../../../src/relay/delivery/smart-host-settings.ts';
import type { Envelope } from '../../../src/relay/machine/effects.ts';
import { HEADER, openSpool, put, smartHost } from './delivery-harness.ts';
import { certificate, type RemoteSettings, startRemote } from './remote-server.ts';

const THREE = ['ann@fabrikam.example', 'bob@fabrikam.example', 'cy@fabrikam.example'];

interface Told {
  readonly remote?: RemoteSettings;
  readonly host?: Partial<SmartHostSettings>;
  readonly envelope?: Partial<Envelope>;
  readonly content?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** One message, one attempt. */
async function deliver({ remote: remoteSettings, host: hostSettings, envelope, content, signal }: Told = {}) {
  const remote = await startRemote(remoteSettings);
  const spool = await openSpool();
  const sender = smartHost(remote.port, hostSettings);
  const id = await put(spool, envelope, content);
  const message = (await spool.read(id))!;
  const results = await sender.host.deliver({
    message,
    recipients: message.recipients,
    content: () => spool.content(message),
    signal: signal ?? new AbortController().signal,
  });
  return { remote, results, message, ...sender };
}

const kinds = (results: readonly DeliveryResult[]): string[] => results.map(({ kind }) => kind);
const replying = (start: string, reply: string) => ({
  manners: (command: string) => (command.startsWith(start) ? reply : undefined),
});

describe('a session with a smart host', () => {
  it('is logged row for row as the product logs it', async () => {
    const { told, rows, results, remote, message } = await deliver({ remote: { extensions: ['SIZE 1000000', '8BITMIME'] } });
    expect(told()).toEqual([
      '* SendRoutingHeaders | Set Session Permissions',
      '*  | attempting to connect',
      '+ ',
      '< 220 remote.example ESMTP',
      '> EHLO ex01.contoso.example',
      '< 250  remote.example Hello SIZE 1000000 8BITMIME',
      `*  | sending message with RecordId ${message.internalId} and InternetMessageId <1@mfp-02>`,
      `> MAIL FROM:<scan@contoso.example> SIZE=${message.size}`,
      '< 250 2.1.0 Ok',
      '> RCPT TO:<ann@fabrikam.example>',
      '< 250 2.1.5 Ok',
      '> DATA',
      '< 354 go on',
      '< 250 2.0.0 queued as 4711',
      '> QUIT',
      '< 221 2.0.0 Bye',
      '-  | Local',
    ]);
    expect(results).toEqual([{ kind: 'delivered', reply: '250 2.0.0 queued as 4711' }]);
    expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map((_, index) => index));
    expect(rows.map(({ localEndpoint }) => localEndpoint === '')).toEqual(rows.map((_, index) => index < 2));
    expect(rows.at(-1)!.localEndpoint).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(new Set(rows.map(({ remoteEndpoint }) => remoteEndpoint))).toEqual(new Set([`127.0.0.1:${remote.port}`]));
  });

  it('sends the header before the content, with its dots, and logs none of it', async () => {
    const { remote, told } = await deliver();
    expect(remote.messages[0]!.content).toBe(
      `${HEADER}Message-ID: <1@mfp-02>\r\nSubject: scan\r\n\r\n.a line with a dot\r\nlast\r\n`,
    );
    expect(told().join('\n')).not.toMatch(/Subject|a line with a dot/);
  });

  it('has a row a line, and no permissions, in the older dialect', async () => {
    const { told } = await deliver({ remote: { extensions: ['SIZE', 'PIPELINING'] }, host: { dialect: 'A' } });
    expect(told().slice(0, 7)).toEqual([
      '*  | attempting to connect',
      '+ ',
      '< 220 remote.example ESMTP',
      '> EHLO ex01.contoso.example',
      '< 250-remote.example Hello',
      '< 250-SIZE',
      '< 250 PIPELINING',
    ]);
  });

  it('is read back as what it was', async () => {
    const { ingest, message } = await deliver({
      envelope: { recipients: THREE },
      remote: { extensions: ['PIPELINING', 'SIZE'] },
    });
    const { sessions, result, detail } = await ingest();
    expect(result.anomalies).toEqual({});
    expect(sessions).toMatchObject([
      {
        direction: 'send',
        outcome: 'accepted',
        messagesAccepted: 1,
        recipientsAccepted: 3,
        connector: 'To smart host',
        tls: 'none',
        disconnect: 'Local',
      },
    ]);
    expect(detail(sessions[0]!.sessionId).transactions).toMatchObject([
      { messageId: '<1@mfp-02>', bytes: message.size, sender: 'scan@contoso.example' },
    ]);
  });

  it('keeps 8-bit octets of the message and of replies', async () => {
    const content = Buffer.from('Subject: \xe4\r\n\r\n\xff\xfe\x80\r\n', 'latin1');
    const { remote, rows } = await deliver({
      content,
      envelope: { body: '8BITMIME' },
      remote: { extensions: ['8BITMIME'], ...replying('MAIL', Buffer.from('250 schön').toString('latin1')) },
    });
    expect(remote.messages[0]!.content).toBe(HEADER + content.toString('latin1'));
    expect(remote.messages[0]!.mail).toContain(' BODY=8BITMIME');
    expect(rows.map(({ data }) => data)).toContain(Buffer.from('250 schön').toString('latin1'));
  });

  it('carries a bounce with its empty sender, and a large message', async () => {
    const content = `Subject: big\r\n\r\n${'0123456789'.repeat(7).concat('\r\n').repeat(20_000)}`;
    const { remote, results } = await deliver({ content, envelope: { sender: '' } });
    expect(kinds(results)).toEqual(['delivered']);
    expect(remote.messages[0]!.mail).toMatch(/^MAIL FROM:<>/);
    expect(remote.messages[0]!.content).toBe(HEADER + content);
  });
});

describe('refusals of a smart host', () => {
  for (const extensions of [[], ['PIPELINING']])
    it(`of one recipient of three are that recipient's alone${extensions.length ? ', with pipelining' : ''}`, async () => {
      const { results, remote, ingest } = await deliver({
        envelope: { recipients: THREE },
        remote: { extensions, ...replying('RCPT TO:<bob', '550 5.1.1 <bob@fabrikam.example>: User unknown') },
      });
      expect(kinds(results)).toEqual(['delivered', 'refused', 'delivered']);
      expect(results[1]!.reply).toBe('550 5.1.1 <bob@fabrikam.example>: User unknown');
      expect(remote.messages[0]!.recipients).toEqual([THREE[0], THREE[2]]);
      const { sessions, result } = await ingest();
      expect(result.anomalies).toEqual({});
      expect(sessions).toMatchObject([{ outcome: 'partial', recipientsAccepted: 2, recipientsRefused: 1 }]);
    });

  it.each([
    ['MAIL', '550 5.7.1 no', ['refused', 'refused', 'refused']],
    ['MAIL', '451 4.7.1 later', ['deferred', 'deferred', 'deferred']],
    ['RCPT TO:<bob', '450 4.2.1 later', ['delivered', 'deferred', 'delivered']],
    ['RCPT', '550 5.1.1 nobody', ['refused', 'refused', 'refused']],
    ['DATA', '451 4.3.0 no', ['deferred', 'deferred', 'deferred']],
    ['.', '554 5.6.0 bad content', ['refused', 'refused', 'refused']],
    ['.', '452 4.3.1 full', ['deferred', 'deferred', 'deferred']],
    ['EHLO', '421 4.3.2 closing', ['deferred', 'deferred', 'deferred']],
    ['connect', '554 5.7.1 go away', ['deferred', 'deferred', 'deferred']],
    ['connect', 'drop', ['deferred', 'deferred', 'deferred']],
    ['MAIL', 'drop', ['deferred', 'deferred', 'deferred']],
    ['DATA', '421 4.3.2 closing', ['deferred', 'deferred', 'deferred']],
    ['.', 'drop', ['deferred', 'deferred', 'deferred']],
    ['QUIT', 'drop', ['delivered', 'delivered', 'delivered']],
    ['QUIT', 'hang', ['delivered', 'delivered', 'delivered']],
  ])('to %s with %s', async (command, reply, expected) => {
    for (const extensions of [[], ['PIPELINING']]) {
      const { results, ingest, told } = await deliver({
        envelope: { recipients: THREE },
        remote: { extensions, ...replying(command, reply) },
      });
      expect(kinds(results)).toEqual(expected);
      const { result, sessions } = await ingest();
      expect(result.anomalies).toEqual({});
      expect(sessions).toHaveLength(1);
      const hasLeft = reply === 'drop';
      expect(told().at(-1)).toBe(hasLeft ? '-  | Remote' : '-  | Local');
    }
  });

  it('keep the answers that recipients had before a 421', async () => {
    const { results } = await deliver({
      envelope: { recipients: THREE },
      remote: {
        manners: (command) =>
          command.startsWith('RCPT TO:<ann')
            ? '550 5.1.1 nobody'
            : command.startsWith('RCPT TO:<cy')
              ? '421 4.3.2 closing'
              : undefined,
      },
    });
    expect(results).toEqual([
      { kind: 'refused', reply: '550 5.1.1 nobody' },
      { kind: 'deferred', reply: expect.any(String) },
      { kind: 'deferred', reply: '421 4.3.2 closing' },
    ]);
  });

  it('are foreseen where it says what it takes: size, addresses beyond ASCII, binary content', async () => {
    const large = await deliver({ remote: { extensions: ['SIZE 100'] } });
    expect(large.results).toMatchObject([{ kind: 'refused', reply: expect.stringMatching(/^552 5\.3\.4 .*100 bytes/) }]);
    expect(large.remote.commands).toEqual(['EHLO ex01.contoso.example', 'QUIT']);
    const recipients = ['jürgen@fabrikam.example', 'ann@fabrikam.example'];
    const ascii = await deliver({ envelope: { recipients, smtpUtf8: true } });
    expect(kinds(ascii.results)).toEqual(['refused', 'delivered']);
    const utf8 = await deliver({ envelope: { recipients, smtpUtf8: true }, remote: { extensions: ['SMTPUTF8'] } });
    expect(kinds(utf8.results)).toEqual(['delivered', 'delivered']);
    expect(utf8.remote.messages[0]!.mail).toContain('SMTPUTF8');
    const binary = await deliver({ envelope: { body: 'BINARYMIME' }, content: 'Subject: x\r\n\r\na\nb' });
    expect(kinds(binary.results)).toEqual(['refused']);
    expect(binary.told()).toContainEqual(
      expect.stringMatching(/^\* .*is not sent to ann@fabrikam\.example: 554 5\.6\.1 .*the relay sends no BINARYMIME/),
    );
    const harmless = await deliver({ envelope: { body: 'BINARYMIME' } });
    expect(kinds(harmless.results)).toEqual(['delivered']);
  });

  it('that refuses connections, on demand, is not asked so many times', async () => {
    const down = await deliver({ host: { refusedConnections: 1 } });
    expect(down.results).toMatchObject([{ kind: 'deferred', reply: expect.stringMatching(/^421 4\.2\.1 .*10061/) }]);
    expect(down.told().at(-1)).toMatch(/Failed to connect.*10061/);
    expect(down.remote.commands).toEqual([]);
  });

  it('of a silent one end at the time-out, as gone', async () => {
    const { results, told } = await deliver({ remote: replying('MAIL', 'hang'), host: { answerTimeoutMs: 100 } });
    expect(kinds(results)).toEqual(['deferred']);
    expect(told().at(-1)).toBe('-  | Remote');
  });

  it('are deferred when the relay ends in the middle', async () => {
    const abort = new AbortController();
    const manners = (command: string): string | undefined => {
      if (!command.startsWith('MAIL')) return undefined;
      setTimeout(() => abort.abort(), 10);
      return 'hang';
    };
    const { results, told } = await deliver({ remote: { manners }, signal: abort.signal });
    expect(kinds(results)).toEqual(['deferred']);
    expect(told().at(-1)).toBe('-  | Local');
  });
});

describe('a smart host that is not there', () => {
  async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  for (const dialect of ['A', 'B'] as const)
    it(`is a session without connect and disconnect, with Windows' number (dialect ${dialect})`, async () => {
      const port = await closedPort();
      const spool = await openSpool();
      const { host, told, ingest } = smartHost(port, { dialect });
      const message = (await spool.read(await put(spool)))!;
      const order = {
        message,
        recipients: message.recipients,
        content: () => spool.content(message),
        signal: new AbortController().signal,
      };
      const results = await host.deliver(order);
      expect(results).toMatchObject([{ kind: 'deferred', reply: expect.stringContaining('10061') }]);
      expect(told().at(-1)).toBe(
        dialect === 'B'
          ? `*  | Failed to connect. Winsock error code: 10061, Win32 error code: 10061, Destination domain: 127.0.0.1, Error Message: No connection could be made because the target machine actively refused it 127.0.0.1:${port}.`
          : `*  | Failed to connect. Winsock error code: 10061, Win32 error code: 10061, Error Message: No connection could be made because the target machine actively refused it 127.0.0.1:${port}`,
      );
      const { sessions, result } = await ingest();
      expect(result.anomalies).toEqual({});
      expect(sessions).toMatchObject([{ outcome: 'connect-failed', rows: dialect === 'B' ? 3 : 2 }]);
    });

  it('leaves no row where its name is not found', async () => {
    const spool = await openSpool();
    const { host, rows } = smartHost(25, { host: 'no-such-host.invalid' });
    const message = (await spool.read(await put(spool)))!;
    const order = {
      message,
      recipients: message.recipients,
      content: () => spool.content(message),
      signal: new AbortController().signal,
    };
    expect(await host.deliver(order)).toMatchObject([{ kind: 'deferred', reply: expect.stringMatching(/^451 4\.4\.0 DNS/) }]);
    expect(rows).toEqual([]);
  });
});

describe('TLS with a smart host', () => {
  it('is used where it is offered, and logged with the certificate', async () => {
    const { results, told, ingest } = await deliver({ remote: { tls: await certificate() } });
    expect(kinds(results)).toEqual(['delivered']);
    const rows = told();
    const at = rows.indexOf('> STARTTLS');
    expect(rows[at + 1]).toBe('< 220 2.0.0 go ahead');
    expect(rows[at + 2]).toMatch(
      /^\* {2}CN=remote\.example CN=remote\.example [0-9A-F]+ [0-9A-F]{40} .* \| Remote certificate Subject/,
    );
    expect(rows[at + 3]).toMatch(
      /^\* {2}\| TLS protocol SP_PROT_TLS1_3_CLIENT negotiation succeeded using bulk encryption algorithm CALG_AES_256/,
    );
    expect(rows[at + 4]).toBe('> EHLO ex01.contoso.example');
    const { sessions, result } = await ingest();
    expect(result.anomalies).toEqual({});
    expect(sessions).toMatchObject([{ outcome: 'accepted', tls: 'TLS1.3' }]);
  });

  it('has a row for each part of the certificate in the older dialect', async () => {
    const { told, results } = await deliver({ remote: { tls: await certificate() }, host: { dialect: 'A' } });
    expect(kinds(results)).toEqual(['delivered']);
    expect(told()).toEqual(
      expect.arrayContaining([
        '*  | Remote certificate',
        '* CN=remote.example | Certificate subject',
        '*  | Received certificate',
      ]),
    );
  });

  it('is not used where it is not wanted', async () => {
    const { results, told } = await deliver({ remote: { tls: await certificate() }, host: { startTls: 'none' } });
    expect(kinds(results)).toEqual(['delivered']);
    expect(told()).not.toContain('> STARTTLS');
  });

  it('is demanded where it is required: nothing is sent without', async () => {
    const { results, remote, told, ingest } = await deliver({ host: { startTls: 'required' } });
    expect(kinds(results)).toEqual(['deferred']);
    expect(remote.commands).toEqual(['EHLO ex01.contoso.example', 'QUIT']);
    expect(told()).toContain(
      "*  | Connector is configured to send mail only over TLS connections and remote doesn't support TLS",
    );
    expect((await ingest()).sessions).toMatchObject([{ outcome: 'tls-failed' }]);
  });

  it('that is refused is done without, unless it is required', async () => {
    const remote = { tls: await certificate(), ...replying('STARTTLS', '454 4.7.0 TLS not available') };
    expect(kinds((await deliver({ remote })).results)).toEqual(['delivered']);
    const required = await deliver({ remote, host: { startTls: 'required' } });
    expect(required.results).toEqual([{ kind: 'deferred', reply: '454 4.7.0 TLS not available' }]);
    expect(required.remote.messages).toEqual([]);
  });

  it('with a certificate that nobody trusts ends before anything is said, where it is verified', async () => {
    const { results, remote, told, ingest } = await deliver({
      remote: { tls: await certificate() },
      host: { startTls: 'required', verifyCertificate: true },
    });
    expect(kinds(results)).toEqual(['deferred']);
    expect(remote.commands).toEqual(['EHLO ex01.contoso.example', 'STARTTLS']);
    expect(told().slice(-2)).toEqual([
      '*  | Outbound TLS authentication failed for auth level DomainValidation with error UntrustedRoot',
      '-  | Local',
    ]);
    expect((await ingest()).sessions).toMatchObject([{ outcome: 'tls-failed' }]);
  });

  it('that breaks in the handshake is a failure of TLS', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220 remote.example\r\n');
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1');
        if (text.startsWith('EHLO')) socket.write('250-remote.example\r\n250 STARTTLS\r\n');
        else if (text.startsWith('STARTTLS')) socket.write('220 go ahead\r\n');
        else socket.write('this is no handshake\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const spool = await openSpool();
    const { host, told, ingest } = smartHost((server.address() as { port: number }).port);
    const message = (await spool.read(await put(spool)))!;
    const results = await host.deliver({
      message,
      recipients: message.recipients,
      content: () => spool.content(message),
      signal: new AbortController().signal,
    });
    server.close();
    expect(kinds(results)).toEqual(['deferred']);
    expect(told().slice(-2)).toEqual(['*  | TLS negotiation failed with error InvalidToken', '-  | Local']);
    expect((await ingest()).sessions).toMatchObject([{ outcome: 'tls-failed' }]);
  });
});

describe('a logon at a smart host', () => {
  const auth = { user: 'relay', password: 'Tr0ub4dor&3' };
  const answers = (last: string) => {
    let given = 0;
    return (command: string): string | undefined =>
      /^[A-Za-z0-9+/=]+$/.test(command) && command.length > 6 && !/^(connect|STARTTLS)$/.test(command)
        ? ++given % 2 === 1
          ? '334 UGFzc3dvcmQ6'
          : last
        : undefined;
  };

  it('is masked as the product masks it', async () => {
    const { told, results, remote } = await deliver({
      remote: { extensions: ['AUTH LOGIN PLAIN'], manners: answers('235 2.7.0 Authentication successful') },
      host: { auth },
    });
    expect(kinds(results)).toEqual(['delivered']);
    const rows = told();
    const at = rows.indexOf('> AUTH LOGIN');
    expect(rows.slice(at, at + 6)).toEqual([
      '> AUTH LOGIN',
      '< 334 <authentication information>',
      '> <Binary Data>',
      '< 334 <authentication information>',
      '> <Binary Data>',
      '< 235 2.7.0 Authentication successful',
    ]);
    expect(remote.commands).toContain(Buffer.from(auth.password).toString('base64'));
    for (const secret of [auth.password, auth.user, Buffer.from(auth.user).toString('base64'), 'secret', 'c2VjcmV0'])
      expect(rows.join('\n').replaceAll(/EHLO.*|To smart host/g, '')).not.toContain(secret);
  });

  it('that fails defers the message, and says so', async () => {
    const { told, results, ingest } = await deliver({
      remote: { extensions: ['AUTH LOGIN'], manners: answers('535 5.7.8 no') },
      host: { auth },
    });
    expect(results).toEqual([{ kind: 'deferred', reply: '535 5.7.8 no' }]);
    expect(told().slice(-5)).toEqual([
      '< 535 5.7.8 no',
      '*  | Outbound Authentication failed with LogonDenied',
      '> QUIT',
      '< 221 2.0.0 Bye',
      '-  | Local',
    ]);
    expect((await ingest()).sessions).toMatchObject([{ outcome: 'auth-failed' }]);
  });
});

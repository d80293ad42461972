/** Reports sent through the bundled relay, and what it kept of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import type { CommonOptions } from '../../src/cli/options.ts';
import { type MailOptions, mailOrder, mailReport, withMailOptions } from '../../src/cli/report-mail.ts';
import { reportMail } from '../../src/mail/report-mail.ts';
import { type MailServer, type Sending, sendMail } from '../../src/mail/send-mail.ts';
import { type RelayUnderTest, relayUnderTest } from '../relay/server/relay-under-test.ts';
import { OPTIONS, REPORT } from './report.ts';

const portOf = ({ relay }: RelayUnderTest, port = 25): number => relay.endpoints.find(({ as }) => as.port === port)!.on.port;
const at = (under: RelayUnderTest, more: Partial<MailServer> = {}): MailServer => ({
  host: '127.0.0.1',
  port: portOf(under),
  tls: 'opportunistic',
  ...more,
});

/** What the relay keeps, one for each recipient, once it has `count` of them: it delivers after it has answered. */
async function kept(under: RelayUnderTest, count: number): Promise<string[]> {
  const folder = join(under.folder, 'mail', 'new');
  await expect.poll(() => readdirSync(folder).length, { timeout: 10_000 }).toBe(count);
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
}
const MAILDIR = { delivery: { kind: 'maildir', folder: 'mail' }, data: 'data' };

const says = (sending: Sending): string => (sending.kind === 'failed' ? sending.says : sending.reply);

describe('a report', () => {
  it('comes as text, as a page with its pictures, and with what is attached', async () => {
    const under = await relayUnderTest(MAILDIR);
    const attachments = [
      { name: 'relaylens-2026-10.csv', contentType: 'text/csv; charset=utf-8', content: Buffer.from('a;b\r\n') },
    ];
    const mail = reportMail(REPORT, { ...OPTIONS, attachments });
    const sending = await sendMail(mail, at(under));
    expect(sending).toMatchObject({ kind: 'sent', accepted: OPTIONS.to, refused: [] });
    const [message = ''] = await kept(under, 2);
    const [session] = await under.sessions();
    expect(session).toMatchObject({ outcome: 'accepted', tls: expect.stringMatching(/^TLS1\.[23]$/), recipientsAccepted: 2 });
    const header = message.slice(0, message.search(/\r?\n\r?\n/)).replace(/\r?\n /g, ' ');
    expect(header).toContain(`Message-ID: ${mail.messageId}`);
    expect(header).toContain('Subject: Relay usage, October 2026');
    expect(header).toContain('Date: Mon, 02 Nov 2026 06:00:00 +0000');
    expect(header).toContain('Auto-Submitted: auto-generated');
    const parts = [...message.matchAll(/^Content-(?:Type|Disposition|ID): ([^;\r\n]+)/gim)].map(([, value]) => value);
    expect(parts).toEqual([
      'multipart/mixed',
      'multipart/alternative',
      'text/plain',
      'multipart/related',
      'text/html',
      ...mail.pictures.flatMap(({ id }) => ['image/png', `<${id}>`, 'inline']),
      'text/csv',
      'attachment',
    ]);
  });

  it('is the same, byte for byte, when it is sent again', async () => {
    const under = await relayUnderTest(MAILDIR);
    const mail = reportMail(REPORT, OPTIONS);
    await sendMail(mail, at(under));
    await sendMail(mail, at(under));
    const [first, ...others] = (await kept(under, 4)).map((text) => text.slice(text.indexOf('\nFrom: ')));
    for (const other of others) expect(other).toBe(first);
  });
});

describe('what the server refuses is said in one line, with what it means', () => {
  it('a relay that is denied', async () => {
    const under = await relayUnderTest();
    const sending = await sendMail(reportMail(REPORT, { ...OPTIONS, to: ['a@fabrikam.example'] }), at(under));
    expect(sending).toMatchObject({
      kind: 'failed',
      says: expect.stringMatching(/^refused the recipients: 550 5\.7\.54 SMTP; Unable to relay/),
    });
    expect((sending as { hint: string }).hint).toMatch(/relay/);
  });

  it('one recipient of several: the others get it', async () => {
    const under = await relayUnderTest();
    const sending = await sendMail(
      reportMail(REPORT, { ...OPTIONS, to: ['anna@contoso.example', 'a@fabrikam.example'] }),
      at(under),
    );
    expect(sending).toMatchObject({
      kind: 'sent',
      accepted: ['anna@contoso.example'],
      refused: [{ address: 'a@fabrikam.example', reply: expect.stringMatching(/^550 5\.7\.54/) }],
    });
  });

  it('a certificate that nobody vouches for, where TLS is required or a password is to be given', async () => {
    const under = await relayUnderTest();
    const mail = reportMail(REPORT, OPTIONS);
    const logon = { user: 'anna', password: 'secret' };
    for (const server of [at(under, { tls: 'required' }), at(under, { port: portOf(under, 587), logon })])
      expect(says(await sendMail(mail, server))).toMatch(/^has a certificate that this machine does not trust/);
    // Not a word of the logon was said.
    for (const { authResult, outcome } of await under.sessions())
      expect([authResult, outcome]).toEqual(['none', expect.stringMatching(/tls-failed|probe|abandoned/)]);
  });

  it('a password for a server without TLS', async () => {
    const said: string[] = [];
    const server = createServer((socket) => {
      socket.write('220 plain\r\n');
      socket.on('data', (bytes) => {
        said.push(String(bytes));
        socket.write('250-plain\r\n250 AUTH LOGIN PLAIN\r\n');
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const sending = await sendMail(reportMail(REPORT, OPTIONS), {
      host: '127.0.0.1',
      port,
      tls: 'opportunistic',
      logon: { user: 'u', password: 'secret' },
    });
    server.close();
    expect(sending.kind).toBe('failed');
    expect(said.join('')).not.toMatch(/AUTH/);
  });

  it('nobody who listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    expect(says(await sendMail(reportMail(REPORT, OPTIONS), { host: '127.0.0.1', port, tls: 'opportunistic' }))).toMatch(
      /^refused the connection/,
    );
  });

  it('silence', async () => {
    const server = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const sending = await sendMail(reportMail(REPORT, OPTIONS), { host: '127.0.0.1', port, tls: 'opportunistic', timeoutMs: 20 });
    server.close();
    expect(says(sending)).toMatch(/^did not answer in time/);
  });
});

describe('on the command line', () => {
  const parsed = (...args: string[]): MailOptions =>
    withMailOptions(new Command().exitOverride().configureOutput({ writeErr() {} }))
      .parse(args, { from: 'user' })
      .opts();

  test.each([
    [['--email-to', 'a@x.example'], '--email-to needs --email-from'],
    [['--email-to', 'a@x.example', '--email-from', 'b@x.example'], '--email-to needs --smtp'],
    [['--smtp', 'ex01'], 'nobody is named'],
    [['--email-to', 'a@x.example', '--email-from', 'b@x.example', '--smtp', 'ex01', '--smtp-user', 'u'], 'there is no password'],
    [['--email-to', 'a'], 'is no address'],
    [['--email-to', 'a@x.example\r\nBcc: b@x.example'], 'is no address'],
    [['--smtp', 'ex01:99999'], 'a name or an address'],
    [['--email-attach', 'pdf'], 'xlsx, csv'],
  ])('%j is said to be wrong before anything is done', (args, said) => {
    expect(() => mailOrder(parsed(...args), {})).toThrow(said);
  });

  test('says all that is needed', () => {
    const options = parsed(
      '--email-to',
      'a@x.example, b@x.example',
      '--email-from',
      'r@x.example',
      '--smtp',
      '[fd00::5]:587',
      '--smtp-user',
      'u',
      '--email-attach',
      'none',
    );
    expect(mailOrder(options, { RELAYLENS_SMTP_PASSWORD: 'p' })).toEqual({
      to: ['a@x.example', 'b@x.example'],
      from: 'r@x.example',
      attach: [],
      server: { host: 'fd00::5', port: 587, tls: 'opportunistic', logon: { user: 'u', password: 'p' } },
    });
    expect(mailOrder(parsed(), {})).toBeUndefined();
  });

  test('the report goes out with a workbook and CSV, and says so', async () => {
    const under = await relayUnderTest(MAILDIR);
    const err: string[] = [];
    const io: Io = {
      out() {},
      outBytes() {},
      err: (text) => void err.push(text),
      isTerminal: false,
      errIsTerminal: false,
      width: 80,
      now: () => OPTIONS.at,
    };
    const common: CommonOptions = { db: '', format: 'text', tz: { name: 'Europe/Berlin' }, csvSeparator: ';', csvBom: true };
    const order = { to: OPTIONS.to, from: OPTIONS.from, attach: ['xlsx', 'csv'] as const, server: at(under) };
    const id = await mailReport(io, common, order, REPORT, { period: '2026-10', subject: 'Relay usage' });
    expect(err.join('')).toMatch(
      /^report sent to anna@contoso\.example, boss@contoso\.example by 127\.0\.0\.1:\d+ \(250 2\.6\.0 /,
    );
    const [message = ''] = await kept(under, 2);
    expect(message).toContain(id);
    expect(message).toContain('filename=relaylens-2026-10.xlsx');
    expect(message).toContain('filename=relaylens-2026-10.csv');
    await expect(
      mailReport(io, common, { ...order, to: ['a@fabrikam.example'] }, REPORT, { period: 'x', subject: 'x' }),
    ).rejects.toThrow('the report was not sent');
  });
});

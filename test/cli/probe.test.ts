/**
 * `probe` as a command: page, object, exit codes, and what is refused before anything is said. Golden files:
 *
 *   UPDATE_GOLDEN=1 npx vitest run test/cli/probe.test.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { temporaryFolder, writeFiles } from '../harness.ts';
import { listening, portOf, speaking } from '../probe/probing.ts';
import { cheapHash, PASSWORD, type RelayUnderTest, relayUnderTest } from '../relay/server/relay-under-test.ts';
import { relaylens, type Said } from './console.ts';

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url));
const EXPORTS = fileURLToPath(new URL('../../fixtures/configuration/exports', import.meta.url));
const OUTSIDE = ['--from', 'scan@contoso.example', '--to', 'partner@fabrikam.example'];

beforeEach(() => void vi.stubEnv('RELAYLENS_PASSWORD', undefined));
afterEach(() => void vi.unstubAllEnvs());

function whereOf(under: RelayUnderTest, port: 25 | 587 = 25): string {
  const { host, port: real } = listening(under, port);
  return `${host}:${real}`;
}

const probe = (...args: string[]): Promise<Said> =>
  relaylens(['probe', ...args, '--helo', 'mfp-01', '--tz', 'Europe/Berlin'], { width: 100, now: new Date().toISOString() });

/** Without times, ports and what else is new in every run. */
const masked = (text: string): string =>
  text
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\d\d:\d\d:\d\d\.\d{3}/g, 'hh:mm:ss.sss')
    .replace(/ready at [^\n]*(\n +[^\n<>*]*)?(?=\n)/g, 'ready at (date)')
    .replace(/\d{4}-\d\d-\d\d( \d\d:\d\d)?/g, 'yyyy-mm-dd')
    .replace(/\b[0-9A-F]{40}\b/g, 'THUMBPRINT');

function golden(name: string, text: string): void {
  const path = `${GOLDEN}${name}.golden.txt`;
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  expect(text, 'If the new text is right: UPDATE_GOLDEN=1 npx vitest run test/cli/probe.test.ts').toBe(
    readFileSync(path, 'utf8'),
  );
}

async function imported(exports: string): Promise<string> {
  const database = `${temporaryFolder()}/probe.db`;
  const { err, code } = await relaylens(['config', 'import', exports, '--db', database]);
  if (code === 2 && !err.includes('devices')) throw new Error(err);
  return database;
}

describe('the page', () => {
  test('of a client that may not relay begins with the verdict and ends with what was not tested', async () => {
    const { code, out, err } = await probe(whereOf(await relayUnderTest()), ...OUTSIDE);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    golden('probe-refused-100', masked(out));
  });

  test('of a prediction says that nothing was connected', async () => {
    const database = await imported(EXPORTS);
    const { code, out } = await probe('10.0.0.5', '--db', database, '--from-connector', 'EX01', '--as', '10.0.20.12', ...OUTSIDE);
    expect(code).toBe(1);
    golden('probe-predicted-100', masked(out));
  });

  test('shows nothing of what a server says to the terminal itself', async () => {
    const port = await portOf(speaking('220 x', { RCPT: '550 \u001b[31mred \u202eevil\u0007' }));
    const { out } = await probe(`127.0.0.1:${port}`, '--from', '<>', '--to', 'a@contoso.example');
    expect(out).toContain('refuses the recipient a@contoso.example: 550 red');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

describe('the object', () => {
  const time = z.iso.datetime({ precision: 3 });
  const contract = z.object({
    verdict: z.object({
      kind: z.string(),
      exitCode: z.literal([0, 1, 2]),
      sentence: z.string().min(1),
      reply: z.string().nullable(),
      remedy: z.array(z.string()),
      notTested: z.array(z.string()).min(1),
    }),
    host: z.string(),
    port: z.int(),
    address: z.string().nullable(),
    localEndpoint: z.string().nullable(),
    seenAs: z.string().nullable(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    recipients: z.array(z.object({ address: z.string(), accepted: z.boolean().nullable(), reply: z.string().nullable() })),
    tls: z.object({ protocol: z.string(), certificates: z.array(z.looseObject({ notAfter: time })) }).nullable(),
    conversation: z.array(
      z.object({
        at: time,
        afterMs: z.number().nonnegative(),
        from: z.enum(['client', 'server', 'note']),
        text: z.string(),
        step: z.string().nullable(),
        delay: z.enum(['none', 'tarpit', 'slow']),
      }),
    ),
    explanations: z.array(z.looseObject({ reply: z.string(), isDeciding: z.boolean() })),
    prediction: z.looseObject({ server: z.string(), asOf: time }).nullable(),
  });

  test.each<[string, string[], number]>([
    ['a refusal', OUTSIDE, 1],
    ['a greeting', [], 0],
    ['an accepted recipient', ['--from', '<>', '--to', 'a@contoso.example', '--no-tls'], 0],
  ])('of %s keeps the contract, and its exit code is that of the command', async (_, args, exitCode) => {
    const { code, out } = await probe(whereOf(await relayUnderTest()), ...args, '--format', 'json');
    expect(contract.safeParse(JSON.parse(out)).error?.issues ?? []).toEqual([]);
    expect({ code, said: JSON.parse(out).verdict.exitCode }).toEqual({ code: exitCode, said: exitCode });
  });

  test('of a port that nobody listens on has no conversation', async () => {
    const { code, out } = await probe('127.0.0.1:1', '--format', 'json');
    expect(code).toBe(2);
    expect(contract.parse(JSON.parse(out))).toMatchObject({ address: null, conversation: [], verdict: { kind: 'unreachable' } });
  });
});

test('--send hands one message over, and says so', async () => {
  const under = await relayUnderTest();
  const { code, out } = await probe(whereOf(under), '--from', '<>', '--to', 'a@contoso.example', '--send');
  expect(code).toBe(0);
  expect(out).toMatch(/^took the test message: 250 2\.6\.0 /);
  expect(under.relay.counts().messages).toBe(1);
});

describe('a password', () => {
  test('comes from the variable, and is nowhere afterwards', async () => {
    vi.stubEnv('RELAYLENS_PASSWORD', PASSWORD);
    const under = await relayUnderTest({ users: { crm: await cheapHash() } });
    for (const format of ['text', 'json']) {
      const { code, out, err } = await probe(whereOf(under, 587), '--user', 'crm', ...OUTSIDE, '--format', format);
      expect(code).toBe(0);
      for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64')]) expect(out + err).not.toContain(secret);
    }
  });

  test('that is nowhere to be had ends the command before anything is said', async () => {
    const { code, err } = await probe('127.0.0.1:1', '--user', 'crm');
    expect(code).toBe(2);
    expect(err).toMatch(/^relaylens: there is no password for crm\nSet the variable RELAYLENS_PASSWORD/);
  });
});

describe('with the configuration', () => {
  const connector = (port: number, ranges: string) => ({
    Identity: 'EX01\\Relay',
    Server: 'EX01',
    Name: 'Relay',
    Enabled: 'True',
    TransportRole: 'FrontendTransport',
    Bindings: `0.0.0.0:${port}`,
    RemoteIPRanges: ranges,
    AuthMechanism: 'Tls',
    PermissionGroups: 'AnonymousUsers, Custom',
  });

  async function beside(ranges: string, domains?: object): Promise<Said> {
    const under = await relayUnderTest({
      clients: {},
      connectors: [
        { name: 'Relay', bindings: '0.0.0.0:25', remoteIPRanges: '127.0.0.0/8', relay: 'anonymous', TarpitInterval: '00:00:00' },
      ],
    });
    const folder = temporaryFolder();
    const { port } = listening(under);
    writeFiles(folder, {
      'connectors.json': JSON.stringify(connector(port, ranges)),
      ...(domains && { 'accepted-domains.json': JSON.stringify(domains) }),
    });
    return probe(`127.0.0.1:${port}`, '--db', await imported(folder), '--from-connector', 'EX01', ...OUTSIDE);
  }

  test('the answers stand beside what it says', async () => {
    const { code, out } = await beside('127.0.0.1');
    expect(code).toBe(0);
    expect(out).toContain('The server answered as its configuration says.');
    expect(out).toMatch(/=\s+RCPT partner@fabrikam\.example/);
  });

  test('of its accepted domains, a recipient outside is relayed', async () => {
    const domains = [{ Name: 'contoso', DomainName: 'contoso.example', DomainType: 'Authoritative', Default: 'True' }];
    const { code, out } = await beside('127.0.0.1', domains);
    expect(code).toBe(0);
    expect(out).toMatch(/^relays: 250 2\.1\.5 Recipient OK for partner@fabrikam\.example, outside the accepted domains/);
  });

  test('that is old, it says so', async () => {
    const { code, out } = await beside('10.0.0.0/8');
    expect(code).toBe(0);
    expect(out).toContain('otherwise than its configuration says, at the banner');
    expect(out.replace(/\s+/g, ' ')).toContain('export and import it again');
  });
});

test.each<[string[], string]>([
  [['10.0.0.5:99999'], "'10.0.0.5:99999' is no host and port"],
  [['a b'], "'a b' is no host and port"],
  [['[fd00::5'], "'[fd00::5' is no host and port"],
  [['h', '--to', 'a@b'], '--to needs a sender'],
  [['h', '--from', '<>', '--to', '<>'], 'a recipient is missing behind --to'],
  [['h', '--from', 'a@b', '--send'], '--send needs a recipient'],
  [['h', '--from', 'a\r\nRCPT TO:<x>'], "' cannot be used as a sender"],
  [['h', '--no-tls', '--require-tls'], 'contradict each other'],
  [['h', '--tls-min', 'TLSv1.3', '--tls-max', 'TLSv1.2'], '--tls-min TLSv1.3 is newer than --tls-max TLSv1.2'],
  [['h', '--tls-min', 'SSLv3'], 'Allowed choices are'],
  [['h', '--timeout', '0'], 'a number of seconds'],
  [['h', '--ipv4', '--ipv6'], 'contradict each other'],
  [['10.0.0.5', '--ipv6'], 'do not go together'],
  [['10.0.0.5', '--local-address', 'fd00::1'], 'do not go together'],
  [['h', '--local-address', 'eth0'], "'eth0' is no IP address"],
  [['h', '--as', '10.0.20.12'], '--as needs --from-connector'],
  [['h', '--format', 'csv'], 'Allowed choices are text, json'],
  [['h', '--from-connector', '--db', '/nowhere/at.all'], 'no such database'],
])('%j is wrong usage, in one line', async (args, message) => {
  const { code, out, err } = await probe(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
  expect(err).not.toContain('    at ');
});

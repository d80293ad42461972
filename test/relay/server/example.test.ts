/** `relay --init` writes a configuration that works as it stands, and `relay` runs it. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { relaylens } from '../../cli/console.ts';
import { temporaryFolder } from '../../harness.ts';
import { SmtpClient } from './smtp-client.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

/** The example on ports that are free. */
async function example(): Promise<{ file: string; user: string; password: string }> {
  const file = join(temporaryFolder(), 'relay.jsonc');
  const { code, out, err } = await relaylens(['relay', '--init', file]);
  expect([code, err]).toEqual([0, '']);
  const [, user, password] = /the user (\S+) with the password (\S+);/.exec(out)!;
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('127.0.0.1:2525"', '127.0.0.1:0"').replace('127.0.0.1:2587"', '127.0.0.1:0"'),
  );
  return { file, user: user!, password: password! };
}

test('the example is left alone once it is there', async () => {
  const { file } = await example();
  expect(await relaylens(['relay', '--init', file])).toMatchObject({ code: 2, err: expect.stringContaining('is there already') });
});

test('the example starts, relays for its device, lets its user log on, and stops when it is told to', async () => {
  const { file, user, password } = await example();
  const relay = spawn(process.execPath, ['--import', 'tsx', MAIN, 'relay', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complained = '';
  relay.stdout.on('data', (chunk) => (said += chunk));
  relay.stderr.on('data', (chunk) => (complained += chunk));
  const ended = new Promise((resolve) => relay.once('exit', (code) => resolve(code)));
  try {
    await expect.poll(() => said, { timeout: 15_000 }).toContain('Stop with Ctrl+C.');
    expect(said).toMatch(/^EX01 FrontEnd listens on 127\.0\.0\.1:\d+, as 10\.0\.0\.5:25$/m);
    expect(said).toMatch(/^ {2}EX01\\Relay Devices: 0\.0\.0\.0:25; from 10\.0\.20\.12, .*; relays without a password$/m);
    const [relayPort, userPort] = [...said.matchAll(/127\.0\.0\.1:(\d+), as/g)].map(([, port]) => Number(port));
    const device = await SmtpClient.connect({ port: relayPort!, from: '127.0.0.12' });
    expect(await device.reply()).toMatch(/^220 /);
    expect(await device.sayAll('EHLO mfp', 'MAIL FROM:<mfp@contoso.example>', 'RCPT TO:<x@example.net>')).toBe(
      '250 2.1.5 Recipient OK',
    );
    await device.say('DATA');
    device.send('Subject: x\r\n\r\n.\r\n');
    expect(await device.reply()).toMatch(/^250 2\.6\.0 /);
    await device.say('QUIT');
    const scanner = await SmtpClient.connect({ port: userPort! });
    await scanner.reply();
    await scanner.sayAll('EHLO scanner', 'STARTTLS');
    await scanner.startTls();
    const [name, secret] = [user, password].map((text) => Buffer.from(text).toString('base64'));
    expect(await scanner.sayAll('EHLO scanner', 'AUTH LOGIN', name!, secret!)).toBe('235 2.7.0 Authentication successful');
    scanner.destroy();
    relay.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(said).toMatch(/Stopped: 2 sessions, 1 message, 14 bytes\.\n$/);
    expect(complained).toBe('');
  } finally {
    relay.kill('SIGKILL');
  }
}, 40_000);

test('what is wrong is said line by line, and nothing starts', async () => {
  const file = join(temporaryFolder(), 'relay.jsonc');
  writeFileSync(file, '{ "server": "EX01", "listen": "nowhere", "connectors": [{ "name": "\\u001b[31mX", "Foo": 1 }] }');
  const { code, out, err } = await relaylens(['relay', file]);
  expect([code, out]).toEqual([2, '']);
  expect(err.split('\n')).toEqual([
    `${file}: listen: "nowhere" is no endpoint, such as "127.0.0.1:2525" or "[::1]:2525"`,
    `${file}: connectors[0].Foo: no such property of a receive connector`,
    `${file}: connectors[0].bindings is missing`,
    `${file}: connectors[0].remoteIPRanges is missing`,
    '',
  ]);
});

test('an open relay is refused, in one line and a hint', async () => {
  const file = join(temporaryFolder(), 'relay.jsonc');
  writeFileSync(
    file,
    '{ "server": "EX01", "listen": "0.0.0.0:0", "connectors": { "name": "All", "bindings": "0.0.0.0:0", "remoteIPRanges": "0.0.0.0/0", "relay": "anonymous" } }',
  );
  const { code, err } = await relaylens(['relay', file]);
  expect(code).toBe(2);
  expect(err).toContain(
    'EX01\\All lets anybody in 0.0.0.0/0 send anywhere without a password, and 0.0.0.0:0 is no loopback address',
  );
  expect(err).toContain('--i-know-this-is-an-open-relay');
});

test('a file that is not there is named, with the way to one', async () => {
  expect(await relaylens(['relay', '/nowhere/relay.jsonc'])).toMatchObject({
    code: 2,
    err: 'relaylens: /nowhere/relay.jsonc: no such file\nrelaylens relay --init /nowhere/relay.jsonc writes one to begin with.\n',
  });
});

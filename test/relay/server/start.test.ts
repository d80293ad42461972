/** What a start refuses that the file alone does not show: folders, certificates, ciphers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/store/user-error.ts';
import { temporaryFolder } from '../../harness.ts';
import { relayUnderTest } from './relay-under-test.ts';

const refusal = (settings: Readonly<Record<string, unknown>>): Promise<unknown> =>
  relayUnderTest(settings).then(
    () => undefined,
    (error: unknown) => error,
  );

function fileThere(): string {
  const file = join(temporaryFolder(), 'm.eml');
  writeFileSync(file, 'no folder, no certificate');
  return file;
}

describe('a folder that cannot be had', () => {
  test.each<[string, (folder: string) => object]>([
    ['data', (data) => ({ data })],
    ['data', (data) => ({ data, certificate: 'none', delivery: { kind: 'maildir', folder: 'mail' } })],
    ['logs.folder', (folder) => ({ logs: { folder } })],
    ['delivery.folder', (folder) => ({ delivery: { kind: 'maildir', folder } })],
  ])('keeps the relay from starting, and is named: %s', async (setting, settings) => {
    const file = fileThere();
    const places: [string, string][] = [
      [file, 'is a file and no folder'],
      [join(file, 'a', 'b'), `lies below a file, ${file}`],
      // Once tried with all levels at a time, this never came back.
      ...(process.platform === 'linux'
        ? ([['/proc/nope/more', 'cannot be made or written (ENOENT)']] as [string, string][])
        : []),
    ];
    for (const [folder, fault] of places) {
      const error = await refusal({ ...settings(folder) });
      expect(error).toBeInstanceOf(UserError);
      const { message } = error as UserError;
      expect(message.startsWith(`${setting}: `) && !message.includes('\n')).toBe(true);
      expect(message).toContain(fault);
    }
  });

  test('is made with all that is above it', async () => {
    const folder = temporaryFolder();
    const under = await relayUnderTest({ logs: { folder: join(folder, 'a', 'b') }, data: join(folder, 'c', 'd') });
    expect(under.relay.endpoints).toHaveLength(2);
  });
});

test.each<[string, (file: string) => object, string]>([
  ['a certificate that is none', (file) => ({ certificate: { certificate: file, key: file } }), 'certificate.certificate: "'],
  ['ciphers that nobody knows', () => ({ tls: { ciphers: 'BOGUS' } }), 'tls.ciphers: "BOGUS" cannot be used for TLS ('],
])('a start names the setting: %s', async (_, settings, line) => {
  const error = await refusal({ ...settings(fileThere()) });
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message.startsWith(line)).toBe(true);
});

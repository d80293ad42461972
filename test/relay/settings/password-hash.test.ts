import { scrypt } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { LogonChecker, LogonQueue } from '../../../src/relay/server/logon-checker.ts';
import {
  formatPasswordHash,
  hashPassword,
  matchesPassword,
  parsePasswordHash,
} from '../../../src/relay/settings/password-hash.ts';

// What a logon costs is the work it asks for: a clock would tell how busy the machine is.
vi.mock('node:crypto', async (load) => {
  const real = await load<typeof import('node:crypto')>();
  return { ...real, scrypt: vi.fn(real.scrypt) };
});

const cheap = { N: 16, r: 1, p: 1 };

describe('a password hash', () => {
  test('is of one password, and never twice the same', async () => {
    const [one, two] = [await hashPassword('päss', cheap), await hashPassword('päss', cheap)];
    expect(formatPasswordHash(one)).not.toBe(formatPasswordHash(two));
    expect([await matchesPassword(one, 'päss'), await matchesPassword(one, 'pässe'), await matchesPassword(one, '')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('survives being written down', async () => {
    const hash = parsePasswordHash(formatPasswordHash(await hashPassword('x')));
    expect(await matchesPassword(hash!, 'x')).toBe(true);
  });

  test.each([
    '',
    'x',
    'scrypt$0$8$1$AAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
    'scrypt$17$8$1$AAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
    'scrypt$16$99$1$AAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
    'scrypt$16$8$1$AAAAAAAAAAAA$AAAA',
  ])('is not %s', (text) => expect(parsePasswordHash(text)).toBeUndefined());
});

describe('a logon', () => {
  test('costs the same for a name that nobody has', async () => {
    const checker = new LogonChecker(new Map([['a', await hashPassword('x', cheap)]]), new LogonQueue(1));
    const work = vi.mocked(scrypt);
    const workFor = async (name: string): Promise<unknown[][]> => {
      work.mockClear();
      expect(await checker.check(name, 'y')).toBe(false);
      return work.mock.calls.map(([password, salt, octets, cost]) => [password, (salt as Buffer).length, octets, cost]);
    };
    const known = await workFor('a');
    expect(known).toHaveLength(1);
    expect(await workFor('b')).toEqual(known);
  });

  test('waits for its turn, and who has gone is passed over', async () => {
    const queue = new LogonQueue(2);
    let running = 0;
    let most = 0;
    const work = Array.from({ length: 10 }, () =>
      queue.run(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running--;
      }),
    );
    const checker = new LogonChecker(new Map([['a', await hashPassword('x', cheap)]]), queue);
    expect(await Promise.all([checker.check('A', 'x'), checker.check('a', 'x', () => false)])).toEqual([true, false]);
    await Promise.all(work);
    expect(most).toBe(2);
  });

  test('that fails gives its place back', async () => {
    const queue = new LogonQueue(1);
    await expect(queue.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await queue.run(async () => 7)).toBe(7);
  });
});

/** Passwords as the configuration keeps them: salted scrypt hashes, as one word. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

export interface PasswordHash {
  /** Cost: iterations, a power of two. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

const KEY_OCTETS = 32;
const COST = { N: 32_768, r: 8, p: 1 } as const;

/** What a hash may cost to check: a file must not make a logon take minutes or gigabytes. */
const MOST = { N: 1_048_576, r: 32, p: 16 } as const;

/** `scrypt$32768$8$1$<salt>$<key>`, salt and key in Base64; undefined for what is none, or costs too much to check. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const parts = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w+/]{11,}={0,2})\$([\w+/]{22,}={0,2})$/.exec(text.trim());
  if (!parts) return undefined;
  const [N, r, p] = parts.slice(1, 4).map(Number) as [number, number, number];
  if (N < 2 || (N & (N - 1)) !== 0 || N > MOST.N || r < 1 || r > MOST.r || p < 1 || p > MOST.p) return undefined;
  return { N, r, p, salt: Buffer.from(parts[4]!, 'base64'), key: Buffer.from(parts[5]!, 'base64') };
}

export function formatPasswordHash({ N, r, p, salt, key }: PasswordHash): string {
  return `scrypt$${N}$${r}$${p}$${salt.toString('base64')}$${key.toString('base64')}`;
}

/** Some 100 ms and 32 MB at the default cost. */
export async function hashPassword(password: string, cost: Pick<PasswordHash, 'N' | 'r' | 'p'> = COST): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { ...cost, salt, key: await derive(password, { ...cost, salt, key: Buffer.alloc(KEY_OCTETS) }) };
}

export async function matchesPassword(hash: PasswordHash, password: string): Promise<boolean> {
  return timingSafeEqual(hash.key, await derive(password, hash));
}

/** A hash that no password has, and that takes as long to check as the one given. */
export function hashOfNobody({ N, r, p }: Pick<PasswordHash, 'N' | 'r' | 'p'> = COST): PasswordHash {
  return { N, r, p, salt: randomBytes(16), key: randomBytes(KEY_OCTETS) };
}

function derive(password: string, { N, r, p, salt, key }: PasswordHash): Promise<Buffer> {
  // 128·N·r octets are what the algorithm needs; Node refuses below that.
  const maxmem = 128 * N * r + 128 * r * p + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, key.length, { N, r, p, maxmem }, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
}

/** What a reply row says, read from its bytes: the hot path decodes no reply that it only has to count. */
import type { CommandKind } from '../smtp/command.ts';

/** The three digits of a reply; 0 when the row holds none. */
export function replyCode(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 3) return 0;
  const a = bytes[start]! - 48;
  const b = bytes[start + 1]! - 48;
  const c = bytes[start + 2]! - 48;
  if (a < 2 || a > 5 || b < 0 || b > 9 || c < 0 || c > 9) return 0;
  return a * 100 + b * 10 + c;
}

export type Said = 'mail' | 'rcpt' | 'content';

/** What `250 2.1.0`, `250 2.1.5` and `250 2.6.0` are said to, read from the bytes. */
export function enhancedKind(bytes: Uint8Array, start: number, end: number): Said | undefined {
  if (end - start < 9 || bytes[start] !== 50 || bytes[start + 1] !== 53 || bytes[start + 2] !== 48) return undefined;
  if (bytes[start + 4] !== 50 || bytes[start + 5] !== 46 || bytes[start + 7] !== 46) return undefined;
  const subject = bytes[start + 6];
  const detail = bytes[start + 8];
  if (subject === 49) return detail === 48 ? 'mail' : detail === 53 ? 'rcpt' : undefined;
  return subject === 54 && detail === 48 ? 'content' : undefined;
}

export const fitsKind = (said: Said, kind: CommandKind): boolean =>
  said === 'content' ? kind === 'data' || kind === 'bdat' || kind === 'bdat-last' : said === kind;

/** Kinds whose replies are so particular that they are believed even when no row is missing. */
export const isStrict = (kinds: readonly CommandKind[]): boolean => kinds.includes('rcpt') || kinds.includes('auth');

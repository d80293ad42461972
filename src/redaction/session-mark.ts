import type { KeyedBits } from './keyed-bits.ts';

/** `08DC6C1A0B2C3D51-k3f9`: the mark is made of server and addresses, so somebody could try all of them until one fits. */
export const MARKED_SESSION = '(?<![\\w-])[0-9A-F]{16}-[0-9a-z]{4}(?![\\w-])';

/** The same session-id with a mark that only the owner of the key can make; he finds the session by it. */
export function redactedSessionId(bits: KeyedBits, id: string): string {
  const dash = id.lastIndexOf('-');
  return `${id.slice(0, dash)}-${bits.hex(`session\0${id.toLowerCase()}`, 4).toLowerCase()}`;
}

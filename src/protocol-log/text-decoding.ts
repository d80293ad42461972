import { isUtf8 } from 'node:buffer';

/**
 * Bytes of a log as text. The server writes UTF-8, but what a client sent is copied byte for byte: a slice that is not
 * UTF-8 is read as Latin-1, so that every byte stays visible and none is replaced.
 */
export function decodeText(bytes: Buffer, start = 0, end = bytes.length): string {
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 0x80) {
      const slice = bytes.subarray(start, end);
      return isUtf8(slice) ? slice.toString('utf8') : slice.toString('latin1');
    }
  }
  return bytes.toString('latin1', start, end);
}

/** Slices up to this length are looked for among those read before. */
const LONGEST = 64;
const PLACES = 1 << 13;
const texts: string[] = new Array<string>(PLACES).fill('');
const textBytes = new Uint8Array(PLACES * LONGEST);

/**
 * The same as {@link decodeText}, for what is likely to have been read before (names, addresses): then it makes no string,
 * and the one it gives is known to every table that was asked for it before.
 */
export function decodeRecurring(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > LONGEST) return decodeText(bytes, start, end);
  let hash = length;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x80) return decodeText(bytes, start, end);
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
  const known = texts[place]!;
  if (known.length === length && isAt(place, bytes, start, length)) return known;
  const text = bytes.toString('latin1', start, end);
  texts[place] = text;
  for (let i = 0; i < length; i++) textBytes[place * LONGEST + i] = bytes[start + i]!;
  return text;
}

function isAt(place: number, bytes: Buffer, start: number, length: number): boolean {
  const at = place * LONGEST;
  for (let i = 0; i < length; i++) if (textBytes[at + i] !== bytes[start + i]) return false;
  return true;
}

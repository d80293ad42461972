import { isUtf8 } from 'node:buffer';

/**
 * Bytes of a log as text. The server writes UTF-8, but what a client sent is copied byte for byte: a slice that is not
 * UTF-8 is read as Latin-1, so that every byte stays visible and none is replaced.
 */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 0x80) {
      const slice = bytes.subarray(start, end);
      return isUtf8(slice) ? slice.toString('utf8') : slice.toString('latin1');
    }
  }
  return bytes.toString('latin1', start, end);
}

/** Bytes of an export as text: what PowerShell, Excel and editors on Windows write. */
import { Buffer, isUtf8 } from 'node:buffer';

/** UTF-8 and UTF-16 with or without byte order mark; what is neither is windows-1252, in which every byte is a character. */
export function decodeExport(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  return encoding === 'windows-1252' ? fromWindows1252(bytes) : new TextDecoder(encoding).decode(bytes);
}

/** Characters 0x80 to 0x9f; the five that the code page leaves open stay control characters. */
const HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** By hand, because the decoder of Node 20 takes the name for Latin-1. */
function fromWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin1.replace(/[\u0080-\u009f]/g, (character) => HIGH[character.charCodeAt(0) - 0x80]!);
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  // Exports begin with ASCII: a zero beside each of the first two characters is the other half of UTF-16.
  if (a && b === 0 && c && d === 0) return 'utf-16le';
  if (a === 0 && b && c === 0 && d) return 'utf-16be';
  return isUtf8(bytes) ? 'utf-8' : 'windows-1252';
}

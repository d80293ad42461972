/** Numbers of bytes as Exchange's limits are written: a megabyte is 1024 × 1024. */

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** `36 MB`, `48.2 MB`, `256 KB`, `700 bytes`. */
export function byteCount(bytes: number): string {
  const [size, unit] =
    bytes >= MEBIBYTE ? [bytes / MEBIBYTE, 'MB'] : bytes >= KIBIBYTE ? [bytes / KIBIBYTE, 'KB'] : [bytes, 'bytes'];
  return `${size.toLocaleString('en-US', { maximumFractionDigits: 1 })} ${unit}`;
}

/** `48.2 MB (50,541,363 bytes)`. */
export const exactByteCount = (bytes: number): string =>
  bytes < KIBIBYTE ? byteCount(bytes) : `${byteCount(bytes)} (${bytes.toLocaleString('en-US')} bytes)`;

/** What a file may have before base64 and its line ends make it 37 percent bigger. */
export const asFile = (bytes: number): number => Math.floor((bytes * 54) / 74);

/** A limit that takes so many bytes, as cmdlets write it: the next full five megabytes, and never less than a tenth above. */
export const roomFor = (bytes: number): string => `${Math.ceil((bytes * 1.1) / (5 * MEBIBYTE)) * 5}MB`;

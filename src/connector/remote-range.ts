/** Remote IP ranges of a connector: which clients it takes. The text is kept, because Exchange keeps the notation too. */
import { type AddressRange, formatAddress, parseRange, sizeOf } from '../net/address-range.ts';

export interface RemoteRange extends AddressRange {
  /** As exported. */
  readonly text: string;
}

/** undefined for what is no range. */
export function parseRemoteRange(text: string): RemoteRange | undefined {
  const range = parseRange(text);
  return range && { ...range, text: text.trim() };
}

/** Prefix lengths of the ranges that have a name of their own in what people read. */
export function isWholeFamily(range: AddressRange): boolean {
  return range.first === 0n && range.last === (range.family === 'ipv4' ? 2n ** 32n : 2n ** 128n) - 1n;
}

/** `10.0.20.0/24 (256 addresses)`, `all IPv4 addresses`, `10.0.20.11`. */
export function rangeInWords(range: RemoteRange): string {
  if (isWholeFamily(range)) return `all ${familyName(range)} addresses`;
  const size = sizeOf(range);
  return size === 1n ? formatAddress({ family: range.family, value: range.first }) : `${range.text} (${countInWords(size)})`;
}

export function countInWords(size: bigint): string {
  if (size === 1n) return '1 address';
  if (size < 10n ** 12n) return `${Number(size).toLocaleString('en-US')} addresses`;
  const bits = size.toString(2).length - 1;
  return size === 1n << BigInt(bits) ? `2^${bits} addresses` : `about 2^${bits} addresses`;
}

export const familyName = ({ family }: { family: 'ipv4' | 'ipv6' }): 'IPv4' | 'IPv6' => (family === 'ipv4' ? 'IPv4' : 'IPv6');

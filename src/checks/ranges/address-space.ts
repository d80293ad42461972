/** Which addresses belong to the Internet, how many a list of ranges holds, and which of them are wide. */
import { NOT_PUBLIC, union } from '../../connector/range-set.ts';
import { familyName, isWholeFamily, type RemoteRange } from '../../connector/remote-range.ts';
import { type AddressRange, formatRange, holds, parseRange, sizeOf } from '../../net/address-range.ts';

const rangesOf = (texts: readonly string[]): readonly AddressRange[] => texts.flatMap((text) => parseRange(text) ?? []);

/** RFC 1918. */
const PRIVATE_NETWORKS = rangesOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']);

/** More addresses than a /24 has is more than a list of devices. */
const WIDE = 256n;

/** Wider than a /24; of IPv6, where one subnet has 2^64 addresses, wider than that. */
export function isWide(range: AddressRange): boolean {
  return sizeOf(range) > (range.family === 'ipv4' ? WIDE : 1n << 64n);
}

/** `all IPv4 addresses`, `the whole private network 10.0.0.0/8`, or undefined for a part. */
export function wholeNetworkName(range: AddressRange): string | undefined {
  if (isWholeFamily(range)) return `all ${familyName(range)} addresses`;
  const network = PRIVATE_NETWORKS.find(
    ({ first, last, family }) => family === range.family && first === range.first && last === range.last,
  );
  return network && `the whole private network ${formatRange(network)}`;
}

/** How many addresses of the range belong to the Internet. */
export function publicCount(range: AddressRange): bigint {
  let count = sizeOf(range);
  for (const block of NOT_PUBLIC) {
    if (block.family !== range.family || block.last < range.first) continue;
    if (block.first > range.last) break;
    const first = block.first > range.first ? block.first : range.first;
    const last = block.last < range.last ? block.last : range.last;
    count -= last - first + 1n;
  }
  return count;
}

/** True for an address of the Internet; false for what is no address. */
export function isPublic(address: string): boolean {
  const range = parseRange(address);
  return range !== undefined && publicCount(range) > 0n;
}

/** The ranges that hold addresses of the Internet. */
export const publicRanges = (ranges: readonly RemoteRange[]): RemoteRange[] => ranges.filter((range) => publicCount(range) > 0n);

/** How many addresses of the Internet the ranges hold together. */
export const publicTotal = (ranges: readonly AddressRange[]): bigint =>
  union(ranges).reduce((sum, range) => sum + publicCount(range), 0n);

/** True where the two have an address in common. */
export const overlap = (a: AddressRange, b: AddressRange): boolean =>
  holds(a, { family: b.family, value: b.first }) || holds(b, { family: a.family, value: a.first });

/** True where a list of the Internet's size is meant, not some hosts: more public addresses than a /24 has. */
export const isOpenToInternet = (ranges: readonly AddressRange[]): boolean =>
  union(ranges).some((range) => publicCount(range) > (range.family === 'ipv4' ? WIDE : 1n << 64n));

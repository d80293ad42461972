/** Ranges taken together as the addresses that they hold, whatever their notation. */
import { type AddressRange, formatRange } from '../net/address-range.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;

/** The same addresses in as few ranges as possible: IPv4 first, ascending. */
export function union(ranges: readonly AddressRange[]): AddressRange[] {
  return FAMILIES.flatMap((family) => {
    const merged: { first: bigint; last: bigint }[] = [];
    for (const { first, last } of ofFamily(ranges, family)) {
      const before = merged.at(-1);
      if (before && first <= before.last + 1n) {
        if (last > before.last) before.last = last;
      } else merged.push({ first, last });
    }
    return merged.map((range) => ({ family, ...range }));
  });
}

/** The addresses of `ranges` that `without` does not hold, in as few ranges as possible. */
export function difference(ranges: readonly AddressRange[], without: readonly AddressRange[]): AddressRange[] {
  const holes = union(without);
  return union(ranges).flatMap(({ family, first, last }) => {
    const left: AddressRange[] = [];
    let from = first;
    for (const hole of holes) {
      if (hole.family !== family || hole.last < from || hole.first > last) continue;
      if (hole.first > from) left.push({ family, first: from, last: hole.first - 1n });
      from = hole.last + 1n;
    }
    if (from <= last) left.push({ family, first: from, last });
    return left;
  });
}

export function sameAddresses(a: readonly AddressRange[], b: readonly AddressRange[]): boolean {
  return difference(a, b).length === 0 && difference(b, a).length === 0;
}

const PRIVATE: readonly AddressRange[] = [
  v4(10, 0, 0, 0, 8),
  v4(100, 64, 0, 0, 10),
  v4(127, 0, 0, 0, 8),
  v4(169, 254, 0, 0, 16),
  v4(172, 16, 0, 0, 12),
  v4(192, 168, 0, 0, 16),
  { family: 'ipv6', first: 1n, last: 1n },
  { family: 'ipv6', first: 0xfcn << 120n, last: (0xfen << 120n) - 1n },
  { family: 'ipv6', first: 0x3fan << 118n, last: (0x3fbn << 118n) - 1n },
];

/** What a range holds besides loopback, link-local and private addresses (RFC 1918, 4193, 6598). */
export const publicPart = (range: AddressRange): AddressRange[] => difference([range], PRIVATE);

/** As the texts that Exchange takes. */
export const rangeTexts = (ranges: readonly AddressRange[]): string[] => ranges.map(formatRange);

function ofFamily(ranges: readonly AddressRange[], family: AddressRange['family']): AddressRange[] {
  return ranges.filter((range) => range.family === family).sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
}

function v4(a: number, b: number, c: number, d: number, length: number): AddressRange {
  const first = [a, b, c, d].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: 'ipv4', first, last: first + (1n << BigInt(32 - length)) - 1n };
}

/** Ranges taken together as the addresses that they hold, whatever their notation. */
import { type AddressRange, formatRange, parseRange } from '../net/address-range.ts';

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

/**
 * Where no client of the Internet comes from: this network, private, shared (RFC 6598), loopback, link-local, multicast and
 * reserved; of IPv6 all but 2000::/3. Ascending within a family, without overlaps.
 */
export const NOT_PUBLIC: readonly AddressRange[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0-255.255.255.255',
  '::-1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  '4000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
].flatMap((text) => parseRange(text) ?? []);

/** What a range holds of the Internet. */
export const publicPart = (range: AddressRange): AddressRange[] => difference([range], NOT_PUBLIC);

/** As the texts that Exchange takes. */
export const rangeTexts = (ranges: readonly AddressRange[]): string[] => ranges.map(formatRange);

function ofFamily(ranges: readonly AddressRange[], family: AddressRange['family']): AddressRange[] {
  return ranges.filter((range) => range.family === family).sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
}

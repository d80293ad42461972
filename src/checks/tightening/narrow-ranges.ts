/** The narrow list of a connector: addresses in use in the place of ranges. Never an address that was not there before. */
import { difference, union } from '../../connector/range-set.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import { type Address, type AddressRange, formatAddress, formatRange, sizeOf } from '../../net/address-range.ts';

export interface Narrowing {
  /** Addresses to keep; those that no existing range holds are left out. */
  readonly addresses: readonly Address[];
  /** Prefix length within which two or more addresses (IPv4) become their whole network; null: none are merged. */
  readonly group: number | null;
  /** What no group may take in, since other connectors take it now. */
  readonly foreign: readonly AddressRange[];
  /** Entries that stay as they are, whoever uses them. */
  readonly untouched: ReadonlySet<RemoteRange>;
}

/** First the entries that stay in their own notation, then the new ones, ascending. */
export function narrowRanges(existing: readonly RemoteRange[], narrowing: Narrowing): RemoteRange[] {
  const wanted = intersection(wantedBy(narrowing), existing);
  const kept = existing.filter((range) => narrowing.untouched.has(range) || difference([range], wanted).length === 0);
  return [...kept, ...difference(wanted, kept).map((range) => ({ ...range, text: textOf(range, narrowing.group) }))];
}

function wantedBy({ addresses, group, foreign }: Narrowing): AddressRange[] {
  const singles = addresses.map(({ family, value }): AddressRange => ({ family, first: value, last: value }));
  return union(group === null ? singles : [...singles, ...difference(networksOf(singles, group), foreign)]);
}

/** The networks in which two or more of the addresses lie. */
function networksOf(singles: readonly AddressRange[], prefix: number): AddressRange[] {
  const size = 1n << BigInt(32 - prefix);
  const members = new Map<bigint, Set<bigint>>();
  for (const { family, first } of singles) {
    if (family !== 'ipv4') continue;
    const network = first / size;
    members.set(network, (members.get(network) ?? new Set()).add(first));
  }
  return [...members]
    .filter(([, { size: count }]) => count > 1)
    .map(([network]) => ({ family: 'ipv4', first: network * size, last: (network + 1n) * size - 1n }));
}

const intersection = (ranges: readonly AddressRange[], others: readonly AddressRange[]): AddressRange[] =>
  difference(ranges, difference(ranges, others));

/** A run of devices is read as `a-b`; a network that was asked for by its prefix. */
function textOf(range: AddressRange, group: number | null): string {
  const { family, first, last } = range;
  if (first === last || (group !== null && sizeOf(range) > 2n)) return formatRange(range);
  return `${formatAddress({ family, value: first })}-${formatAddress({ family, value: last })}`;
}

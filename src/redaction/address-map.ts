/**
 * IP addresses to other ones, so that what an administrator reads from them stays: private or public, which subnet holds
 * which, and the order of addresses in a subnet.
 *
 * Bits are turned over by what stands before them, so addresses that begin alike still begin alike, whatever the length
 * (the way of Crypto-PAn), and no two become one. Nothing is turned over where that would carry an address into or out of
 * a block that means something. The last bits stay, so a range still ends one address before the next.
 */
import { type Address, type AddressRange, formatAddress, parseAddress } from '../net/address-range.ts';
import type { KeyedBits } from './keyed-bits.ts';

/** Blocks that mean something. `same`: their addresses tell nothing about anybody. */
const BLOCKS: readonly { readonly value: number; readonly length: number; readonly same: boolean }[] = [
  { value: 0x00000000, length: 8, same: true },
  { value: 0x7f000000, length: 8, same: true },
  { value: 0xa9fe0000, length: 16, same: true },
  { value: 0xe0000000, length: 3, same: true },
  { value: 0x0a000000, length: 8, same: false },
  { value: 0x64400000, length: 10, same: false },
  { value: 0xac100000, length: 12, same: false },
  { value: 0xc0a80000, length: 16, same: false },
];

/** Private subnets stand beside each other in ranges (10.0.20.0-10.0.23.255), so their neighbours stay neighbours: /20. */
const PRIVATE_KEPT = 12;
const PUBLIC_KEPT = 8;
const IPV6_KEPT = 16;

const isIn = (address: number, { value, length }: { value: number; length: number }): boolean =>
  (address ^ value) >>> (32 - length) === 0;

export class AddressMap {
  readonly #bits: KeyedBits;

  constructor(bits: KeyedBits) {
    this.#bits = bits;
  }

  map({ family, value }: Address): Address {
    return { family, value: family === 'ipv4' ? BigInt(this.#ipv4(Number(value))) : this.#ipv6(value) };
  }

  /** A block in CIDR notation: its network is mapped, the bits behind its length stay. */
  block(address: Address, length: number): Address {
    const host = (1n << BigInt(widthOf(address) - length)) - 1n;
    return { family: address.family, value: (this.map(address).value & ~host) | (address.value & host) };
  }

  /** The ends of `a-b`. A range that is one block stays one; one within a subnet keeps its size; any other its order. */
  range({ family, first, last }: AddressRange): readonly [Address, Address] {
    const width = widthOf({ family, value: first });
    const differing = first ^ last;
    const below = differing === 0n ? 0 : differing.toString(2).length;
    const host = (1n << BigInt(below)) - 1n;
    const ends = [
      { family, value: first },
      { family, value: last },
    ] as const;
    if ((first & host) === 0n && (last & host) === host)
      return [this.block(ends[0], width - below), this.block(ends[1], width - below)];
    const [a, b] = [this.map(ends[0]), this.map(ends[1])];
    return a.value <= b.value ? [a, b] : [b, a];
  }

  /** The text of an address as it stands, zone index and all; undefined where it is none. */
  text(address: string): string | undefined {
    const parsed = parseAddress(address);
    if (!parsed) return undefined;
    const mapped = this.map(parsed);
    if (mapped.value === parsed.value) return address;
    return formatAddress(mapped) + (/%.*$/.exec(address)?.[0] ?? '');
  }

  #ipv4(address: number): number {
    const block = BLOCKS.find((one) => isIn(address, one));
    if (block?.same) return address;
    const length = 32 - (block ? PRIVATE_KEPT : PUBLIC_KEPT);
    let mapped = address;
    for (let depth = block?.length ?? 0; depth < length; depth++) {
      // A block inside this node would be carried away.
      if (!block && BLOCKS.some((one) => one.length > depth && (depth === 0 || isIn(address, { ...one, length: depth }))))
        continue;
      // The last one always turns, so that no address stands for itself.
      const turns = depth === length - 1 ? 1 : this.#node('4', octetsOf(address), depth);
      if (turns) mapped ^= 1 << (31 - depth);
    }
    return mapped >>> 0;
  }

  /** Groups of zeros stay zeros, and no other group becomes one: what is short stays short. */
  #ipv6(address: bigint): bigint {
    const groups = Array.from({ length: 8 }, (_, index) => Number((address >> BigInt(112 - 16 * index)) & 0xffffn));
    if (groups.slice(0, 5).every((group) => group === 0)) {
      if (groups[5] !== 0xffff) return address;
      const [high, low] = [groups[6]!, groups[7]!];
      return (0xffffn << 32n) | BigInt(this.#ipv4(((high << 16) | low) >>> 0));
    }
    const first = groups[0]!;
    if (first >= 0xff00) return address;
    const octets = groups.flatMap((group) => [group >> 8, group & 0xff]);
    const kept = first >> 13 === 1 ? 3 : first >> 9 === 0x7e ? 8 : 16;
    const mapped = groups.map((group, index) => {
      if (index === 7 || (index === 0 ? kept === 16 : group === 0)) return group;
      const from = index === 0 ? kept : 0;
      let next = this.#group(octets, index, group, from);
      if (next === 0) next = this.#group(octets, index, next, from);
      return next;
    });
    return mapped.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  }

  #group(octets: readonly number[], index: number, group: number, from: number): number {
    const own = [...octets.slice(0, 2 * index), group >> 8, group & 0xff];
    let mapped = group;
    for (let bit = from; bit < IPV6_KEPT; bit++) {
      const turns = bit === IPV6_KEPT - 1 ? 1 : this.#node('6', own, 16 * index + bit);
      if (turns) mapped ^= 1 << (15 - bit);
    }
    return mapped;
  }

  #node(family: string, octets: readonly number[], depth: number): 0 | 1 {
    const octet = depth >> 3;
    const inside = depth & 7;
    return this.#bits.node(`${family}.${octets.slice(0, octet).join('.')}`, octets[octet]! >> (8 - inside), inside);
  }
}

const widthOf = ({ family }: Address): number => (family === 'ipv4' ? 32 : 128);

const octetsOf = (address: number): number[] => [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff];

/**
 * Ranges of addresses: one address, CIDR, netmask or `a-b`, IPv4 or IPv6; the two families never mix.
 * Notations: reference of the receive connectors, section 1.3.
 */
import ipaddr from 'ipaddr.js';

export interface AddressRange {
  readonly family: 'ipv4' | 'ipv6';
  readonly first: bigint;
  readonly last: bigint;
}

export interface Address {
  readonly family: 'ipv4' | 'ipv6';
  readonly value: bigint;
}

/** A zone index (`fe80::1%12`) is left out. undefined for what is no address (masked, or a name). */
export function parseAddress(text: string): Address | undefined {
  const plain = text
    .trim()
    .replace(/^\[(.*)\](?::0)?$/, '$1')
    .replace(/%.*$/, '');
  if (!ipaddr.IPv4.isValidFourPartDecimal(plain) && !ipaddr.IPv6.isValid(plain)) return undefined;
  const address = ipaddr.parse(plain);
  const value = address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: address.kind(), value };
}

/** undefined for what is no range: unreadable, upside down, or of two families. Host bits of a CIDR are cleared. */
export function parseRange(text: string): AddressRange | undefined {
  const [from, to, more] = text.split('-');
  if (more !== undefined) return undefined;
  if (to !== undefined) {
    const first = parseAddress(from!);
    const last = parseAddress(to);
    if (!first || !last || first.family !== last.family || first.value > last.value) return undefined;
    return { family: first.family, first: first.value, last: last.value };
  }
  const mask = /^([^()]*)\((.*)\)$/.exec(text.trim());
  if (mask) {
    const length = ipaddr.IPv4.isValidFourPartDecimal(mask[2]!) ? ipaddr.IPv4.parse(mask[2]!).prefixLengthFromSubnetMask() : null;
    return length === null ? undefined : parseRange(`${mask[1]}/${length}`);
  }
  const [base, length, rest] = text.split('/');
  const address = parseAddress(base!);
  if (!address || rest !== undefined) return undefined;
  if (length === undefined) return { family: address.family, first: address.value, last: address.value };
  const width = address.family === 'ipv4' ? 32 : 128;
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) return undefined;
  const size = 1n << BigInt(width - Number(length));
  const first = (address.value / size) * size;
  return { family: address.family, first, last: first + size - 1n };
}

export function contains(range: AddressRange, address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && holds(range, parsed);
}

export function holds(range: AddressRange, address: Address): boolean {
  return address.family === range.family && address.value >= range.first && address.value <= range.last;
}

/** How many addresses: never 0. The whole of IPv6 is 2^128. */
export function sizeOf(range: AddressRange): bigint {
  return range.last - range.first + 1n;
}

/** As Exchange prints it: dotted, or IPv6 in its shortest form. */
export function formatAddress({ family, value }: Address): string {
  const bytes = Array.from({ length: family === 'ipv4' ? 4 : 16 }, (_, index) =>
    Number((value >> BigInt(8 * ((family === 'ipv4' ? 3 : 15) - index))) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

/** One address, CIDR where it is one, else `a-b`. */
export function formatRange(range: AddressRange): string {
  const { family, first, last } = range;
  const size = sizeOf(range);
  if (size === 1n) return formatAddress({ family, value: first });
  const bits = size.toString(2).length - 1;
  const width = family === 'ipv4' ? 32 : 128;
  if (size === 1n << BigInt(bits) && first % size === 0n && bits < width)
    return `${formatAddress({ family, value: first })}/${width - bits}`;
  return `${formatAddress({ family, value: first })}-${formatAddress({ family, value: last })}`;
}

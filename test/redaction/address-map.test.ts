import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress, parseRange } from '../../src/net/address-range.ts';
import { AddressMap } from '../../src/redaction/address-map.ts';
import { KeyedBits } from '../../src/redaction/keyed-bits.ts';

const mapOf = (key: number): AddressMap => new AddressMap(new KeyedBits(Buffer.from([key & 0xff, key >> 8])));
const key = fc.nat(0xffff);
const ipv4 = fc.oneof(
  fc.nat(0xffffff).map((n) => (0x0a000000 | n) >>> 0),
  fc.nat(0xfffff).map((n) => (0xac100000 | n) >>> 0),
  fc.nat(0xffff).map((n) => (0xc0a80000 | n) >>> 0),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const address4 = (n: number) => ({ family: 'ipv4' as const, value: BigInt(n) });
const mapped = (map: AddressMap, n: number): number => Number(map.map(address4(n)).value);

/** Which of the blocks that mean something holds it. */
const BLOCKS = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
];
const blockOf = (n: number): string | undefined =>
  BLOCKS.find((block) => {
    const { first, last } = parseRange(block)!;
    return BigInt(n) >= first && BigInt(n) <= last;
  });

const commonBits = (a: number, b: number): number => Math.clz32(a ^ b);

describe('IPv4', () => {
  test('private stays private, public public, and nothing but loopback and its like stays what it is', () => {
    fc.assert(
      fc.property(key, ipv4, (k, n) => {
        const to = mapped(mapOf(k), n);
        const block = blockOf(n);
        expect(blockOf(to)).toBe(block);
        const same = block !== undefined && ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].includes(block);
        expect(to === n).toBe(same);
        expect(to & 0xff).toBe(n & 0xff);
      }),
    );
  });

  test('two addresses begin alike for as long as before, so every subnet stays one', () => {
    fc.assert(
      fc.property(key, ipv4, fc.nat(31), fc.nat(), (k, a, depth, noise) => {
        const b = ((depth === 0 ? 0 : a & (~0 << (32 - depth))) | (noise & (depth === 0 ? ~0 : ~(~0 << (32 - depth))))) >>> 0;
        const map = mapOf(k);
        expect(commonBits(mapped(map, a), mapped(map, b))).toBe(commonBits(a, b));
      }),
    );
  });

  test('private neighbours stay neighbours across subnets of one /20', () => {
    fc.assert(
      fc.property(key, fc.nat(0xffff), fc.nat(4094), (k, high, low) => {
        fc.pre(((0x0a000000 + high * 4096) & 0xff000000) === 0x0a000000);
        const map = mapOf(k);
        const n = 0x0a000000 + high * 4096 + low;
        expect(mapped(map, n + 1)).toBe(mapped(map, n) + 1);
      }),
    );
  });

  test.each(['0.0.0.0-255.255.255.255', '10.0.0.0-10.255.255.255', '192.168.0.0-192.168.255.255'])(
    '%s is what it was',
    (text) => {
      expect(mapOf(1).range(parseRange(text)!).map(formatAddress).join('-')).toBe(text);
    },
  );

  test('a range never stands upside down, and one that is a block holds the addresses that it held', () => {
    fc.assert(
      fc.property(key, ipv4, ipv4, fc.integer({ min: 8, max: 32 }), (k, a, b, length) => {
        const map = mapOf(k);
        const [first, last] = map.range({ family: 'ipv4', first: BigInt(Math.min(a, b)), last: BigInt(Math.max(a, b)) });
        expect(first.value <= last.value).toBe(true);
        const block = parseRange(`${formatAddress(address4(a))}/${length}`)!;
        fc.pre(blockOf(Number(block.first)) === blockOf(Number(block.last)));
        const [from, to] = map.range(block);
        const inside = BigInt(mapped(map, a));
        expect(inside >= from.value && inside <= to.value).toBe(true);
      }),
    );
  });
});

describe('IPv6', () => {
  const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
  const ipv6 = fc
    .tuple(fc.constantFrom(0xfd00, 0x2001, 0x2a02, 0xfe80), fc.array(group, { minLength: 7, maxLength: 7 }))
    .map(([first, rest]) => [first, ...rest].reduce((sum, one) => (sum << 16n) | BigInt(one), 0n));

  test('zeros, the last group and the kind of address stay; different ones stay different', () => {
    fc.assert(
      fc.property(key, ipv6, ipv6, (k, a, b) => {
        const map = mapOf(k);
        const to = map.map({ family: 'ipv6', value: a }).value;
        for (let shift = 16n; shift < 112n; shift += 16n)
          expect(((to >> shift) & 0xffffn) === 0n).toBe(((a >> shift) & 0xffffn) === 0n);
        expect(to & 0xffffn).toBe(a & 0xffffn);
        expect(to >> 125n).toBe(a >> 125n);
        expect(to === map.map({ family: 'ipv6', value: b }).value).toBe(a === b);
      }),
    );
  });

  test('the zone stays, loopback and the unspecified address stay, a mapped IPv4 address is one of IPv4', () => {
    const map = mapOf(7);
    expect(map.text('fe80::1:2:3%12')).toMatch(/^fe80::.*:3%12$/);
    expect(map.text('::1')).toBe('::1');
    expect(map.text('::')).toBe('::');
    const four = map.map(parseAddress('10.1.2.3')!).value;
    expect(map.map(parseAddress('::ffff:10.1.2.3')!).value).toBe((0xffffn << 32n) | four);
  });
});

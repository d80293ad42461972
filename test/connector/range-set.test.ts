import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, publicPart, rangeTexts, sameAddresses, union } from '../../src/connector/range-set.ts';
import { type AddressRange, parseRange } from '../../src/net/address-range.ts';

const ranges = (text: string): AddressRange[] =>
  text
    .split(/\s+/)
    .filter(Boolean)
    .map((one) => parseRange(one)!);

/** A family of 40 addresses, so that every one of them can be asked. */
const small = fc.array(
  fc
    .tuple(fc.constantFrom('ipv4' as const, 'ipv6' as const), fc.nat({ max: 39 }), fc.nat({ max: 39 }))
    .map(([family, a, b]): AddressRange => ({ family, first: BigInt(Math.min(a, b)), last: BigInt(Math.max(a, b)) })),
  { maxLength: 8 },
);

function addresses(set: readonly AddressRange[]): Set<string> {
  return new Set(
    set.flatMap(({ family, first, last }) =>
      Array.from({ length: Number(last - first) + 1 }, (_, index) => `${family} ${Number(first) + index}`),
    ),
  );
}

describe('ranges as sets', () => {
  it('are equal however they are written', () => {
    expect(sameAddresses(ranges('10.0.0.0/24 10.0.1.0/24'), ranges('10.0.0.0-10.0.1.255'))).toBe(true);
    expect(sameAddresses(ranges('10.0.0.5/32'), ranges('10.0.0.5'))).toBe(true);
    expect(sameAddresses(ranges('10.0.0.5'), ranges('10.0.0.6'))).toBe(false);
    expect(sameAddresses([], ranges('10.0.0.6'))).toBe(false);
  });

  it('leave what the others do not hold', () => {
    expect(rangeTexts(difference(ranges('10.0.0.0/24'), ranges('10.0.0.10 10.0.0.128/25')))).toEqual([
      '10.0.0.0-10.0.0.9',
      '10.0.0.11-10.0.0.127',
    ]);
    expect(difference(ranges('::/0 0.0.0.0/0'), ranges('0.0.0.0/0 ::/0'))).toEqual([]);
  });

  it('do not mix families', () => {
    expect(rangeTexts(difference(ranges('0.0.0.1'), ranges('::1')))).toEqual(['0.0.0.1']);
  });

  it('are subtracted as addresses are, one by one', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        const without = addresses(b);
        expect(addresses(difference(a, b))).toEqual(new Set([...addresses(a)].filter((one) => !without.has(one))));
      }),
      { numRuns: 1000 },
    );
  });

  it('are joined into as few as possible', () => {
    fc.assert(
      fc.property(small, (a) => {
        const joined = union(a);
        expect(addresses(joined)).toEqual(addresses(a));
        for (const [index, one] of joined.entries()) {
          const next = joined[index + 1];
          if (next?.family === one.family) expect(next.first).toBeGreaterThan(one.last + 1n);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are public where they hold anything but private addresses', () => {
    for (const text of [
      '10.0.0.0/8',
      '172.16.0.0-172.31.255.255',
      '192.168.7.1',
      '127.0.0.1',
      '100.64.0.0/10',
      'fd00:20::/64',
      'fe80::1',
      '::1',
      '::ffff:8.8.8.8',
      '224.0.0.1',
      '255.255.255.255',
    ])
      expect(publicPart(parseRange(text)!), text).toEqual([]);
    expect(rangeTexts(publicPart(parseRange('192.168.255.0-192.169.0.3')!))).toEqual(['192.169.0.0/30']);
    for (const text of ['8.8.8.8', '172.32.0.0', '2001:db8::/32', '2a00::1', '3fff::1'])
      expect(publicPart(parseRange(text)!), text).toHaveLength(1);
  });
});

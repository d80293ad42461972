import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, formatRange, parseAddress, parseRange } from '../../src/net/address-range.ts';

/** Whether the range written as `range` holds `address`; fails where `range` is no range. */
function holds(range: string, address: string): boolean {
  const parsed = parseRange(range);
  if (!parsed) throw new Error(`no range: ${range}`);
  return contains(parsed, address);
}

const ipv4 = fc.nat({ max: 0xffffffff });
const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');

describe('an address', () => {
  it('is the same however it is written', () => {
    expect(parseAddress('2001:0DB8::0025')).toEqual(parseAddress('2001:db8:0:0:0:0:0:25'));
  });

  it('loses its zone index', () => {
    expect(parseAddress('fe80::1%12')).toEqual(parseAddress('fe80::1'));
  });

  it('is no address when masked, a name, shortened or out of range', () => {
    for (const text of [
      '',
      'x.x.x.x',
      '10.**.**.31',
      'mfp-02',
      '10.1',
      '10',
      '0x0a000001',
      '256.0.0.1',
      '1.2.3.4.5',
      '1.2.3.4:25',
    ])
      expect(parseAddress(text), text).toBeUndefined();
  });
});

describe('a range', () => {
  it('is one address', () => {
    expect(holds('10.0.20.12', '10.0.20.12')).toBe(true);
    expect(holds('10.0.20.12', '10.0.20.13')).toBe(false);
  });

  it('holds both of its ends', () => {
    for (const address of ['10.3.0.1', '10.3.0.50', '10.3.0.99'])
      expect(holds('10.3.0.1-10.3.0.99', address), address).toBe(true);
    for (const address of ['10.3.0.0', '10.3.0.100']) expect(holds('10.3.0.1-10.3.0.99', address), address).toBe(false);
  });

  it('clears the host bits of a CIDR', () => {
    expect(parseRange('192.168.1.77/24')).toEqual(parseRange('192.168.1.0/24'));
    expect(parseRange('192.168.1.77/24')).toEqual(parseRange('192.168.1.0-192.168.1.255'));
  });

  it('knows the widest and the narrowest CIDR', () => {
    expect(parseRange('1.2.3.4/0')).toEqual(parseRange('0.0.0.0-255.255.255.255'));
    expect(parseRange('1.2.3.4/32')).toEqual(parseRange('1.2.3.4'));
    expect(parseRange('2001:db8::1/128')).toEqual(parseRange('2001:db8::1'));
  });

  it('is written in IPv6 in the same forms', () => {
    expect(holds('2001:0DB8::CD3/60', '2001:db8:0:f::1')).toBe(true);
    expect(holds('2001:0DB8::CD3/60', '2001:db8:0:10::1')).toBe(false);
    expect(holds('::1-::ff', '::80')).toBe(true);
    expect(holds('::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fe80::1%12')).toBe(true);
  });

  it('never mixes the two families', () => {
    expect(holds('::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '10.0.0.1')).toBe(false);
    expect(holds('0.0.0.0-255.255.255.255', '::ffff:10.0.0.1')).toBe(false);
    expect(parseRange('10.0.0.1-::ff')).toBeUndefined();
  });

  it('never holds what is no address', () => {
    expect(holds('0.0.0.0/0', 'x.x.x.x')).toBe(false);
  });

  it('is no range when unreadable or upside down', () => {
    for (const text of [
      '',
      '10.0.0.9-10.0.0.1',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/',
      '10.0.0.0/-1',
      '10.0.0.0/8/8',
      '1.1.1.1-2.2.2.2-3.3.3.3',
      '10.0.0.*',
    ])
      expect(parseRange(text), text).toBeUndefined();
  });

  it('is also written with a netmask by old consoles', () => {
    expect(parseRange('192.168.1.0(255.255.255.0)')).toEqual(parseRange('192.168.1.0/24'));
  });

  it('is also written with brackets by the setup of the product', () => {
    const all = parseRange('::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
    expect(parseRange('[::]-FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF')).toEqual(all);
    expect(parseRange('[::]:0-FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF')).toEqual(all);
  });

  it('holds exactly the addresses between its ends', () => {
    fc.assert(
      fc.property(ipv4, ipv4, ipv4, (a, b, c) => {
        const [first, last] = a <= b ? [a, b] : [b, a];
        expect(holds(`${dotted(first)}-${dotted(last)}`, dotted(c))).toBe(c >= first && c <= last);
      }),
    );
  });

  it('of CIDR form holds the addresses that share its leading bits', () => {
    fc.assert(
      fc.property(ipv4, ipv4, fc.integer({ min: 1, max: 32 }), (a, b, length) => {
        const shared = a >>> (32 - length) === b >>> (32 - length);
        expect(holds(`${dotted(a)}/${length}`, dotted(b))).toBe(shared);
      }),
    );
  });
});

describe('a range that is printed', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  const text = fc.oneof(
    address,
    fc.tuple(fc.ipV4(), fc.nat({ max: 32 })).map(([base, length]) => `${base}/${length}`),
    fc.tuple(fc.ipV6(), fc.nat({ max: 128 })).map(([base, length]) => `${base}/${length}`),
    fc
      .tuple(fc.ipV4(), fc.nat({ max: 32 }))
      .map(([base, length]) => `${base}(${dotted(length === 0 ? 0 : (-1 << (32 - length)) >>> 0)})`),
    fc.tuple(ipv4, ipv4).map(([a, b]) => `${dotted(Math.min(a, b))}-${dotted(Math.max(a, b))}`),
    fc
      .tuple(fc.ipV6(), fc.ipV6())
      .map(([a, b]) => (parseAddress(a)!.value <= parseAddress(b)!.value ? `${a}-${b}` : `${b}-${a}`)),
  );

  it('is the same range when it is read again, in every notation', () => {
    fc.assert(
      fc.property(text, (written) => {
        const range = parseRange(written);
        expect(range, written).toBeDefined();
        expect(parseRange(formatRange(range!))).toEqual(range);
      }),
      { numRuns: 1000 },
    );
  });
});

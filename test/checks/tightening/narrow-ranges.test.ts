/** The narrow list of ranges: what stands in it, and that it never holds an address that was not there before. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { narrowRanges } from '../../../src/checks/tightening/narrow-ranges.ts';
import { difference } from '../../../src/connector/range-set.ts';
import { parseRemoteRange, type RemoteRange } from '../../../src/connector/remote-range.ts';
import { type Address, formatRange, holds, parseAddress } from '../../../src/net/address-range.ts';

const ranges = (...texts: string[]): RemoteRange[] => texts.map((text) => parseRemoteRange(text)!);
const addresses = (...texts: string[]): Address[] => texts.map((text) => parseAddress(text)!);
const narrowed = (existing: RemoteRange[], used: Address[], group: number | null = null, untouched: RemoteRange[] = []) =>
  narrowRanges(existing, { addresses: used, group, foreign: [], untouched: new Set(untouched) }).map(({ text }) => text);

describe('the list', () => {
  it('has single addresses, and runs of them as a-b', () => {
    const used = addresses('10.0.20.10', '10.0.20.12', '10.0.20.11', '10.0.20.40', 'fd00::5');
    expect(narrowed(ranges('10.0.20.0/24', 'fd00::/64'), used)).toEqual(['10.0.20.10-10.0.20.12', '10.0.20.40', 'fd00::5']);
  });

  it('keeps the notation of what is as narrow already', () => {
    const existing = ranges('10.0.20.10(255.255.255.255)', '10.0.20.8/31', '10.0.30.0/24');
    const used = addresses('10.0.20.10', '10.0.20.8', '10.0.20.9', '10.0.30.7');
    expect(narrowed(existing, used)).toEqual(['10.0.20.10(255.255.255.255)', '10.0.20.8/31', '10.0.30.7']);
  });

  it('merges within a prefix from two addresses on, and not beyond what is let in now', () => {
    const used = addresses('10.0.20.2', '10.0.20.9', '10.0.20.40');
    expect(narrowed(ranges('10.0.20.0/24'), used, 28)).toEqual(['10.0.20.0/28', '10.0.20.40']);
    expect(narrowed(ranges('10.0.20.0-10.0.20.9', '10.0.20.32/27'), used, 28)).toEqual(['10.0.20.0-10.0.20.9', '10.0.20.40']);
  });

  it('leaves out of a group what other connectors take', () => {
    const list = narrowRanges(ranges('10.0.20.0/24'), {
      addresses: addresses('10.0.20.2', '10.0.20.9'),
      group: 28,
      foreign: ranges('10.0.20.4/30'),
      untouched: new Set(),
    });
    expect(list.map(({ text }) => text)).toEqual(['10.0.20.0/30', '10.0.20.8/29']);
  });

  it('does not touch what is to stay, nor repeat it', () => {
    const existing = ranges('10.0.20.0/24', '10.0.30.0/24');
    expect(narrowed(existing, addresses('10.0.20.7', '10.0.30.7'), null, [existing[0]!])).toEqual(['10.0.20.0/24', '10.0.30.7']);
  });

  it('leaves out who is not let in now', () => {
    expect(narrowed(ranges('10.0.20.0/24'), addresses('10.0.20.7', '10.0.21.7'))).toEqual(['10.0.20.7']);
  });
});

/** Few addresses, so that ranges meet; of both families. */
const spot = fc.tuple(fc.constantFrom('ipv4' as const, 'ipv6' as const), fc.bigInt(0n, 90n));
const range = fc.tuple(spot, fc.bigInt(0n, 30n)).map(([[family, first], more]): RemoteRange => {
  const base = family === 'ipv4' ? 0x0a001400n : 0xfd00n << 112n;
  const plain = { family, first: base + first, last: base + first + more };
  return { ...plain, text: formatRange(plain) };
});
const used = spot.map(
  ([family, value]): Address => ({ family, value: (family === 'ipv4' ? 0x0a001400n : 0xfd00n << 112n) + value }),
);

test('no list ever holds an address that was not let in before, and every address in use stays', () => {
  fc.assert(
    fc.property(
      fc.array(range, { minLength: 1, maxLength: 8 }),
      fc.array(used, { maxLength: 20 }),
      fc.option(fc.integer({ min: 8, max: 31 })),
      fc.array(range, { maxLength: 4 }),
      fc.array(fc.nat(7), { maxLength: 3 }),
      (existing, wanted, group, foreign, stay) => {
        const untouched = new Set(stay.flatMap((index) => existing[index] ?? []));
        const list = narrowRanges(existing, { addresses: wanted, group, foreign, untouched });
        expect(difference(list, existing)).toEqual([]);
        for (const address of wanted)
          expect(list.some((one) => holds(one, address))).toBe(existing.some((one) => holds(one, address)));
        for (const one of list) expect(parseRemoteRange(one.text)).toEqual(one);
      },
    ),
    { numRuns: 1000 },
  );
});

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { formatBinding, parseBinding } from '../../src/connector/binding.ts';
import type { ReceiveConnector } from '../../src/connector/connector.ts';
import { SelectionTable } from '../../src/connector/selection.ts';
import { type Address, parseAddress, sizeOf } from '../../src/net/address-range.ts';
import { ALL_IPV4, ALL_IPV6, connector, explain } from './connectors.ts';

const DEFAULT = connector('Default Frontend EX01', '0.0.0.0:25 [::]:25', `${ALL_IPV4} ${ALL_IPV6}`);
const CLIENT = connector('Client Frontend EX01', '0.0.0.0:587 [::]:587', `${ALL_IPV4} ${ALL_IPV6}`);

function winner(
  connectors: readonly ReceiveConnector[],
  to: string,
  from: string,
  role: 'FrontendTransport' | 'HubTransport' = 'FrontendTransport',
): string | undefined {
  return new SelectionTable(connectors, role).select(parseBinding(to)!, parseAddress(from)!)?.connector.name;
}

describe('the worked cases of the reference', () => {
  const R1 = connector('R1', '0.0.0.0:25', '10.1.0.0/16');
  const R2 = connector('R2', '10.0.0.11:25', '10.1.2.0-10.1.2.255');
  const R3 = connector('R3', '0.0.0.0:25', '10.1.2.7');
  const R4 = connector('R4', '10.0.0.11:25', '10.1.0.0/16');
  const all = [DEFAULT, CLIENT, R1, R2, R3, R4];
  test.each([
    ['10.0.0.10:25', '10.1.9.9', 'R1'],
    ['10.0.0.10:25', '10.1.2.7', 'R3'],
    ['10.0.0.11:25', '10.1.2.8', 'R2'],
    ['10.0.0.11:25', '10.1.2.7', 'R3'],
    ['10.0.0.11:25', '10.1.9.9', 'R4'],
    ['10.0.0.10:25', '192.168.5.5', 'Default Frontend EX01'],
    ['[2001:db8::1]:25', '2001:db8::77', 'Default Frontend EX01'],
    ['10.0.0.10:587', '10.1.2.7', 'Client Frontend EX01'],
    ['10.0.0.10:26', '10.1.2.7', undefined],
  ])('to %s from %s: %s', (to, from, expected) => {
    expect(winner(all, to, from)).toBe(expected);
    expect(winner([...all].reverse(), to, from)).toBe(expected);
  });
});

describe('the size of a range', () => {
  it('counts whatever the notation: 100 addresses are fewer than a /24', () => {
    const hundred = connector('hundred', '0.0.0.0:25', '10.0.0.0-10.0.0.99');
    const net = connector('net', '0.0.0.0:25', '10.0.0.0/24');
    expect(winner([net, hundred], '10.0.0.1:25', '10.0.0.50')).toBe('hundred');
    expect(winner([net, hundred], '10.0.0.1:25', '10.0.0.150')).toBe('net');
  });

  it('is 1 for an address however it is written, so the very address bound to wins', () => {
    for (const text of ['10.0.0.5', '10.0.0.5/32', '10.0.0.5-10.0.0.5', '10.0.0.5(255.255.255.255)'])
      expect(
        winner([connector('any', '0.0.0.0:25', '10.0.0.5'), connector('own', '10.0.0.1:25', text)], '10.0.0.1:25', '10.0.0.5'),
        text,
      ).toBe('own');
  });

  it('beats a specific binding: a /32 on every address wins over a /24 on the very address', () => {
    const wildcard = connector('wildcard', '0.0.0.0:25', '10.0.0.5/32');
    const specific = connector('specific', '10.0.0.1:25', '10.0.0.0/24');
    expect(winner([specific, wildcard], '10.0.0.1:25', '10.0.0.5')).toBe('wildcard');
    expect(winner([specific, wildcard], '10.0.0.1:25', '10.0.0.6')).toBe('specific');
    expect(winner([specific, wildcard], '10.0.0.2:25', '10.0.0.6')).toBeUndefined();
  });

  it('is the smallest of a connector that holds the client, not its first', () => {
    const two = connector('two', '0.0.0.0:25', '10.0.0.0/8 10.0.0.5');
    const net = connector('net', '0.0.0.0:25', '10.0.0.0/24');
    expect(winner([two, net], '10.0.0.1:25', '10.0.0.5')).toBe('two');
    expect(winner([two, net], '10.0.0.1:25', '10.0.0.6')).toBe('net');
  });
});

describe('what does not stand in the table', () => {
  it('a disabled connector', () => {
    expect(winner([DEFAULT, connector('off', '0.0.0.0:25', '10.0.0.5', { Enabled: false })], '10.0.0.1:25', '10.0.0.5')).toBe(
      DEFAULT.name,
    );
  });

  it('a connector of the other service', () => {
    const hub = connector('hub', '0.0.0.0:25', '10.0.0.5', { TransportRole: 'HubTransport' });
    expect(winner([DEFAULT, hub], '10.0.0.1:25', '10.0.0.5')).toBe(DEFAULT.name);
    expect(winner([DEFAULT, hub], '10.0.0.1:25', '10.0.0.5', 'HubTransport')).toBe('hub');
  });

  it('a range of another family than the binding', () => {
    const relay = connector('relay', '0.0.0.0:25', 'fd00:20::31');
    expect(winner([DEFAULT, relay], '[fd00::5]:25', 'fd00:20::31')).toBe(DEFAULT.name);
  });

  it('an IPv4-mapped address as an IPv4 one', () => {
    expect(winner([connector('v4', '0.0.0.0:25', ALL_IPV4)], '[::1]:25', '::ffff:10.0.0.5')).toBeUndefined();
  });
});

it('a scope id makes no difference', () => {
  expect(
    winner(
      [DEFAULT, connector('link', '[::]:25', 'fe80::39bd:88f7:6969:d223%11')],
      '[fe80::1%4]:25',
      'fe80::39bd:88f7:6969:d223%7',
    ),
  ).toBe('link');
});

it('a tie that the product would refuse is said to be undefined', () => {
  const a = connector('a', '0.0.0.0:25', '10.0.0.0/24');
  const b = connector('b', '0.0.0.0:25', '10.0.0.0-10.0.0.255');
  const { reason, rivals } = explain([a, b], parseBinding('10.0.0.1:25')!, parseAddress('10.0.0.5')!);
  expect(rivals).toEqual([b]);
  expect(reason).toMatch(/^undefined: "a" and "b" have ranges of the same size for 10\.0\.0\.5 at 0\.0\.0\.0:25/);
});

describe('against brute force', () => {
  const bits = (value: number): string => `10.0.0.${value}`;
  const range = fc
    .tuple(fc.nat({ max: 15 }), fc.nat({ max: 15 }), fc.boolean())
    .map(([a, b, v6]) => [Math.min(a, b), Math.max(a, b)].map((n) => (v6 ? `fd00::${n.toString(16)}` : bits(n))).join('-'));
  const binding = fc.constantFrom(
    '0.0.0.0:25',
    '10.9.9.1:25',
    '10.9.9.2:25',
    '[::]:25',
    '[fd09::1]:25',
    '0.0.0.0:587',
    '10.9.9.1:587',
  );
  const anyConnector = fc.record({
    bindings: fc.uniqueArray(binding, { minLength: 1, maxLength: 3 }),
    ranges: fc.array(range, { minLength: 1, maxLength: 4 }),
    enabled: fc.boolean(),
    hub: fc.boolean(),
  });
  const world = fc.array(anyConnector, { maxLength: 6 }).map((all) =>
    all.map(({ bindings, ranges, enabled, hub }, index) =>
      connector(`C${index}`, bindings.join(' '), ranges.join(' '), {
        Enabled: enabled,
        TransportRole: hub ? 'HubTransport' : 'FrontendTransport',
      }),
    ),
  );
  const local = fc.constantFrom('10.9.9.1:25', '10.9.9.2:25', '10.9.9.3:25', '10.9.9.1:587', '[fd09::1]:25', '[fd09::2]:25');
  const remote = fc.tuple(fc.nat({ max: 15 }), fc.boolean()).map(([n, v6]) => (v6 ? `fd00::${n.toString(16)}` : bits(n)));

  /** The rules as the reference tells them, without any index. */
  function bruteForce(connectors: readonly ReceiveConnector[], to: string, client: Address): string | undefined {
    const at = parseBinding(to)!;
    const entries = connectors
      .filter(({ properties }) => properties.Enabled && properties.TransportRole === 'FrontendTransport')
      .flatMap((one) => one.bindings.flatMap((bound) => one.remoteIPRanges.map((allowed) => ({ one, bound, allowed }))))
      .filter(
        ({ bound, allowed }) =>
          bound.port === at.port &&
          bound.address.family === allowed.family &&
          allowed.family === client.family &&
          at.address.family === client.family,
      )
      .filter(({ allowed }) => client.value >= allowed.first && client.value <= allowed.last)
      .filter(({ bound }) => bound.any || bound.address.value === at.address.value);
    let best: (typeof entries)[number] | undefined;
    for (const entry of entries) {
      if (!best) best = entry;
      const [size, least] = [sizeOf(entry.allowed), sizeOf(best.allowed)];
      if (size < least || (size === least && !entry.bound.any && best.bound.any)) best = entry;
    }
    return best?.one.name;
  }

  it('gives the same connector', () => {
    fc.assert(
      fc.property(world, local, remote, (connectors, to, from) => {
        expect(winner(connectors, to, from)).toBe(bruteForce(connectors, to, parseAddress(from)!));
      }),
      { numRuns: 2000 },
    );
  });

  it('explains the connector that it selects, and has words for every other one', () => {
    fc.assert(
      fc.property(world, local, remote, (connectors, to, from) => {
        const { candidates } = explain(connectors, parseBinding(to)!, parseAddress(from)!);
        expect(candidates.map((one) => one.connector.name).sort()).toEqual(connectors.map(({ name }) => name).sort());
        expect(candidates.filter((one) => one.wins).map((one) => one.connector.name)).toEqual(
          [bruteForce(connectors, to, parseAddress(from)!)].filter((name) => name !== undefined),
        );
        for (const one of candidates) {
          expect(one.because).not.toMatch(/undefined|""/);
          expect(one.obstacle === undefined).toBe(one.wins);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a binding', () => {
  test.each([
    ['0.0.0.0:25', '0.0.0.0:25'],
    [':25', '0.0.0.0:25'],
    ['[::]:25', '[::]:25'],
    [':::25', '[::]:25'],
    ['[::]:25:', '[::]:25'],
    ['[2001:0DB8::0005]:587', '[2001:db8::5]:587'],
    ['10.0.0.5:0', '10.0.0.5:0'],
  ])('%s is %s', (text, printed) => {
    const binding = parseBinding(text)!;
    expect(formatBinding(binding)).toBe(printed);
    expect(parseBinding(printed)).toEqual(binding);
  });

  it.each(['', '25', '10.0.0.5', '10.0.0.5:', '10.0.0.5:65536', 'ex01:25', '10.0.0.5:25:25'])('%j is none', (text) => {
    expect(parseBinding(text)).toBeUndefined();
  });

  it('comes back from its text', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => parseAddress(text)!);
    fc.assert(
      fc.property(address, fc.nat({ max: 65_535 }), (value, port) => {
        const binding = { address: value, any: value.value === 0n, port };
        expect(parseBinding(formatBinding(binding))).toEqual(binding);
      }),
    );
  });
});

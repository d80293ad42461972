import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConflictKind, conflictsOf } from '../../src/connector/conflict.ts';
import { type ReceiveConnector, roleOf } from '../../src/connector/connector.ts';
import { defaultConnectors } from '../../src/connector/default-connectors.ts';
import { connector } from './connectors.ts';

const kinds = (...connectors: ReceiveConnector[]): string[] =>
  conflictsOf(connectors).map(({ kind, a, b }) => `${kind} ${a.name} ${b.name}`);

describe('connectors that the cmdlets refuse beside each other', () => {
  it('take the same range at the same place', () => {
    expect(kinds(connector('A', '0.0.0.0:25', '10.0.0.0/24'), connector('B', ':25', '10.0.0.0-10.0.0.255'))).toEqual([
      'identical-ranges A B',
    ]);
  });

  it('may take the same range where one is bound to an address of its own', () => {
    expect(kinds(connector('A', '0.0.0.0:25', '10.0.0.0/24'), connector('B', '10.9.9.9:25', '10.0.0.0/24'))).toEqual([]);
  });

  it('take ranges that cross, also where one is bound to an address of its own', () => {
    const a = connector('A', '0.0.0.0:25', '10.0.0.0-10.0.0.20');
    expect(kinds(a, connector('B', '0.0.0.0:25', '10.0.0.20-10.0.0.40'))).toEqual(['crossing-ranges A B']);
    expect(kinds(a, connector('B', '10.9.9.9:25', '10.0.0.10-10.0.0.40'))).toEqual(['crossing-ranges A B']);
  });

  it('may hold each other, with a shared end too', () => {
    const a = connector('A', '0.0.0.0:25', '10.0.0.0-10.0.0.20');
    for (const range of ['10.0.0.0-10.0.0.40', '10.0.0.5-10.0.0.20', '10.0.0.5', '10.0.0.21-10.0.0.30'])
      expect(kinds(a, connector('B', '0.0.0.0:25', range)), range).toEqual([]);
  });

  it('may do anything at two different addresses, on two ports, in two families, on two servers', () => {
    const a = connector('A', '10.9.9.9:25', '10.0.0.0/24');
    expect(kinds(a, connector('B', '10.9.9.8:25', '10.0.0.0/24'))).toEqual([]);
    expect(kinds(a, connector('B', '10.9.9.9:26', '10.0.0.0/24'))).toEqual([]);
    expect(kinds(connector('A', '0.0.0.0:25', '::/0'), connector('B', '[::]:25', '::/0'))).toEqual([]);
    expect(kinds(a, connector('B', '10.9.9.9:25', '10.0.0.0/24', {}, 'EX02'))).toEqual([]);
  });

  it('belong to two services, whatever their ranges', () => {
    const hub = { TransportRole: 'HubTransport' } as const;
    expect(kinds(connector('A', '0.0.0.0:25', '10.0.0.1'), connector('B', '10.9.9.9:25', '10.0.0.2', hub))).toEqual(['role A B']);
    expect(kinds(connector('A', '10.9.9.8:25', '10.0.0.1'), connector('B', '10.9.9.9:25', '10.0.0.1', hub))).toEqual([]);
  });

  it('may be disabled', () => {
    expect(
      kinds(connector('A', '0.0.0.0:25', '10.0.0.1', { Enabled: false }), connector('B', '0.0.0.0:25', '10.0.0.1')),
    ).toHaveLength(1);
  });

  it('are told with the words of Exchange', () => {
    const [conflict] = conflictsOf([connector('A', '0.0.0.0:25', '10.0.0.1/32'), connector('B', '0.0.0.0:25', '10.0.0.1')]);
    expect(conflict?.because).toBe(
      '"A" and "B": both listen on 0.0.0.0:25, and both take 10.0.0.1/32 (10.0.0.1), so that nothing decides between them',
    );
    expect(conflict?.exchangeSays).toContain('conflict with the settings on Receive connector "EX01\\A".');
  });

  it('are none of those that setup makes', () => {
    expect(conflictsOf(defaultConnectors({ server: 'EX01', fqdn: '', version: '2019' }))).toEqual([]);
  });

  it('are found as by comparing every pair', () => {
    const address = fc.constantFrom('0.0.0.0', '10.9.9.8', '10.9.9.9', '[::]', '[fd00::1]');
    const binding = fc.tuple(address, fc.constantFrom(25, 26)).map(([host, port]) => `${host}:${port}`);
    const range = fc
      .tuple(fc.constantFrom('10.0.0.', 'fd00::'), fc.nat({ max: 9 }), fc.nat({ max: 9 }))
      .map(([base, x, y]) => `${base}${Math.min(x, y)}-${base}${Math.max(x, y)}`);
    const role = fc.constantFrom('FrontendTransport' as const, 'HubTransport' as const, 'FrontendTransport' as const);
    const connectors = fc.array(
      fc.tuple(fc.array(binding, { minLength: 1, maxLength: 3 }), fc.array(range, { minLength: 1, maxLength: 3 }), role),
      { maxLength: 7 },
    );
    fc.assert(
      fc.property(connectors, (specs) => {
        const all = specs.map(([bindings, ranges, TransportRole], index) =>
          connector(`C${index}`, bindings.join(' '), ranges.join(' '), { TransportRole }),
        );
        expect(kinds(...all).sort()).toEqual(everyPair(all).sort());
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, number, (index: number, range: number) => string]>([
    ['that are the same everywhere', 19_900, (_, range) => `10.0.${range >> 6}.${(range & 63) * 4}`],
    [
      'that cross in the same way everywhere',
      19_900 + 10_000,
      (index, range) => `10.${range >> 6}.${range & 63}.${(index % 2) * 4}-10.${range >> 6}.${range & 63}.${(index % 2) * 4 + 8}`,
    ],
  ])('are found in 200 connectors with 300 ranges %s', (_, count, range) => {
    const many = Array.from({ length: 200 }, (_, index) =>
      connector(`C${index}`, '0.0.0.0:25', Array.from({ length: 300 }, (_, at) => range(index, at)).join(' ')),
    );
    const conflicts = conflictsOf(many);
    expect(conflicts.length).toBeGreaterThanOrEqual(9_900);
    expect(conflicts.length).toBeLessThanOrEqual(count);
  });

  it('are found among 1,000 connectors', () => {
    const many = Array.from({ length: 1000 }, (_, index) => {
      const at = (offset: number): string => `10.${(index >> 5) & 255}.${(index * 8 + offset) & 255}`;
      return connector(`C${index}`, '0.0.0.0:25 [::]:25', `${at(0)}.0/24 ${at(1)}.1-${at(1)}.99 ${at(2)}.7 fd00:${index}::/64`);
    });
    expect(conflictsOf(many)).toHaveLength(0);
    expect(conflictsOf([...many, connector('X', '0.0.0.0:25', '10.0.0.128-10.0.1.10')]).map(({ a }) => a.name)).toEqual(['C0']);
  });
});

/** The table of the reference, cell by cell. */
function everyPair(connectors: readonly ReceiveConnector[]): string[] {
  const found = new Set<string>();
  for (const [index, a] of connectors.entries())
    for (const b of connectors.slice(index + 1))
      for (const one of a.bindings)
        for (const other of b.bindings) {
          const note = (kind: ConflictKind) => found.add(`${kind} ${a.name} ${b.name}`);
          if (one.port !== other.port || one.address.family !== other.address.family) continue;
          const same = one.address.value === other.address.value;
          if (!same && !one.any && !other.any) continue;
          if (roleOf(a) !== roleOf(b)) {
            note('role');
            continue;
          }
          for (const x of a.remoteIPRanges)
            for (const y of b.remoteIPRanges) {
              if (x.family !== one.address.family || y.family !== x.family) continue;
              if (x.first === y.first && x.last === y.last && same) note('identical-ranges');
              const within = (p: typeof x, q: typeof x): boolean => p.first >= q.first && p.last <= q.last;
              const overlap = x.first <= y.last && y.first <= x.last;
              if (overlap && !within(x, y) && !within(y, x)) note('crossing-ranges');
            }
        }
  return [...found];
}

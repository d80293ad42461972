/** The checks of ranges against brute force: every client asks the lookup that the rest of relaylens trusts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestedRange } from '../../src/checks/connectors/nested-range.ts';
import { shadowedRange } from '../../src/checks/connectors/shadowed-range.ts';
import { undefinedSelection } from '../../src/checks/connectors/undefined-selection.ts';
import { type ConnectorSketch, organisationOf } from '../../src/checks/examples/example-organisation.ts';
import { arenasOf } from '../../src/checks/ranges/arena.ts';
import { landingOf } from '../../src/checks/ranges/landing.ts';
import { identityOf, isEnabled } from '../../src/connector/connector.ts';
import { type Entry, type LocalEndpoint, SelectionTable } from '../../src/connector/selection.ts';
import { type Address, holds, parseAddress, sizeOf } from '../../src/net/address-range.ts';

const SPACE = 12;
/** One address of the server that connectors are bound to in particular, and one that none is. */
const LOCAL = ['10.9.9.1', '10.9.9.2'].map((text) => parseAddress(text)!);
const client = (value: number): Address => ({ family: 'ipv4', value: BigInt(value) });

const range = fc.tuple(fc.nat(SPACE - 1), fc.nat(SPACE - 1)).map(([a, b]) => `0.0.0.${Math.min(a, b)}-0.0.0.${Math.max(a, b)}`);

const connectors = fc
  .array(
    fc.record({
      on: fc.constantFrom('0.0.0.0:25', '0.0.0.0:25', '10.9.9.1:25', '0.0.0.0:25 10.9.9.1:25', '0.0.0.0:587', '[::]:25'),
      from: fc.array(range, { minLength: 1, maxLength: 3 }).map((ranges) => ranges.join(' ')),
      Enabled: fc.constantFrom(true, true, true, false),
      TransportRole: fc.constantFrom('FrontendTransport', 'FrontendTransport', 'HubTransport'),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((sketches) => sketches.map((sketch, index): ConnectorSketch => ({ id: `EX01\\C${index}`, ...sketch }) as ConnectorSketch));

const serverOf = (sketches: readonly ConnectorSketch[]) => organisationOf({ connectors: sketches });

/** Every client at every local address, port and service: who takes it. */
function* lookups(sketches: readonly ConnectorSketch[]) {
  const server = serverOf(sketches).servers[0]!;
  for (const role of ['FrontendTransport', 'HubTransport'] as const) {
    const table = new SelectionTable(server.connectors, role);
    for (const port of [25, 587])
      for (const address of LOCAL) {
        const local: LocalEndpoint = { address, port };
        for (let value = 0; value < SPACE; value++)
          yield { table, local, remote: client(value), winner: table.select(local, client(value)) };
      }
  }
}

/** A range is alive where it, or one as small at the same place, takes some client. */
function aliveRanges(sketches: readonly ConnectorSketch[]): Set<string> {
  const server = serverOf(sketches).servers[0]!;
  const alive = new Set<string>();
  for (const { winner, remote } of lookups(sketches)) {
    if (!winner) continue;
    for (const connector of server.connectors.filter(isEnabled))
      for (const binding of connector.bindings)
        if (
          binding.port === winner.binding.port &&
          binding.address.value === winner.binding.address.value &&
          binding.address.family === 'ipv4'
        )
          for (const one of connector.remoteIPRanges)
            if (sameService(connector, winner) && holds(one, remote) && sizeOf(one) === sizeOf(winner.range))
              alive.add(`${connector.name} ${one.text}`);
  }
  return alive;
}

const sameService = (connector: Entry['connector'], winner: Entry): boolean =>
  connector.properties.TransportRole === winner.connector.properties.TransportRole;

describe('a landing', () => {
  it('gives each client to the connector that the lookup gives it to', () => {
    fc.assert(
      fc.property(connectors, (sketches) => {
        const server = serverOf(sketches).servers[0]!;
        for (const arena of arenasOf(server)) {
          const table = new SelectionTable(server.connectors, arena.role);
          for (let value = 0; value < SPACE; value++) {
            const expected = table.select({ address: arena.place.address, port: arena.place.port }, client(value));
            if (arena.place.address.family === 'ipv4')
              expect(landingOf(arena).takerAt(BigInt(value))?.connector.name).toBe(expected?.connector.name);
          }
        }
      }),
    );
  });

  it('calls a range dead where no client finds it', () => {
    fc.assert(
      fc.property(connectors, (sketches) => {
        const server = serverOf(sketches).servers[0]!;
        const landings = arenasOf(server).map(landingOf);
        const living = new Set<string>();
        const all = new Set<string>();
        for (const landing of landings)
          landing.arena.entries.slice(0, landing.arena.own).forEach(({ connector, range: one }, index) => {
            all.add(`${connector.name} ${one.text}`);
            if (landing.lives(index)) living.add(`${connector.name} ${one.text}`);
          });
        const alive = aliveRanges(sketches);
        expect([...living].sort()).toEqual([...all].filter((name) => alive.has(name)).sort());
      }),
      { numRuns: 300 },
    );
  });
});

describe('shadowed-range', () => {
  it('says that a connector takes nobody exactly where nobody lands on it, however the ranges lie', () => {
    fc.assert(
      fc.property(connectors, (sketches) => {
        const organisation = serverOf(sketches);
        const said = shadowedRange.find(organisation).filter(({ what }) => what.includes('takes no client at all'));
        const alive = aliveRanges(sketches);
        for (const { connector } of said) expect([...alive].filter((name) => name.startsWith(`${connector} `))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('does not count what other servers have', () => {
    const organisation = organisationOf({
      connectors: [
        { id: 'EX01\\A', from: '10.0.0.0/31' },
        { id: 'EX02\\B', from: '10.0.0.0 10.0.0.1' },
      ],
    });
    expect(shadowedRange.find(organisation)).toEqual([]);
  });

  it('lets a specific binding win only where the sizes are equal', () => {
    const find = (from: string) =>
      shadowedRange.find(
        organisationOf({
          connectors: [
            { id: 'EX01\\Specific', on: '10.9.9.1:25', from: '10.0.0.0/31' },
            { id: 'EX01\\Any', from },
          ],
        }),
      );
    expect(find('10.0.0.0/31')).toEqual([]);
    expect(find('10.0.0.0 10.0.0.1').map(({ connector }) => connector)).toEqual(['Specific']);
  });

  it('keeps the families apart', () => {
    const organisation = organisationOf({
      connectors: [
        { id: 'EX01\\Both', on: '0.0.0.0:25 [::]:25', from: '0.0.0.0-0.0.0.1 ::-::1' },
        { id: 'EX01\\IPv6', on: '[::]:25', from: ':: ::1' },
      ],
    });
    const [finding, ...more] = shadowedRange.find(organisation);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      connector: 'Both',
      severity: 'medium',
      what: '1 range of "EX01\\Both" takes no client: ::-::1.',
    });
  });

  it('is less sure where a role is not known', () => {
    const find = (TransportRole?: 'FrontendTransport') =>
      shadowedRange.find(
        organisationOf({
          connectors: ['10.0.0.0/31', '10.0.0.0 10.0.0.1'].map((from, index) => ({
            id: `EX01\\${index}`,
            from,
            Enabled: true,
            ...(TransportRole && { TransportRole }),
          })),
        }),
      );
    expect(find('FrontendTransport')[0]!.confidence.level).toBe('high');
    expect(find()[0]!.confidence.level).toBe('medium');
  });
});

describe('undefined-selection', () => {
  it('finds the connectors of which the lookup says that the first one loaded wins', () => {
    fc.assert(
      fc.property(connectors, (sketches) => {
        const rivals = new Set<string>();
        for (const { table, winner, remote } of lookups(sketches))
          if (winner && table.rivals(winner, remote).length > 0)
            for (const { name } of [winner.connector, ...table.rivals(winner, remote)]) rivals.add(name);
        const said = new Set(
          undefinedSelection
            .find(serverOf(sketches))
            .flatMap(({ evidence }) =>
              evidence.flatMap((one) => (one.kind === 'ranges' ? [one.first.connector, one.second.connector] : [])),
            ),
        );
        expect([...said].sort()).toEqual([...rivals].map((name) => identityOf({ server: 'EX01', name })).sort());
      }),
      { numRuns: 300 },
    );
  });

  it('tells a thousand equal connectors in a thousand findings, not in half a million', () => {
    const organisation = organisationOf({
      connectors: Array.from({ length: 1000 }, (_, index) => ({ id: `EX01\\C${index}`, from: '10.0.0.1' })),
    });
    expect(undefinedSelection.find(organisation)).toHaveLength(999);
  });
});

describe('nested-range', () => {
  it('finds a range exactly where another connector has a larger one around it at the same place', () => {
    fc.assert(
      fc.property(connectors, (sketches) => {
        const server = serverOf(sketches).servers[0]!;
        const expected = new Set<string>();
        for (const arena of arenasOf(server))
          arena.entries.forEach((inner, i) => {
            if (
              arena.entries.some(
                (outer, o) =>
                  (i < arena.own || o < arena.own) &&
                  outer.connector !== inner.connector &&
                  outer.range.first <= inner.range.first &&
                  outer.range.last >= inner.range.last &&
                  sizeOf(outer.range) > sizeOf(inner.range),
              )
            )
              expected.add(inner.connector.name);
          });
        expect(nestedRange.find(serverOf(sketches)).map(({ connector }) => connector)).toEqual(
          expect.arrayContaining([...expected]),
        );
        for (const { connector } of nestedRange.find(serverOf(sketches))) expect(expected).toContain(connector);
      }),
      { numRuns: 300 },
    );
  });

  it('names the innermost of several', () => {
    const [first] = nestedRange
      .find(
        organisationOf({
          connectors: [
            { id: 'EX01\\Eight', from: '10.0.0.0/8' },
            { id: 'EX01\\Sixteen', from: '10.1.0.0/16' },
            { id: 'EX01\\One', from: '10.1.0.1' },
          ],
        }),
      )
      .filter(({ connector }) => connector === 'One');
    expect(first!.what).toBe('1 range of "One" (10.1.0.1) lies inside 10.1.0.0/16 of "Sixteen".');
  });

  it('says where the size comes before the binding', () => {
    const [finding] = nestedRange.find(
      organisationOf({
        connectors: [
          { id: 'EX01\\Servers', on: '10.9.9.1:25', from: '10.1.0.0/16' },
          { id: 'EX01\\Scanner', from: '10.1.2.7' },
        ],
      }),
    );
    expect(finding!.cause).toContain('although "Servers" is bound to the very address 10.9.9.1:25');
  });
});

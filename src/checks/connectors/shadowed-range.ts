/** Ranges, or whole connectors, that can never take a client. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import type { ServerConfiguration } from '../../connector/organisation.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { capped, rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector, type Finding } from '../finding.ts';
import { arenasOf } from '../ranges/arena.ts';
import { type Landing, landingOf } from '../ranges/landing.ts';
import { section } from '../references.ts';
import { advice, removeRanges } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';

export const shadowedRange: ConfigurationCheck = {
  id: 'shadowed-range',
  title: 'Range that takes no client',
  why: 'Somebody believes that these clients land on this connector; all of them land elsewhere, with other rights.',
  severity: 'medium',
  references: [section('2.2')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\Wide', from: '10.0.0.0/24' },
          { id: 'EX01\\Halves', from: '10.0.0.0/25 10.0.0.128/25' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Wide', on: '10.9.9.9:25', from: '10.0.0.0/30' },
          { id: 'EX01\\Narrow', from: '10.0.0.0/31 10.0.0.2/31' },
        ],
      },
      { connectors: [{ id: 'EX01\\Twice', from: '10.0.0.1 10.0.0.1/32' }] },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Wide', from: '10.0.0.0/24' },
          { id: 'EX01\\Halves', from: '10.0.0.0/25 10.0.0.129-10.0.0.255' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Wide', from: '10.0.0.0/30' },
          { id: 'EX01\\Narrow', on: '10.9.9.9:25', from: '10.0.0.0/31 10.0.0.2/31' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Wide', from: '10.0.0.0/31' },
          { id: 'EX01\\Off', from: '10.0.0.0 10.0.0.1', Enabled: false },
          { id: 'EX01\\Submission', from: '10.0.0.0 10.0.0.1', on: '0.0.0.0:587' },
          { id: 'EX02\\Other', from: '10.0.0.0 10.0.0.1' },
        ],
      },
    ],
  },
  find: ({ servers }) => servers.flatMap((server) => [...shadowed(server), ...repeated(server)]),
};

interface Dead {
  readonly landing: Landing;
  readonly index: number;
}

/** Of each connector the ranges that are dead at every one of its bindings. */
function deadRanges(server: ServerConfiguration): Map<ReceiveConnector, Map<RemoteRange, Dead>> {
  const landings = arenasOf(server).map(landingOf);
  const dead = new Map<ReceiveConnector, Map<RemoteRange, Dead>>();
  for (const landing of landings)
    for (const index of landing.dead()) {
      const { connector, range } = landing.arena.entries[index]!;
      const ranges = dead.get(connector) ?? new Map<RemoteRange, Dead>();
      dead.set(connector, ranges.set(range, { landing, index }));
    }
  if (dead.size > 0)
    for (const landing of landings)
      landing.arena.entries.forEach(({ connector, range }, index) => {
        if (landing.lives(index)) dead.get(connector)?.delete(range);
      });
  return dead;
}

function shadowed(server: ServerConfiguration): Finding[] {
  return [...deadRanges(server)].flatMap(([connector, ranges]) => {
    const elsewhere = [...ranges].filter(([, { landing, index }]) => !landing.staysAtHome(index));
    const atHome = [...ranges].filter(([, { landing, index }]) => landing.staysAtHome(index)).map(([range]) => range);
    return [
      ...(elsewhere.length > 0 ? [takenOver(server, connector, elsewhere, ranges.size)] : []),
      ...(atHome.length > 0 ? [needless(connector, atHome, 'smaller ranges of its own cover all of them')] : []),
    ];
  });
}

function takenOver(
  server: ServerConfiguration,
  connector: ReceiveConnector,
  dead: readonly (readonly [RemoteRange, Dead])[],
  deadInAll: number,
): Finding {
  const families = new Set(connector.bindings.map(({ address }) => address.family));
  const whole = deadInAll === new Set(connector.remoteIPRanges.filter(({ family }) => families.has(family))).size;
  const takers = new Map(
    dead
      .slice(0, 50)
      .flatMap(([, { landing, index }]) => landing.takersOf(index).map((entry) => [entry.connector.name, entry] as const)),
  );
  takers.delete(connector.name);
  const names = enumerate([...takers.keys()].map((name) => `"${name}"`));
  const named = enumerate(dead.map(([range]) => range.text));
  const unsure = server.connectors.some(({ properties }) => properties.TransportRole === undefined);
  return aboutConnector(shadowedRange, connector, {
    severity: whole ? 'high' : 'medium',
    what: whole
      ? `"${identityOf(connector)}" takes no client at all: smaller ranges elsewhere cover all of its own.`
      : `${count(dead.length, 'range')} of "${identityOf(connector)}" ${dead.length === 1 ? 'takes' : 'take'} no client: ${named}.`,
    cause: `The smallest range that holds a client wins, and for every client there another one is smaller: of ${names}${[...takers.values()].some((entry) => entry.binding.any) && connector.bindings.some(({ any }) => !any) ? ', also where this connector is bound to a local address of its own, for the size comes first' : ''}.`,
    evidence: capped(dead, ([range, { landing, index }]) => {
      const taker = landing.takersOf(index, 2).find((entry) => entry.connector !== connector);
      const place = formatBinding(landing.arena.place);
      return {
        kind: 'ranges',
        first: { connector: identityOf(connector), binding: place, range: range.text },
        relation: 'is taken over by',
        second: {
          connector: taker ? identityOf(taker.connector) : identityOf(connector),
          binding: taker ? formatBinding(taker.binding) : place,
          range: taker?.range.text ?? 'several',
        },
      };
    }),
    remedy: [
      advice(
        `If these clients belong to "${connector.name}", take their ranges from ${names}. If they are well where they land, these do nothing:`,
      ),
      ...(whole
        ? [advice('As nothing is left then, the connector itself can go (Remove-ReceiveConnector).')]
        : removeRanges(
            connector,
            dead.map(([range]) => range),
          )),
    ],
    confidence: unsure
      ? { level: 'medium', because: 'the ranges say so; the transport role of some connectors is not in the export' }
      : { level: 'high', because: 'bindings and ranges of all connectors of the server say so' },
  });
}

/** Removing one of two equal ranges might remove both, so no command is given for those. */
function repeated(server: ServerConfiguration): Finding[] {
  const twice = new Map<ReceiveConnector, Set<RemoteRange>>();
  for (const arena of arenasOf(server))
    for (const { second } of landingOf(arena).repeated) {
      const { connector, range } = arena.entries[second]!;
      twice.set(connector, (twice.get(connector) ?? new Set()).add(range));
    }
  return [...twice].map(([connector, ranges]) => needless(connector, [...ranges], 'they stand there twice'));
}

function needless(connector: ReceiveConnector, ranges: readonly RemoteRange[], reason: string): Finding {
  const twice = reason.endsWith('twice');
  return aboutConnector(shadowedRange, connector, {
    severity: 'info',
    what: `${count(ranges.length, 'range')} of "${identityOf(connector)}" ${ranges.length === 1 ? 'is' : 'are'} needless: ${enumerate(ranges.map(({ text }) => text))}.`,
    cause: `Their clients land on the connector without them too, because ${reason}.`,
    evidence: rangeEvidence(connector, ranges),
    remedy: twice
      ? [advice('Nothing has to be done. The next time the list is written as a whole, write each range once.')]
      : removeRanges(connector, ranges),
    confidence: { level: 'high', because: 'the ranges of the connector say so' },
  });
}

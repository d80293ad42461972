/** A7: a range inside a range of another connector on the same port: allowed and meant, and the reason of many surprises. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { isWholeFamily } from '../../connector/remote-range.ts';
import { sizeOf } from '../../net/address-range.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { capped } from '../evidence/range-evidence.ts';
import { aboutConnector, type Finding } from '../finding.ts';
import { arenasOf } from '../ranges/arena.ts';
import { type Nesting, nestingsOf } from '../ranges/nesting.ts';
import { RECEIVE_CONNECTORS, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';

export const nestedRange: ConfigurationCheck = {
  id: 'nested-range',
  title: 'Range inside a range of another connector',
  why: 'Which connector takes a device depends on the sizes of the ranges: the usual reason why a device lands on the wrong one.',
  severity: 'info',
  references: [RECEIVE_CONNECTORS, section('2.2'), section('5.5 (A7)')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\Servers', from: '10.1.0.0/16' },
          { id: 'EX01\\Scanner', from: '10.1.2.7' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Servers', on: '10.9.9.9:25', from: '10.1.0.0/16' },
          { id: 'EX01\\Scanner', from: '10.1.2.0/24' },
        ],
      },
    ],
    silent: [
      { connectors: [{ id: 'EX01\\Default Frontend EX01' }, { id: 'EX01\\Scanner', from: '10.1.2.7' }] },
      {
        connectors: [
          { id: 'EX01\\Servers', on: '10.9.9.9:25', from: '10.1.0.0/16 10.1.2.0/24' },
          { id: 'EX01\\Scanner', on: '10.9.9.8:25 0.0.0.0:587', from: '10.1.2.7' },
          { id: 'EX01\\Neighbour', on: '0.0.0.0:25', from: '10.2.0.0-10.2.0.9' },
        ],
      },
    ],
  },
  find: ({ servers }) =>
    servers.flatMap((server) => {
      const pairs = new Map<ReceiveConnector, Map<ReceiveConnector, Nesting[]>>();
      for (const arena of arenasOf(server))
        for (const nesting of nestingsOf(arena, ({ range }) => isWholeFamily(range))) {
          const outers = pairs.get(nesting.inner.connector) ?? new Map<ReceiveConnector, Nesting[]>();
          pairs.set(nesting.inner.connector, outers);
          const nestings = outers.get(nesting.outer.connector);
          // A connector with several bindings meets the other one at each of them.
          if (!nestings) outers.set(nesting.outer.connector, [nesting]);
          else if (nestings[0]!.inner.binding === nesting.inner.binding) nestings.push(nesting);
        }
      return [...pairs].flatMap(([inner, outers]) => [...outers].map(([outer, nestings]) => findingOf(inner, outer, nestings)));
    }),
};

function findingOf(inner: ReceiveConnector, outer: ReceiveConnector, nestings: readonly Nesting[]): Finding {
  const first = nestings[0]!;
  const texts = [...new Set(nestings.map(({ inner: { range } }) => range.text))];
  const specific = !first.outer.binding.any && first.inner.binding.any;
  const single = sizeOf(first.inner.range) === 1n && texts.length === 1;
  return aboutConnector(nestedRange, inner, {
    what: `${count(texts.length, 'range')} of "${inner.name}" (${enumerate(texts)}) ${texts.length === 1 ? 'lies' : 'lie'} inside ${first.outer.range.text} of "${outer.name}".`,
    cause: `The smallest range wins: ${single ? `the client ${texts[0]}` : 'clients in the smaller ranges'} ${single ? 'lands' : 'land'} on "${inner.name}", all others in ${first.outer.range.text} on "${outer.name}"${specific ? `, although "${outer.name}" is bound to the very address ${formatBinding(first.outer.binding)}: the size comes before the binding` : ''}.`,
    evidence: capped(nestings, (nesting) => ({
      kind: 'ranges',
      first: placed(nesting.inner),
      relation: 'lies inside',
      second: placed(nesting.outer),
    })),
    remedy: [
      advice(
        `Nothing, where this is meant. To see who takes a device: "relaylens match ADDRESS". A client that should land on "${outer.name}" has to leave the ranges of "${inner.name}".`,
      ),
    ],
    confidence: { level: 'high', because: 'bindings and ranges of both connectors say so' },
  });
}

const placed = ({ connector, binding, range }: Nesting['inner']) => ({
  connector: identityOf(connector),
  binding: formatBinding(binding),
  range: range.text,
});

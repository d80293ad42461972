/** Connectors that Exchange would refuse beside each other, where no other check says more about them. */
import { formatBinding } from '../../connector/binding.ts';
import { type Conflict, conflictsOf } from '../../connector/conflict.ts';
import { identityOf, isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import type { Organisation } from '../../connector/organisation.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { capped } from '../evidence/range-evidence.ts';
import { aboutConnector, type Finding } from '../finding.ts';
import { misplacedOf } from '../ranges/service-ports.ts';
import { RECEIVE_CONNECTORS, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { safeRemoval } from '../remedies/safe-change.ts';
import { enumerate } from '../words/enumeration.ts';

export const conflictingRanges: ConfigurationCheck = {
  id: 'conflicting-ranges',
  title: 'Connectors that Exchange refuses beside each other',
  why: 'Every later change of one of them fails with an error about the other, and whoever recreates them on another server cannot.',
  severity: 'medium',
  references: [RECEIVE_CONNECTORS, section('2.5')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.0-10.0.0.20' },
          { id: 'EX01\\B', on: '10.9.9.9:25', from: '10.0.0.10-10.0.0.40' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.1' },
          { id: 'EX01\\B', from: '10.0.0.1', Enabled: false },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\A', on: '0.0.0.0:2600', TransportRole: 'FrontendTransport' },
          { id: 'EX01\\B', on: '10.9.9.9:2600', TransportRole: 'HubTransport' },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.0-10.0.0.20' },
          { id: 'EX01\\B', from: '10.0.0.10-10.0.0.20' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\A', on: '10.9.9.8:25', from: '10.0.0.0-10.0.0.20' },
          { id: 'EX01\\B', on: '10.9.9.9:25', from: '10.0.0.10-10.0.0.40' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.0-10.0.0.20' },
          { id: 'EX02\\B', from: '10.0.0.10-10.0.0.40' },
        ],
      },
    ],
  },
  find: (organisation) =>
    organisation.servers.flatMap(({ connectors }) => findingsOf(organisation, conflictsOf(connectors).filter(isOurs))),
};

/** Ties of enabled connectors are undefined-selection; a role on the other service's port has checks of its own. */
function isOurs({ kind, a, b, bindingA, bindingB, rangeA, rangeB }: Conflict): boolean {
  if (kind === 'role') return !misplacedOf(a, bindingA) && !misplacedOf(b, bindingB);
  if (!isEnabled(a) || !isEnabled(b)) return true;
  const sameSize = rangeA && rangeB && rangeA.last - rangeA.first === rangeB.last - rangeB.first;
  return !(sameSize && formatBinding(bindingA) === formatBinding(bindingB));
}

/** One finding for each connector and kind, whatever the number of its partners. */
function findingsOf(organisation: Organisation, conflicts: readonly Conflict[]): Finding[] {
  const groups = new Map<ReceiveConnector, Map<string, Conflict[]>>();
  for (const conflict of conflicts) {
    const kinds = groups.get(conflict.b) ?? new Map<string, Conflict[]>();
    groups.set(conflict.b, kinds);
    const list = kinds.get(conflict.kind);
    if (list) list.push(conflict);
    else kinds.set(conflict.kind, [conflict]);
  }
  return [...groups.values()].flatMap((kinds) => [...kinds.values()].map((some) => findingOf(organisation, some)));
}

function findingOf(organisation: Organisation, conflicts: readonly Conflict[]): Finding {
  const { kind, a: partner, b, because, exchangeSays } = conflicts[0]!;
  const partners = [...new Set(conflicts.map(({ a }) => `"${a.name}"`))];
  const disabled = conflicts.some(({ a }) => !isEnabled(a)) || !isEnabled(b);
  const ranges = conflicts.flatMap(({ rangeB }) => rangeB ?? []);
  const ofPartner = conflicts.flatMap(({ a, rangeA }) => (a === partner && rangeA ? [rangeA] : []));
  return aboutConnector(conflictingRanges, b, {
    severity: kind === 'role' ? 'high' : 'medium',
    what: `Exchange would refuse "${b.name}" beside ${enumerate(partners)}.`,
    cause: `${because}.${disabled && kind !== 'role' ? ' Disabled connectors count.' : ''} The directory, or the export, was edited. Exchange would say: ${exchangeSays}`,
    evidence: capped(conflicts, ({ a, bindingA, rangeA, bindingB, rangeB }) => ({
      kind: 'ranges',
      first: { connector: identityOf(a), binding: formatBinding(bindingA), range: rangeA?.text ?? 'any' },
      relation: kind === 'role' ? 'listens beside' : kind === 'identical-ranges' ? 'equals' : 'crosses',
      second: { connector: identityOf(b), binding: formatBinding(bindingB), range: rangeB?.text ?? 'any' },
    })),
    remedy:
      kind === 'role'
        ? [advice('Give one of them another port or another local address: two services cannot listen at one place.')]
        : [
            advice(
              'Take the range from the connector that does not need it, or cut it so that one of the two lies inside the other:',
            ),
            ...safeRemoval(organisation, { connector: b, ranges }, { connector: partner, ranges: ofPartner }),
          ],
    confidence: { level: 'high', because: 'bindings, roles and ranges of both connectors say so' },
  });
}

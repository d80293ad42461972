/** A binding without ranges of its family, or ranges without a binding of theirs. */
import { type Binding, formatBinding } from '../../connector/binding.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import type { Organisation } from '../../connector/organisation.ts';
import { familyName, type RemoteRange } from '../../connector/remote-range.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector, type Finding, type Remedy } from '../finding.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { section } from '../references.ts';
import { advice, removeRanges, setConnector } from '../remedies/commands.ts';
import { isSafeChange } from '../remedies/safe-change.ts';
import { count, enumerate } from '../words/enumeration.ts';

export const unmatchedFamily: ConfigurationCheck = {
  id: 'unmatched-family',
  title: 'Bindings and ranges of different families',
  why: 'IPv4 and IPv6 never mix: a range without a binding of its family takes nobody, and a binding without ranges of its family neither.',
  severity: 'low',
  references: [section('2.1'), section('2.2')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\Relay', from: '10.0.0.1 fd00::7' }] },
      { connectors: [{ id: 'EX01\\Relay', on: '0.0.0.0:25 [::]:25', from: '10.0.0.1' }] },
      { connectors: [{ id: 'EX01\\Relay', on: '[::]:25', from: '10.0.0.1' }] },
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', on: '0.0.0.0:25 [::]:25', from: '0.0.0.0/0 ::/0' },
          { id: 'EX01\\Relay', from: '10.0.0.1 ::/0', PermissionGroups: ['AnonymousUsers', 'Custom'] },
        ],
      },
    ],
    silent: [
      { connectors: [{ id: 'EX01\\Relay', on: '0.0.0.0:25 [::]:25', from: '10.0.0.1 fd00::7' }] },
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1' },
          { id: 'EX01\\Off', from: 'fd00::7', Enabled: false },
          { id: 'EX01\\Empty', from: '' },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter(({ bindings, remoteIPRanges }) => bindings.length > 0 && remoteIPRanges.length > 0)
      .flatMap((connector) => {
        const bound = new Set(connector.bindings.map(({ address }) => address.family));
        const taken = new Set(connector.remoteIPRanges.map(({ family }) => family));
        const ranges = connector.remoteIPRanges.filter(({ family }) => !bound.has(family));
        const bindings = connector.bindings.filter(({ address }) => !taken.has(address.family));
        return ranges.length > 0 || bindings.length > 0 ? [findingOf(organisation, connector, ranges, bindings)] : [];
      }),
};

function findingOf(
  organisation: Organisation,
  connector: ReceiveConnector,
  ranges: readonly RemoteRange[],
  bindings: ReceiveConnector['bindings'],
): Finding {
  const nobody = bindings.length === connector.bindings.length;
  const places = enumerate(bindings.map(formatBinding));
  return aboutConnector(unmatchedFamily, connector, {
    severity: nobody ? 'high' : 'low',
    what: nobody
      ? `"${identityOf(connector)}" takes nobody: its bindings are ${familyName(connector.bindings[0]!.address)}, its ranges are not.`
      : ranges.length > 0
        ? `${count(ranges.length, 'range')} of "${identityOf(connector)}" ${ranges.length === 1 ? 'takes' : 'take'} nobody, for it has no binding of that family.`
        : `Nobody lands on "${identityOf(connector)}" by ${places}, for it has no ranges of that family.`,
    cause: `For each binding only the ranges of its own family count. ${ranges.length > 0 ? `Without a binding: ${enumerate(ranges.map(({ text }) => text))}. ` : ''}${bindings.length > 0 ? `Without ranges: ${places}. ` : ''}The clients land on other connectors.`,
    evidence: [
      {
        kind: 'property',
        connector: identityOf(connector),
        property: 'Bindings',
        value: connector.bindings.map(formatBinding).join(', '),
      },
      ...rangeEvidence(connector, ranges, (range) => familyName(range)),
    ],
    remedy:
      ranges.length > 0
        ? bindOrRemove(organisation, connector, ranges)
        : [
            advice(
              'Add the addresses of the clients of that family in place of the words in brackets, or take the binding away:',
            ),
            setConnector(connector, { RemoteIPRanges: { add: ['<address of a device>'] } }),
            setConnector(connector, { Bindings: { remove: bindings.map(formatBinding) } }),
          ],
    confidence: { level: 'high', because: 'bindings and ranges of the connector say so' },
  });
}

/** A binding would wake the ranges up: that is no remedy where they would relay, or stand in the way of another connector. */
function bindOrRemove(organisation: Organisation, connector: ReceiveConnector, ranges: readonly RemoteRange[]): Remedy[] {
  const bindings = newBindings(connector, ranges);
  if (isSafeChange(organisation, connector, { ...connector, bindings: [...connector.bindings, ...bindings] }))
    return [setConnector(connector, { Bindings: { add: bindings.map(formatBinding) } })];
  return [
    advice(
      'Take them out: nothing changes for any client. With a binding of their family they would take clients from other connectors, or let more of them relay.',
    ),
    ...removeRanges(connector, ranges),
  ];
}

/** Every address of the missing family, on the ports that the connector has. */
function newBindings({ bindings }: ReceiveConnector, ranges: readonly RemoteRange[]): Binding[] {
  const families = [...new Set(ranges.map(({ family }) => family))];
  const ports = [...new Set(bindings.map(({ port }) => port))];
  return families.flatMap((family) => ports.map((port) => ({ address: { family, value: 0n }, any: true, port })));
}

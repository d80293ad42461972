/** A13: a relay connector that clients with IPv6 cannot reach, and a default connector that they reach instead. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, isDefaultConnector, isEnabled, type ReceiveConnector, roleOf } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, type Evidence } from '../finding.ts';
import { relayConnectors } from '../ranges/relay-connectors.ts';
import { section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';

export const ipv6Hole: ConfigurationCheck = {
  id: 'ipv6-hole',
  title: 'Relay connector that IPv6 clients cannot reach',
  why: 'A device in the same network often comes by IPv6 without anybody knowing: it lands on the default connector, and may not relay.',
  severity: 'info',
  references: [section('2.2'), section('5.5 (A13)')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', on: '0.0.0.0:25 [::]:25', from: '0.0.0.0/0 ::/0' },
          { id: 'EX01\\Relay', from: '10.0.0.1 ::/0', PermissionGroups: ['AnonymousUsers', 'Custom'] },
        ],
      },
      {
        connectors: [
          {
            id: 'EX01\\Default Frontend EX01',
            on: '0.0.0.0:25 [::]:25',
            from: '0.0.0.0-255.255.255.255 ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
          },
          { id: 'EX01\\Relay', from: '10.0.0.1', PermissionGroups: ['AnonymousUsers', 'Custom'] },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', on: '[::]:25', from: '::/0' },
          { id: 'EX01\\Relay', on: '0.0.0.0:25 [::]:25', from: '10.0.0.1', PermissionGroups: ['AnonymousUsers', 'Custom'] },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', on: '0.0.0.0:25 [::]:25', from: '0.0.0.0/0 ::/0' },
          {
            id: 'EX01\\Relay',
            on: '0.0.0.0:25 [::]:25',
            from: '10.0.0.1 fd00::7',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
          },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', on: '0.0.0.0:25', from: '0.0.0.0/0 ::/0' },
          { id: 'EX01\\Client Frontend EX01', on: '[::]:587', from: '::/0' },
          { id: 'EX01\\Relay', from: '10.0.0.1', PermissionGroups: ['AnonymousUsers', 'Custom'] },
        ],
      },
    ],
  },
  find: (organisation) => {
    const defaults = organisation.servers.flatMap(({ connectors }) =>
      connectors.filter((connector) => isEnabled(connector) && isDefaultConnector(connector)),
    );
    return relayConnectors(organisation)
      .filter(({ connector }) => !isDefaultConnector(connector))
      .flatMap(({ connector, confidence }) => {
        const ports = [...new Set(connector.bindings.map(({ port }) => port))].filter((port) => !takesIPv6(connector, port));
        for (const port of ports) {
          const instead = defaults.find(
            (one) => one.server === connector.server && rolesFit(one, connector) && takesIPv6(one, port),
          );
          if (!instead) continue;
          const bound = connector.bindings.some((binding) => binding.port === port && binding.address.family === 'ipv6');
          // Ranges that no binding has met so far would wake up with it.
          const asleep = bound ? [] : connector.remoteIPRanges.filter(({ family }) => family === 'ipv6').map(({ text }) => text);
          return [
            aboutConnector(ipv6Hole, connector, {
              what: `Clients that come by IPv6 cannot land on "${identityOf(connector)}" at port ${port}; "${instead.name}" takes them.`,
              cause: `It has ${bound ? 'no remote IP range of IPv6' : 'no binding of IPv6'}, and the families never mix. The default connector takes such a device, and refuses its mail to other domains.`,
              evidence: [listEvidence(connector), listEvidence(instead)],
              remedy: [
                advice(
                  `Either the device is given an IPv4 address of ${connector.server} instead of its name, or the connector gets IPv6. Put the addresses of the devices in place of the words in brackets:`,
                ),
                setConnector(connector, {
                  ...(bound ? {} : { Bindings: { add: [`[::]:${port}`] } }),
                  RemoteIPRanges: { add: ['<IPv6 address of a device>'], ...(asleep.length > 0 && { remove: asleep }) },
                }),
              ],
              confidence:
                confidence.level === 'high'
                  ? { level: 'medium', because: 'whether any device comes by IPv6 stands in the logs only' }
                  : { level: 'low', because: `${confidence.because}; whether any device comes by IPv6 stands in the logs only` },
            }),
          ];
        }
        return [];
      });
  },
};

const takesIPv6 = ({ bindings, remoteIPRanges }: ReceiveConnector, port: number): boolean =>
  bindings.some((binding) => binding.port === port && binding.address.family === 'ipv6') &&
  remoteIPRanges.some(({ family }) => family === 'ipv6');

const rolesFit = (a: ReceiveConnector, b: ReceiveConnector): boolean =>
  roleOf(a) === undefined || roleOf(b) === undefined || roleOf(a) === roleOf(b);

const listEvidence = (connector: ReceiveConnector): Evidence => ({
  kind: 'property',
  connector: identityOf(connector),
  property: 'Bindings',
  value: connector.bindings.map(formatBinding).join(', '),
});

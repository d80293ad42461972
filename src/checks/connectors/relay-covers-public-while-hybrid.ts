/** A19: mail from Exchange Online lands on a connector that does not trust it. */
import { identityOf, isDefaultConnector, isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { holdsExchangeOnline } from '../evidence/online-client.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector, propertyEvidence } from '../finding.ts';
import { section } from '../references.ts';
import { safeRemoval } from '../remedies/safe-change.ts';
import { enumerate } from '../words/enumeration.ts';

const HYBRID = ['mail.protection.outlook.com:AcceptCloudServicesMail'];

export const relayCoversPublicWhileHybrid: ConfigurationCheck = {
  id: 'relay-covers-public-while-hybrid',
  title: 'Mail from Exchange Online lands on the wrong connector',
  why: 'Internal mail from the cloud then counts as anonymous: it goes to junk mail, loses its headers, and is refused by groups for internal senders.',
  severity: 'high',
  references: [
    'https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges',
    section('3'),
    section('5.5 (A19)'),
  ],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', TlsDomainCapabilities: HYBRID },
          { id: 'EX01\\Partners', from: '40.96.0.0/12', PermissionGroups: ['AnonymousUsers'] },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', TlsDomainCapabilities: HYBRID },
          { id: 'EX01\\Dead', from: '10.0.0.7 2a01:111:f400::/48', PermissionGroups: ['AnonymousUsers'] },
          { id: 'EX01\\Cloud application', from: '203.0.113.7 10.0.0.0/8', PermissionGroups: ['AnonymousUsers'] },
          { id: 'EX01\\Submission', on: '0.0.0.0:587', PermissionGroups: ['ExchangeUsers'] },
          { id: 'EX01\\Hybrid', from: '40.92.0.0/15', TlsDomainCapabilities: HYBRID },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', TlsDomainCapabilities: [] },
          { id: 'EX01\\Partners', from: '40.96.0.0/12', PermissionGroups: ['AnonymousUsers'] },
        ],
      },
    ],
  },
  find: (organisation) =>
    organisation.servers.flatMap(({ connectors }) => {
      const enabled = connectors.filter(isEnabled);
      const hybrids = enabled.filter(trustsCloud);
      return enabled
        .filter((connector) => !isDefaultConnector(connector) && !trustsCloud(connector))
        .flatMap((connector) => {
          const hybrid = hybrids.find((one) => atDoor(one, connector).length > 0);
          const ranges = hybrid ? atDoor(hybrid, connector) : [];
          if (!hybrid) return [];
          return [
            aboutConnector(relayCoversPublicWhileHybrid, connector, {
              what: `"${identityOf(connector)}" takes addresses of Exchange Online, whose mail "${hybrid.name}" is there for.`,
              cause: `"${hybrid.name}" trusts the cloud by its TlsDomainCapabilities; a smaller range wins over it, and ${enumerate(ranges.map(({ text }) => text))} ${ranges.length === 1 ? 'holds' : 'hold'} servers of Exchange Online.`,
              evidence: [...propertyEvidence(hybrid, 'TlsDomainCapabilities'), ...rangeEvidence(connector, ranges)],
              remedy: safeRemoval(organisation, { connector, ranges }),
              confidence: {
                level: 'medium',
                because: "relaylens knows Microsoft's published networks of the time it was made, and the largest of them only",
              },
            }),
          ];
        });
    }),
};

const trustsCloud = ({ properties }: ReceiveConnector): boolean =>
  properties.TlsDomainCapabilities?.some((text) => /AcceptCloudServicesMail/i.test(text)) ?? false;

/** Ranges of the connector with servers of Exchange Online, of families in which both listen on one port. */
function atDoor(hybrid: ReceiveConnector, connector: ReceiveConnector): RemoteRange[] {
  const shared = new Set(
    connector.bindings
      .filter(({ port, address }) => hybrid.bindings.some((one) => one.port === port && one.address.family === address.family))
      .map(({ address }) => address.family),
  );
  return connector.remoteIPRanges.filter((range) => shared.has(range.family) && holdsExchangeOnline(range));
}

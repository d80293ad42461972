/** Both ways to relay at once: externally secured, and the right of anonymous clients. */
import { identityOf } from '../../connector/connector.ts';
import { isExternallySecured } from '../../connector/effective-rights.ts';
import { rightsOf } from '../../connector/organisation.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence } from '../finding.ts';
import { enabledConnectors, relayHolders, relayRightEvidence } from '../ranges/relay-connectors.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { removeRelayRight, showRights } from '../remedies/commands.ts';

export const secondWayToRelay: ConfigurationCheck = {
  id: 'second-way-to-relay',
  title: 'Two ways to relay on one connector',
  why: 'Microsoft says to use one way: who closes the one believes that relaying has stopped, and it goes on by the other.',
  severity: 'low',
  references: [ANONYMOUS_RELAY, section('5.1')],
  examples: {
    fires: [
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            from: '10.0.0.1',
            AuthMechanism: ['ExternalAuthoritative'],
            PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'Custom'],
            anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'],
          },
        ],
      },
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            from: '10.0.0.1',
            AuthMechanism: ['Tls', 'ExternalAuthoritative'],
            PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'Custom'],
          },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            from: '10.0.0.1',
            AuthMechanism: ['ExternalAuthoritative'],
            PermissionGroups: ['AnonymousUsers', 'ExchangeServers'],
          },
          { id: 'EX01\\Other', from: '10.0.0.2', AuthMechanism: ['Tls'], PermissionGroups: ['AnonymousUsers', 'Custom'] },
        ],
      },
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            AuthMechanism: ['ExternalAuthoritative'],
            PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'Custom'],
            anonymousRights: ['ms-Exch-SMTP-Submit'],
          },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter(isExternallySecured)
      .flatMap((connector) => {
        const entries = rightsOf(organisation, connector);
        const holders = relayHolders(organisation, connector);
        const groups = connector.properties.PermissionGroups ?? [];
        const likely = entries === null && groups.includes('AnonymousUsers') && groups.includes('Custom');
        if (holders.length === 0 && !likely) return [];
        const users = [...new Set(holders.map(({ user }) => user))];
        return [
          aboutConnector(secondWayToRelay, connector, {
            what: `"${identityOf(connector)}" is externally secured, and ${likely ? 'anonymous clients very likely have' : 'anonymous clients have'} the right to relay besides.`,
            cause:
              'Every client of the connector counts as authenticated already; the right of anonymous clients adds nothing now, and stays behind when ExternalAuthoritative is taken away.',
            evidence: [
              ...propertyEvidence(connector, 'AuthMechanism', 'PermissionGroups'),
              ...relayRightEvidence(connector, holders),
            ],
            remedy: likely
              ? [showRights(connector), removeRelayRight(connector)]
              : users.map((user) => removeRelayRight(connector, user)),
            confidence: likely
              ? { level: 'medium', because: 'only Custom beside AnonymousUsers hints at the right; the rights were not imported' }
              : { level: 'high', because: 'properties and imported rights say so' },
          }),
        ];
      }),
};

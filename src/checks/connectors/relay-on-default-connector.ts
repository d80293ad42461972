/** A2: the right to relay was given on a connector that Exchange made for everybody. */
import { identityOf, isDefaultConnector } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector } from '../finding.ts';
import { letsOrLikely, relayConnectors } from '../ranges/relay-connectors.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice, showRights } from '../remedies/commands.ts';

export const relayOnDefaultConnector: ConfigurationCheck = {
  id: 'relay-on-default-connector',
  title: 'Relay allowed on a default connector',
  why: 'The default connectors take everybody whom no other connector takes, the Internet included: relaying there is an open relay.',
  severity: 'critical',
  references: [ANONYMOUS_RELAY, section('5.5 (A2)'), section('1.1')],
  covers: [
    'open-relay',
    'externally-secured-too-wide',
    'wide-relay-range',
    'unproven-relay-right',
    'basic-auth-on-relay',
    'required-tls-on-relay',
    'unlimited-relay',
  ],
  examples: {
    fires: [
      {
        connectors: [
          {
            id: 'EX01\\Default Frontend EX01',
            PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers', 'Custom'],
          },
        ],
      },
      {
        connectors: [
          {
            id: 'ex01\\default frontend EX01',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
            anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'],
          },
        ],
      },
    ],
    silent: [
      // Exchange computes the groups from the rights: without Custom, the imported right is an old one.
      {
        connectors: [
          {
            id: 'EX01\\Default Frontend EX01',
            PermissionGroups: ['AnonymousUsers'],
            anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'],
          },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers'] },
          { id: 'EX01\\Relay', from: '10.0.0.1', PermissionGroups: ['AnonymousUsers', 'Custom'] },
        ],
      },
      {
        connectors: [
          {
            id: 'EX01\\Default Frontend EX01',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
            anonymousRights: ['ms-Exch-SMTP-Submit', 'ms-Exch-SMTP-Accept-Any-Sender'],
          },
        ],
      },
    ],
  },
  find: (organisation) =>
    relayConnectors(organisation)
      .filter(({ connector }) => isDefaultConnector(connector))
      .map((relaying) => {
        const { connector, evidence, confidence, closing } = relaying;
        return aboutConnector(relayOnDefaultConnector, connector, {
          what: `"${identityOf(connector)}", which takes every client that no other connector takes, ${letsOrLikely(relaying)} them send to any domain.`,
          cause:
            'Somebody gave the right to relay on a connector of Exchange itself, often to make one device work. A device that has to reach other domains needs a connector of its own, with its address as remote IP range.',
          evidence: [...evidence, ...rangeEvidence(connector, connector.remoteIPRanges)],
          remedy: [
            advice('First make a relay connector for the devices that need it, or they stop.'),
            ...closing,
            ...(relaying.relay === 'yes' ? [showRights(connector)] : []),
          ],
          confidence,
        });
      }),
};

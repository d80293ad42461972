/** A18: a relay for clients without a password that also offers to take one. */
import { identityOf } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence } from '../finding.ts';
import { relayConnectors } from '../ranges/relay-connectors.ts';
import { section } from '../references.ts';
import { setConnector } from '../remedies/commands.ts';

export const basicAuthOnRelay: ConfigurationCheck = {
  id: 'basic-auth-on-relay',
  title: 'Logon offered on an anonymous relay',
  why: 'A device with a password set logs on where it need not: its sessions go another way inside Exchange, and a wrong password stops it.',
  severity: 'info',
  references: ['https://github.com/MicrosoftDocs/OfficeDocs-Exchange/pull/1807', section('5.5 (A18)')],
  examples: {
    fires: [
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            from: '10.0.0.1',
            AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'],
            PermissionGroups: ['AnonymousUsers', 'Custom'],
          },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1', AuthMechanism: ['Tls'], PermissionGroups: ['AnonymousUsers', 'Custom'] },
          {
            id: 'EX01\\Users',
            AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'],
            PermissionGroups: ['AnonymousUsers', 'ExchangeUsers'],
          },
        ],
      },
    ],
  },
  find: (organisation) =>
    relayConnectors(organisation).flatMap(({ connector, way, confidence }) => {
      const mechanisms = connector.properties.AuthMechanism;
      if (way !== 'right' || !mechanisms?.includes('BasicAuth')) return [];
      return [
        aboutConnector(basicAuthOnRelay, connector, {
          what: `"${identityOf(connector)}" relays for clients that do not log on, and offers AUTH LOGIN besides.`,
          cause:
            'Sessions of a client that logs on are handed to the Mailbox server of its user, and no longer depend on this connector alone. Devices that need no logon should not be offered one.',
          evidence: propertyEvidence(connector, 'AuthMechanism', 'PermissionGroups'),
          remedy: [
            setConnector(connector, {
              AuthMechanism: mechanisms.filter((one) => one !== 'BasicAuth' && one !== 'BasicAuthRequireTLS'),
            }),
          ],
          confidence,
        }),
      ];
    }),
};

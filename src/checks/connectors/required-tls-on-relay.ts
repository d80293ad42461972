/** A relay that only devices with STARTTLS can use. */
import { identityOf } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence } from '../finding.ts';
import { relayConnectors } from '../ranges/relay-connectors.ts';
import { section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';

export const requiredTlsOnRelay: ConfigurationCheck = {
  id: 'required-tls-on-relay',
  title: 'TLS required on a relay for devices',
  why: 'Good for secrecy; but a device without STARTTLS, or with too old a TLS, gets 451 5.7.3 and is cut off.',
  severity: 'info',
  references: [section('7.3'), section('7.5')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\Relay', from: '10.0.0.1', RequireTLS: true, PermissionGroups: ['AnonymousUsers', 'Custom'] }] },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1', RequireTLS: false, PermissionGroups: ['AnonymousUsers', 'Custom'] },
          { id: 'EX01\\Users', RequireTLS: true, PermissionGroups: ['ExchangeUsers'] },
        ],
      },
    ],
  },
  find: (organisation) =>
    relayConnectors(organisation)
      .filter(({ connector }) => connector.properties.RequireTLS === true)
      .map(({ connector, confidence }) =>
        aboutConnector(requiredTlsOnRelay, connector, {
          what: `Devices without STARTTLS cannot use "${identityOf(connector)}": MAIL is answered with 451 5.7.3, and the connection is closed.`,
          cause: 'RequireTLS is on. Old scanners and printers often know no TLS, or none that Windows still speaks.',
          evidence: propertyEvidence(connector, 'RequireTLS', 'AuthMechanism'),
          remedy: [
            advice('Nothing, where every device knows TLS. Otherwise, where the network between is your own:'),
            setConnector(connector, { RequireTLS: false }),
          ],
          confidence,
        }),
      ),
};

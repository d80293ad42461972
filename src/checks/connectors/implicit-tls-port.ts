/** A connector of somebody's own on port 465, where devices expect TLS from the first byte. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, isDefaultConnector } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector } from '../finding.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { moveWhereSafe } from '../remedies/safe-change.ts';

export const implicitTlsPort: ConfigurationCheck = {
  id: 'implicit-tls-port',
  title: 'Own connector on port 465',
  why: 'Exchange speaks TLS only after STARTTLS, on every port: a device set to "SSL, port 465" waits for what never comes.',
  severity: 'low',
  references: [section('2.6'), section('7.3')],
  examples: {
    fires: [{ connectors: [{ id: 'EX01\\Scanners', on: '0.0.0.0:465' }] }],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Client Proxy EX01', on: '0.0.0.0:465 [::]:465' },
          { id: 'EX01\\Scanners', on: '0.0.0.0:587' },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter((connector) => !isDefaultConnector(connector))
      .flatMap((connector) => {
        const bindings = connector.bindings.filter(({ port }) => port === 465);
        if (bindings.length === 0) return [];
        return [
          aboutConnector(implicitTlsPort, connector, {
            what: `"${identityOf(connector)}" listens on port 465, and does not speak the TLS that devices expect there.`,
            cause:
              'Implicit TLS (smtps) is supported on no port. In Exchange, 465 is the way from the front ends to the transport service.',
            evidence: [
              {
                kind: 'property',
                connector: identityOf(connector),
                property: 'Bindings',
                value: connector.bindings.map(formatBinding).join(', '),
              },
            ],
            remedy: [
              advice('Set the devices to port 587 with STARTTLS, and move the connector:'),
              ...moveWhereSafe(organisation, connector, bindings, 587),
            ],
            confidence: { level: 'high', because: 'the bindings say so' },
          }),
        ];
      }),
};

/** A connector of the front end on a port of the transport service. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence } from '../finding.ts';
import { holderText, intrusionsOf } from '../ranges/service-ports.ts';
import { RECEIVE_CONNECTORS, section } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { moveWhereSafe } from '../remedies/safe-change.ts';
import { enumerate } from '../words/enumeration.ts';

export const frontEndRoleOnHubPort: ConfigurationCheck = {
  id: 'front-end-role-on-hub-port',
  title: 'Front-end connector on a port of the transport service',
  why: 'The ports 2525 and 465 carry all mail from the front ends to the transport service: who takes them stops the mail of the server.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, section('2.5'), section('2.6')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\Client Proxy EX01', on: '0.0.0.0:465 [::]:465', TransportRole: 'HubTransport' },
          { id: 'EX01\\Scanners SSL', on: '0.0.0.0:465', from: '10.0.0.1', TransportRole: 'FrontendTransport' },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Client Proxy EX01', on: '10.9.9.8:465', TransportRole: 'HubTransport' },
          { id: 'EX01\\Scanners SSL', on: '10.9.9.9:465', TransportRole: 'FrontendTransport' },
          { id: 'EX01\\Client Frontend EX01', on: '0.0.0.0:587', TransportRole: 'FrontendTransport' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Client Proxy EX01', on: '0.0.0.0:465', TransportRole: 'HubTransport', Enabled: false },
          { id: 'EX01\\Scanners SSL', on: '0.0.0.0:465', TransportRole: 'FrontendTransport' },
        ],
      },
    ],
  },
  find: (organisation) =>
    organisation.servers.flatMap((server) =>
      intrusionsOf(server, 'FrontendTransport').map(({ intruder, binding, holders }) =>
        aboutConnector(frontEndRoleOnHubPort, intruder, {
          what: `"${identityOf(intruder)}" belongs to the front end, and stands at ${formatBinding(binding)}, where the transport service listens.`,
          cause: `${enumerate(holders.map(holderText), 2)} ${holders.length === 1 ? 'belongs' : 'belong'} to the transport service, and only one service can have the port.`,
          evidence: propertyEvidence(intruder, 'TransportRole'),
          remedy: [
            advice(
              'Give it a port of the front end: 25 for anonymous clients, 587 for users. A port of its own works too, where the devices can be set to it.',
            ),
            ...moveWhereSafe(organisation, intruder, [binding], 25),
            advice(`Then restart both services on ${intruder.server}:`),
            powershell('Restart-Service MSExchangeTransport, MSExchangeFrontEndTransport'),
          ],
          confidence: { level: 'high', because: 'roles and bindings of both connectors say so' },
        }),
      ),
    ),
};

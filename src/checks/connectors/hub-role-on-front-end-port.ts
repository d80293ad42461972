/** A12: a connector of the transport service on a port of the front end. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import type { Organisation } from '../../connector/organisation.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence, type Remedy } from '../finding.ts';
import { holderText, intrusionsOf } from '../ranges/service-ports.ts';
import { CUSTOM_CONNECTORS, section } from '../references.ts';
import { advice, powershell, setConnector } from '../remedies/commands.ts';
import { isSafeChange } from '../remedies/safe-change.ts';
import { enumerate } from '../words/enumeration.ts';

export const hubRoleOnFrontEndPort: ConfigurationCheck = {
  id: 'hub-role-on-front-end-port',
  title: 'Hub connector on a port of the front end',
  why: 'Two services want one port: after the next restart one of them does not start, or clients are sent away with 421 4.3.2.',
  severity: 'high',
  references: [CUSTOM_CONNECTORS, section('2.6'), section('5.5 (A12)')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\Default Frontend EX01', on: '0.0.0.0:25 [::]:25', TransportRole: 'FrontendTransport' },
          { id: 'EX01\\Relay', on: '10.9.9.9:25', from: '10.0.0.1', TransportRole: 'HubTransport' },
        ],
      },
    ],
    silent: [
      { connectors: [{ id: 'EX10\\Default EX10', on: '0.0.0.0:25', TransportRole: 'HubTransport' }] },
      {
        connectors: [
          { id: 'EX01\\Front', on: '10.9.9.8:25', TransportRole: 'FrontendTransport' },
          { id: 'EX01\\Relay', on: '10.9.9.9:25', TransportRole: 'HubTransport' },
          { id: 'EX01\\IPv6', on: '[::]:25', TransportRole: 'HubTransport' },
          { id: 'EX01\\Default EX01', on: '0.0.0.0:2525', TransportRole: 'HubTransport' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Front', TransportRole: 'FrontendTransport' },
          { id: 'EX01\\Relay', from: '10.0.0.1' },
        ],
      },
    ],
  },
  find: (organisation) =>
    organisation.servers.flatMap((server) =>
      intrusionsOf(server, 'HubTransport').map(({ intruder, binding, holders }) =>
        aboutConnector(hubRoleOnFrontEndPort, intruder, {
          what: `"${identityOf(intruder)}" belongs to the transport service, and stands at ${formatBinding(binding)}, where the front end listens.`,
          cause: `A connector made without -TransportRole becomes a Hub connector. ${enumerate(holders.map(holderText), 2)} ${holders.length === 1 ? 'belongs' : 'belong'} to the front end, and only one service can have the port.`,
          evidence: propertyEvidence(intruder, 'TransportRole'),
          remedy: [
            ...toFrontEnd(organisation, intruder),
            advice(`Then restart both services on ${intruder.server}:`),
            powershell('Restart-Service MSExchangeTransport, MSExchangeFrontEndTransport'),
          ],
          confidence: { level: 'high', because: 'roles and bindings of both connectors say so' },
        }),
      ),
    ),
};

/** Once both belong to one service, Exchange compares their ranges too. */
function toFrontEnd(organisation: Organisation, intruder: ReceiveConnector): Remedy[] {
  const changed = { ...intruder, properties: { ...intruder.properties, TransportRole: 'FrontendTransport' as const } };
  return isSafeChange(organisation, intruder, changed)
    ? [setConnector(intruder, { TransportRole: 'FrontendTransport' })]
    : [
        advice(
          'As a connector of the front end (-TransportRole FrontendTransport) its ranges would equal or cross those of another one, or let more clients relay: give it other ranges first, or a port of its own.',
        ),
      ];
}

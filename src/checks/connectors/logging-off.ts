/** A9: sessions of the connector leave no trace. */
import { identityOf, isDefaultConnector } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence, STATED } from '../finding.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { PROTOCOL_LOGGING, section } from '../references.ts';
import { setConnector } from '../remedies/commands.ts';

export const loggingOff: ConfigurationCheck = {
  id: 'logging-off',
  title: 'Protocol logging switched off',
  why: 'Without a protocol log nobody can say who used the connector, why a device fails, or whether an address may be taken away.',
  severity: 'medium',
  references: [PROTOCOL_LOGGING, section('5.5 (A9)')],
  examples: {
    fires: [{ connectors: [{ id: 'EX01\\Relay', from: '10.0.0.1', ProtocolLoggingLevel: 'None' }] }],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Verbose', ProtocolLoggingLevel: 'Verbose' },
          { id: 'EX01\\Unknown' },
          { id: 'EX01\\Off', ProtocolLoggingLevel: 'None', Enabled: false },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter(({ properties }) => properties.ProtocolLoggingLevel === 'None')
      .map((connector) => {
        const own = isDefaultConnector(connector);
        return aboutConnector(loggingOff, connector, {
          severity: own ? 'low' : 'medium',
          what: `Sessions on "${identityOf(connector)}" are not logged.`,
          cause: own
            ? 'Exchange makes most of its own connectors without logging.'
            : 'A connector that somebody creates does not log, unless it is switched on.',
          evidence: propertyEvidence(connector, 'ProtocolLoggingLevel'),
          remedy: [setConnector(connector, { ProtocolLoggingLevel: 'Verbose' })],
          confidence: STATED,
        });
      }),
};

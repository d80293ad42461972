/** TLS is required, and cannot be had. */
import { identityOf } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence, STATED } from '../finding.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { SET_CONNECTOR, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';

export const unofferedRequiredTls: ConfigurationCheck = {
  id: 'unoffered-required-tls',
  title: 'TLS required, STARTTLS not offered',
  why: 'Every client gets 451 5.7.3 STARTTLS is required to send mail, and none can do anything about it.',
  severity: 'high',
  references: [SET_CONNECTOR, section('4.5'), section('7.2'), section('7.5')],
  covers: ['required-tls-on-relay'],
  examples: {
    fires: [{ connectors: [{ id: 'EX01\\Relay', RequireTLS: true, AuthMechanism: [] }] }],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Good', RequireTLS: true, AuthMechanism: ['Tls'] },
          { id: 'EX01\\Unknown', RequireTLS: true },
          { id: 'EX01\\Open', RequireTLS: false, AuthMechanism: [] },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation).flatMap((connector) => {
      const { RequireTLS, AuthMechanism } = connector.properties;
      if (!RequireTLS || !AuthMechanism || AuthMechanism.includes('Tls')) return [];
      return [
        aboutConnector(unofferedRequiredTls, connector, {
          what: `"${identityOf(connector)}" requires TLS, and does not offer STARTTLS: every client is refused at MAIL.`,
          cause:
            'STARTTLS is offered where Tls is among the mechanisms. Exchange refuses to configure the one without the other, so the directory, or the export, was edited.',
          evidence: propertyEvidence(connector, 'RequireTLS', 'AuthMechanism'),
          remedy: [
            setConnector(connector, { AuthMechanism: ['Tls', ...AuthMechanism] }),
            advice('Or, for devices that know no TLS:'),
            setConnector(connector, { RequireTLS: false }),
          ],
          confidence: STATED,
        }),
      ];
    }),
};

/** A10: passwords are taken before the line is encrypted. */
import { identityOf } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence, STATED } from '../finding.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { SET_CONNECTOR, section } from '../references.ts';
import { setConnector } from '../remedies/commands.ts';

export const clearTextLogon: ConfigurationCheck = {
  id: 'clear-text-logon',
  title: 'Passwords in clear text',
  why: 'Whoever can listen on the network reads names and passwords of the domain.',
  severity: 'high',
  references: [SET_CONNECTOR, section('5.5 (A10)'), section('7.2')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\Users', AuthMechanism: ['Tls', 'BasicAuth'] }] },
      { connectors: [{ id: 'EX01\\Users', AuthMechanism: ['Tls', 'BasicAuth'], RequireTLS: true }] },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Users', AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'] },
          { id: 'EX01\\Windows', AuthMechanism: ['Tls', 'Integrated'] },
          { id: 'EX01\\Unknown' },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation).flatMap((connector) => {
      const mechanisms = connector.properties.AuthMechanism ?? [];
      if (!mechanisms.includes('BasicAuth') || mechanisms.includes('BasicAuthRequireTLS')) return [];
      const others = mechanisms.filter((one) => one !== 'Tls');
      return [
        aboutConnector(clearTextLogon, connector, {
          what: `"${identityOf(connector)}" offers AUTH LOGIN before STARTTLS, so that passwords cross the network in clear.`,
          cause: `BasicAuth without BasicAuthRequireTLS takes a password on any line.${connector.properties.RequireTLS ? ' RequireTLS does not help: it is asked for at MAIL, after the password.' : ''}`,
          evidence: propertyEvidence(connector, 'AuthMechanism', 'RequireTLS'),
          remedy: [setConnector(connector, { AuthMechanism: ['Tls', ...others, 'BasicAuthRequireTLS'] })],
          confidence: STATED,
        }),
      ];
    }),
};

/** A logon that is offered, and can only fail. */
import { identityOf, isDefaultConnector } from '../../connector/connector.ts';
import { effectiveRights } from '../../connector/effective-rights.ts';
import { rightsOf } from '../../connector/organisation.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence, STATED } from '../finding.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';

export const uselessLogon: ConfigurationCheck = {
  id: 'useless-logon',
  title: 'Logon offered, users not allowed',
  why: 'A device with the right password gets 535 5.7.3 all the same, and everybody looks for the error in the password.',
  severity: 'low',
  references: [section('3'), section('4.2')],
  covers: ['basic-auth-on-relay'],
  examples: {
    fires: [
      {
        connectors: [
          {
            id: 'EX01\\Apps',
            from: '10.0.0.1',
            AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'],
            PermissionGroups: ['AnonymousUsers'],
          },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          {
            id: 'EX01\\Default Frontend EX01',
            AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'],
            PermissionGroups: ['AnonymousUsers'],
          },
          {
            id: 'EX01\\Apps',
            from: '10.0.0.1',
            AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'],
            PermissionGroups: ['ExchangeUsers'],
          },
          { id: 'EX01\\Custom', from: '10.0.0.2', AuthMechanism: ['BasicAuth'], PermissionGroups: ['AnonymousUsers', 'Custom'] },
          { id: 'EX01\\Unknown', from: '10.0.0.3', AuthMechanism: ['BasicAuth'] },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter((connector) => connector.properties.AuthMechanism?.includes('BasicAuth') && !isDefaultConnector(connector))
      .flatMap((connector) => {
        const { permissions, knownBy } = effectiveRights(connector, rightsOf(organisation, connector), 'authenticated-user');
        if (knownBy === 'custom' || knownBy === 'nothing' || permissions.includes('SMTPSubmit')) return [];
        const { AuthMechanism = [], PermissionGroups = [] } = connector.properties;
        return [
          aboutConnector(uselessLogon, connector, {
            what: `"${identityOf(connector)}" offers AUTH LOGIN, and no user may submit mail there.`,
            cause:
              'Users have the right to submit by the group ExchangeUsers, which the connector does not have: Exchange checks the password, and refuses with 535 5.7.3.',
            evidence: propertyEvidence(connector, 'AuthMechanism', 'PermissionGroups'),
            remedy: [
              advice('If devices are to log on:'),
              setConnector(connector, {
                PermissionGroups: [...PermissionGroups.filter((group) => group !== 'Custom'), 'ExchangeUsers'],
              }),
              advice('If they are not:'),
              setConnector(connector, {
                AuthMechanism: AuthMechanism.filter((one) => one !== 'BasicAuth' && one !== 'BasicAuthRequireTLS'),
              }),
            ],
            confidence: STATED,
          }),
        ];
      }),
};

/** A connector on which every client is refused at MAIL. */
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { effectiveRights, isExternallySecured } from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf } from '../../connector/organisation.ts';
import { type Principal, principalOf } from '../../connector/permission-group.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence, STATED } from '../finding.ts';
import { enabledConnectors, removeSleepingRight } from '../ranges/relay-connectors.ts';
import { CUSTOM_CONNECTORS, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';

export const nobodyMaySubmit: ConfigurationCheck = {
  id: 'nobody-may-submit',
  title: 'Nobody may submit mail',
  why: 'Every client that lands on the connector gets 530 Client was not authenticated at MAIL, and the connection is closed.',
  severity: 'high',
  references: [CUSTOM_CONNECTORS, section('4.1'), section('7.5')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\New', from: '10.0.0.1', AuthMechanism: ['Tls'], PermissionGroups: [] }] },
      { connectors: [{ id: 'EX01\\Users', from: '10.0.0.1', AuthMechanism: ['Tls'], PermissionGroups: ['ExchangeUsers'] }] },
      {
        connectors: [
          {
            id: 'EX01\\Half',
            from: '10.0.0.1',
            AuthMechanism: ['Tls'],
            PermissionGroups: ['Custom'],
            anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'],
          },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Custom', from: '10.0.0.1', PermissionGroups: ['Custom'] },
          { id: 'EX01\\Users', from: '10.0.0.2', AuthMechanism: ['Tls', 'Integrated'], PermissionGroups: ['ExchangeUsers'] },
          { id: 'EX01\\Unknown', from: '10.0.0.3', AuthMechanism: ['Tls'] },
          { id: 'EX01\\Either', from: '10.0.0.4', PermissionGroups: ['ExchangeUsers'] },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\By hand', from: '10.0.0.1', PermissionGroups: ['Custom'], anonymousRights: ['ms-Exch-SMTP-Submit'] },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter((connector) => nobodySubmits(organisation, connector))
      .map((connector) => {
        const users = connector.properties.PermissionGroups?.includes('ExchangeUsers');
        const { AuthMechanism = [], PermissionGroups = [] } = connector.properties;
        return aboutConnector(nobodyMaySubmit, connector, {
          what: users
            ? `Only users may submit mail on "${identityOf(connector)}", and it offers them no way to log on.`
            : `Nobody has the right to submit mail on "${identityOf(connector)}": every client gets 530 at MAIL.`,
          cause: users
            ? 'ExchangeUsers needs an authentication mechanism, BasicAuth or Integrated; without one every client stays anonymous.'
            : 'A connector made with -Custom has no permission groups until somebody gives it some.',
          evidence: propertyEvidence(connector, 'PermissionGroups', 'AuthMechanism'),
          remedy: [
            ...removeSleepingRight(organisation, connector),
            advice('For devices that do not log on:'),
            setConnector(connector, {
              PermissionGroups: [...PermissionGroups.filter((group) => group !== 'Custom'), 'AnonymousUsers'],
            }),
            ...(users
              ? [
                  advice('For users that do:'),
                  setConnector(connector, {
                    AuthMechanism: [...new Set(['Tls', ...AuthMechanism, 'BasicAuth', 'BasicAuthRequireTLS'])],
                  }),
                ]
              : []),
          ],
          confidence: STATED,
        });
      }),
};

function nobodySubmits(organisation: Organisation, connector: ReceiveConnector): boolean {
  const entries = rightsOf(organisation, connector);
  // Accounts of the organisation's own may have the right too: who they are, nobody knows.
  if (entries?.some(({ user, deny }) => !deny && principalOf(user) === undefined)) return false;
  return principalsOn(connector).every((principal) => {
    const { permissions, knownBy } = effectiveRights(connector, entries, principal);
    return (knownBy === 'groups' || knownBy === 'rights') && !permissions.includes('SMTPSubmit');
  });
}

/** Whom a client may become. What a mechanism that is not in the export would make of it is possible. */
function principalsOn(connector: ReceiveConnector): Principal[] {
  if (isExternallySecured(connector)) return ['externally-secured'];
  const mechanisms = connector.properties.AuthMechanism;
  const logon = mechanisms === undefined || mechanisms.includes('BasicAuth') || mechanisms.includes('Integrated');
  return ['anonymous', 'exchange-server', 'legacy-server', 'partner', ...(logon ? ['authenticated-user' as const] : [])];
}

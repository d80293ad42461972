/** Properties of one connector that the cmdlets refuse together. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import type { Organisation } from '../../connector/organisation.ts';
import { PROPERTIES, type PropertyName } from '../../connector/properties.ts';
import { type Refusal, refusalsOf } from '../../connector/refusal.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, type Evidence, propertyEvidence, type Remedy } from '../finding.ts';
import { removeSleepingRight } from '../ranges/relay-connectors.ts';
import { SET_CONNECTOR, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';

export const refusedCombination: ConfigurationCheck = {
  id: 'refused-combination',
  title: 'Properties that Exchange refuses together',
  why: 'Every later Set-ReceiveConnector on it fails with an error about something else, and it cannot be recreated on another server.',
  severity: 'medium',
  references: [SET_CONNECTOR, section('4.5')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\A', AuthMechanism: ['BasicAuth', 'BasicAuthRequireTLS'] }] },
      { connectors: [{ id: 'EX01\\A', AuthMechanism: ['ExternalAuthoritative'], PermissionGroups: ['AnonymousUsers'] }] },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\A', AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'] },
          { id: 'EX01\\B', DomainSecureEnabled: true },
        ],
      },
      { connectors: [{ id: 'EX01\\A', AuthMechanism: ['Tls', 'ExternalAuthoritative'], PermissionGroups: ['ExchangeServers'] }] },
    ],
  },
  find: (organisation) =>
    organisation.servers
      .flatMap(({ connectors }) => connectors)
      .flatMap((connector) =>
        refusalsOf(connector)
          .filter((refusal) => !saidElsewhere(connector, refusal))
          .map((refusal) =>
            aboutConnector(refusedCombination, connector, {
              what: `Exchange would refuse "${identityOf(connector)}" as it is: ${refusal.because}.`,
              cause: `The cmdlets do not let that be configured, so the directory, or the export, was edited.${refusal.exchangeSays === null ? '' : ` Exchange would say: ${refusal.exchangeSays}`}`,
              evidence: evidenceOf(connector, refusal),
              remedy: remedyOf(organisation, connector, refusal),
              confidence:
                refusal.rule === 'exchange-server-authentication-with-foreign-fqdn'
                  ? { level: 'medium', because: 'the full name of the server is not in the export' }
                  : { level: 'high', because: 'the exported properties say so' },
            }),
          ),
      ),
};

/** What comes of it is a check of its own: unoffered-required-tls. */
const saidElsewhere = (connector: ReceiveConnector, { rule }: Refusal): boolean =>
  rule === 'require-tls-without-tls' && isEnabled(connector);

function evidenceOf(connector: ReceiveConnector, { rule, properties }: Refusal): Evidence[] {
  if (rule !== 'binding-to-many-hosts') return propertyEvidence(connector, ...properties);
  const value = connector.bindings.map(formatBinding).join(', ');
  return [{ kind: 'property', connector: identityOf(connector), property: 'Bindings', value }];
}

/** The least change that ends the contradiction. */
function remedyOf(organisation: Organisation, connector: ReceiveConnector, { rule, properties, because }: Refusal): Remedy[] {
  const mechanisms = connector.properties.AuthMechanism ?? [];
  const groups = (connector.properties.PermissionGroups ?? []).filter((group) => group !== 'Custom');
  switch (rule) {
    case 'basic-auth-require-tls-without-tls':
    case 'domain-secure-without-tls':
    case 'require-tls-without-tls':
      return [setConnector(connector, { AuthMechanism: ['Tls', ...mechanisms] })];
    case 'basic-auth-require-tls-without-basic-auth':
      return [setConnector(connector, { AuthMechanism: mechanisms.filter((one) => one !== 'BasicAuthRequireTLS') })];
    case 'external-authoritative-with-other-authentication':
      return [
        setConnector(connector, { AuthMechanism: mechanisms.filter((one) => one === 'Tls' || one === 'ExternalAuthoritative') }),
        ...removeSleepingRight(organisation, connector),
        advice('Or without ExternalAuthoritative, where the clients are not all to be trusted:'),
        setConnector(connector, { AuthMechanism: mechanisms.filter((one) => one !== 'ExternalAuthoritative') }),
      ];
    case 'external-authoritative-without-exchange-servers':
      return [
        ...removeSleepingRight(organisation, connector),
        setConnector(connector, { AuthMechanism: mechanisms.filter((one) => one !== 'ExternalAuthoritative') }),
        advice(
          'Or, where every client of its ranges is to be trusted, and to relay: give it the permission group ExchangeServers besides.',
        ),
      ];
    case 'domain-secure-with-external-authoritative':
      return [setConnector(connector, { DomainSecureEnabled: false })];
    case 'exchange-server-authentication-with-foreign-fqdn':
      return [
        setConnector(connector, { Fqdn: null }),
        advice('Or without ExchangeServer, where no other Exchange server connects to it:'),
        setConnector(connector, { AuthMechanism: mechanisms.filter((one) => one !== 'ExchangeServer') }),
      ];
    case 'extended-protection-without-require-tls':
      return [setConnector(connector, { ExtendedProtectionPolicy: 'None' })];
    case 'legacy-servers-on-edge':
      return [setConnector(connector, { PermissionGroups: groups.filter((group) => group !== 'ExchangeLegacyServers') })];
    case 'binary-mime-without-chunking':
      return [setConnector(connector, { BinaryMimeEnabled: false })];
    case 'binding-to-many-hosts':
      return [advice('Bind it to an address of the server, or to all of them: 0.0.0.0 and [::].')];
    case 'banner-not-220':
      return [setConnector(connector, { Banner: null })];
    default: {
      const switches = properties.filter((name): name is PropertyName => PROPERTIES[name].kind === 'boolean');
      const on = switches.filter((name) => connector.properties[name] === true);
      return on.length === 1
        ? [setConnector(connector, { [on[0]!]: false })]
        : [advice(`Set ${properties.join(' and ') || 'the name'} so that this no longer holds: ${because}.`)];
    }
  }
}

/** A client relayed without a logon where the imported configuration does not let it. */
import { loggedConnector } from '../../connector/attribution.ts';
import { mayRelay } from '../../connector/effective-rights.ts';
import { rightsOf, serverOf } from '../../connector/organisation.ts';
import type { Audit } from '../audit.ts';
import { clientName, envelopeNote, exampleEvidence, placeNote } from '../evidence/audited-clients.ts';
import { DEFAULT_FRONTEND, RELAY_CONNECTOR, relayRefusedSession, workingSession } from '../examples/example-sessions.ts';
import { aboutClient, propertyEvidence } from '../finding.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice, powershell, showRights } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';

const DOMAINS = ['contoso.example'];

export const relayAgainstConfiguration: Audit = {
  id: 'relay-against-configuration',
  title: 'Relay that the configuration does not allow',
  why: 'Either the connector is not what the export says, or somebody opened it for a while: what was audited is not what is.',
  severity: 'high',
  references: [ANONYMOUS_RELAY, section('4.3')],
  needs: ['connectors', 'accepted-domains'],
  falsePositives: ['The export is older or newer than the mail, and the right was given or taken in between.'],
  examples: {
    fires: [
      {
        about: 'mail to the outside was accepted on the default connector',
        sessions: [{ rows: workingSession('MFP') }],
        configuration: { connectors: [DEFAULT_FRONTEND], acceptedDomains: DOMAINS },
        says: ['Default Frontend EX01', 'partner@fabrikam.example', 'Get-ADPermission'],
      },
    ],
    silent: [
      {
        about: 'refused, as it should be',
        sessions: [{ rows: relayRefusedSession('MFP') }],
        configuration: { connectors: [DEFAULT_FRONTEND], acceptedDomains: DOMAINS },
      },
      {
        about: 'inside only',
        sessions: [{ rows: workingSession('MFP', 'anna@contoso.example') }],
        configuration: { connectors: [DEFAULT_FRONTEND], acceptedDomains: DOMAINS },
      },
      {
        about: 'on a connector that may relay',
        sessions: [{ connector: RELAY_CONNECTOR.id, from: '10.0.20.10', rows: workingSession('MFP') }],
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR], acceptedDomains: DOMAINS },
      },
    ],
  },
  find: ({ organisation, sources }) =>
    sources.flatMap((source) =>
      source.places.flatMap((place) => {
        const configuration = serverOf(organisation, place.server);
        const connector = configuration && loggedConnector(configuration, place.connector);
        if (place.externalRecipients === 0 || !connector) return [];
        if (mayRelay(connector, rightsOf(organisation, connector)) !== 'no') return [];
        return [
          aboutClient(relayAgainstConfiguration, source, place, {
            what: `${clientName(source)} sent to ${count(place.externalRecipients, 'recipient')} outside without a logon on "${place.server}\\${place.connector}", which by its configuration lets nobody do so.`,
            cause:
              'The server accepted them, so the right was there then. The imported rights and permission groups do not hold it.',
            evidence: [
              { kind: 'count', note: placeNote(place) },
              ...exampleEvidence(source.external?.examples ?? [], envelopeNote),
              ...propertyEvidence(connector, 'PermissionGroups'),
            ],
            remedy: [
              advice('Look at the rights as they are now, and import them again:'),
              showRights(connector),
              powershell(
                `Get-ReceiveConnector -Identity "${place.server}\\${connector.name}" | Format-List PermissionGroups, AuthMechanism, WhenChanged`,
              ),
            ],
            confidence: {
              level: 'high',
              because: 'the log shows the recipients accepted, and the accepted domains do not hold theirs',
            },
          }),
        ];
      }),
    ),
};

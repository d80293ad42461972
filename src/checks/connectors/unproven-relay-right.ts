/** `Custom` among the permission groups, and no imported rights that say what it is. */
import { identityOf } from '../../connector/connector.ts';
import { isExternallySecured, mayRelay } from '../../connector/effective-rights.ts';
import { rightsOf } from '../../connector/organisation.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence } from '../finding.ts';
import { publicRanges } from '../ranges/address-space.ts';
import { liveRanges } from '../ranges/live-ranges.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice, getConnector, powershell, showRights } from '../remedies/commands.ts';

export const unprovenRelayRight: ConfigurationCheck = {
  id: 'unproven-relay-right',
  title: 'Rights beside the permission groups, not imported',
  why: 'Custom says only that the rights differ from the groups: whether anonymous clients may relay stands in the rights, which are no properties.',
  severity: 'low',
  references: [ANONYMOUS_RELAY, section('4.3')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\Relay', from: '10.0.0.1', PermissionGroups: ['AnonymousUsers', 'Custom'] }] },
      { connectors: [{ id: 'EX01\\Odd', from: '10.0.0.1', PermissionGroups: ['ExchangeUsers', 'Custom'] }] },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1', PermissionGroups: ['AnonymousUsers', 'Custom'], anonymousRights: [] },
        ],
      },
      { connectors: [{ id: 'EX01\\Plain', from: '10.0.0.1', PermissionGroups: ['AnonymousUsers'] }, { id: 'EX01\\Unknown' }] },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter(
        (connector) =>
          connector.properties.PermissionGroups?.includes('Custom') &&
          rightsOf(organisation, connector) === null &&
          !isExternallySecured(connector),
      )
      .map((connector) => {
        const likely = mayRelay(connector, null) === 'likely';
        const exposed = likely && publicRanges(liveRanges(connector)).length > 0;
        return aboutConnector(unprovenRelayRight, connector, {
          severity: exposed ? 'high' : likely ? 'low' : 'info',
          what: `"${identityOf(connector)}" has rights beside its permission groups, and they were not imported.`,
          cause: likely
            ? 'Beside AnonymousUsers, Custom is nearly always the right of anonymous clients to relay, but other rights show as Custom too.'
            : 'Custom appears wherever a right was added or taken away by hand; which one, the groups do not say.',
          evidence: propertyEvidence(connector, 'PermissionGroups'),
          remedy: [
            showRights(connector),
            advice('Or write the rights to a file, and read it with "relaylens config import connector-rights.json":'),
            powershell(
              `${getConnector(connector)} | ForEach-Object { $rc=$_; Get-ADPermission $rc.DistinguishedName } | Where-Object { $_.ExtendedRights -like 'ms-Exch-*' } | Select-Object @{n='Connector';e={"$($rc.Identity)"}},@{n='User';e={"$($_.User)"}},Deny,IsInherited,@{n='ExtendedRights';e={$_.ExtendedRights -join ';'}} | ConvertTo-Json | Set-Content connector-rights.json -Encoding UTF8`,
            ),
          ],
          confidence: {
            level: likely ? 'medium' : 'low',
            because: 'that there are other rights is certain, which they are is not',
          },
        });
      }),
};

/** Gives a connector one more permission group, and keeps those that it has: the cmdlet replaces them as a whole. */
import { identityOf, partsOf, type ReceiveConnector } from '../../connector/connector.ts';
import type { PermissionGroup, PropertyName } from '../../connector/properties.ts';
import { literal } from '../../powershell/quoting.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import { configuredConnector } from '../evidence/client-place.ts';
import { type Evidence, propertyEvidence, type Remedy } from '../finding.ts';
import { advice, getConnector, powershell, setConnector } from './commands.ts';

/** `SERVER\Name` of the connector that took the session; null where the log gives no name. */
export function connectorIdentity({ connector, server }: ExaminedSession): string | null {
  if (connector === '') return null;
  const parts = partsOf(connector);
  return identityOf({ name: parts.name, server: parts.server || server || '<server>' });
}

/** Nothing where no connector took the session. */
export function addGroup(theCase: Case, session: ExaminedSession, group: PermissionGroup): Remedy[] {
  const connector = configuredConnector(theCase, session);
  const groups = connector?.properties.PermissionGroups;
  if (connector && groups) {
    const kept = groups.filter((one) => one !== 'Custom');
    return [
      setConnector(connector, { PermissionGroups: [...kept, group] }),
      ...(groups.includes('Custom')
        ? [
            advice(
              'PermissionGroups is replaced as a whole, and "Custom" cannot be named: look at the rights that were given by hand before and after ("Get-ADPermission"), and give again what is missing.',
            ),
          ]
        : []),
    ];
  }
  const identity = connectorIdentity(session);
  if (identity === null) return [];
  const show = getConnector({ server: partsOf(identity).server, name: partsOf(identity).name });
  return [
    powershell(
      `Set-ReceiveConnector -Identity ${literal(identity)} -PermissionGroups (@("$((${show}).PermissionGroups)" -split ', ' -notmatch '^(None|Custom)$') + ${literal(group)})`,
    ),
    advice('The command repeats the groups that the connector has, because PermissionGroups is replaced as a whole.'),
  ];
}

/** Shows the properties of the connector that took the session. */
export function showConnector(session: ExaminedSession, ...properties: readonly string[]): Remedy[] {
  const identity = connectorIdentity(session);
  return identity === null ? [] : [powershell(`${getConnector(partsOf(identity))} | Format-List Name, ${properties.join(', ')}`)];
}

/** Properties as evidence, without those that the export does not hold. */
export const exportedEvidence = (connector: ReceiveConnector, ...names: readonly PropertyName[]): Evidence[] =>
  propertyEvidence(connector, ...names.filter((name) => connector.properties[name] !== undefined));

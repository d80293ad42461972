/** Rights beside the permission groups, which the exports of connectors do not hold. */
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { entriesBesideGroups } from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf } from '../../connector/organisation.ts';
import { ANONYMOUS_ACCOUNT, RELAY_RIGHT } from '../../connector/permission-group.ts';
import { type AccountRights, accountLines, getConnector, grantLines, rightsBesideGroups, showRights } from '../right-commands.ts';
import { type ScriptLine, say, unrun } from '../script.ts';

/** null where they were not imported, and more than the groups may be there. */
export function wantedRights(connector: ReceiveConnector, rights: Organisation['rights']): AccountRights[] | null {
  const entries = entriesBesideGroups(connector, rightsOf({ rights }, connector));
  return entries && rightsBesideGroups(connector, entries);
}

export function rightsByHand(
  source: ReceiveConnector,
  target: ReceiveConnector,
  wanted: readonly AccountRights[] | null,
): ScriptLine[] {
  if (wanted !== null) return [];
  const groups = source.properties.PermissionGroups;
  if (groups === undefined)
    return [
      ...say(`To do: the export holds no permission groups of ${identityOf(source)}. See what it allows:`),
      ...unrun([showRights(source)]),
    ];
  const lines = [
    ...say(
      `To do: Custom cannot be set. It says that ${identityOf(source)} has rights besides its groups, and they were not imported. See which:`,
    ),
    ...unrun([showRights(source)]),
  ];
  if (!groups.includes('AnonymousUsers')) return lines;
  const entry = { user: ANONYMOUS_ACCOUNT, deny: false, rights: [RELAY_RIGHT] };
  return [
    ...lines,
    ...say(
      'Beside AnonymousUsers it is nearly always the right to relay without authentication. Only if it is there, and still wanted:',
    ),
    ...unrun([...accountLines([entry]), ...grantLines(getConnector(target), entry)]),
  ];
}

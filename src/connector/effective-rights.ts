/** What a session may do on a connector, and how that is known. */
import { PERMISSIONS, type Permission } from '../smtp/permission.ts';
import type { ReceiveConnector } from './connector.ts';
import { GROUP_RIGHTS, type Principal, permissionOfRight, principalOf } from './permission-group.ts';
import type { RightEntry } from './right.ts';

/**
 * `groups`: the permission groups say all. `rights`: the imported rights of the connector say it. `custom`: the
 * connector has rights besides its groups (`Custom`), and they were not imported, so more may be allowed than listed.
 * `nothing`: the export does not hold the permission groups.
 */
export type RightsKnownBy = 'groups' | 'rights' | 'custom' | 'nothing';

export interface EffectiveRights {
  /** In bit order. */
  readonly permissions: readonly Permission[];
  readonly knownBy: RightsKnownBy;
}

/** `entries`: the connector's rights as imported, null where they were not. */
export function effectiveRights(
  connector: ReceiveConnector,
  entries: readonly RightEntry[] | null,
  principal: Principal,
): EffectiveRights {
  const groups = connector.properties.PermissionGroups;
  if (groups === undefined && entries === null) return { permissions: [], knownBy: 'nothing' };
  const known = entriesBesideGroups(connector, entries);
  const ofGroups = (groups ?? []).flatMap((group) => (group === 'Custom' ? [] : (GROUP_RIGHTS[group][principal] ?? [])));
  const allowed = allowedBy(
    (known ?? []).filter(({ user }) => principalOf(user) === principal),
    ofGroups,
  );
  const permissions = PERMISSIONS.filter((permission) => allowed.has(permission));
  if (groups && !groups.includes('Custom')) return { permissions, knownBy: 'groups' };
  return { permissions, knownBy: entries === null ? 'custom' : 'rights' };
}

/**
 * The imported rights, as far as they can still be true. Exchange reads the permission groups out of the rights each time:
 * without `Custom` there is nothing beside the groups, and entries that say more are older than that.
 */
export function entriesBesideGroups(
  { properties: { PermissionGroups: groups } }: ReceiveConnector,
  entries: readonly RightEntry[] | null,
): readonly RightEntry[] | null {
  return groups && !groups.includes('Custom') ? [] : entries;
}

/** In the order of the directory, the weakest first: what is inherited, then the connector's own; a denial before its like. */
function allowedBy(entries: readonly RightEntry[], ofGroups: readonly Permission[]): Set<Permission> {
  const allowed = new Set<Permission>();
  for (const inherited of [true, false]) {
    if (!inherited) for (const permission of ofGroups) allowed.add(permission);
    for (const deny of [false, true])
      for (const entry of entries) {
        if (entry.inherited !== inherited || entry.deny !== deny) continue;
        for (const permission of smtpRights(entry))
          if (deny) allowed.delete(permission);
          else allowed.add(permission);
      }
  }
  return allowed;
}

const smtpRights = ({ rights }: RightEntry): Permission[] => rights.flatMap((right) => permissionOfRight(right) ?? []);

/** Every client counts as authenticated: the connector trusts its network (`ExternalAuthoritative`). */
export function isExternallySecured({ properties }: ReceiveConnector): boolean {
  return properties.AuthMechanism?.includes('ExternalAuthoritative') ?? false;
}

/** As whom a client without authentication acts on the connector. */
export const unauthenticatedPrincipal = (connector: ReceiveConnector): Principal =>
  isExternallySecured(connector) ? 'externally-secured' : 'anonymous';

/**
 * Whether a client that does not authenticate may send to any domain: `yes`, `no`, or `likely` where only `Custom`
 * hints at it. `unknown`: the export says nothing about rights.
 */
export type Relay = 'yes' | 'no' | 'likely' | 'unknown';

export function mayRelay(connector: ReceiveConnector, entries: readonly RightEntry[] | null): Relay {
  const { permissions, knownBy } = effectiveRights(connector, entries, unauthenticatedPrincipal(connector));
  if (permissions.includes('SMTPAcceptAnyRecipient')) return 'yes';
  if (knownBy === 'nothing') return 'unknown';
  // `Custom` beside AnonymousUsers is nearly always the right to relay, added by hand; beside other groups it says little.
  if (knownBy === 'custom') return connector.properties.PermissionGroups?.includes('AnonymousUsers') ? 'likely' : 'unknown';
  return 'no';
}

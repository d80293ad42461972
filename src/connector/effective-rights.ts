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
  const allowed = new Set<Permission>(
    (groups ?? []).flatMap((group) => (group === 'Custom' ? [] : (GROUP_RIGHTS[group][principal] ?? []))),
  );
  for (const entry of entries ?? [])
    if (!entry.deny && principalOf(entry.user) === principal) for (const right of smtpRights(entry)) allowed.add(right);
  for (const entry of entries ?? [])
    if (entry.deny && principalOf(entry.user) === principal) for (const right of smtpRights(entry)) allowed.delete(right);
  const permissions = PERMISSIONS.filter((permission) => allowed.has(permission));
  if (entries !== null) return { permissions, knownBy: 'rights' };
  return { permissions, knownBy: groups?.includes('Custom') ? 'custom' : 'groups' };
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

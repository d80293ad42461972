/** Commands about the extended rights on a connector: they are not properties, and no property copy carries them. */
import { identityOf, type ReceiveConnector } from '../connector/connector.ts';
import { ANONYMOUS_SID, AUTHENTICATED_SID, GROUP_RIGHTS, permissionOfRight, principalOf } from '../connector/permission-group.ts';
import type { RightEntry } from '../connector/right.ts';
import { type Argument, commandLines, text, texts, variable } from './command.ts';
import { literal } from './quoting.ts';
import type { ScriptLine } from './script.ts';

/** Rights of one account that are allowed, or denied. */
export interface AccountRights {
  readonly user: string;
  readonly deny: boolean;
  readonly rights: readonly string[];
}

/** Accounts that Windows names in its own language, by the variable that holds their name. */
const WELL_KNOWN = { anonymous: ANONYMOUS_SID, authenticatedUsers: AUTHENTICATED_SID } as const;
type WellKnown = keyof typeof WELL_KNOWN;

function wellKnownOf(user: string): WellKnown | undefined {
  const principal = principalOf(user);
  return principal === 'anonymous' ? 'anonymous' : principal === 'authenticated-user' ? 'authenticatedUsers' : undefined;
}

/** `$anonymous = …`: the account's name as this Windows calls it, found by its SID. */
export function accountLines(entries: readonly Pick<AccountRights, 'user'>[]): ScriptLine[] {
  const needed = new Set(entries.flatMap(({ user }) => wellKnownOf(user) ?? []));
  return (Object.keys(WELL_KNOWN) as WellKnown[])
    .filter((name) => needed.has(name))
    .map((name) => ({
      kind: 'command',
      text: `$${name} = ([System.Security.Principal.SecurityIdentifier]'${WELL_KNOWN[name]}').Translate([System.Security.Principal.NTAccount]).Value`,
    }));
}

/** The account of an entry, as `accountLines` has named it. */
export function accountArgument(user: string): Argument {
  const known = wellKnownOf(user);
  return known ? variable(known) : text(user);
}

/** The connector as the input of a pipe; a name with `*` would be a pattern for Get-ReceiveConnector. */
export function getConnector(connector: Pick<ReceiveConnector, 'server' | 'name'>): string {
  return /[*?[\]]/.test(connector.name)
    ? `Get-ReceiveConnector -Server ${literal(connector.server)} | Where-Object { $_.Name -eq ${literal(connector.name)} }`
    : `Get-ReceiveConnector ${literal(identityOf(connector))}`;
}

/** `from`: code that gives the connector. */
export function grantLines(from: string, { user, deny, rights }: AccountRights): ScriptLine[] {
  return commandLines({
    cmdlet: 'Add-ADPermission',
    from,
    parameters: [
      ['User', accountArgument(user)],
      ...(deny ? [['Deny', { kind: 'switch', on: true }] as const] : []),
      ['ExtendedRights', texts(rights)],
    ],
    splat: 'right',
  });
}

export function revokeLines(from: string, { user, deny, rights }: AccountRights): ScriptLine[] {
  return commandLines({
    cmdlet: 'Remove-ADPermission',
    from,
    parameters: [
      ['User', accountArgument(user)],
      ...(deny ? [['Deny', { kind: 'switch', on: true }] as const] : []),
      ['ExtendedRights', texts(rights)],
      // Its question would swallow the lines that were pasted behind it.
      ['Confirm', { kind: 'switch', on: false }],
    ],
    splat: 'right',
  });
}

/**
 * What was added by hand: entries that are not inherited, without what the permission groups give. Rights of Exchange's
 * own servers are left to their groups, whose templates hold more than relaylens knows of.
 */
export function rightsBesideGroups(connector: ReceiveConnector, entries: readonly RightEntry[]): AccountRights[] {
  const groups = (connector.properties.PermissionGroups ?? []).flatMap((group) => (group === 'Custom' ? [] : [group]));
  const byAccount = new Map<string, { user: string; deny: boolean; rights: string[] }>();
  for (const { user, deny, inherited, rights } of entries) {
    if (inherited) continue;
    const principal = principalOf(user);
    const templates = groups.flatMap((group) => (principal && GROUP_RIGHTS[group][principal]) ?? []);
    const server = principal === 'exchange-server' || principal === 'legacy-server' || principal === 'externally-secured';
    if (server && templates.length > 0) continue;
    const key = `${wellKnownOf(user) ?? user.toLowerCase()} ${deny}`;
    const account = byAccount.get(key) ?? { user, deny, rights: [] };
    for (const right of rights.map((one) => one.trim()).filter(Boolean)) {
      const permission = permissionOfRight(right);
      if (!deny && permission && templates.includes(permission)) continue;
      if (!account.rights.some((one) => one.toLowerCase() === right.toLowerCase())) account.rights.push(right);
    }
    if (account.rights.length > 0) byAccount.set(key, account);
  }
  return [...byAccount.values()];
}

/** What `entries` has and `others` has not. */
export function rightsOnlyIn(entries: readonly AccountRights[], others: readonly AccountRights[]): AccountRights[] {
  const key = (user: string, deny: boolean, right: string): string =>
    JSON.stringify([wellKnownOf(user) ?? user.toLowerCase(), deny, right.toLowerCase()]);
  const known = new Set(others.flatMap(({ user, deny, rights }) => rights.map((right) => key(user, deny, right))));
  return entries
    .map((entry) => ({ ...entry, rights: entry.rights.filter((right) => !known.has(key(entry.user, entry.deny, right))) }))
    .filter(({ rights }) => rights.length > 0);
}

/** Shows what was added by hand on a connector. */
export function showRights(connector: Pick<ReceiveConnector, 'server' | 'name'>): ScriptLine {
  return {
    kind: 'command',
    text: `${getConnector(connector)} | Get-ADPermission | Where-Object { $_.ExtendedRights -and -not $_.IsInherited } | Format-Table User, Deny, ExtendedRights -AutoSize -Wrap`,
  };
}

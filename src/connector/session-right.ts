/** Whether a session might relay, from the best witness there is. */
import type { Permission } from '../smtp/permission.ts';
import type { ReceiveConnector } from './connector.ts';
import { effectiveRights, mayRelay, unauthenticatedPrincipal } from './effective-rights.ts';
import type { RightEntry } from './right.ts';

/**
 * `log`: the session's own `Set Session Permissions` row. `accepted-recipient`, `refused-recipient`: what the server did
 * with an external recipient. `rights`, `permission-groups`: the configuration of the connector.
 */
export type RelayKnownBy = 'log' | 'accepted-recipient' | 'refused-recipient' | 'rights' | 'permission-groups' | 'nothing';

export interface RelayRight {
  readonly mayRelay: 'yes' | 'no' | 'likely' | 'unknown';
  /** What is known to be allowed; null where only the right to relay is known. */
  readonly permissions: readonly Permission[] | null;
  readonly knownBy: RelayKnownBy;
}

export interface SessionFacts {
  /** Of the last `Set Session Permissions` row; null where there was none. */
  readonly logged: readonly Permission[] | null;
  readonly authenticated: boolean;
  /** The connector that took the session, as configured; undefined where it is not. */
  readonly connector: ReceiveConnector | undefined;
  readonly rights: readonly RightEntry[] | null;
  /** A recipient outside the accepted domains got 250. */
  readonly acceptedExternal: boolean;
  /** A recipient was refused with "Unable to relay". */
  readonly refusedRelay: boolean;
}

/** The log's own row first; then what the server did, which no configuration can contradict; then the configuration. */
export function relayRight(facts: SessionFacts): RelayRight {
  const { logged, connector, rights } = facts;
  if (logged) return { mayRelay: logged.includes('SMTPAcceptAnyRecipient') ? 'yes' : 'no', permissions: logged, knownBy: 'log' };
  const principal = facts.authenticated ? 'authenticated-user' : connector && unauthenticatedPrincipal(connector);
  const configured = connector && principal ? effectiveRights(connector, rights, principal) : undefined;
  const certain = configured && (configured.knownBy === 'groups' || configured.knownBy === 'rights') ? configured : undefined;
  const allowed = certain?.permissions.includes('SMTPAcceptAnyRecipient');
  if (facts.refusedRelay && allowed !== false) return { mayRelay: 'no', permissions: null, knownBy: 'refused-recipient' };
  if (facts.acceptedExternal && allowed !== true) return { mayRelay: 'yes', permissions: null, knownBy: 'accepted-recipient' };
  if (certain)
    return {
      mayRelay: allowed ? 'yes' : 'no',
      permissions: certain.permissions,
      knownBy: certain.knownBy === 'rights' ? 'rights' : 'permission-groups',
    };
  if (connector && !facts.authenticated && mayRelay(connector, rights) === 'likely')
    return { mayRelay: 'likely', permissions: null, knownBy: 'permission-groups' };
  return { mayRelay: 'unknown', permissions: null, knownBy: 'nothing' };
}

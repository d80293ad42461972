/** The enabled connectors on which a client may send to any domain without authentication, and how that is known. */
import { identityOf, isDefaultConnector, isEnabled, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { defaultConnectors } from '../../connector/default-connectors.ts';
import {
  effectiveRights,
  entriesBesideGroups,
  isExternallySecured,
  mayRelay,
  unauthenticatedPrincipal,
} from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf } from '../../connector/organisation.ts';
import { permissionOfRight, principalOf, RELAY_RIGHT } from '../../connector/permission-group.ts';
import type { Properties } from '../../connector/properties.ts';
import type { RightEntry } from '../../connector/right.ts';
import { type Confidence, type Evidence, propertyEvidence, type Remedy } from '../finding.ts';
import { advice, removeRelayRight, setConnector, showRights } from '../remedies/commands.ts';

export interface RelayConnector {
  readonly connector: ReceiveConnector;
  /** `likely`: only `Custom` beside AnonymousUsers hints at it. */
  readonly relay: 'yes' | 'likely';
  readonly way: 'right' | 'externally-secured';
  readonly evidence: readonly Evidence[];
  readonly confidence: Confidence;
  /** What takes the right to relay away from the connector. */
  readonly closing: readonly Remedy[];
}

/** All enabled connectors, server by server. */
export const enabledConnectors = ({ servers }: Organisation): ReceiveConnector[] =>
  servers.flatMap(({ connectors }) => connectors.filter(isEnabled));

export function relayConnectors(organisation: Organisation): RelayConnector[] {
  return enabledConnectors(organisation).flatMap((connector) => relayConnector(organisation, connector) ?? []);
}

/** undefined where it may not relay, or nothing speaks for it. */
export function relayConnector(organisation: Organisation, connector: ReceiveConnector): RelayConnector | undefined {
  const entries = rightsOf(organisation, connector);
  const relay = mayRelay(connector, entries);
  if (relay !== 'yes' && relay !== 'likely') return undefined;
  // Who may not submit at all gets a 530 before there is a recipient.
  const { permissions } = effectiveRights(connector, entries, unauthenticatedPrincipal(connector));
  if (relay === 'yes' && !permissions.includes('SMTPSubmit')) return undefined;
  if (isExternallySecured(connector))
    return {
      connector,
      relay,
      way: 'externally-secured',
      evidence: propertyEvidence(connector, 'AuthMechanism', 'PermissionGroups'),
      confidence: { level: 'high', because: 'AuthMechanism and PermissionGroups together give the right to relay' },
      closing: trustNoMore(connector),
    };
  const holders = relayHolders(organisation, connector);
  if (relay === 'likely')
    return {
      connector,
      relay,
      way: 'right',
      evidence: propertyEvidence(connector, 'PermissionGroups'),
      confidence: {
        level: 'medium',
        because: 'Custom beside AnonymousUsers is nearly always the right to relay, but the rights were not imported',
      },
      closing: [showRights(connector), removeRelayRight(connector)],
    };
  const own = holders.filter(({ inherited }) => !inherited);
  const users = [...new Set((own.length > 0 ? own : holders).map(({ user }) => user))];
  return {
    connector,
    relay,
    way: 'right',
    evidence: [...propertyEvidence(connector, 'PermissionGroups'), ...relayRightEvidence(connector, holders)],
    confidence: { level: 'high', because: 'the imported rights of the connector hold it' },
    closing: [
      ...users.map((user) => removeRelayRight(connector, user)),
      ...(own.length === 0
        ? [advice('The right is inherited: it has to be taken away where it was given, above the connector.')]
        : []),
    ],
  };
}

function trustNoMore(connector: ReceiveConnector): Remedy[] {
  return [
    setConnector(connector, untrusted(connector)),
    advice('Clients that do not log on can then send to accepted domains only.'),
  ];
}

/** A connector of Exchange's own gets back what setup gave it; on others the clients become anonymous ones. */
export function untrusted(connector: ReceiveConnector): Pick<Properties, 'AuthMechanism' | 'PermissionGroups'> {
  const { server, name } = connector;
  const original = isDefaultConnector(connector)
    ? defaultConnectors({ server, fqdn: server, version: '2019' }).find((one) => sameName(one.name, name))
    : undefined;
  return original
    ? { AuthMechanism: original.properties.AuthMechanism ?? ['Tls'] }
    : { AuthMechanism: ['Tls'], PermissionGroups: ['AnonymousUsers'] };
}

/** Entries by which anonymous clients may relay, as far as they can still be true; none where a denial outweighs them. */
export function relayHolders(organisation: Organisation, connector: ReceiveConnector): RightEntry[] {
  const entries = rightsOf(organisation, connector);
  const { permissions } = effectiveRights(connector, entries, 'anonymous');
  if (!permissions.includes('SMTPAcceptAnyRecipient')) return [];
  return (entriesBesideGroups(connector, entries) ?? []).filter(givesRelay);
}

/** True for an entry that gives anonymous clients the right to relay. */
const givesRelay = ({ user, deny, rights }: RightEntry): boolean =>
  !deny && principalOf(user) === 'anonymous' && rights.some((right) => permissionOfRight(right) === 'SMTPAcceptAnyRecipient');

/** The right to relay, with the account that has it. */
export const relayRightEvidence = (connector: ReceiveConnector, entries: readonly RightEntry[]): Evidence[] =>
  entries.map(({ user }) => ({ kind: 'right', connector: identityOf(connector), user, right: RELAY_RIGHT }));

/** `lets` or `very likely lets`, for the sentence about it. */
export const letsOrLikely = ({ relay }: RelayConnector): string => (relay === 'yes' ? 'lets' : 'very likely lets');

/** Before a change that would let anonymous clients submit mail: what they then could do besides is taken away first. */
export function removeSleepingRight(organisation: Organisation, connector: ReceiveConnector): Remedy[] {
  const users = new Set(relayHolders(organisation, connector).map(({ user }) => user));
  if (users.size === 0) return [];
  return [
    advice('Anonymous clients have the right to relay there, which would come alive. Take it away first, unless it is meant:'),
    ...[...users].map((user) => removeRelayRight(connector, user)),
  ];
}

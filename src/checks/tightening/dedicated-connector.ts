/** A relay connector for who relayed through one that has to stay open to everybody, and what takes the right from that. */
import { isDefaultConnector, isEnabled, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { isExternallySecured, unauthenticatedPrincipal } from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf } from '../../connector/organisation.ts';
import { ANONYMOUS_ACCOUNT, permissionOfRight, principalOf, RELAY_RIGHT } from '../../connector/permission-group.ts';
import type { PropertyName } from '../../connector/properties.ts';
import { sameValue } from '../../connector/property-text.ts';
import { isWholeFamily, type RemoteRange } from '../../connector/remote-range.ts';
import type { RightEntry } from '../../connector/right.ts';
import { versionOf } from '../../connector/usage-type.ts';
import { commandLines, text } from '../../powershell/command.ts';
import { type NewConnectorRequest, newConnector, requestedConnector } from '../../powershell/new-connector.ts';
import { propertyArgument } from '../../powershell/property-argument.ts';
import type { ScriptLine } from '../../powershell/script.ts';
import { untrusted } from '../ranges/relay-connectors.ts';

/** What a client could run into on the new connector that it did not on the old one. */
const LIMITS: readonly PropertyName[] = [
  'MaxMessageSize',
  'MaxRecipientsPerMessage',
  'MaxHeaderSize',
  'MaxHopCount',
  'MaxProtocolErrors',
  'MaxInboundConnection',
  'MaxInboundConnectionPerSource',
  'MaxInboundConnectionPercentagePerSource',
  'ConnectionTimeout',
  'ConnectionInactivityTimeout',
];

export interface Dedicated {
  readonly connector: ReceiveConnector;
  readonly lines: readonly ScriptLine[];
}

/** undefined where Exchange would refuse it. */
export function dedicatedConnector(
  from: ReceiveConnector,
  ranges: readonly RemoteRange[],
  existing: readonly ReceiveConnector[],
): Dedicated | undefined {
  const families = new Set(ranges.map(({ family }) => family));
  const request: NewConnectorRequest = {
    server: from.server,
    name: freeName(from, existing),
    version: versionOf(existing),
    bindings: from.bindings.filter(({ address }) => families.has(address.family)),
    remoteIPRanges: ranges,
    relay: isExternallySecured(from) ? 'externally-secured' : 'anonymous',
    ...(from.properties.TransportRole === 'HubTransport' && { transportRole: 'HubTransport' as const }),
    existing,
  };
  const planned = newConnector(request);
  if (planned.kind === 'refused') return undefined;
  const made = requestedConnector(request);
  const limits = LIMITS.filter((name) => {
    const [wanted, own] = [from.properties[name], made.properties[name]];
    return wanted !== undefined && (own === undefined || !sameValue(name, wanted, own));
  });
  return {
    connector: {
      ...made,
      properties: {
        ...made.properties,
        ...Object.fromEntries(limits.map((name) => [name, from.properties[name]])),
        // Exchange reads it out of the right that is given by hand.
        ...(request.relay === 'anonymous' && {
          PermissionGroups: [...(made.properties.PermissionGroups ?? []), 'Custom' as const],
        }),
      },
    },
    lines: [
      ...planned.lines,
      ...(limits.length === 0
        ? []
        : commandLines({
            cmdlet: 'Set-ReceiveConnector',
            parameters: [
              ['Identity', text(`${made.server}\\${made.name}`)],
              ...limits.map((name) => [name, propertyArgument(name, from.properties[name]!)] as const),
            ],
            splat: 'limits',
          })),
    ],
  };
}

function freeName({ server }: ReceiveConnector, existing: readonly ReceiveConnector[]): string {
  const isFree = (name: string): boolean => !existing.some((one) => sameName(one.server, server) && sameName(one.name, name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? `Relay ${server}` : `Relay ${server} ${number}`;
    if (isFree(name)) return name;
  }
}

/** The rights of the new connector. */
export const DEDICATED_RIGHTS: readonly RightEntry[] = [
  { user: ANONYMOUS_ACCOUNT, deny: false, inherited: false, rights: [RELAY_RIGHT] },
];

/** The connector and its rights without the way to relay; what is inherited stays, since no command here takes it away. */
export function closed(
  organisation: Organisation,
  connector: ReceiveConnector,
): { readonly connector: ReceiveConnector; readonly rights: readonly RightEntry[] | null } {
  const entries = rightsOf(organisation, connector);
  if (isExternallySecured(connector))
    return { connector: { ...connector, properties: { ...connector.properties, ...untrusted(connector) } }, rights: entries };
  const principal = unauthenticatedPrincipal(connector);
  const isRelay = (right: string): boolean => permissionOfRight(right) === 'SMTPAcceptAnyRecipient';
  return {
    connector,
    rights: (entries ?? []).flatMap((entry): RightEntry[] => {
      if (entry.deny || entry.inherited || principalOf(entry.user) !== principal) return [entry];
      const rights = entry.rights.filter((right) => !isRelay(right));
      return rights.length === 0 ? [] : [{ ...entry, rights }];
    }),
  };
}

/**
 * True where everybody comes through the connector, so that narrowing it would stop inbound mail: one of Exchange's own,
 * or one that takes a whole family of addresses where no other connector does.
 */
export function takesEverybody(connector: ReceiveConnector, others: readonly ReceiveConnector[]): boolean {
  if (isDefaultConnector(connector)) return true;
  return connector.remoteIPRanges
    .filter(isWholeFamily)
    .some(({ family }) =>
      connector.bindings
        .filter(({ address }) => address.family === family)
        .some(
          (binding) =>
            !others.some(
              (other) =>
                other !== connector &&
                isEnabled(other) &&
                other.properties.TransportRole === connector.properties.TransportRole &&
                other.remoteIPRanges.some((range) => range.family === family && isWholeFamily(range)) &&
                other.bindings.some(
                  ({ address, any, port }) =>
                    port === binding.port && address.family === family && (any || address.value === binding.address.value),
                ),
            ),
        ),
    );
}

/**
 * Where connectors compete: every local address and port of a server, with the ranges that the lookup of
 * `connector/selection.ts` would meet there. A check that asks who takes which client asks one arena after the other.
 */
import { type Binding, formatBinding } from '../../connector/binding.ts';
import { belongsTo, isEnabled, type ListeningRole, type ReceiveConnector, roleOf } from '../../connector/connector.ts';
import type { ServerConfiguration } from '../../connector/organisation.ts';
import type { Entry } from '../../connector/selection.ts';

export interface Arena {
  readonly role: ListeningRole;
  /** The local address and port; 0.0.0.0 or :: is every address that no connector is bound to in particular. */
  readonly place: Binding;
  /** First those bound to this very place, then those bound to every address. */
  readonly entries: readonly Entry[];
  /** How many entries are bound to this very place. */
  readonly own: number;
}

/**
 * Ranges bound to every address are met at each address that a connector is bound to in particular. A server has a
 * handful of those; beyond this many repetitions the rest is looked at without them, so that a made-up configuration with
 * hundreds of local addresses cannot take minutes. What is then not seen is not reported.
 */
const REPETITIONS = 300_000;

/** Where an address lies on the line: IPv4 addresses fit into numbers, which sort many times faster than big integers. */
export type Point = number | bigint;

/** What turns addresses of the place's family into points. */
export const pointOf = ({ address }: Binding): ((value: bigint) => Point) =>
  address.family === 'ipv4' ? Number : (value) => value;

const known = new WeakMap<ServerConfiguration, readonly Arena[]>();

/** The arenas of enabled connectors, in the order of the configuration. Kept, because several checks ask. */
export function arenasOf(configuration: ServerConfiguration): readonly Arena[] {
  const before = known.get(configuration);
  if (before) return before;
  const connectors = configuration.connectors.filter(isEnabled);
  const arenas = rolesOf(connectors).flatMap((role) => arenasOfRole(connectors, role));
  known.set(configuration, arenas);
  return arenas;
}

/** Before 2013 an export has no roles: there one service listens. */
function rolesOf(connectors: readonly ReceiveConnector[]): ListeningRole[] {
  const named = [...new Set(connectors.flatMap((connector) => roleOf(connector) ?? []))];
  return named.length > 0 ? named : ['FrontendTransport'];
}

function arenasOfRole(connectors: readonly ReceiveConnector[], role: ListeningRole): Arena[] {
  const places = new Map<string, { readonly place: Binding; readonly entries: Entry[] }>();
  for (const connector of connectors) {
    if (!belongsTo(connector, role)) continue;
    for (const binding of connector.bindings) {
      const key = formatBinding(binding);
      const at = places.get(key) ?? { place: binding, entries: [] };
      places.set(key, at);
      for (const range of connector.remoteIPRanges)
        if (range.family === binding.address.family) at.entries.push({ connector, binding, range });
    }
  }
  let repetitions = 0;
  return [...places.values()].map(({ place, entries }): Arena => {
    const everywhere = place.any ? [] : (places.get(everyAddress(place))?.entries ?? []);
    repetitions += everywhere.length;
    return {
      role,
      place,
      entries: repetitions > REPETITIONS ? entries : [...entries, ...everywhere],
      own: entries.length,
    };
  });
}

const everyAddress = ({ address, port }: Binding): string =>
  formatBinding({ address: { family: address.family, value: 0n }, any: true, port });

/**
 * Whether a change can stand in a remedy: Exchange takes it beside the other connectors, and no client may relay that may
 * not now, here or, inside the own networks, on another server of the organisation: who stands behind one name with both
 * is let in already. What cannot be shown in short time counts as unsafe: then a person has to decide.
 */
import type { Binding } from '../../connector/binding.ts';
import { conflictsOf } from '../../connector/conflict.ts';
import type { ReceiveConnector } from '../../connector/connector.ts';
import { effectiveRights, mayRelay, unauthenticatedPrincipal } from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf, type ServerConfiguration, serverOf } from '../../connector/organisation.ts';
import { difference, publicPart, union } from '../../connector/range-set.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import type { AddressRange } from '../../net/address-range.ts';
import type { Remedy } from '../finding.ts';
import { arenasOf } from '../ranges/arena.ts';
import { landingOf } from '../ranges/landing.ts';
import { liveRanges } from '../ranges/live-ranges.ts';
import { advice, moveBindings, movedTo, removeRanges } from './commands.ts';

/** Ranges of a server of which a change is still tried out as a whole. */
const TRIED = 5000;

/** True where clients without authentication send to any domain, or Custom beside AnonymousUsers hints at it. */
export function relaysPerhaps(organisation: Organisation, connector: ReceiveConnector): boolean {
  const entries = rightsOf(organisation, connector);
  const relay = mayRelay(connector, entries);
  if (relay !== 'yes') return relay === 'likely';
  return effectiveRights(connector, entries, unauthenticatedPrincipal(connector)).permissions.includes('SMTPSubmit');
}

export function isSafeChange(organisation: Organisation, connector: ReceiveConnector, changed: ReceiveConnector): boolean {
  const server = serverOf(organisation, changed.server);
  if (!server) return false;
  const others = server.connectors.filter((one) => one !== connector);
  const after = { ...server, connectors: [...others, changed] };
  if (after.connectors.reduce((sum, { remoteIPRanges }) => sum + remoteIPRanges.length, 0) > TRIED) return false;
  const before = new Set(conflictsWith(server.connectors, connector));
  const conflicts = conflictsWith(after.connectors, changed);
  if (conflicts.some((conflict) => !before.has(conflict))) return false;
  // Beside a connector with the same ranges either may win: which one, their order decides.
  const outcomes = conflicts.length > 0 ? [after, { ...server, connectors: [changed, ...others] }] : [after];
  const allowed = [...relayedOn(organisation, server), ...relayedElsewhere(organisation, server)];
  return outcomes.every((outcome) => difference(relayedOn(organisation, outcome), allowed).length === 0);
}

/** Kind and partner of each. */
function conflictsWith(connectors: readonly ReceiveConnector[], connector: ReceiveConnector): string[] {
  return conflictsOf(connectors)
    .filter(({ a, b }) => a === connector || b === connector)
    .map(({ kind, a, b }) => `${kind} ${(a === connector ? b : a).name}`);
}

const relayed = new WeakMap<ServerConfiguration, readonly AddressRange[]>();

/** The clients that land on a connector that may relay, at whatever place of the server. */
function relayedOn(organisation: Organisation, server: ServerConfiguration): readonly AddressRange[] {
  const before = relayed.get(server);
  if (before) return before;
  const perhaps = new Set(server.connectors.filter((one) => relaysPerhaps(organisation, one)));
  const ranges = union(arenasOf(server).flatMap((arena) => landingOf(arena).takenBy((one) => perhaps.has(one))));
  relayed.set(server, ranges);
  return ranges;
}

/** Clients of the own networks that may relay on another server. */
function relayedElsewhere(organisation: Organisation, server: ServerConfiguration): AddressRange[] {
  return organisation.servers
    .filter((other) => other !== server)
    .flatMap((other) => relayedOn(organisation, other))
    .flatMap((range) => difference([range], publicPart(range)));
}

const offered = new WeakMap<ServerConfiguration, ReadonlyMap<number, readonly AddressRange[]>>();

/** What connectors that may relay would take, by port: also what smaller ranges keep from them now. */
function relayOffered(organisation: Organisation, server: ServerConfiguration): ReadonlyMap<number, readonly AddressRange[]> {
  const before = offered.get(server);
  if (before) return before;
  const byPort = new Map<number, AddressRange[]>();
  for (const connector of server.connectors) {
    if (!relaysPerhaps(organisation, connector)) continue;
    for (const port of new Set(connector.bindings.map((binding) => binding.port)))
      for (const range of liveRanges(connector)) (byPort.get(port) ?? newList(byPort, port)).push(range);
  }
  const merged = new Map([...byPort].map(([port, ranges]) => [port, union(ranges)]));
  offered.set(server, merged);
  return merged;
}

function newList(byPort: Map<number, AddressRange[]>, port: number): AddressRange[] {
  const list: AddressRange[] = [];
  byPort.set(port, list);
  return list;
}

/** True where the clients that lose the ranges land on no connector that may relay, or may relay already. */
export function isSafeRemoval(organisation: Organisation, connector: ReceiveConnector, ranges: readonly RemoteRange[]): boolean {
  const server = serverOf(organisation, connector.server);
  if (!server || relaysPerhaps(organisation, connector)) return true;
  const byPort = relayOffered(organisation, server);
  return [...new Set(connector.bindings.map(({ port }) => port))].every((port) => {
    const merged = byPort.get(port) ?? [];
    return ranges.every((range) => !touchesAny(merged, range));
  });
}

/** `merged`: ascending within a family, without overlaps. */
function touchesAny(merged: readonly AddressRange[], range: AddressRange): boolean {
  let low = 0;
  let high = merged.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = merged[middle]!;
    const isBefore = one.family === range.family ? one.last < range.first : one.family < range.family;
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  const found = merged[low];
  return found !== undefined && found.family === range.family && found.first <= range.last;
}

/** Of two connectors of which one has to give its ranges up: the first of these that can without opening a relay. */
export function safeRemoval(
  organisation: Organisation,
  ...choices: readonly { readonly connector: ReceiveConnector; readonly ranges: readonly RemoteRange[] }[]
): Remedy[] {
  const choice = choices.find(({ connector, ranges }) => isSafeRemoval(organisation, connector, ranges));
  return choice
    ? removeRanges(choice.connector, choice.ranges)
    : [
        advice(
          'No command is given here: the clients would land on a connector that may relay. Decide first whether they may, and take the range from the connector that they do not belong to.',
        ),
      ];
}

/** The bindings on another port, or, where something is in the way there, the advice to find one. */
export function moveWhereSafe(
  organisation: Organisation,
  connector: ReceiveConnector,
  bindings: readonly Binding[],
  port: number,
): Remedy[] {
  const kept = connector.bindings.filter((binding) => !bindings.includes(binding));
  const changed = { ...connector, bindings: [...kept, ...movedTo(bindings, port)] };
  return isSafeChange(organisation, connector, changed)
    ? [moveBindings(connector, bindings, port)]
    : [advice(`On port ${port} Exchange would refuse it beside the connectors there: choose a port that no connector has.`)];
}

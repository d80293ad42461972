/**
 * Connectors of one server that the cmdlets refuse beside each other, disabled ones included. Source: reference of the
 * receive connectors, section 2.5, established for Exchange 2013 CU23.
 */
import type { AddressRange } from '../net/address-range.ts';
import { type Binding, formatBinding } from './binding.ts';
import { identityOf, type ReceiveConnector, roleOf } from './connector.ts';
import type { RemoteRange } from './remote-range.ts';

/** `role`: they belong to different services; then ranges play no part. */
export type ConflictKind = 'role' | 'identical-ranges' | 'crossing-ranges';

const KINDS: readonly ConflictKind[] = ['role', 'identical-ranges', 'crossing-ranges'];

export interface Conflict {
  readonly kind: ConflictKind;
  /** The earlier of the two. */
  readonly a: ReceiveConnector;
  readonly b: ReceiveConnector;
  readonly bindingA: Binding;
  readonly bindingB: Binding;
  /** undefined for `role`. */
  readonly rangeA?: RemoteRange;
  readonly rangeB?: RemoteRange;
  /** One sentence. */
  readonly because: string;
  /** The product's message about `b`, when `a` is there. */
  readonly exchangeSays: string;
}

const SAME_PLACE = (name: string): string =>
  `The values that you specified for the Bindings and RemoteIPRanges parameters conflict with the settings on Receive connector "${name}". A Receive connector must have a unique combination of a local IP address & port bindings and remote IP address ranges. Change at least one of these values.`;
const OTHER_ROLE =
  '…Receive connectors assigned to different Transport roles on a single server must listen on unique local IP address & port bindings.';

/** Each pair once for each kind. Time grows with the number of ranges and of conflicts, not with that of all pairs. */
export function conflictsOf(connectors: readonly ReceiveConnector[]): Conflict[] {
  const servers = new Map<string, Member[]>();
  connectors.forEach((connector, order) => {
    push(servers, connector.server.toLowerCase(), { connector, order });
  });
  const found = [...servers.values()].flatMap((members) => conflictsOnServer(members, connectors.length));
  const names = new Map<Binding, string>();
  const nameOf = (binding: Binding): string => {
    const known = names.get(binding) ?? formatBinding(binding);
    names.set(binding, known);
    return known;
  };
  return found.sort((a, b) => a.a.order - b.a.order || a.b.order - b.b.order).map((conflict) => told(conflict, nameOf));
}

interface Member {
  readonly connector: ReceiveConnector;
  readonly order: number;
}

/** One range of a connector that listens on the port in the range's family. */
interface Piece extends Member {
  readonly range: RemoteRange;
}

interface Found {
  readonly kind: ConflictKind;
  readonly a: Member;
  readonly b: Member;
  readonly bindings: readonly [Binding, Binding];
  readonly ranges?: readonly [RemoteRange, RemoteRange];
}

/** `count`: of all connectors, so that a pair has a number of its own. */
function conflictsOnServer(members: readonly Member[], count: number): Found[] {
  const doors = new Map<string, { member: Member; bindings: Binding[] }[]>();
  for (const member of members) {
    const own = new Map<string, Binding[]>();
    for (const binding of member.connector.bindings) push(own, `${binding.port} ${binding.address.family}`, binding);
    for (const [door, bindings] of own) push(doors, door, { member, bindings });
  }
  const found = new Map<number, Found>();
  for (const listeners of doors.values()) conflictsAtDoor(listeners, found, count);
  return [...found.values()];
}

/** `listeners`: those on one port in one family. */
function conflictsAtDoor(
  listeners: readonly { readonly member: Member; readonly bindings: readonly Binding[] }[],
  found: Map<number, Found>,
  count: number,
): void {
  const bindingsOf = new Map(listeners.map(({ member, bindings }) => [member.order, bindings]));
  const note = (kind: ConflictKind, one: Member, other: Member, ranges?: readonly [RemoteRange, RemoteRange]): void => {
    const swap = one.order > other.order;
    const [a, b] = swap ? [other, one] : [one, other];
    const key = (KINDS.indexOf(kind) * count + a.order) * count + b.order;
    if (a.order === b.order || found.has(key) || (kind !== 'role' && rolesDiffer(a, b))) return;
    const bindings = meeting(bindingsOf.get(a.order)!, bindingsOf.get(b.order)!, kind !== 'identical-ranges');
    if (!bindings) return;
    found.set(key, { kind, a, b, bindings, ...(ranges && { ranges: swap ? [ranges[1], ranges[0]] : ranges }) });
  };

  for (const [one, other] of ofDifferentRoles(listeners)) note('role', one, other);

  const family = listeners[0]!.bindings[0]!.address.family;
  const pieces = listeners.flatMap(({ member }) =>
    member.connector.remoteIPRanges.filter((range) => range.family === family).map((range): Piece => ({ ...member, range })),
  );
  const identical = new Map<string, Piece[]>();
  for (const piece of pieces)
    for (const binding of new Set(bindingsOf.get(piece.order)!.map(({ address }) => address.value)))
      push(identical, `${binding} ${piece.range.first} ${piece.range.last}`, piece);
  for (const group of identical.values())
    group.forEach((one, index) => {
      for (const other of group.slice(index + 1)) note('identical-ranges', one, other, [one.range, other.range]);
    });
  crossings(pieces, (one, other) => {
    note('crossing-ranges', one, other, [one.range, other.range]);
  });
}

/** Pairs of ranges that overlap and of which neither holds the other; a shared end is holding. */
function crossings(pieces: readonly Piece[], report: (one: Piece, other: Piece) => void): void {
  const byFirst = [...pieces].sort((a, b) => compare(a.range.first, b.range.first));
  // Those that began before, by where they end: the ones that end inside the next range cross it.
  const open: Piece[] = [];
  for (let from = 0; from < byFirst.length; ) {
    let to = from;
    while (to < byFirst.length && byFirst[to]!.range.first === byFirst[from]!.range.first) to++;
    const group = byFirst.slice(from, to);
    open.splice(0, firstEnding(open, group[0]!.range));
    for (const piece of group)
      for (const one of open)
        if (one.range.last < piece.range.last) report(one, piece);
        else break;
    for (const piece of group) open.splice(placeOf(open, piece.range.last), 0, piece);
    from = to;
  }
}

/** Index of the first that ends at or behind where the range begins. */
const firstEnding = (open: readonly Piece[], { first }: AddressRange): number => placeOf(open, first);

function placeOf(open: readonly Piece[], last: bigint): number {
  let low = 0;
  let high = open.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (open[middle]!.range.last < last) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* ofDifferentRoles(listeners: readonly { readonly member: Member }[]): Generator<[Member, Member]> {
  const members = listeners.map(({ member }) => member);
  const front = members.filter(({ connector }) => roleOf(connector) === 'FrontendTransport');
  const hub = members.filter(({ connector }) => roleOf(connector) === 'HubTransport');
  for (const one of front) for (const other of hub) yield [one, other];
}

function rolesDiffer(a: Member, b: Member): boolean {
  const [one, other] = [roleOf(a.connector), roleOf(b.connector)];
  return one !== undefined && other !== undefined && one !== other;
}

/** Bindings of both that are the same, or, with `any`, of which one is every address. */
function meeting(a: readonly Binding[], b: readonly Binding[], any: boolean): readonly [Binding, Binding] | undefined {
  for (const one of a) for (const other of b) if (one.address.value === other.address.value) return [one, other];
  if (any) for (const one of a) for (const other of b) if (one.any || other.any) return [one, other];
  return undefined;
}

function told({ kind, a, b, bindings, ranges }: Found, nameOf: (binding: Binding) => string): Conflict {
  const [bindingA, bindingB] = bindings;
  const [one, other] = [`"${a.connector.name}"`, `"${b.connector.name}"`];
  const where =
    nameOf(bindingA) === nameOf(bindingB)
      ? `both listen on ${nameOf(bindingA)}`
      : `one listens on ${nameOf(bindingA)}, the other on ${nameOf(bindingB)}`;
  const base = { kind, a: a.connector, b: b.connector, bindingA, bindingB };
  if (!ranges)
    return {
      ...base,
      because: `${one} belongs to ${roleOf(a.connector)}, ${other} to ${roleOf(b.connector)}, and ${where}: only one service can have the port`,
      exchangeSays: OTHER_ROLE,
    };
  const [rangeA, rangeB] = ranges;
  return {
    ...base,
    rangeA,
    rangeB,
    because:
      kind === 'identical-ranges'
        ? `${one} and ${other}: ${where}, and both take ${rangeA.text}${rangeA.text === rangeB.text ? '' : ` (${rangeB.text})`}, so that nothing decides between them`
        : `${one} and ${other}: ${where}, and ${rangeA.text} and ${rangeB.text} overlap without one holding the other`,
    exchangeSays: SAME_PLACE(identityOf(a.connector)),
  };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

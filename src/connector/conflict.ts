/**
 * Connectors of one server that the cmdlets refuse beside each other, disabled ones included. Source: reference of the
 * receive connectors, section 2.5, established for Exchange 2013 CU23.
 */
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
  return found.sort((a, b) => a.a.order - b.a.order || a.b.order - b.b.order).map((conflict) => new ToldConflict(conflict));
}

interface Member {
  readonly connector: ReceiveConnector;
  readonly order: number;
}

/** One range of a connector that listens on the port in the range's family. */
interface Piece extends Member {
  readonly range: RemoteRange;
}

/** Where an address lies on the line: those of IPv4 fit into numbers, which compare many times faster than big integers. */
type Point = number | bigint;

/** All pieces of the same addresses. */
interface Block {
  readonly first: Point;
  readonly last: Point;
  readonly pieces: readonly Piece[];
  /** Blocks of the same connectors have the same. */
  readonly members: number;
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
  const blocks = blocksOf(
    listeners.flatMap(({ member }) =>
      member.connector.remoteIPRanges.filter((range) => range.family === family).map((range): Piece => ({ ...member, range })),
    ),
    family === 'ipv4' ? Number : (value) => value,
  );
  const known = new Set<number>();
  for (const { pieces, members } of blocks) {
    if (pieces.length === 1 || known.has(members)) continue;
    known.add(members);
    for (const group of byAddress(pieces, bindingsOf))
      group.forEach((one, index) => {
        for (let at = index + 1; at < group.length; at++)
          note('identical-ranges', one, group[at]!, [one.range, group[at]!.range]);
      });
  }
  const crossed = new Set<string>();
  crossings(blocks, (one, other) => {
    const pair = `${one.members} ${other.members}`;
    if (crossed.has(pair)) return;
    crossed.add(pair);
    for (const a of one.pieces) for (const b of other.pieces) note('crossing-ranges', a, b, [a.range, b.range]);
  });
}

/** Ascending by where they begin. */
function blocksOf(pieces: readonly Piece[], pointOf: (value: bigint) => Point): Block[] {
  const first = pieces.map(({ range }) => pointOf(range.first));
  const last = pieces.map(({ range }) => pointOf(range.last));
  const order = Int32Array.from(pieces.keys()).sort(
    (a, b) => compare(first[a]!, first[b]!) || compare(last[a]!, last[b]!) || a - b,
  );
  const numbers = new Map<string, number>();
  const blocks: Block[] = [];
  for (let from = 0; from < order.length; ) {
    const head = order[from]!;
    let to = from + 1;
    while (to < order.length && first[order[to]!] === first[head] && last[order[to]!] === last[head]) to++;
    const own = Array.from(order.subarray(from, to), (index) => pieces[index]!);
    const key = own.map((piece) => piece.order).join();
    const members = numbers.get(key) ?? numbers.size;
    numbers.set(key, members);
    blocks.push({ first: first[head]!, last: last[head]!, pieces: own, members });
    from = to;
  }
  return blocks;
}

/** Pieces that stand at one local address. */
function byAddress(pieces: readonly Piece[], bindingsOf: ReadonlyMap<number, readonly Binding[]>): Iterable<Piece[]> {
  const groups = new Map<bigint, Piece[]>();
  for (const piece of pieces)
    for (const value of new Set(bindingsOf.get(piece.order)!.map(({ address }) => address.value))) push(groups, value, piece);
  return groups.values();
}

/** Pairs of blocks that overlap and of which neither holds the other; a shared end is holding. */
function crossings(blocks: readonly Block[], report: (one: Block, other: Block) => void): void {
  // Those that began before, by where they end: the ones that end inside the next one cross it.
  const open: Block[] = [];
  for (let from = 0; from < blocks.length; ) {
    let to = from;
    while (to < blocks.length && blocks[to]!.first === blocks[from]!.first) to++;
    const group = blocks.slice(from, to);
    open.splice(0, placeOf(open, group[0]!.first));
    for (const block of group)
      for (const one of open)
        if (one.last < block.last) report(one, block);
        else break;
    for (const block of group) open.splice(placeOf(open, block.last), 0, block);
    from = to;
  }
}

/** Index of the first that ends there or behind. */
function placeOf(open: readonly Block[], last: Point): number {
  let low = 0;
  let high = open.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (open[middle]!.last < last) low = middle + 1;
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

/** Tells its sentences when asked: of half a million conflicts nobody reads all. */
class ToldConflict implements Conflict {
  readonly kind: ConflictKind;
  readonly a: ReceiveConnector;
  readonly b: ReceiveConnector;
  readonly bindingA: Binding;
  readonly bindingB: Binding;
  readonly rangeA?: RemoteRange;
  readonly rangeB?: RemoteRange;

  constructor({ kind, a, b, bindings, ranges }: Found) {
    this.kind = kind;
    this.a = a.connector;
    this.b = b.connector;
    [this.bindingA, this.bindingB] = bindings;
    if (ranges) [this.rangeA, this.rangeB] = ranges;
  }

  get because(): string {
    const { kind, a, b, rangeA, rangeB } = this;
    const [one, other] = [`"${a.name}"`, `"${b.name}"`];
    const [placeA, placeB] = [formatBinding(this.bindingA), formatBinding(this.bindingB)];
    const where = placeA === placeB ? `both listen on ${placeA}` : `one listens on ${placeA}, the other on ${placeB}`;
    if (!rangeA || !rangeB)
      return `${one} belongs to ${roleOf(a)}, ${other} to ${roleOf(b)}, and ${where}: only one service can have the port`;
    return kind === 'identical-ranges'
      ? `${one} and ${other}: ${where}, and both take ${rangeA.text}${rangeA.text === rangeB.text ? '' : ` (${rangeB.text})`}, so that nothing decides between them`
      : `${one} and ${other}: ${where}, and ${rangeA.text} and ${rangeB.text} overlap without one holding the other`;
  }

  get exchangeSays(): string {
    return this.kind === 'role' ? OTHER_ROLE : SAME_PLACE(identityOf(this.a));
  }
}

const compare = (a: Point, b: Point): number => (a < b ? -1 : a > b ? 1 : 0);

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

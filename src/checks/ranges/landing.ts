/**
 * Who takes which client at one place, for all clients at once. The line of addresses is cut where any range begins or
 * ends; the ranges are painted onto the pieces from the smallest to the largest, and what is painted stays. So every
 * piece knows its taker, and a range that finds nothing left to paint takes no client. In the time of sorting the ranges.
 */
import type { Entry } from '../../connector/selection.ts';
import { type AddressRange, sizeOf } from '../../net/address-range.ts';
import { type Arena, type Point, pointOf } from './arena.ts';

/** Two ranges of one size that the lookup cannot tell apart for some client. Indexes of entries, as they are loaded. */
export interface Tie {
  readonly first: number;
  readonly second: number;
}

export class Landing {
  readonly arena: Arena;
  /** Of two connectors. Of many equal ranges, each is paired with one other. */
  readonly ties: readonly Tie[];
  /** Ranges that stand twice in one connector. */
  readonly repeated: readonly Tie[];
  readonly #cuts: readonly Point[];
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** By entry: 1 where at least one client has no smaller range. */
  readonly #alive: Uint8Array;
  /** By piece: the entry that takes it, or -1. */
  readonly #taker: Int32Array;
  readonly #point: (value: bigint) => Point;
  #pieces: Map<Entry['connector'], number[]> | undefined;

  constructor(arena: Arena) {
    this.arena = arena;
    const { entries } = arena;
    const point = pointOf(arena.place);
    this.#point = point;
    this.#cuts = cutsOf(entries, point);
    this.#from = Int32Array.from(entries, ({ range }) => rankOf(this.#cuts, point(range.first)));
    this.#to = Int32Array.from(entries, ({ range }) => rankOf(this.#cuts, point(range.last + 1n)));
    this.#alive = new Uint8Array(entries.length);
    this.#taker = new Int32Array(this.#cuts.length).fill(-1);
    const ties: Tie[] = [];
    const repeated: Tie[] = [];
    this.#paint(
      entries.map(({ range }) => point(sizeOf(range))),
      ties,
      repeated,
    );
    this.ties = ties;
    this.repeated = repeated;
  }

  /** Indexes of the entries of this place (not of every address) that can take no client. */
  dead(): number[] {
    const dead: number[] = [];
    for (let index = 0; index < this.arena.own; index++) if (this.#alive[index] === 0) dead.push(index);
    return dead;
  }

  /** True for an entry of this place that takes at least one client. */
  lives(index: number): boolean {
    return index < this.arena.own && this.#alive[index] === 1;
  }

  /** The entry that takes the client. */
  takerAt(value: bigint): Entry | undefined {
    // The piece begins at the last cut that is not behind the value.
    const piece = rankOf(this.#cuts, this.#point(value + 1n)) - 1;
    return piece < 0 ? undefined : this.arena.entries[this.#taker[piece]!];
  }

  /** All clients whose taker is one of these, piece by piece. */
  takenBy(isOne: (connector: Entry['connector']) => boolean): AddressRange[] {
    const { entries, place } = this.arena;
    const { family } = place.address;
    const taken: AddressRange[] = [];
    this.#taker.forEach((taker, piece) => {
      if (taker < 0 || !isOne(entries[taker]!.connector)) return;
      taken.push({ family, first: BigInt(this.#cuts[piece]!), last: BigInt(this.#cuts[piece + 1]!) - 1n });
    });
    return taken;
  }

  /** The first few connectors, by different names, that take what lies in the range of the entry. */
  takersOf(index: number, limit = 3): Entry[] {
    const takers = new Map<Entry['connector'], Entry>();
    // A dead range may lie over a million pieces: the first of them say enough.
    const end = Math.min(this.#to[index]!, this.#from[index]! + 1000);
    for (let piece = this.#from[index]!; piece < end && takers.size < limit; piece++) {
      const taker = this.arena.entries[this.#taker[piece]!];
      if (taker && !takers.has(taker.connector)) takers.set(taker.connector, taker);
    }
    return [...takers.values()];
  }

  /** True where all clients in the range of the entry land on the entry's own connector. */
  staysAtHome(index: number): boolean {
    this.#pieces ??= this.#piecesByConnector();
    const home = this.#pieces.get(this.arena.entries[index]!.connector) ?? [];
    const [from, to] = [this.#from[index]!, this.#to[index]!];
    return rankOf(home, to) - rankOf(home, from) === to - from;
  }

  #piecesByConnector(): Map<Entry['connector'], number[]> {
    const pieces = new Map<Entry['connector'], number[]>();
    this.#taker.forEach((taker, piece) => {
      if (taker < 0) return;
      const { connector } = this.arena.entries[taker]!;
      const list = pieces.get(connector);
      if (list) list.push(piece);
      else pieces.set(connector, [piece]);
    });
    return pieces;
  }

  #paint(sizes: readonly Point[], ties: Tie[], repeated: Tie[]): void {
    const { own } = this.arena;
    const free = new FreePieces(this.#cuts.length);
    const bySize = Int32Array.from(sizes.keys()).sort((a, b) => {
      const [left, right] = [sizes[a]!, sizes[b]!];
      return left < right ? -1 : left > right ? 1 : a - b;
    });
    for (let start = 0; start < bySize.length; ) {
      const head = bySize[start]!;
      let end = start + 1;
      // Of two equal sizes the one bound to the very place wins: those come first, and are a group of their own.
      while (end < bySize.length && sizes[bySize[end]!] === sizes[head] && bySize[end]! < own === head < own) end++;
      const group = bySize.subarray(start, end);
      for (const index of group) this.#alive[index] = free.next(this.#from[index]!) < this.#to[index]! ? 1 : 0;
      if (group.length > 1 && head < own) this.#compare(group, free, ties, repeated);
      for (const index of group)
        for (let piece = free.next(this.#from[index]!); piece < this.#to[index]!; piece = free.next(piece)) {
          this.#taker[piece] = index;
          free.take(piece);
        }
      start = end;
    }
  }

  /** Ranges of one size overlap where one begins before the one before it ends. */
  #compare(group: Int32Array, free: FreePieces, ties: Tie[], repeated: Tie[]): void {
    const { entries } = this.arena;
    const connectorAt = (index: number): Entry['connector'] | undefined => entries[index]?.connector;
    let last = -1;
    let lastOther = -1;
    for (const index of group.slice().sort((a, b) => this.#from[a]! - this.#from[b]! || a - b)) {
      const same = connectorAt(last) === connectorAt(index);
      if (same && this.#from[last] === this.#from[index] && entries[last]!.range !== entries[index]!.range)
        repeated.push({ first: last, second: index });
      const other = same ? lastOther : last;
      // Where smaller ranges take all that the two share, nothing is undecided.
      if (other >= 0 && free.next(this.#from[index]!) < this.#to[other]!)
        ties.push({ first: Math.min(other, index), second: Math.max(other, index) });
      if (!same) lastOther = last;
      last = index;
    }
  }
}

const landings = new WeakMap<Arena, Landing>();

/** Kept with the arena, because several checks ask. */
export function landingOf(arena: Arena): Landing {
  const before = landings.get(arena);
  if (before) return before;
  const landing = new Landing(arena);
  landings.set(arena, landing);
  return landing;
}

/** The pieces that nothing has taken, with the next free one found in nearly constant time. */
class FreePieces {
  readonly #next: Int32Array;

  constructor(count: number) {
    this.#next = Int32Array.from({ length: count + 1 }, (_, index) => index);
  }

  /** The first free piece at or behind this one; the number of pieces where there is none. */
  next(piece: number): number {
    const next = this.#next;
    while (next[piece] !== piece) {
      next[piece] = next[next[piece]!]!;
      piece = next[piece]!;
    }
    return piece;
  }

  take(piece: number): void {
    this.#next[piece] = piece + 1;
  }
}

function cutsOf(entries: readonly Entry[], point: (value: bigint) => Point): Point[] {
  const all = entries.flatMap(({ range }) => [point(range.first), point(range.last + 1n)]);
  const sorted: readonly Point[] = isNumbers(all)
    ? [...Float64Array.from(all).sort()]
    : all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);
}

const isNumbers = (points: readonly Point[]): points is readonly number[] => typeof points[0] === 'number';

/** The place of the first value that is not smaller. */
function rankOf(sorted: readonly Point[], value: Point): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

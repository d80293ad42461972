/**
 * Which ranges lie inside ranges of other connectors at one place. The ranges are visited by where they begin; those that
 * have begun and not ended stand on a stack, on which the innermost container of the next one is near the top.
 */
import type { Entry } from '../../connector/selection.ts';
import { type Arena, pointOf } from './arena.ts';

export interface Nesting {
  readonly inner: Entry;
  /** Of another connector, larger than the inner one. Where ranges do not cross, the smallest such. */
  readonly outer: Entry;
}

/** Crossing ranges (which Exchange refuses) could make the stack deep; behind this many steps any container will do. */
const STEPS = 64;

/** `skip`: ranges that are nobody's container, because everything lies inside them by design. */
export function nestingsOf({ entries, own, place }: Arena, skip: (outer: Entry) => boolean): Nesting[] {
  const point = pointOf(place);
  const first = entries.map(({ range }) => point(range.first));
  const last = entries.map(({ range }) => point(range.last));
  const order = Int32Array.from(entries.keys()).sort((a, b) => {
    if (first[a]! !== first[b]!) return first[a]! < first[b]! ? -1 : 1;
    if (last[a]! !== last[b]!) return last[a]! > last[b]! ? -1 : 1;
    return a - b;
  });
  const connectorOf = (index: number): Entry['connector'] | undefined => entries[index]?.connector;
  const nestings: Nesting[] = [];
  /** `otherBelow`: the nearest place below that belongs to another connector, or -1. */
  const stack: { readonly index: number; readonly otherBelow: number }[] = [];
  /** The two of different connectors that reach farthest, or -1. */
  let farthest = -1;
  let second = -1;

  for (let start = 0; start < order.length; ) {
    const head = order[start]!;
    let end = start + 1;
    while (end < order.length && first[order[end]!] === first[head] && last[order[end]!] === last[head]) end++;
    while (stack.length > 0 && last[stack.at(-1)!.index]! < first[head]!) stack.pop();
    // Equal ranges are looked up before any of them stands on the stack: none of them contains another.
    const group = order.subarray(start, end);
    for (const index of group) {
      const outer = containerOf(index);
      if (outer >= 0) nestings.push({ inner: entries[index]!, outer: entries[outer]! });
    }
    if (!skip(entries[head]!)) for (const index of group) push(index);
    start = end;
  }
  return nestings;

  function containerOf(index: number): number {
    let at = stack.length - 1;
    for (let step = 0; at >= 0 && step < STEPS; step++) {
      const candidate = stack[at]!;
      if (connectorOf(candidate.index) === connectorOf(index)) at = candidate.otherBelow;
      else if (holds(candidate.index, index) && (index < own || candidate.index < own)) return candidate.index;
      else at--;
    }
    if (at < 0) return -1;
    const any = connectorOf(farthest) === connectorOf(index) ? second : farthest;
    return any >= 0 && holds(any, index) && (index < own || any < own) ? any : -1;
  }

  /** The outer one has begun before, or is not of the same range. */
  function holds(outer: number, inner: number): boolean {
    return last[outer]! >= last[inner]!;
  }

  function push(index: number): void {
    const top = stack.at(-1);
    const sameAsTop = top !== undefined && connectorOf(top.index) === connectorOf(index);
    stack.push({ index, otherBelow: top === undefined ? -1 : sameAsTop ? top.otherBelow : stack.length - 1 });
    if (farthest < 0 || last[index]! > last[farthest]!) {
      if (connectorOf(farthest) !== connectorOf(index)) second = farthest;
      farthest = index;
    } else if (connectorOf(farthest) !== connectorOf(index) && (second < 0 || last[index]! > last[second]!)) second = index;
  }
}

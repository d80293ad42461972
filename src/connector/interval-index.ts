/** Finds the smallest of many intervals that holds a value, in the time of one binary search. */

export interface Interval<T> {
  readonly first: bigint;
  readonly last: bigint;
  readonly value: T;
}

/** The line is cut where any interval begins or ends; each piece knows its smallest interval, the earlier one on a tie. */
export class IntervalIndex<T> {
  /** Where the pieces begin, ascending; each lasts until the next begins. */
  readonly #starts: bigint[] = [];
  readonly #winners: (T | undefined)[] = [];

  constructor(intervals: readonly Interval<T>[]) {
    const byStart = intervals
      .map((interval, order) => ({ ...interval, order, size: interval.last - interval.first }))
      .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.order - b.order));
    const cuts = [...new Set(byStart.flatMap(({ first, last }) => [first, last + 1n]))].sort((a, b) => (a < b ? -1 : 1));
    const open = new SmallestFirst();
    let next = 0;
    for (const cut of cuts) {
      while (next < byStart.length && byStart[next]!.first <= cut) open.push(byStart[next++]!);
      while (open.top && open.top.last < cut) open.pop();
      const winner = open.top && byValue(open.top);
      if (this.#winners.length > 0 && this.#winners.at(-1) === winner) continue;
      this.#starts.push(cut);
      this.#winners.push(winner);
    }

    function byValue(candidate: Candidate): T {
      return intervals[candidate.order]!.value;
    }
  }

  smallestAt(value: bigint): T | undefined {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.#winners[low - 1];
  }
}

interface Candidate {
  readonly last: bigint;
  readonly size: bigint;
  readonly order: number;
}

const before = (a: Candidate, b: Candidate): boolean => (a.size === b.size ? a.order < b.order : a.size < b.size);

/** A binary heap: the smallest interval on top, the earlier one on a tie. */
class SmallestFirst {
  readonly #items: Candidate[] = [];

  get top(): Candidate | undefined {
    return this.#items[0];
  }

  push(item: Candidate): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(items[at]!, items[parent]!)) return;
      [items[at], items[parent]] = [items[parent]!, items[at]!];
      at = parent;
    }
  }

  pop(): void {
    const items = this.#items;
    const last = items.pop();
    if (items.length === 0 || last === undefined) return;
    items[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < items.length && before(items[left]!, items[least]!)) least = left;
      if (right < items.length && before(items[right]!, items[least]!)) least = right;
      if (least === at) return;
      [items[at], items[least]] = [items[least]!, items[at]!];
      at = least;
    }
  }
}

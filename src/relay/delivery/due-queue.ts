/** Ids by the time at which they are due: a heap, because a smart host that is down makes the queue long. */
export class DueQueue {
  readonly #entries: { readonly id: string; readonly at: number; readonly order: number }[] = [];
  #order = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** Milliseconds UTC of the earliest; undefined: there is none. */
  get earliest(): number | undefined {
    return this.#entries[0]?.at;
  }

  add(id: string, at: number): void {
    const entries = this.#entries;
    entries.push({ id, at, order: this.#order++ });
    for (let child = entries.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Takes the earliest that is due at `now`; of equals, the one that was added first. */
  take(now: number): string | undefined {
    const entries = this.#entries;
    const [first] = entries;
    if (!first || first.at > now) return undefined;
    const last = entries.pop()!;
    if (entries.length > 0) {
      entries[0] = last;
      this.#sink();
    }
    return first.id;
  }

  #sink(): void {
    for (let parent = 0; ; ) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < this.#entries.length && this.#isBefore(child, least)) least = child;
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#entries[a]!, this.#entries[b]!];
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    [this.#entries[a], this.#entries[b]] = [this.#entries[b]!, this.#entries[a]!];
  }
}

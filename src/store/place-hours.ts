export const HOUR_MS = 3_600_000;

/** Beginning of the hour in which a time lies. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** A client at a connector, names as their numbers. */
export interface Place {
  readonly server: number;
  readonly service: string;
  readonly direction: string;
  readonly connector: number;
  readonly source: number;
}

interface Entry<T> {
  readonly place: Place;
  readonly counts: T;
}

/** What is counted by hour and place, found without making a key: a client uses few places. */
export class PlaceHours<T> {
  readonly #new: () => T;
  /** By number of the client. */
  readonly #hours = new Map<number, Map<number, Entry<T>[]>>();
  #lastHour: number | undefined;
  #lastPlace: Place | undefined;
  #last!: T;

  constructor(newCounts: () => T) {
    this.#new = newCounts;
  }

  /** The counts of the hour in which `at` lies. */
  of(at: number, place: Place): T {
    const hour = hourOf(at);
    // The messages of a session follow one another.
    if (hour !== this.#lastHour || place !== this.#lastPlace) {
      this.#last = this.#find(hour, place);
      this.#lastHour = hour;
      this.#lastPlace = place;
    }
    return this.#last;
  }

  #find(hour: number, place: Place): T {
    let clients = this.#hours.get(hour);
    if (!clients) this.#hours.set(hour, (clients = new Map()));
    const { server, service, direction, connector, source } = place;
    let entries = clients.get(source);
    if (!entries) clients.set(source, (entries = []));
    for (const { place: known, counts } of entries)
      if (known.connector === connector && known.server === server && known.direction === direction && known.service === service)
        return counts;
    const counts = this.#new();
    entries.push({ place: { server, service, direction, connector, source }, counts });
    return counts;
  }

  hours(): IterableIterator<number> {
    return this.#hours.keys();
  }

  /** Forgets an hour and tells what was counted in it. */
  take(hour: number): Entry<T>[] {
    const clients = this.#hours.get(hour);
    this.#hours.delete(hour);
    this.#lastHour = undefined;
    return clients ? [...clients.values()].flat() : [];
  }
}

/**
 * Which receive connector takes a connection: exactly as Exchange looks it up (reference of the receive connectors,
 * section 2, established for Exchange 2013 CU23).
 *
 * Every enabled connector whose role fits the listening service stands in a table once for each of its bindings, with
 * its remote IP ranges of that binding's family. Of the entries on the local port that hold the client, the smallest
 * range wins; where two are of one size, the entry bound to the very local address wins over 0.0.0.0 or ::.
 */
import { type Address, holds, sizeOf } from '../net/address-range.ts';
import type { Binding } from './binding.ts';
import { belongsTo, isEnabled, type ListeningRole, type ReceiveConnector } from './connector.ts';
import { type Interval, IntervalIndex } from './interval-index.ts';
import type { RemoteRange } from './remote-range.ts';

/** Where the client connected to. */
export interface LocalEndpoint {
  readonly address: Address;
  readonly port: number;
}

/** One connector by one binding and one range. */
export interface Entry {
  readonly connector: ReceiveConnector;
  readonly binding: Binding;
  readonly range: RemoteRange;
}

/** Bindings with the same key listen at the same place. */
const placeOf = ({ address, port }: LocalEndpoint): string => `${port} ${address.family} ${address.value}`;

const anyAddress = (family: Address['family']): Address => ({ family, value: 0n });

/** The table of one service on one server. Connectors come in the order in which they are loaded. */
export class SelectionTable {
  readonly #entries = new Map<string, Entry[]>();
  readonly #indexes = new Map<string, IntervalIndex<Entry>>();

  constructor(connectors: readonly ReceiveConnector[], role: ListeningRole) {
    for (const connector of connectors) {
      if (!isEnabled(connector) || !belongsTo(connector, role)) continue;
      for (const binding of connector.bindings) {
        const place = placeOf(binding);
        const entries = this.#entries.get(place) ?? [];
        for (const range of connector.remoteIPRanges)
          if (range.family === binding.address.family) entries.push({ connector, binding, range });
        this.#entries.set(place, entries);
      }
    }
  }

  /** True where some connector is bound to the address, or to every address; of an unknown address, to any at all. */
  listensAt({ address, port }: LocalEndpoint): boolean {
    if (this.#entries.has(placeOf({ address: anyAddress(address.family), port }))) return true;
    if (address.value !== 0n) return this.#entries.has(placeOf({ address, port }));
    return [...this.#entries.keys()].some((place) => place.startsWith(`${port} ${address.family} `));
  }

  /** The entry that takes the client; undefined: none does, and the server answers 421 4.3.2. Some microseconds. */
  select(local: LocalEndpoint, remote: Address): Entry | undefined {
    if (local.address.family !== remote.family) return undefined;
    const specific = local.address.value === 0n ? undefined : this.#best(placeOf(local), remote);
    const any = this.#best(placeOf({ address: anyAddress(remote.family), port: local.port }), remote);
    if (!specific || !any) return specific ?? any;
    return sizeOf(specific.range) <= sizeOf(any.range) ? specific : any;
  }

  /**
   * Other connectors with a range as small as the winner's at the same place: the product's cmdlets refuse that, so the
   * export was edited, or the directory; there the first loaded wins, which nobody can know from an export.
   */
  rivals(winner: Entry, remote: Address): ReceiveConnector[] {
    const size = sizeOf(winner.range);
    const rivals = (this.#entries.get(placeOf(winner.binding)) ?? [])
      .filter((entry) => entry.connector !== winner.connector && sizeOf(entry.range) === size && holds(entry.range, remote))
      .map(({ connector }) => connector);
    return [...new Set(rivals)];
  }

  #best(place: string, remote: Address): Entry | undefined {
    const entries = this.#entries.get(place);
    if (!entries) return undefined;
    let index = this.#indexes.get(place);
    if (!index) {
      index = new IntervalIndex(
        entries.map((entry): Interval<Entry> => ({ first: entry.range.first, last: entry.range.last, value: entry })),
      );
      this.#indexes.set(place, index);
    }
    return index.smallestAt(remote.value);
  }
}

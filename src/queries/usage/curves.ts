/** What the slices of a period have of it, by client and by TLS version: days that are kept hour by hour, and what is left of them. */
import { HOUR_COLUMNS } from '../../store/day-roll-up.ts';
import { HOUR_MS } from '../../store/place-hours.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import { sessionCounts } from './traffic.ts';

/** Counts of each slice, in their order, by the interned number of a client or of a TLS version. */
export type Curves = ReadonlyMap<number, readonly number[]>;

/** A part of a slice that no day holds. */
interface Part extends Slice {
  readonly index: number;
}

class Cut {
  readonly days: readonly Slice[];
  readonly rest: readonly Part[];
  readonly #slices: readonly Slice[];
  /** Hours of the days that the end of a slice cuts, by their beginning. */
  readonly #cut = new Set<number>();

  /** `slices` lie behind one another. */
  constructor(reader: RollUpReader, slices: readonly Slice[]) {
    this.#slices = slices;
    const { days, rest } = reader.summed({ since: slices[0]!.since, until: slices.at(-1)!.until });
    this.days = days;
    for (const { since } of slices) {
      const hour = Math.floor(since / HOUR_MS) * HOUR_MS;
      if (hour !== since && days.some((run) => run.since <= hour && run.until > hour)) this.#cut.add(hour);
    }
    const hours = [...this.#cut].map((since) => ({ since, until: since + HOUR_MS }));
    this.rest = [...rest, ...hours].flatMap((one) => this.#parts(one));
  }

  /** Index of the slice in which an hour of the days lies; undefined for one that is cut. */
  sliceOf(hour: number): number | undefined {
    return this.#cut.has(hour) ? undefined : this.#at(hour);
  }

  #parts({ since, until }: Slice): Part[] {
    const parts: Part[] = [];
    for (let index = this.#at(since); index < this.#slices.length && this.#slices[index]!.since < until; index++) {
      const slice = this.#slices[index]!;
      parts.push({ index, since: Math.max(slice.since, since), until: Math.min(slice.until, until) });
    }
    return parts;
  }

  /** Index of the slice that holds a time. */
  #at(time: number): number {
    let [low, high] = [0, this.#slices.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#slices[middle]!.since <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

class Draft {
  readonly curves = new Map<number, number[]>();
  readonly #slices: number;

  constructor(slices: number) {
    this.#slices = slices;
  }

  of(key: number): number[] {
    let curve = this.curves.get(key);
    if (!curve) this.curves.set(key, (curve = new Array<number>(this.#slices).fill(0)));
    return curve;
  }

  addDays(reader: RollUpReader, cut: Cut, table: string, key: string): void {
    const query = `SELECT day, ${key}, ${HOUR_COLUMNS.map((name) => `SUM(${name})`).join(', ')} FROM r GROUP BY day, ${key}`;
    for (const run of cut.days)
      for (const [day, of, ...hours] of reader.days<[number, number, ...number[]]>(table, query, run)) {
        const curve = this.of(of);
        hours.forEach((count, hour) => {
          const index = count === 0 ? undefined : cut.sliceOf(day + hour * HOUR_MS);
          if (index !== undefined) curve[index]! += count;
        });
      }
  }
}

/** Accepted messages of clients. */
export function clientCurves(reader: RollUpReader, slices: readonly Slice[]): Curves {
  const draft = new Draft(slices.length);
  const parts = new Cut(reader, slices);
  draft.addDays(reader, parts, 'daily_client_hours', 'source_id');
  const query = 'SELECT source_id, SUM(messages_accepted) FROM r GROUP BY 1';
  for (const part of parts.rest)
    for (const [source, accepted] of reader.rows<[number, number]>('hourly_senders', query, part))
      draft.of(source)[part.index]! += accepted;
  return draft.curves;
}

/** Sessions of clients that wanted something. */
export function tlsCurves(reader: RollUpReader, slices: readonly Slice[]): Curves {
  const draft = new Draft(slices.length);
  const parts = new Cut(reader, slices);
  draft.addDays(reader, parts, 'daily_tls_hours', 'tls_id');
  for (const part of parts.rest)
    for (const { tls, sessions } of sessionCounts(reader, part)) draft.of(tls)[part.index]! += sessions;
  return draft.curves;
}

/** What the slices of a period have of it, by client and by TLS version: days that are kept hour by hour, and what is left of them. */
import { DAY_MS, HOUR_COLUMNS } from '../../store/day-roll-up.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import { sessionCounts } from './traffic.ts';

const HOUR_MS = 3_600_000;

/** Counts of each slice, in their order, by the interned number of a client or of a TLS version. */
export type Curves = ReadonlyMap<number, readonly number[]>;

/** A part of a slice that no day holds. */
interface Part extends Slice {
  readonly index: number;
}

/** `slices` lie behind one another. */
interface Cut {
  readonly days: readonly Slice[];
  /** Index of the slice in which an hour of those days lies, by its beginning; an hour that is cut is not there. */
  readonly sliceOf: ReadonlyMap<number, number>;
  readonly rest: readonly Part[];
}

function cut(reader: RollUpReader, slices: readonly Slice[]): Cut {
  const { days, rest } = reader.summed({ since: slices[0]!.since, until: slices.at(-1)!.until });
  const sliceOf = new Map<number, number>();
  const parts = rest.flatMap((one) => partsOf(slices, one));
  for (const { since, until } of days)
    for (let hour = since; hour < until; hour += HOUR_MS) {
      const [first, ...others] = partsOf(slices, { since: hour, until: hour + HOUR_MS });
      if (others.length === 0) sliceOf.set(hour, first!.index);
      else parts.push(first!, ...others);
    }
  return { days, sliceOf, rest: parts };
}

function partsOf(slices: readonly Slice[], { since, until }: Slice): Part[] {
  return slices.flatMap((slice, index) =>
    slice.since < until && slice.until > since
      ? [{ index, since: Math.max(slice.since, since), until: Math.min(slice.until, until) }]
      : [],
  );
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

  addDays(reader: RollUpReader, { days, sliceOf }: Cut, table: string, key: string): void {
    const query = `SELECT day, ${key}, ${HOUR_COLUMNS.map((name) => `SUM(${name})`).join(', ')} FROM r GROUP BY day, ${key}`;
    for (const run of days)
      for (let since = run.since; since < run.until; since += DAY_MS)
        for (const [day, of, ...hours] of reader.days<[number, number, ...number[]]>(table, query, {
          since,
          until: since + DAY_MS,
        })) {
          const curve = this.of(of);
          hours.forEach((count, hour) => {
            const index = count === 0 ? undefined : sliceOf.get(day + hour * HOUR_MS);
            if (index !== undefined) curve[index]! += count;
          });
        }
  }
}

/** Accepted messages of clients. */
export function clientCurves(reader: RollUpReader, slices: readonly Slice[]): Curves {
  const draft = new Draft(slices.length);
  const parts = cut(reader, slices);
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
  const parts = cut(reader, slices);
  draft.addDays(reader, parts, 'daily_tls_hours', 'tls_id');
  for (const part of parts.rest)
    for (const { tls, sessions } of sessionCounts(reader, part)) draft.of(tls)[part.index]! += sessions;
  return draft.curves;
}

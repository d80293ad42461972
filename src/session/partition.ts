/**
 * Splits the rows of one identity (server, direction, session-id, remote endpoint) into sessions. The same id comes
 * again when a connection is reused and the sequence restarts, or when a service restarts its counter.
 *
 * A function of the set of rows alone: which file a row came from, and when it was read, plays no part.
 */
export interface SequencedRow {
  /** Milliseconds UTC. */
  readonly at: number;
  readonly sequence: number;
  /** The row as it stands in the log, to order what is equal in all else. */
  readonly line: Buffer;
}

/** Clocks step and threads race: rows this close in time are ordered by their number, not by their stamp. */
const JITTER_MS = 1000;

interface Part<T> {
  readonly rows: T[];
  readonly numbers: Set<number>;
  last: number;
  lastAt: number;
}

/** Sessions in order of time, each with its rows in order of sequence; identical rows are kept once. */
export function partition<T extends SequencedRow>(rows: readonly T[]): T[][] {
  const sorted = [...rows].sort((a, b) => a.at - b.at || a.sequence - b.sequence || a.line.compare(b.line));
  const parts: Part<T>[] = [];
  let before: T | undefined;
  for (const row of sorted) {
    if (before && before.at === row.at && before.sequence === row.sequence && before.line.equals(row.line)) continue;
    before = row;
    const part = partFor(row, parts) ?? start(parts, row);
    part.rows.push(row);
    part.numbers.add(row.sequence);
    if (row.sequence >= part.last) {
      part.last = row.sequence;
      part.lastAt = row.at;
    }
  }
  return parts.map((part) => part.rows.sort((a, b) => a.sequence - b.sequence || a.at - b.at || a.line.compare(b.line)));
}

function partFor<T extends SequencedRow>(row: T, parts: readonly Part<T>[]): Part<T> | undefined {
  const current = parts.at(-1);
  const previous = parts.at(-2);
  if (!current) return undefined;
  const near = row.at - current.lastAt <= JITTER_MS;
  if (row.sequence > current.last) {
    const closes = previous && row.sequence === previous.last + 1 && row.sequence > current.last + 1;
    return closes && row.at - previous.lastAt <= JITTER_MS ? previous : current;
  }
  if (row.sequence === current.last) return near && row.sequence > 0 ? current : undefined;
  return near && !current.numbers.has(row.sequence) ? current : undefined;
}

function start<T>(parts: Part<T>[], row: SequencedRow): Part<T> {
  const part: Part<T> = { rows: [], numbers: new Set(), last: row.sequence, lastAt: row.at };
  parts.push(part);
  return part;
}

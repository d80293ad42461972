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
  const distinct = sorted.filter((row, index) => !isSame(row, sorted[index - 1]));
  const parts: Part<T>[] = [];
  distinct.forEach((row, index) => {
    const part = partFor(distinct, index, parts) ?? start(parts, row);
    part.rows.push(row);
    part.numbers.add(row.sequence);
    if (row.sequence >= part.last) {
      part.last = row.sequence;
      part.lastAt = row.at;
    }
  });
  return parts.map((part) => part.rows.sort((a, b) => a.sequence - b.sequence || a.at - b.at || a.line.compare(b.line)));
}

function isSame(row: SequencedRow, other: SequencedRow | undefined): boolean {
  return other !== undefined && other.at === row.at && other.sequence === row.sequence && other.line.equals(row.line);
}

function partFor<T extends SequencedRow>(rows: readonly T[], index: number, parts: readonly Part<T>[]): Part<T> | undefined {
  const row = rows[index]!;
  const current = parts.at(-1);
  const previous = parts.at(-2);
  if (!current) return undefined;
  if (row.sequence > current.last) {
    const closes = previous && row.sequence === previous.last + 1 && row.sequence > current.last + 1;
    return closes && row.at - previous.lastAt <= JITTER_MS ? previous : current;
  }
  const near = row.at - current.lastAt <= JITTER_MS;
  if (row.sequence === current.last) return near && row.sequence > 0 ? current : undefined;
  return near && !current.numbers.has(row.sequence) && !isRestart(rows, index, current) ? current : undefined;
}

/** The number fell: if numbers that were there already follow soon, the sequence began anew; else the stamps raced. */
function isRestart<T extends SequencedRow>(rows: readonly T[], index: number, current: Part<T>): boolean {
  const fallen = rows[index]!;
  for (let i = index + 1; i < rows.length && rows[i]!.at - fallen.at <= JITTER_MS; i++)
    if (rows[i]!.sequence < current.last && current.numbers.has(rows[i]!.sequence)) return true;
  return false;
}

function start<T>(parts: Part<T>[], row: SequencedRow): Part<T> {
  const part: Part<T> = { rows: [], numbers: new Set(), last: row.sequence, lastAt: row.at };
  parts.push(part);
  return part;
}

/** What the reader of one shape makes of a file. */
import type { Problem } from './problem.ts';
import type { RawRecord } from './raw-value.ts';

export type Shape = 'format-list' | 'csv' | 'json' | 'clixml';

export interface RawExport {
  readonly records: readonly RawRecord[];
  /** What stood in the way of the shape itself; objects of which a part is missing are not among the records. */
  readonly problems: readonly Problem[];
}

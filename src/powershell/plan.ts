/** What planning commands comes to: the lines, or the reasons why there are none. */
import type { Conflict } from '../connector/conflict.ts';
import type { ScriptLine } from './script.ts';

export interface PlanRefusal {
  /** Stable id. */
  readonly rule: string;
  /** In plain words. */
  readonly because: string;
  /** The product's message; null where it has none, or it is not known. */
  readonly exchangeSays: string | null;
}

/** `warnings` stand among the lines too. */
export type Planned =
  | { readonly kind: 'commands'; readonly lines: readonly ScriptLine[]; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly refusals: readonly PlanRefusal[] };

export const refusalOfConflict = ({ kind, because, exchangeSays }: Conflict): PlanRefusal => ({
  rule: `conflict-${kind}`,
  because,
  exchangeSays,
});

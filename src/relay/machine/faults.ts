/** Faults on demand, as data: for tests and rehearsals. */
import { type AddressRange, contains } from '../../net/address-range.ts';

export type FaultStage = 'connect' | 'hello' | 'start-tls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'end-of-data' | 'quit';

export interface FaultRule {
  readonly at: FaultStage;
  /** Only for clients in this range. */
  readonly source?: AddressRange;
  /** So many times only, then never again. */
  readonly times?: number;
  /** The fault begins after it could have struck so many times. */
  readonly after?: number;
  /** Answered instead of going on, such as `451 4.3.2 please try later`. */
  readonly reply?: string;
  /** Milliseconds before the answer. */
  readonly delayMs?: number;
  /** The connection is dropped without an answer. */
  readonly drop?: boolean;
}

/** Counts how often each rule has struck. */
export class Faults {
  readonly #rules: readonly { readonly rule: FaultRule; met: number }[];

  constructor(rules: readonly FaultRule[] = []) {
    this.#rules = rules.map((rule) => ({ rule, met: 0 }));
  }

  /** The first rule that strikes here. */
  strike(stage: FaultStage, source: string): FaultRule | undefined {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.at !== stage || (rule.source && !contains(rule.source, source))) continue;
      entry.met++;
      const after = rule.after ?? 0;
      if (entry.met > after && entry.met <= after + (rule.times ?? Number.POSITIVE_INFINITY)) return rule;
    }
    return undefined;
  }
}

/** How the answer to a faulty stage is said. */
export const mannerOf = (rule: FaultRule | undefined): { delayMs?: number } =>
  rule?.delayMs === undefined ? {} : { delayMs: rule.delayMs };

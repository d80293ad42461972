/**
 * The shape of a change against a baseline: what was not so when the baseline was saved. One file each in `changes/`, all
 * held to one contract by their own examples.
 */
import type { AuditFacts } from '../queries/audit/audit-facts.ts';
import type { Audit, AuditExample } from './audit.ts';
import type { Baseline } from './baseline/baseline.ts';
import type { Finding } from './finding.ts';

/** Logs and configuration of then and of now. */
export interface ChangeExample {
  /** Half a sentence: what it is about. */
  readonly about: string;
  readonly before: Pick<AuditExample, 'sessions' | 'configuration'>;
  readonly now: Pick<AuditExample, 'sessions' | 'configuration'>;
  /** Words that the findings must hold. */
  readonly says?: AuditExample['says'];
}

export interface Comparison {
  readonly before: Baseline;
  readonly now: Baseline;
  /** What `now` was made of. */
  readonly facts: AuditFacts;
}

export interface BaselineChange extends Pick<Audit, 'id' | 'title' | 'why' | 'severity' | 'references' | 'falsePositives'> {
  readonly examples: { readonly fires: readonly ChangeExample[]; readonly silent: readonly ChangeExample[] };
  /** What keeps it from being compared, as half a sentence; undefined where it can be. */
  obstacle(comparison: Comparison): string | undefined;
  /** Pure. */
  find(comparison: Comparison): Finding[];
}

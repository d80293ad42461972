/**
 * The shape of an audit: what the logs show of who relays, held against the configuration where there is one. One file
 * each in `audits/`, all held to one contract by their own examples. What the configuration alone decides is a check in
 * `connectors/`; an audit runs those too.
 */
import type { AuditFacts } from '../queries/audit/audit-facts.ts';
import type { DiagnosisExample } from './diagnosis.ts';
import type { Finding, Severity } from './finding.ts';

/** Sessions, what was imported, and words that the findings must hold. */
export type AuditExample = Pick<DiagnosisExample, 'about' | 'sessions' | 'configuration' | 'only' | 'says'>;

/** What an audit cannot do without, besides logs. */
export type AuditNeed = 'connectors' | 'accepted-domains';

export interface Audit {
  /** The noun of the failing state; equal to the file name. */
  readonly id: string;
  /** The failing state in a few words. */
  readonly title: string;
  /** Why it matters, for someone who sees it for the first time. */
  readonly why: string;
  readonly severity: Severity;
  /** Addresses of public pages, or sections of the project's reference. */
  readonly references: readonly string[];
  readonly needs: readonly AuditNeed[];
  /** What would look the same and is harmless: whole sentences, told with every finding. */
  readonly falsePositives: readonly string[];
  /** The silent ones are near misses, and those false positives that can be told apart. */
  readonly examples: { readonly fires: readonly AuditExample[]; readonly silent: readonly AuditExample[] };
  /** What else the logs lack for it, as half a sentence; undefined where it can be run. */
  obstacle?(facts: AuditFacts): string | undefined;
  /** Pure. */
  find(facts: AuditFacts): Finding[];
}

/** An audit of anonymous relay as one value, of which pages, tables and JSON are made. */
import type { AuditReview } from '../../checks/run-audits.ts';
import type { Proposal } from '../../checks/tightening/proposal.ts';
import type { AuditEvidence } from '../../queries/audit/audit-evidence.ts';
import type { AuditFacts } from '../../queries/audit/audit-facts.ts';
import type { ReplayReview } from '../../rehearsal/review.ts';

/** A proposal, and every session of the period answered again under it. */
export interface RehearsedProposal {
  readonly proposal: Proposal;
  readonly dryRun: ReplayReview;
}

export interface AuditReport {
  readonly facts: AuditFacts;
  readonly review: AuditReview;
  readonly evidence: AuditEvidence;
  /** undefined: none was asked for. */
  readonly proposal: RehearsedProposal | undefined;
  /** Of relaylens. */
  readonly version: string;
}

export interface AuditPageOptions {
  /** A time, and a day, as a sentence says it, in the reader's zone. */
  readonly time: (at: number) => string;
  readonly day: (at: number) => string;
  /** IANA name of that zone. */
  readonly timeZone: string;
  /** Nothing is left out: data, not a page. */
  readonly whole: boolean;
}

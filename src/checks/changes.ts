/** All changes against a baseline. To add one: its file, its import, and its name in the list. */
import type { AuditFacts } from '../queries/audit/audit-facts.ts';
import type { Audit } from './audit.ts';
import type { Baseline } from './baseline/baseline.ts';
import { baselineOf } from './baseline/baseline-of.ts';
import type { BaselineChange, Comparison } from './baseline-change.ts';
import { addedRight } from './changes/added-right.ts';
import { goneSince } from './changes/gone-since.ts';
import { newAcceptedDomain } from './changes/new-accepted-domain.ts';
import { newAnonymousSource } from './changes/new-anonymous-source.ts';
import { newConnector } from './changes/new-connector.ts';
import { newExternalRelay } from './changes/new-external-relay.ts';
import { widenedRange } from './changes/widened-range.ts';

/** By id. */
export const CHANGES: readonly BaselineChange[] = [
  addedRight,
  goneSince,
  newAcceptedDomain,
  newAnonymousSource,
  newConnector,
  newExternalRelay,
  widenedRange,
];

/** As audits of these facts, so that they run and are told as the others; without a baseline there are none. */
export function changesSince(before: Baseline, facts: AuditFacts): Audit[] {
  const comparison: Comparison = { before, now: baselineOf(facts, []), facts };
  return CHANGES.map((change) => ({
    ...change,
    needs: [],
    examples: { fires: [], silent: [] },
    obstacle: () => change.obstacle(comparison),
    find: () => change.find(comparison),
  }));
}

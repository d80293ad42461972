/** Runs the checks of the configuration and the audits of the logs, and says of each whether it found something. */
import type { AuditFacts } from '../queries/audit/audit-facts.ts';
import type { Audit, AuditNeed } from './audit.ts';
import { AUDITS } from './audits.ts';
import type { ConfigurationCheck } from './configuration-check.ts';
import { CONFIGURATION_CHECKS } from './configuration-checks.ts';
import type { Finding, Severity } from './finding.ts';
import { type BrokenCheck, inOrder, runConfigurationChecks, runEach } from './run-configuration-checks.ts';

/** A rule, and what came of it: nothing that could not be looked at counts as being in order. */
export interface CheckedRule {
  readonly check: string;
  readonly title: string;
  readonly severity: Severity;
  readonly state: 'found' | 'in-order' | 'not-checked' | 'broken';
  readonly findings: number;
  /** Why it was not checked, or where it was not: half a sentence. */
  readonly because: string | null;
}

export interface AuditReview {
  /** Worst first, then by server, connector and check. */
  readonly findings: readonly Finding[];
  /** Every rule: first those of the configuration, then those of the logs. */
  readonly rules: readonly CheckedRule[];
}

/** Pure: the same facts give the same review. */
export function runAudits(facts: AuditFacts, audits: readonly Audit[] = AUDITS): AuditReview {
  const { organisation } = facts;
  const lacking = (needs: readonly AuditNeed[]): string | undefined => needs.map((need) => lack(need, facts)).find(Boolean);
  const checks = CONFIGURATION_CHECKS.filter((check) => lacking(needsOf(check)) === undefined);
  const review = runConfigurationChecks(organisation, checks);
  const able = audits.filter((audit) => (lacking(audit.needs) ?? audit.obstacle?.(facts)) === undefined);
  const ran = runEach(able, (audit) =>
    audit
      .find(facts)
      .map((finding) => ({ ...finding, ...(audit.falsePositives.length > 0 && { falsePositives: audit.falsePositives }) })),
  );
  const findings = inOrder([...review.findings, ...ran.findings]);
  const broken = [...review.broken, ...ran.broken];
  const elsewhere = unknownServers(facts);
  return {
    findings,
    rules: [
      ...CONFIGURATION_CHECKS.map((check) => ruleOf(check, { findings, broken, lack: lacking(needsOf(check)), elsewhere })),
      ...audits.map((audit) =>
        ruleOf(audit, {
          findings,
          broken,
          lack: lacking(audit.needs) ?? audit.obstacle?.(facts),
          elsewhere: audit.needs.includes('connectors') ? elsewhere : null,
        }),
      ),
    ],
  };
}

const needsOf = ({ id }: ConfigurationCheck): readonly AuditNeed[] =>
  id === 'wildcard-accepted-domain' ? ['accepted-domains'] : ['connectors'];

function lack(need: AuditNeed, { organisation }: AuditFacts): string | undefined {
  switch (need) {
    case 'connectors':
      return organisation.servers.length === 0 ? 'import the receive connectors (Get-ReceiveConnector)' : undefined;
    case 'accepted-domains':
      return organisation.acceptedDomains === null ? 'import the accepted domains (Get-AcceptedDomain)' : undefined;
  }
}

/** Servers with clients of which no connectors were imported. */
function unknownServers({ organisation, sources }: AuditFacts): string | null {
  const known = new Set(organisation.servers.map(({ server }) => server.toLowerCase()));
  const seen = sources.flatMap(({ places }) => places.map(({ server }) => server));
  const unknown = [...new Set(seen)].filter((server) => server !== '' && !known.has(server.toLowerCase())).sort();
  return unknown.length === 0 ? null : `not for ${unknown.join(', ')}, whose receive connectors were not imported`;
}

function ruleOf(
  { id, title, severity }: Pick<Audit, 'id' | 'title' | 'severity'>,
  told: {
    readonly findings: readonly Finding[];
    readonly broken: readonly BrokenCheck[];
    readonly lack: string | undefined;
    readonly elsewhere: string | null;
  },
): CheckedRule {
  const rule = { check: id, title, severity };
  if (told.lack !== undefined) return { ...rule, state: 'not-checked', findings: 0, because: told.lack };
  const failure = told.broken.find(({ check }) => check === id);
  if (failure) return { ...rule, state: 'broken', findings: 0, because: failure.message };
  const findings = told.findings.filter(({ check }) => check === id).length;
  return { ...rule, state: findings > 0 ? 'found' : 'in-order', findings, because: told.elsewhere };
}

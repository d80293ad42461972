/** An audit as JSON: the same facts, times in ISO, without what only calculates (ranges as numbers, maps). */
import type { Finding } from '../../checks/finding.ts';
import { riskOf } from '../../checks/risk.ts';
import { identityOf } from '../../connector/connector.ts';
import type { AuditedSource, Example, Place, Sighted } from '../../queries/audit/audit-facts.ts';
import type { AuditReport } from './audit-report.ts';
import { openConnectors } from './connector-sections.ts';
import { proposalValue } from './proposal-sections.ts';
import { kindOf } from './source-sections.ts';

export function auditValue({ facts, review, evidence, proposal, version }: AuditReport) {
  const open = openConnectors(facts);
  const listed = facts.organisation.devices.length > 0;
  return {
    relaylens: version,
    period: { since: iso(facts.since), until: iso(facts.until) },
    configurationAsOf: facts.configurationAsOf === null ? null : iso(facts.configurationAsOf),
    externalKnownBy: facts.externalKnownBy,
    sources: facts.sources.map((source) => sourceValue(source, listed)),
    connectors: facts.connectors.map((connector) => {
      const { server, name, mayRelay, ranges, sources, messagesAccepted, externalRecipients, logsSince, logsUntil } = connector;
      const one = open.find(({ audited }) => audited === connector);
      return {
        connector: identityOf({ server, name }),
        mayRelay,
        addresses: one ? one.size.toString() : null,
        addressesUsed: one ? one.used.length : null,
        sources,
        messagesAccepted,
        externalRecipients,
        logsSince: logsSince === null ? null : iso(logsSince),
        logsUntil: logsUntil === null ? null : iso(logsUntil),
        ranges: ranges.map(({ lastUsed, ...range }) => ({ ...range, lastUsed: lastUsed === null ? null : iso(lastUsed) })),
      };
    }),
    ownServers: facts.ownServers,
    healthChecks: facts.healthChecks,
    probes: facts.probes,
    findings: review.findings.map(findingValue),
    rules: review.rules,
    ...(proposal && { proposal: proposalValue(proposal) }),
    evidence: {
      coverage: evidence.coverage,
      fingerprint: evidence.fingerprint,
      logs: evidence.logs,
      damage: evidence.damage,
      configuration: evidence.configuration.map(({ asOf, ...part }) => ({ ...part, asOf: iso(asOf) })),
    },
  };
}

const iso = (at: number): string => new Date(at).toISOString();

const sighted = ({ count, first, last }: Sighted) => ({ count, first: iso(first), last: iso(last) });
const example = ({ at, ...rest }: Example) => ({ at: iso(at), ...rest });
const placeValue = ({ first, last, ...place }: Place) => ({ ...place, first: iso(first), last: iso(last) });

function sourceValue(source: AuditedSource, listed: boolean) {
  const { external, refusedRelay, clearTextLogons, first, last, firstEver, places, ...rest } = source;
  return {
    ...rest,
    kind: kindOf(source),
    risk: riskOf(source, listed),
    clearTextLogons: clearTextLogons && sighted(clearTextLogons),
    places: places.map(placeValue),
    external: external && { ...sighted(external), domains: external.domains, examples: external.examples.map(example) },
    refusedRelay: refusedRelay && {
      ...sighted(refusedRelay),
      domains: refusedRelay.domains,
      senderDomains: refusedRelay.senderDomains,
      examples: refusedRelay.examples.map(example),
    },
    first: iso(first),
    last: iso(last),
    firstEver: iso(firstEver),
  };
}

function findingValue({ seen, evidence, ...finding }: Finding) {
  return {
    ...finding,
    evidence: evidence.map((one) => (one.kind === 'session' ? { ...one, at: iso(one.at) } : one)),
    ...(seen && {
      seen: {
        count: seen.count,
        firstSeen: iso(seen.firstSeen),
        lastSeen: iso(seen.lastSeen),
        lastSuccess: seen.lastSuccess === null ? null : iso(seen.lastSuccess),
      },
    }),
  };
}

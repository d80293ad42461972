/** What an auditor reads first: how much was seen, who may relay without a logon, who did, and what is wrong. */
import { SEVERITIES } from '../../checks/finding.ts';
import { mayRelayAnywhere } from '../../checks/risk.ts';
import { union } from '../../connector/range-set.ts';
import type { Section } from '../../document/document.ts';
import { holesIn } from '../usage/headline.ts';
import { count, number } from '../usage/page.ts';
import type { AuditPageOptions, AuditReport } from './audit-report.ts';
import { openConnectors } from './connector-sections.ts';

export function headline(report: AuditReport, { day }: AuditPageOptions): Section[] {
  const holes = holesIn(report.evidence.coverage);
  return [
    ...(holes.length > 0
      ? [{ kind: 'text', text: `Not everything was seen: ${holes.join('; ')}. Who came then is not in this audit.` } as const]
      : []),
    { kind: 'text', text: [didRelay(report), couldRelay(report, day), found(report)].join('\n') },
  ];
}

function didRelay({ facts }: AuditReport): string {
  const relayed = facts.sources.filter(({ external }) => external !== null);
  const outside = relayed.reduce((sum, { external }) => sum + external!.count, 0);
  const domains = new Set(relayed.flatMap(({ external }) => external!.domains.map(({ domain }) => domain)));
  const tried = facts.sources.filter(({ external, refusedRelay }) => external === null && refusedRelay !== null).length;
  const known =
    facts.externalKnownBy === 'accepted-domains'
      ? ''
      : ' What is outside is known from refusals alone, since the accepted domains were not imported.';
  const refused = tried === 0 ? '' : ` ${count(tried, 'other')} tried, and every attempt was refused.`;
  if (relayed.length === 0) return `No source sent to the outside without a logon, as far as the logs tell.${refused}${known}`;
  return `${count(relayed.length, 'source')} sent to ${count(outside, 'recipient')} in ${count(domains.size, 'domain')} outside without a logon.${refused}${known}`;
}

function couldRelay({ facts }: AuditReport, day: AuditPageOptions['day']): string {
  const may = facts.sources.filter(mayRelayAnywhere).length;
  if (facts.organisation.servers.length === 0)
    return `${count(may, 'source')} ${may === 1 ? 'is' : 'are'} known to have the right to relay, by what the servers did. Who else has it cannot be said: import the receive connectors and their rights (relaylens config import).`;
  const open = openConnectors(facts);
  if (open.length === 0) return 'By the imported configuration no receive connector lets anybody relay without a logon.';
  // The same address on two servers is one.
  const addresses = union(open.flatMap(({ remoteIPRanges }) => remoteIPRanges)).reduce(
    (sum, { first, last }) => sum + last - first + 1n,
    0n,
  );
  const used = new Set(open.flatMap(({ used: sources }) => sources)).size;
  const asOf = facts.configurationAsOf === null ? '' : ` of ${day(facts.configurationAsOf)}`;
  return `By the configuration${asOf}, ${count(open.length, 'receive connector')} ${open.length === 1 ? 'lets' : 'let'} ${addresses < 10n ** 12n ? number(Number(addresses)) : 'billions of'} addresses relay without a logon; ${number(used)} of them did anything at all.`;
}

function found({ review }: AuditReport): string {
  const counts = SEVERITIES.flatMap((severity) => {
    const of = review.findings.filter((finding) => finding.severity === severity).length;
    return of > 0 ? [`${number(of)} ${severity}`] : [];
  });
  const unchecked = review.rules.filter(({ state }) => state === 'not-checked').length;
  const rest = unchecked === 0 ? '' : `; ${count(unchecked, 'rule')} could not be checked`;
  return `Findings: ${counts.join(', ') || 'none'}${rest}.`;
}

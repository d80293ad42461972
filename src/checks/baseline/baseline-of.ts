/** What of the facts of an audit is kept as a baseline. */
import { isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import { entriesBesideGroups, mayRelay } from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf } from '../../connector/organisation.ts';
import { permissionOfRight, principalOf } from '../../connector/permission-group.ts';
import { rangeTexts, union } from '../../connector/range-set.ts';
import type { AuditedSource, AuditFacts, Place } from '../../queries/audit/audit-facts.ts';
import { type Finding, findingKey } from '../finding.ts';
import { BASELINE_HEAD, type Baseline, type BaselineConnector, type BaselineRight, type BaselineSource } from './baseline.ts';

const iso = (at: number): string => new Date(at).toISOString();
const byText =
  <T>(text: (one: T) => string) =>
  (a: T, b: T): number =>
    text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;

/** Pure, and in an order that does not depend on counts. `findings`: of the audit of these facts. */
export function baselineOf(facts: AuditFacts, findings: readonly Finding[]): Baseline {
  const { sources, organisation, configurationAsOf } = facts;
  const kept = sources.flatMap((source) =>
    source.places.filter((place) => isKept(source, place)).map((place) => sourceAt(source, place)),
  );
  return {
    ...BASELINE_HEAD,
    period: periodOf(facts),
    configurationAsOf: configurationAsOf === null ? null : iso(configurationAsOf),
    sources: kept.sort(byText(({ source, server, connector }) => `${source} ${server} ${connector}`)),
    relayed: sources
      .flatMap(({ source, external }) => (external === null ? [] : [{ source, domains: external.domains.length }]))
      .sort(byText(({ source }) => source)),
    connectors: organisation.servers
      .flatMap(({ connectors }) => connectors.map((connector) => connectorOf(organisation, connector)))
      .sort(byText(({ server, name }) => `${server} ${name}`)),
    acceptedDomains:
      organisation.acceptedDomains
        ?.map(({ domainName, domainType }) => ({ domain: domainName.toLowerCase(), type: domainType }))
        .sort(byText(({ domain }) => domain)) ?? null,
    known: [...new Set(findings.map(findingKey))].sort(),
  };
}

/** Of the sessions, not what was asked for: a period may begin long before the first log. */
function periodOf({ sources, since, until }: AuditFacts): Baseline['period'] {
  if (sources.length === 0) return null;
  return {
    since: iso(sources.reduce((first, source) => Math.max(since, Math.min(first, source.first)), until)),
    until: iso(sources.reduce((last, source) => Math.min(until, Math.max(last, source.last)), since)),
  };
}

/** Mail servers of the world that bring mail for the inside come and go: they are no sources of relay. */
const isKept = ({ space }: AuditedSource, { anonymousSessions, anonymousMessages, externalRecipients, relay }: Place): boolean =>
  anonymousSessions + anonymousMessages > 0 &&
  (space !== 'public' || externalRecipients > 0 || relay.mayRelay === 'yes' || relay.mayRelay === 'likely');

const sourceAt = ({ source, device }: AuditedSource, place: Place): BaselineSource => ({
  source,
  device,
  server: place.server,
  connector: place.connector,
  mayRelay: place.relay.mayRelay,
  externalRecipients: place.externalRecipients,
  first: iso(place.first),
  last: iso(place.last),
});

function connectorOf(organisation: Organisation, connector: ReceiveConnector): BaselineConnector {
  const { PermissionGroups, AuthMechanism } = connector.properties;
  const entries = rightsOf(organisation, connector);
  return {
    server: connector.server,
    name: connector.name.trim(),
    enabled: isEnabled(connector),
    mayRelay: mayRelay(connector, entries),
    ranges: rangeTexts(union(connector.remoteIPRanges)),
    permissionGroups: PermissionGroups ? [...PermissionGroups].sort() : null,
    authMechanism: AuthMechanism ? [...AuthMechanism].sort() : null,
    rights: rightsBeside(connector, entries),
  };
}

/** Exchange's own servers have dozens, on every connector the same: what is given to others is what changes. */
function rightsBeside(connector: ReceiveConnector, entries: Parameters<typeof entriesBesideGroups>[1]): BaselineRight[] | null {
  const beside = entriesBesideGroups(connector, entries);
  if (beside === null) return null;
  const rights = new Map<string, BaselineRight>();
  for (const { user, deny, rights: named } of beside) {
    const principal = principalOf(user);
    if (principal === 'exchange-server' || principal === 'legacy-server' || principal === 'partner') continue;
    const account = principal ?? user.toLowerCase();
    for (const right of named)
      if (permissionOfRight(right)) rights.set(`${account} ${right.toLowerCase()} ${deny}`, { account, right, deny });
  }
  return [...rights].sort(byText(([key]) => key)).map(([, right]) => right);
}

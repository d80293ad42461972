/** A finding of an audit as a document of the Elastic Common Schema: an alert, with the rule that raised it. */
import { createHash } from 'node:crypto';
import type { Finding, Severity } from '../checks/finding.ts';
import { formatAddress, parseAddress } from '../net/address-range.ts';
import { ECS_VERSION, type EcsDocument, present } from './ecs-document.ts';

/** `event.severity` is a number: the higher, the worse. */
const SEVERITY_NUMBERS = { critical: 99, high: 73, medium: 47, low: 21, info: 10 } as const satisfies Record<Severity, number>;

/** Milliseconds UTC of the time that was audited, and what the finding rests on. */
export interface FindingContext {
  readonly since: number;
  readonly until: number;
  /** The configuration alone decided it. */
  readonly ofConfiguration: boolean;
  readonly reference: string | undefined;
}

export function findingDocument(finding: Finding, { since, until, ofConfiguration, reference }: FindingContext): EcsDocument {
  const { check, severity, title, server, connector, what, cause, client, seen, confidence, remedy, evidence } = finding;
  const start = seen?.firstSeen ?? since;
  const end = seen?.lastSeen ?? until;
  const ip = client && ipOf(client.source);
  return {
    '@timestamp': iso(end),
    ecs: { version: ECS_VERSION },
    message: what,
    event: {
      id: idOf(finding),
      kind: 'alert',
      category: [ofConfiguration ? 'configuration' : 'intrusion_detection'],
      type: ['info'],
      severity: SEVERITY_NUMBERS[severity],
      action: `audit-${check}`,
      reason: cause,
      module: 'relaylens',
      dataset: 'relaylens.finding',
      start: iso(start),
      end: iso(end),
      duration: (end - start) * 1_000_000,
    },
    rule: { id: check, name: title, ruleset: 'relaylens audit', reference },
    source: client && { address: client.source, ip },
    host: server === null ? undefined : { name: server },
    observer: { vendor: 'Microsoft', product: 'Exchange Server', type: 'mail server', hostname: server ?? undefined },
    related: { ip: present([ip]), hosts: present([server]) },
    relaylens: {
      severity,
      ...(server !== null && connector !== null && { connector: `${server}\\${connector}` }),
      ...(client?.device && { device: client.device }),
      confidence: confidence.level,
      because: confidence.because,
      remedy: remedy.map(({ text }) => text),
      ...sessionsIn(evidence),
    },
  };
}

const iso = (at: number): string => new Date(at).toISOString();

function ipOf(source: string): string | undefined {
  const address = parseAddress(source);
  return address && formatAddress(address);
}

/** The same finding has the same id in every run: what was counted, and when, is not part of it. */
function idOf({ check, server, connector, client, evidence }: Finding): string {
  const lasting = evidence.filter(({ kind }) => kind !== 'session' && kind !== 'row' && kind !== 'count' && kind !== 'more');
  const place = JSON.stringify([check, server, connector, client?.source ?? null, lasting]).toLowerCase();
  return createHash('sha256').update(place).digest('hex').slice(0, 32);
}

function sessionsIn(evidence: Finding['evidence']): { sessions?: readonly string[] } {
  const sessions = present(evidence.map((one) => (one.kind === 'session' || one.kind === 'row' ? one.session : null)));
  return sessions ? { sessions } : {};
}

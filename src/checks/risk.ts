/** What speaks for looking at a client first, reason by reason: a level without its reasons says nothing. */
import type { AuditedSource } from '../queries/audit/audit-facts.ts';
import { OLD_TLS } from './evidence/audited-clients.ts';
import { HOSTS, hostsOf } from './evidence/hello-hosts.ts';
import { count, enumerate } from './words/enumeration.ts';

export const RISK_LEVELS = ['high', 'medium', 'low', 'none'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

export interface Risk {
  /** The worst of the reasons. */
  readonly level: RiskLevel;
  /** Half sentences, the worst first. */
  readonly reasons: readonly string[];
}

interface Reason {
  readonly level: Exclude<RiskLevel, 'none'>;
  readonly text: string;
}

/** Seen on so few days, it may be forgotten equipment, or somebody who tried. */
const FEW_DAYS = 2;

/** Pure. `listed`: there is a device list, so that a client without a name in it is a stranger. */
export function riskOf(source: AuditedSource, listed: boolean): Risk {
  const reasons = [...relayReasons(source), ...mayRelayReasons(source, listed), ...wireReasons(source)].sort(
    (a, b) => RISK_LEVELS.indexOf(a.level) - RISK_LEVELS.indexOf(b.level),
  );
  return { level: reasons[0]?.level ?? 'none', reasons: reasons.map(({ text }) => text) };
}

/** What it did. */
function relayReasons({ external, space, senders, refusedRelay }: AuditedSource): Reason[] {
  const reasons: Reason[] = [];
  if (external) {
    const outside = `sent to ${count(external.count, 'recipient')} outside without a logon`;
    reasons.push(space === 'public' ? { level: 'high', text: `${outside}, from the Internet` } : { level: 'low', text: outside });
    if (senders.foreign !== null && senders.foreign > 0)
      reasons.push({ level: 'medium', text: `${count(senders.foreign, 'message')} with foreign sender addresses` });
  } else if (refusedRelay) {
    const tried = `${count(refusedRelay.count, 'attempt')} to relay, all refused`;
    reasons.push({ level: 'low', text: space === 'public' ? `${tried}, from the Internet` : tried });
  }
  return reasons;
}

/** What it could do. */
function mayRelayReasons(source: AuditedSource, listed: boolean): Reason[] {
  const { space, helo, device, activeDays } = source;
  if (!mayRelayAnywhere(source)) return [];
  const reasons: Reason[] = [];
  if (space === 'public' && !source.external) reasons.push({ level: 'medium', text: 'may relay, from the Internet' });
  const hosts = hostsOf(helo).filter(({ sessions }) => sessions > 1);
  if (hosts.length >= HOSTS) reasons.push({ level: 'high', text: `${hosts.length} hosts behind one address` });
  if (listed && device === null) reasons.push({ level: 'low', text: 'not in the device list' });
  if (activeDays <= FEW_DAYS) reasons.push({ level: 'low', text: `seen on ${count(activeDays, 'day')} only` });
  return reasons;
}

/** How it did it. */
function wireReasons({ clearTextLogons, tls }: AuditedSource): Reason[] {
  const old = OLD_TLS.filter((version) => tls[version] !== undefined);
  return [
    ...(clearTextLogons ? [{ level: 'high', text: 'sent a password in clear text' } as const] : []),
    ...(old.length > 0 ? [{ level: 'low', text: `${enumerate(old)}` } as const] : []),
  ];
}

/** Somewhere a client without a logon may, or very likely may, send to any domain. */
export const mayRelayAnywhere = ({ places }: AuditedSource): boolean =>
  places.some(
    ({ relay, anonymousSessions, anonymousMessages }) =>
      anonymousSessions + anonymousMessages > 0 && (relay.mayRelay === 'yes' || relay.mayRelay === 'likely'),
  );

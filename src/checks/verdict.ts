/** What a diagnosis says about one client or next hop: a finding with its history. */
import type { ExaminedSession, LogStretch, Subject } from '../queries/cases/case.ts';
import { type Evidence, type Finding, SEVERITIES } from './finding.ts';

/** A client like this one that works, and the step at which the two conversations part. */
export interface Twin {
  readonly source: string;
  readonly device: string | null;
  readonly helo: string | null;
  readonly connector: string;
  /** A sentence: `At RCPT TO the twin got 250 …, this client 550 …`. */
  readonly parting: string;
}

export interface Verdict extends Finding {
  readonly subject: Subject;
  readonly device: string | null;
  /** Sessions with this cause. Times in milliseconds UTC. */
  readonly count: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly lastSuccess: number | null;
  /** How many of the evidence, from the first on, are rows of the client's own sessions. */
  readonly witnesses: number;
  /** What came of it in the same sessions: whole sentences. */
  readonly consequences: readonly string[];
  /** What was different in the last session that worked before it: whole sentences. */
  readonly changed: readonly string[];
  readonly twin: Twin | null;
  readonly unknown: readonly string[];
  /** The session that is the evidence. */
  readonly session: ExaminedSession;
}

/**
 * `fails`: nothing was delivered since the first failure. `partly`: mail is delivered, but never all of it. `sometimes`: some
 * sessions fail, others between them do not. `recovered`: only successes since the last failure. `works`: nothing failed.
 * `undelivered`: all was taken here, and the next hop refused some of it. `open`: what it began may still go on. `silent`: it
 * wanted nothing in the logs read.
 */
export type Condition = 'fails' | 'partly' | 'sometimes' | 'recovered' | 'undelivered' | 'works' | 'open' | 'silent';

/** All that is said about one subject. */
export interface CaseVerdict {
  readonly subject: Subject;
  readonly device: string | null;
  /** Most used first. */
  readonly helloNames: readonly string[];
  readonly condition: Condition;
  /** Sessions that wanted something, and those of them that failed. */
  readonly sessions: number;
  readonly failed: number;
  readonly probes: number;
  /** Sessions that may still go on. */
  readonly open: number;
  readonly firstFailure: number | null;
  readonly lastFailure: number | null;
  readonly lastSuccess: number | null;
  /** The row that proves the last success. */
  readonly proof: Evidence | null;
  /** What the logs of its servers hold: a verdict is worth no more. */
  readonly logs: readonly LogStretch[];
  /** The root first. */
  readonly verdicts: readonly Verdict[];
}

const CONDITIONS: readonly Condition[] = ['fails', 'partly', 'sometimes', 'undelivered', 'recovered', 'open', 'silent', 'works'];

/** What fails now before what works again, then the worse, then what cost more sessions. */
export function byUrgency(a: CaseVerdict, b: CaseVerdict): number {
  const worst = ({ verdicts }: CaseVerdict): number =>
    Math.min(SEVERITIES.length, ...verdicts.map(({ severity }) => SEVERITIES.indexOf(severity)));
  return (
    CONDITIONS.indexOf(a.condition) - CONDITIONS.indexOf(b.condition) ||
    worst(a) - worst(b) ||
    b.failed - a.failed ||
    (b.lastFailure ?? 0) - (a.lastFailure ?? 0)
  );
}

/**
 * What clients did that may be abuse, as facts of an audit: how logons went, what recipients were tried, what is new
 * against a client's own history, which connectors do not offer TLS. No judgement. Times are milliseconds UTC.
 */
import type { ExaminedSession } from '../../cases/case.ts';
import type { Example, Sighted } from '../audit-facts.ts';

/** Where most of it happened. */
export interface BehaviourPlace {
  readonly server: string;
  /** Without the server; empty where no connector took it. */
  readonly connector: string;
}

/** The first success of a user from an address in the period, and what went before it there. */
export interface FirstLogon {
  readonly user: string;
  readonly at: number;
  readonly session: Example | null;
  /** The same user logged on from there in the 400 days before the period. */
  readonly knownBefore: boolean;
  /** Refused tries of the same user from there, before. */
  readonly ownFailures: number;
  /** Refused tries of any user from there, before. */
  readonly failures: number;
  /** Names that were refused there before, capitals aside. */
  readonly usersRefused: number;
  /** Refused tries of the same user from anywhere, before, and from how many addresses. */
  readonly userFailures: number;
  readonly userSources: number;
}

/** Refused tries of one user name from one address. */
export interface RefusedUser extends Sighted {
  /** As first written; empty where the log names none. */
  readonly user: string;
  /** Days (UTC) with such tries. */
  readonly days: number;
  /** Logged on from there at any time in the period or the 400 days before it. */
  readonly entered: boolean;
  /** Mean time between two sessions that ended so; null for fewer than three. */
  readonly everyMs: number | null;
  /** How much that varies: standard deviation over mean; null as above. */
  readonly variation: number | null;
}

/** Logons from one address of which some were refused. `count`: refused tries, several in a session each for itself. */
export interface LogonBehaviour extends Sighted, BehaviourPlace {
  readonly source: string;
  readonly device: string | null;
  readonly days: number;
  /** Most tries first. */
  readonly refused: readonly RefusedUser[];
  /** Names that were let in, capitals aside. */
  readonly entered: readonly string[];
  readonly firstLogons: readonly FirstLogon[];
  /** The first and the last session in which a try was refused. */
  readonly examples: readonly Example[];
  /** The last of them in full, since its rows say why; null where little was tried: see {@link LEAST}. */
  readonly shown: ExaminedSession | null;
}

/**
 * Address forms that testers of open relays try: `percent` (`user%outside@inside`), `bang` (`outside!user`), `quoted`
 * (`"user@outside"`), `address-literal` (`user@[10.0.0.5]`), `two-at` (`user@outside@inside`), `source-route`
 * (`@inside:user@outside`), `localhost`.
 */
export type RelayForm = 'percent' | 'bang' | 'quoted' | 'address-literal' | 'two-at' | 'source-route' | 'localhost';

/** Recipients in one such form from one client without a logon. */
export interface RelayFormTry extends BehaviourPlace {
  readonly source: string;
  readonly form: RelayForm;
  /** Tries that were refused, whatever the reply. */
  readonly refused: number;
  /** Accepted in an accepted message: no relay by itself, since a server that does not know the form looks at the domain alone. */
  readonly accepted: number;
  readonly first: number;
  readonly last: number;
  /** The last one. */
  readonly recipient: string;
}

/** What one day of a client had of something, against all its days before. */
export interface DayRise {
  /** When the day (UTC) begins. */
  readonly day: number;
  /** Domains of that day. */
  readonly domains: number;
  /** Of them, those never seen from there before. */
  readonly fresh: number;
  /** A few of the fresh ones. */
  readonly names: readonly string[];
  /** Most domains on any day before. */
  readonly mostBefore: number;
  /** Days with any before. */
  readonly daysBefore: number;
  /** Days after it with half as many domains as were fresh, or more: when they begin. */
  readonly again: readonly number[];
  /** Recipients, or messages, of the fresh domains on that day. */
  readonly accepted: number;
  readonly refused: number;
}

/** The hour in which a client had most messages accepted against any hour before. */
export interface HourRise {
  /** When the hour begins. */
  readonly hour: number;
  readonly messages: number;
  /** Most messages in any hour before. */
  readonly mostBefore: number;
  readonly daysBefore: number;
  readonly messagesBefore: number;
  /** The first hour with messages, of the last 400 days. */
  readonly firstBefore: number | null;
  /** Between the hour with messages before and this one. */
  readonly silentMs: number;
  /** Hours after it with half as many messages, or more: when they begin. */
  readonly again: readonly number[];
}

/** Of one client, over all places; with a logon or without. Nothing small is listed: see {@link LEAST}. */
export interface Habit {
  readonly source: string;
  readonly device: string | null;
  readonly recipientDomains: DayRise | null;
  readonly senderDomains: DayRise | null;
  readonly messages: HourRise | null;
}

/** What a day, an hour or an address needs to be looked at: less than that is nothing, whoever it comes from. */
export const LEAST = { freshDomains: 5, messages: 50, refusedTries: 5 } as const;

/** A connector on which TLS was asked for in vain, or never used. */
export interface PlainConnector extends BehaviourPlace {
  readonly sessions: number;
  /** Sessions that had TLS. */
  readonly secured: Sighted | null;
  /** STARTTLS answered with 500. */
  readonly refused: Sighted | null;
  readonly refusedSources: number;
  /** The last session that was refused TLS, else the last one that said hello without it: its answer to EHLO tells. */
  readonly shown: ExaminedSession | null;
}

/** Sessions that wanted nothing, by who came where. */
export interface Visit extends Sighted, BehaviourPlace {
  readonly source: string;
}

export interface Behaviours {
  /** First hour with clients that the store has, of the last 400 days; null: none. Before it nothing can be said. */
  readonly historySince: number | null;
  /** Most refused tries first. */
  readonly logons: readonly LogonBehaviour[];
  readonly relayForms: readonly RelayFormTry[];
  readonly habits: readonly Habit[];
  readonly plainConnectors: readonly PlainConnector[];
  readonly visits: readonly Visit[];
}

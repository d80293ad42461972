/**
 * A case: everything that is known about one client (or one next hop) that did not get what it wanted, or that somebody
 * asks about. Values only; what they mean is decided in checks/.
 */
import type { Device } from '../../connector/device.ts';
import type { Organisation } from '../../connector/organisation.ts';
import type { Outcome } from '../../smtp/outcome.ts';
import type { SessionDetail } from '../session-detail.ts';

/** Who the case is about: a client of receive connectors, or an address that a send connector talks to. */
export type Subject =
  | { readonly kind: 'client'; readonly source: string }
  | { readonly kind: 'next-hop'; readonly server: string; readonly connector: string; readonly destination: string };

/** Sessions that ended alike: same server, connector, outcome, and the same replies but for what varies in them. */
export interface SessionGroup {
  readonly server: string;
  readonly service: string;
  readonly connector: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly lastError: string | null;
  readonly sessions: number;
  /** When the first and the last of them began, milliseconds UTC. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Internal numbers of these two. */
  readonly earliest: number;
  readonly latest: number;
}

/** A session with the lines in which its rows stand: `lines[n]` is the text of `events[n]`. */
export interface ExaminedSession extends SessionDetail {
  readonly lines: readonly string[];
}

/** Sessions that failed alike, and the last of them in full. */
export interface FailureGroup extends SessionGroup {
  readonly session: ExaminedSession;
}

/** A logon name with what became of its tries from the client. */
export interface LogonTries {
  readonly user: string;
  /** Sessions, not tries. */
  readonly failed: number;
  readonly succeeded: number;
  readonly firstFailed: number | null;
  readonly lastFailed: number | null;
  readonly lastSucceeded: number | null;
  /** The first failure that no success follows. */
  readonly firstFailedSince: number | null;
}

/** The same logon name, written the same but for capitals, around a time: sessions whose last try failed, and other clients. */
export interface LogonsAround {
  /** Within half an hour before and after. */
  readonly ownFailed: number;
  readonly othersFailed: number;
  /** Addresses of the other clients that failed, those with most failures first; at most four. */
  readonly otherClients: readonly string[];
  /** One of their sessions, read when it is asked for. */
  readonly otherSession: () => ExaminedSession | null;
  /** When another client last logged on with the name, at any time; null: never in the logs read. */
  readonly othersSucceeded: number | null;
}

/** A message that was accepted from the client and that the next hop did not take. */
export interface LostDelivery {
  readonly messageId: string | null;
  readonly internalId: string;
  /** The session in which it was accepted, and the send session that met the refusal: of the last such message. */
  readonly received: ExaminedSession;
  readonly send: ExaminedSession;
  /** How many messages of the client met the same reply there, and what it was. */
  readonly messages: number;
  readonly reply: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** When a later try delivered it after all, milliseconds UTC; null where none did in the logs read. */
  readonly deliveredAt: number | null;
}

/** What is looked for among the sessions of a client; what is left out does not matter. */
export interface Service {
  readonly on?: string;
  readonly notOn?: string;
  /** Port of the server. */
  readonly port?: number;
  /** Began at this time or later, milliseconds UTC. */
  readonly since: number;
  /** `logon`: a logon succeeded. `mail`: a message was accepted, of the domain and at least the size that follow. */
  readonly kind: 'mail' | 'logon';
  readonly domain?: string;
  readonly bytes?: number;
  readonly mechanism?: string;
  readonly loggedOn?: boolean;
  readonly secured?: boolean;
}

/** Questions that only some diagnoses ask: answered when they do. Times in milliseconds UTC. */
export interface Circumstances {
  /** Sessions of the client on the server that were under way at the time, that one included. */
  readonly parallelSessions: (server: string, at: number) => number;
  /** All receive sessions on the server that were under way at the time. */
  readonly parallelSessionsOfAll: (server: string, at: number) => number;
  /** Transactions of the client on the server that began within the minute before. */
  readonly messagesInMinute: (server: string, at: number) => number;
  readonly logons: () => readonly LogonTries[];
  readonly logonsAround: (user: string, at: number) => LogonsAround;
  /** Other clients to which the server said the same on the same day. */
  readonly othersWithReply: (server: string, reply: string, at: number) => number;
  /** Sessions of the send log that carried this session to a Hub, or its mail: the latest four, in order of time. */
  readonly handOvers: (session: ExaminedSession) => readonly ExaminedSession[];
  /** Sessions of the send log of its server that reached no Hub while it ran, and name no client. */
  readonly failedHandOvers: (session: ExaminedSession) => readonly ExaminedSession[];
  /** The front end's session whose client a session of the Hub serves; null where its log is not in the store. */
  readonly frontEndOf: (session: ExaminedSession) => ExaminedSession | null;
  /** How often the client said hello under another name than in its session before. */
  readonly helloTurns: () => number;
  /** The last session in which a server itself served the client so. */
  readonly served: (so: Service) => ExaminedSession | null;
  readonly lostDeliveries: () => readonly LostDelivery[];
  /** Another next hop that took mail for the domain by the same send connector of the same server right after a session of it failed. */
  readonly tookOver: (session: ExaminedSession, domain: string) => ExaminedSession | null;
  /**
   * Sessions on the ports 465 and 587 that got the greeting, said nothing that the log could show, and stayed for seconds
   * all the same; how many others of the client on these ports said something; and the last of them.
   */
  readonly wordless: () => { readonly sessions: number; readonly others: number; readonly latest: ExaminedSession } | null;
  /**
   * Sessions in which the handshake succeeded, and the client broke the connection off without another command; how many
   * others of the client went on inside TLS; and the last of them.
   */
  readonly leftAfterTls: () => { readonly sessions: number; readonly others: number; readonly latest: ExaminedSession } | null;
  /** Sessions that delivered their mail and were held back by tarpits, how long on the whole (ms), and the last of them. */
  readonly delayed: () => { readonly sessions: number; readonly tarpitMs: number; readonly latest: ExaminedSession } | null;
}

export interface Case {
  readonly subject: Subject;
  readonly device: Device | null;
  /** Most used first. */
  readonly helloNames: readonly { readonly name: string; readonly sessions: number }[];
  /** Sessions that wanted something, and those that only looked whether somebody is there. */
  readonly sessions: number;
  readonly probes: number;
  /** Sessions that may still go on: the logs end near their last row. */
  readonly open: number;
  readonly failing: readonly FailureGroup[];
  /** Failing sessions of groups beyond the {@link EXAMINED} that were looked at. */
  readonly unexamined: number;
  readonly successes: readonly SessionGroup[];
  /** When the last session that delivered began; null: never in the logs read. */
  readonly lastSuccess: number | null;
  /** Sessions that delivered all between the first failure and the last. */
  readonly successesBetween: number;
  /** It in full. */
  readonly lastGood: ExaminedSession | null;
  /** The last success before the last failures, the first failure after it, and the configuration valid at each. */
  readonly turn: {
    readonly good: ExaminedSession;
    readonly bad: ExaminedSession;
    readonly before: Organisation;
    readonly after: Organisation;
  } | null;
  /** Clients nearby (same subnet, similar hello name) whose last mail was accepted, the likest first. */
  readonly twins: readonly ExaminedSession[];
  /** The configuration valid at the last failure, or the latest. */
  readonly organisation: Organisation;
  /** Times at which configuration was exported, of the servers that the case touches; empty: none imported. */
  readonly configurations: readonly { readonly server: string; readonly asOf: number }[];
  /** What the logs of these servers hold, hour by hour. */
  readonly logs: readonly LogStretch[];
  readonly circumstances: Circumstances;
}

/** The receive logs of a server from its first session to its last, milliseconds UTC, and the hours without any. */
export interface LogStretch {
  readonly server: string;
  readonly first: number;
  readonly last: number;
  readonly hours: number;
  readonly silentHours: number;
}

/** Groups of failing sessions that are looked at in each case, the latest first. */
export const EXAMINED = 12;

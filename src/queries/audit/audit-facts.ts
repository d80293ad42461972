/**
 * What an audit of anonymous relay rests on, as one value: who connected, what was accepted from whom without a logon, and
 * what the configuration says. Facts only: what is wrong with them is said by `checks/audits/`. Times are milliseconds UTC.
 *
 * A source is a client. The organisation's own servers and the product's health checks are none; a message that a front end
 * handed on counts for its real client, once. Who did not log on, or tried and failed, is anonymous.
 */
import type { AddressSpace } from '../../connector/address-space.ts';
import type { Relay } from '../../connector/effective-rights.ts';
import type { Organisation } from '../../connector/organisation.ts';
import type { RelayRight } from '../../connector/session-right.ts';
import type { Behaviours } from './behaviour/behaviours.ts';

/** A session that shows something: `session` takes the id. */
export interface Example {
  readonly at: number;
  /** By which relaylens shows it. */
  readonly session: string;
  readonly sender: string | null;
  readonly recipient: string | null;
}

/** Something that was counted, with when it was seen first and last. */
export interface Sighted {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

export interface DomainCount {
  readonly domain: string;
  readonly count: number;
}

/** Accepted recipients outside the organisation, of messages that came without a logon. */
export interface ExternalMail extends Sighted {
  /** Most recipients first. */
  readonly domains: readonly DomainCount[];
  /** The first and the last. */
  readonly examples: readonly Example[];
}

/** Recipients that were refused because the client may not relay: attempts, never relay. */
export interface RefusedRelay extends Sighted {
  readonly domains: readonly DomainCount[];
  /** By the domain of the sender. */
  readonly senderDomains: readonly DomainCount[];
  readonly examples: readonly Example[];
}

/** Accepted messages without a logon, by whose address they said to come from. */
export interface Senders {
  /** Of an accepted domain; null where those are not known. */
  readonly own: number | null;
  /** Of any other domain; null where the accepted domains are not known. */
  readonly foreign: number | null;
  /** `<>`. */
  readonly none: number;
  readonly domains: readonly DomainCount[];
}

/** A client on one connector. */
export interface Place {
  readonly server: string;
  /** As logged, without the server; empty where no connector took it. */
  readonly connector: string;
  /** Where it came to, as logged: `10.0.0.5:25`. */
  readonly localEndpoints: readonly string[];
  /** The smallest range of the connector that holds the client, by the configuration at the end of the period; null for none. */
  readonly range: string | null;
  /** Sessions that wanted something: no probes. */
  readonly sessions: number;
  /** Of those, the ones without a successful logon. */
  readonly anonymousSessions: number;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  /** Of the accepted ones, those without a logon. */
  readonly anonymousMessages: number;
  /** Accepted recipients outside, without a logon. */
  readonly externalRecipients: number;
  /** Whether a client without a logon may send to any domain here, and how that is known. */
  readonly relay: Pick<RelayRight, 'mayRelay' | 'knownBy'>;
  readonly first: number;
  readonly last: number;
}

export interface AuditedSource {
  readonly source: string;
  readonly device: string | null;
  readonly owner: string | null;
  readonly site: string | null;
  readonly space: AddressSpace;
  /** Hello names, the most used first. */
  readonly helo: readonly { readonly name: string; readonly sessions: number }[];
  readonly sessions: number;
  /** Sessions by TLS version; `none` for those without. */
  readonly tls: Readonly<Record<string, number>>;
  /** Sessions by how the logon went. */
  readonly logon: { readonly none: number; readonly succeeded: number; readonly failed: number };
  /** Sessions in which it logged on with AUTH LOGIN or PLAIN, and TLS was never there. */
  readonly clearTextLogons: Sighted | null;
  /** By place, the most used first. */
  readonly places: readonly Place[];
  readonly external: ExternalMail | null;
  /** Accepted recipients without a logon of which nothing tells whether they are outside. */
  readonly recipientsUnknown: number;
  readonly refusedRelay: RefusedRelay | null;
  readonly senders: Senders;
  /** Of sessions and messages in the period. */
  readonly first: number;
  readonly last: number;
  /** Over everything that was ever read. */
  readonly firstEver: number;
  /** Days (UTC) on which it wanted something, in the 400 days before the end of the period. */
  readonly activeDays: number;
}

/** An entry of a connector's remote IP ranges, and who came through it. */
export interface RangeUse {
  /** As exported. */
  readonly range: string;
  /** Sources of the period that the connector took through this very entry. */
  readonly sources: readonly string[];
  readonly lastUsed: number | null;
}

/** A receive connector as configured at the end of the period, with who came to it. */
export interface AuditedConnector {
  readonly server: string;
  readonly name: string;
  /** Whether its clients may send to any domain without a logon, where it is enabled. */
  readonly mayRelay: Relay;
  readonly ranges: readonly RangeUse[];
  readonly sources: number;
  readonly messagesAccepted: number;
  readonly externalRecipients: number;
  /** First row of the server's receive logs: before it nothing can be said. null: no log of the server was read. */
  readonly logsSince: number | null;
  readonly logsUntil: number | null;
}

export interface AuditFacts {
  readonly since: number;
  readonly until: number;
  /** As it was valid at the end of the period; without servers where nothing was imported. */
  readonly organisation: Organisation;
  /** When its parts were exported, the latest; null where nothing was imported. */
  readonly configurationAsOf: number | null;
  /** Whether a domain is outside is known from the accepted domains, or only from what the servers did with recipients. */
  readonly externalKnownBy: 'accepted-domains' | 'replies';
  /** By external recipients, then by messages, then by address. */
  readonly sources: readonly AuditedSource[];
  readonly connectors: readonly AuditedConnector[];
  /** Addresses of servers that hand on the mail of others. */
  readonly ownServers: readonly string[];
  /** Addresses of the product's own health checks. */
  readonly healthChecks: readonly string[];
  /** Addresses that only connected and wanted nothing. */
  readonly probes: readonly string[];
  readonly behaviours: Behaviours;
}

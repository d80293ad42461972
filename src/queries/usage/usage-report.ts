/**
 * What a report of use says of a period, as one value: who used the relay, how much, and what has changed. Everything in it is a
 * client's: what the product does for itself stands under `noise`. A message counts where and when it was accepted, once.
 */
import type { Period, SliceUnit } from './period.ts';

/** Amounts of mail. Recipients are those that were delivered; external ones are null until accepted domains are known. */
export interface Volume {
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  readonly recipientsExternal: number | null;
  readonly bytesAccepted: number;
}

export interface UsagePeriod {
  readonly kind: Period['kind'];
  readonly name: string;
  readonly id: string;
  /** ISO times. */
  readonly since: string;
  readonly until: string;
  readonly timeZone: string;
}

export interface UsageTotals extends Volume {
  /** Clients with a session that wanted something, or with a message. */
  readonly devices: number;
  /** Of those, the ones of which a message was accepted. */
  readonly devicesSending: number;
  readonly sessions: number;
}

/** A log of one server and service, hour by hour. */
export interface LogCoverage {
  readonly server: string;
  readonly service: string;
  readonly direction: string;
  /** Hours of the period that are over, and those in which no session began. */
  readonly hours: number;
  readonly silentHours: number;
  readonly longestSilence: { readonly since: string; readonly hours: number } | null;
}

export interface UsageCoverage {
  readonly logs: readonly LogCoverage[];
  /** `SERVER\Name` of enabled receive connectors whose protocol logging is off. */
  readonly connectorsNotLogged: readonly string[];
  /** Lines of all logs that could not be read. */
  readonly linesNotRead: number;
  /** No receive log has a silent hour, every connector logs, every line was read, and the period is over. */
  readonly complete: boolean;
  /** When the period is not over yet: the time of the report. */
  readonly unfinishedAt: string | null;
}

export interface ConnectorUsage extends Volume {
  readonly server: string;
  /** As logged; empty where no connector took the connection. */
  readonly connector: string;
  readonly sessions: number;
  readonly devices: number;
  /** Of the compared period; null where nothing is compared. */
  readonly messagesBefore: number | null;
}

export type Authentication = 'no' | 'yes' | 'mixed';

export interface DeviceUsage extends Volume {
  readonly source: string;
  /** From the device list; null where it does not hold the address. */
  readonly device: string | null;
  readonly owner: string | null;
  readonly site: string | null;
  /** The hello name that it used last. */
  readonly helo: string | null;
  /** What DNS calls the address; null where it was not asked, or has no name. */
  readonly dnsName: string | null;
  readonly servers: readonly string[];
  readonly connectors: readonly string[];
  readonly sessions: number;
  /** Sessions by TLS version. */
  readonly tls: Readonly<Record<string, number>>;
  /** null where only another server's log tells of it. */
  readonly authenticated: Authentication | null;
  /** Accepted messages in each slice of the period. */
  readonly curve: readonly number[];
  /** Accepted in the compared period; null where nothing is compared. */
  readonly messagesBefore: number | null;
  /** Over everything that was ever read, ISO; null where no session and no message of it is there. */
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
}

export type Change =
  | { readonly kind: 'connector'; readonly before: readonly string[]; readonly after: readonly string[] }
  | { readonly kind: 'tls'; readonly before: readonly string[]; readonly after: readonly string[] }
  | { readonly kind: 'authentication'; readonly before: Authentication; readonly after: Authentication }
  | { readonly kind: 'volume'; readonly before: number; readonly after: number };

export type NamedDevice = Pick<
  DeviceUsage,
  'source' | 'device' | 'owner' | 'helo' | 'dnsName' | 'messagesAccepted' | 'firstSeen' | 'lastSeen'
>;

export interface UsageChanges {
  /** Never seen before the period. */
  readonly newcomers: readonly NamedDevice[];
  /** Seen long ago, not in the compared period, and now again. */
  readonly returned: readonly NamedDevice[];
  /** Seen in the compared period, and not in this; `messagesAccepted` is that of the compared one. */
  readonly vanished: readonly NamedDevice[];
  readonly changed: readonly (Pick<DeviceUsage, 'source' | 'device' | 'owner' | 'helo' | 'dnsName'> & {
    readonly changes: readonly Change[];
  })[];
}

/** Replies that are one entry of the catalogue. */
export interface RefusalCause {
  /** Id of the entry; null where the catalogue does not know the reply. */
  readonly cause: string | null;
  readonly title: string;
  /** The wording that was said most often. */
  readonly reply: string;
  readonly refusals: number;
  readonly devices: number;
}

export interface UsageSlice {
  readonly since: string;
  readonly until: string;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  /** Accepted messages, for those that have some. */
  readonly connectors: readonly { readonly server: string; readonly connector: string; readonly messagesAccepted: number }[];
  /** Sessions by TLS version. */
  readonly tls: Readonly<Record<string, number>>;
}

export interface SenderDomain {
  /** Empty for `<>` and for senders without a domain; null where no row names the sender. */
  readonly domain: string | null;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly bytesAccepted: number;
  readonly devices: number;
}

export interface RecipientDomain {
  readonly domain: string;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  /** Of the accepted ones, by the accepted domains of the time. */
  readonly recipientsExternal: number | null;
  readonly devices: number;
}

export interface BusyTime {
  readonly at: string;
  readonly messagesAccepted: number;
}

export interface BusiestTimes {
  readonly hours: readonly BusyTime[];
  readonly minutes: readonly BusyTime[];
  /** Accepted messages by weekday, from Monday, and by hour of the local day. */
  readonly week: readonly (readonly number[])[];
}

export interface LargeMessage {
  readonly at: string;
  readonly bytes: number;
  readonly source: string;
  readonly device: string | null;
  readonly dnsName: string | null;
  readonly sender: string | null;
  readonly server: string;
  readonly connector: string;
  /** As logged: `session` takes it. */
  readonly sessionId: string;
}

/** `health-checks` of the product, `own-servers` that hand mail on, `probes`: sessions that wanted nothing. */
export type NoiseKind = 'health-checks' | 'own-servers' | 'probes';

export interface Noise {
  readonly kind: NoiseKind;
  readonly sessions: number;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly sources: readonly {
    readonly source: string;
    readonly device: string | null;
    readonly dnsName: string | null;
    readonly sessions: number;
  }[];
}

export interface UsageReport {
  readonly createdAt: string;
  readonly period: UsagePeriod;
  readonly compared: UsagePeriod | null;
  readonly server: string | null;
  readonly connector: string | null;
  readonly totals: UsageTotals;
  /** Of the compared period. */
  readonly totalsBefore: UsageTotals | null;
  readonly coverage: UsageCoverage;
  /** Of the compared period: what changed is worth as much as both. */
  readonly coverageBefore: UsageCoverage | null;
  readonly connectors: readonly ConnectorUsage[];
  readonly devices: readonly DeviceUsage[];
  readonly changes: UsageChanges | null;
  readonly refusals: readonly RefusalCause[];
  readonly unit: SliceUnit;
  readonly slices: readonly UsageSlice[];
  readonly senderDomains: readonly SenderDomain[];
  readonly recipientDomains: readonly RecipientDomain[];
  readonly busiest: BusiestTimes;
  readonly largest: readonly LargeMessage[];
  readonly noise: readonly Noise[];
}

/** Who connects: one entry a client address, with what became of its sessions. */
import type { Devices } from '../connector/device.ts';
import type { Outcome } from '../smtp/outcome.ts';
import { FAILING_OUTCOMES, OUTCOMES } from '../smtp/outcome.ts';
import type { Database } from '../store/database.ts';
import { COUNTED } from '../store/usage-roll-up.ts';
import { ConfigurationHistory } from './configuration-history.ts';
import { RecipientDomains } from './recipient-domains.ts';

export interface SourceSummary {
  readonly source: string;
  /** Name from the device list; null until one is imported. */
  readonly device: string | null;
  /** Hello names, most used first. */
  readonly helo: readonly string[];
  readonly servers: readonly string[];
  readonly connectors: readonly string[];
  readonly sessions: number;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  /** Recipients outside the accepted domains; null until those are known. */
  readonly recipientsExternal: number | null;
  readonly bytesAccepted: number;
  readonly authenticated: 'no' | 'yes' | 'mixed';
  readonly tls: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly lastError: string | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Sessions that were health checks of the product itself. */
  readonly healthProbes: number;
  /** Sessions in which this address handed over the mail of other clients: it is a front end, not a device. */
  readonly frontEndSessions: number;
}

export interface SourceFilter {
  readonly since?: number;
  readonly until?: number;
  readonly server?: string;
  readonly connector?: string;
}

interface SessionGroup {
  source: string;
  server: string;
  connector: string;
  helo: string | null;
  tls: string;
  outcome: Outcome;
  authenticated: number;
  tried: number;
  sessions: number;
  health: number;
  front: number;
  first: number;
  last: number;
}

interface MessageGroup {
  source: string;
  server: string;
  connector: string;
  accepted: number;
  refused: number;
  recipientsAccepted: number;
  recipientsRefused: number;
  bytes: number;
  first: number;
  last: number;
}

/**
 * Every client address of the receive logs. A message that a front end handed to a Hub counts for the real client, once:
 * in the front end's log, or where that is not in the store, in the Hub's.
 */
export function listSources(db: Database, filter: SourceFilter = {}): SourceSummary[] {
  const drafts = new Map<string, Draft>();
  const draftOf = (source: string): Draft => {
    let draft = drafts.get(source);
    if (!draft) drafts.set(source, (draft = new Draft(source)));
    return draft;
  };
  for (const group of sessionGroups(db, filter)) draftOf(group.source).addSessions(group);
  for (const group of messageGroups(db, filter)) draftOf(group.source).addMessages(group);
  for (const { source, error } of lastErrors(db, filter)) draftOf(source).lastError = error;
  const history = new ConfigurationHistory(db);
  const changes = history.acceptedDomainChanges;
  if (changes.length > 0) {
    for (const draft of drafts.values()) draft.recipientsExternal = 0;
    // Before the first import its domains are the best guess there is.
    const domains = [changes[0]!, ...changes].map((at) => new RecipientDomains(db, history.at(at)));
    for (const { source, domain, epoch, recipients } of recipientGroups(db, filter, changes)) {
      const draft = draftOf(source);
      if (domains[epoch]?.isExternal(domain)) draft.recipientsExternal = (draft.recipientsExternal ?? 0) + recipients;
    }
  }
  const devices = history.devicesAt(Number.POSITIVE_INFINITY);
  for (const draft of drafts.values()) draft.nameBy(devices);
  return [...drafts.values()].map((draft) => draft.build()).sort((a, b) => compareSources(a, b));
}

/** Failing first, then by messages, then by address. */
function compareSources(a: SourceSummary, b: SourceSummary): number {
  const failing = (one: SourceSummary): number => Number(failures(one) > 0);
  return (
    failing(b) - failing(a) ||
    failures(b) - failures(a) ||
    b.messagesAccepted - a.messagesAccepted ||
    (a.source < b.source ? -1 : 1)
  );
}

/** Sessions that did not get all they wanted. */
export function failures(source: SourceSummary): number {
  return FAILING_OUTCOMES.reduce((sum, outcome) => sum + (source.outcomes[outcome] ?? 0), 0);
}

class Draft {
  readonly #source: string;
  readonly #helo = new Map<string, number>();
  readonly #servers = new Set<string>();
  readonly #connectors = new Set<string>();
  readonly #tls = new Map<string, number>();
  readonly #outcomes = new Map<Outcome, number>();
  #sessions = 0;
  #authenticated = 0;
  #tried = 0;
  #health = 0;
  #front = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = 0;
  #messages = { messagesAccepted: 0, messagesRefused: 0, recipientsAccepted: 0, recipientsRefused: 0, bytesAccepted: 0 };
  #device: string | null = null;
  lastError: string | null = null;
  recipientsExternal: number | null = null;

  constructor(source: string) {
    this.#source = source;
  }

  addSessions(group: SessionGroup): void {
    const count = <K>(map: Map<K, number>, key: K): void => void map.set(key, (map.get(key) ?? 0) + group.sessions);
    this.#sessions += group.sessions;
    if (group.helo) count(this.#helo, group.helo);
    count(this.#tls, group.tls);
    count(this.#outcomes, group.outcome);
    this.#authenticated += group.authenticated;
    this.#tried += group.tried;
    this.#health += group.health;
    this.#front += group.front;
    this.#see(group);
  }

  addMessages(group: MessageGroup): void {
    this.#messages.messagesAccepted += group.accepted;
    this.#messages.messagesRefused += group.refused;
    this.#messages.recipientsAccepted += group.recipientsAccepted;
    this.#messages.recipientsRefused += group.recipientsRefused;
    this.#messages.bytesAccepted += group.bytes;
    this.#see(group);
  }

  nameBy(devices: Devices): void {
    this.#device = devices.find(this.#source, this.#helloNames())?.name ?? null;
  }

  #helloNames(): string[] {
    return [...this.#helo].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  }

  #see(group: { server: string; connector: string; first: number; last: number }): void {
    if (group.server) this.#servers.add(group.server);
    if (group.connector) this.#connectors.add(group.connector);
    this.#first = Math.min(this.#first, group.first);
    this.#last = Math.max(this.#last, group.last);
  }

  build(): SourceSummary {
    return {
      source: this.#source,
      device: this.#device,
      helo: this.#helloNames(),
      servers: [...this.#servers].sort(),
      connectors: [...this.#connectors].sort(),
      sessions: this.#sessions,
      ...this.#messages,
      recipientsExternal: this.recipientsExternal,
      authenticated: this.#authenticated === 0 ? 'no' : this.#authenticated >= this.#tried ? 'yes' : 'mixed',
      tls: Object.fromEntries([...this.#tls].sort((a, b) => (a[0] < b[0] ? -1 : 1))),
      outcomes: Object.fromEntries(
        OUTCOMES.filter((one) => this.#outcomes.has(one)).map((one) => [one, this.#outcomes.get(one) ?? 0]),
      ),
      lastError: this.lastError,
      firstSeen: new Date(this.#first).toISOString(),
      lastSeen: new Date(this.#last).toISOString(),
      healthProbes: this.#health,
      frontEndSessions: this.#front,
    };
  }
}

/** Conditions on a session `s`; `at` is the time that the period is about. Names are looked up first, so that no join is needed. */
function terms(filter: SourceFilter, at: string): { sql: string; values: Record<string, unknown> } {
  const parts = ["s.direction = 'receive'"];
  if (filter.since !== undefined) parts.push(`${at} >= @since`);
  if (filter.until !== undefined) parts.push(`${at} < @until`);
  if (filter.server !== undefined) parts.push('s.server_id IN (SELECT id FROM text WHERE lower(value) = lower(@server))');
  if (filter.connector !== undefined)
    parts.push('s.connector_id IN (SELECT id FROM text WHERE instr(lower(value), lower(@connector)) > 0)');
  return { sql: parts.join(' AND '), values: { ...filter } };
}

/** Sessions count for the address that connected; `tried`: those that wanted to send or to log on. */
function sessionGroups(db: Database, filter: SourceFilter): SessionGroup[] {
  const { sql, values } = terms(filter, 's.started_at');
  return db
    .prepare(
      `SELECT source.value AS source, server.value AS server, connector.value AS connector, helo.value AS helo, tls.value AS tls, g.* FROM (
         SELECT s.source_id, s.server_id, s.connector_id, s.helo_id, s.tls_id,
           CASE WHEN s.ended = 0 AND s.outcome IN ('abandoned', 'probe') AND s.ended_at > (
             SELECT log_end.at FROM log_end JOIN text server ON server.id = s.server_id WHERE log_end.server_id = s.server_id
               AND log_end.direction = s.direction AND log_end.service = COALESCE(s.service, '') AND log_end.connector_id = CASE WHEN server.value = '' THEN s.connector_id ELSE 0 END
           ) - 600000 THEN 'open' ELSE s.outcome END AS outcome,
           SUM(s.auth_result = 'success') AS authenticated, SUM(s.outcome NOT IN ('probe', 'turned-away') OR s.auth_result = 'success') AS tried,
           COUNT(*) AS sessions, SUM(s.health_probe) AS health, SUM(s.id IN (SELECT session FROM session_client)) AS front,
           MIN(s.started_at) AS first, MAX(s.ended_at) AS last
         FROM session s WHERE ${sql} GROUP BY 1, 2, 3, 4, 5, 6) g
       JOIN text source ON source.id = g.source_id JOIN text server ON server.id = g.server_id
       JOIN text connector ON connector.id = g.connector_id JOIN text tls ON tls.id = g.tls_id LEFT JOIN text helo ON helo.id = g.helo_id`,
    )
    .all(values) as SessionGroup[];
}

/** Messages count for the real client, once: what a front end's own log has is left out in the Hub (see `message_view`). */
function messageGroups(db: Database, filter: SourceFilter): MessageGroup[] {
  const { sql, values } = terms(filter, 't.began_at');
  return db
    .prepare(
      `SELECT client.value AS source, server.value AS server, connector.value AS connector, g.* FROM (
         SELECT COALESCE(t.client_id, s.source_id) AS client_id, s.server_id, s.connector_id,
           SUM(t.state = 'accepted') AS accepted, SUM(t.state = 'refused') AS refused,
           SUM(t.recipients_accepted) AS recipientsAccepted, SUM(t.recipients_refused) AS recipientsRefused,
           SUM(CASE WHEN t.state = 'accepted' THEN COALESCE(t.bytes, 0) ELSE 0 END) AS bytes,
           MIN(t.began_at) AS first, MAX(COALESCE(t.decided_at, t.began_at)) AS last
         FROM smtp_transaction t JOIN session s ON s.id = t.session
         WHERE ${sql} AND ${COUNTED}
         GROUP BY 1, 2, 3) g
       JOIN text client ON client.id = g.client_id JOIN text server ON server.id = g.server_id JOIN text connector ON connector.id = g.connector_id`,
    )
    .all(values) as MessageGroup[];
}

interface RecipientGroup {
  source: string;
  domain: string;
  /** How many changes of the accepted domains came before. */
  epoch: number;
  recipients: number;
}

/** Delivered recipients by domain, counted as `messageGroups` counts. */
function recipientGroups(db: Database, filter: SourceFilter, changes: readonly number[]): RecipientGroup[] {
  const { sql, values } = terms(filter, 't.began_at');
  return db
    .prepare(
      `SELECT client.value AS source, domain.value AS domain, g.epoch, g.recipients FROM (
         SELECT COALESCE(t.client_id, s.source_id) AS client_id, address.domain_id,
           (SELECT COUNT(*) FROM json_each(@changes) WHERE value <= t.began_at) AS epoch, COUNT(*) AS recipients
         FROM smtp_transaction t JOIN session s ON s.id = t.session
         JOIN recipient r ON r.session = t.session AND r.transaction_ordinal = t.ordinal JOIN address ON address.id = r.address_id
         WHERE ${sql} AND t.state = 'accepted' AND r.accepted = 1 AND ${COUNTED} GROUP BY 1, 2, 3) g
       JOIN text client ON client.id = g.client_id JOIN text domain ON domain.id = g.domain_id`,
    )
    .all({ ...values, changes: JSON.stringify(changes) }) as RecipientGroup[];
}

/**
 * The last error of each source. That the server went out of service says nothing about the client: a 421 4.3.2 that
 * answered no command counts only where there is no other error, so it comes first, and is followed by what is better.
 */
function lastErrors(db: Database, filter: SourceFilter): { source: string; error: string }[] {
  const { sql, values } = terms(filter, 's.started_at');
  return db
    .prepare(
      `WITH farewell AS MATERIALIZED (SELECT id FROM text WHERE value GLOB '421 4.3.2 *'), said AS (
         SELECT s.source_id, s.last_error_at, s.last_error_id, CASE WHEN s.last_error_id NOT IN farewell THEN s.last_error_id ELSE
           (SELECT r.reply_id FROM refusal r WHERE r.session = s.id AND NOT (r.command = '' AND r.reply_id IN farewell)
            ORDER BY r.ordinal DESC LIMIT 1) END AS own_id
         FROM session s WHERE ${sql} AND s.last_error_id IS NOT NULL)
       SELECT source.value AS source, error.value AS error FROM (
         SELECT source_id, own_id IS NOT NULL AS own, COALESCE(own_id, last_error_id) AS error_id, MAX(last_error_at)
         FROM said GROUP BY 1, 2) g
       JOIN text source ON source.id = g.source_id JOIN text error ON error.id = g.error_id ORDER BY g.own`,
    )
    .all(values) as { source: string; error: string }[];
}

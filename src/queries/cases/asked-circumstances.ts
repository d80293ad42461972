/** Answers the questions that only some diagnoses ask about a case. */
import { FAILING_OUTCOMES } from '../../smtp/outcome.ts';
import type { Database } from '../../store/database.ts';
import type { Circumstances, ExaminedSession, LogonsAround, LogonTries, LostDelivery } from './case.ts';
import type { Examiner } from './examiner.ts';
import { LogonSuccesses } from './logon-successes.ts';
import type { Terms } from './session-groups.ts';

/** The longest a session can have lasted that is looked for among those under way: a day. */
const LONGEST_MS = 86_400_000;
const MINUTE_MS = 60_000;
const HALF_HOUR_MS = 1_800_000;
const DAY_MS = 86_400_000;
/** Whoever only looks whether a port is open leaves sooner. */
const WAITING_MS = 3000;
/** Other clients that are named. */
const OTHER_CLIENTS = 4;
/** Lost deliveries that are read in full. */
const LOST = 3;

export class AskedCircumstances implements Circumstances {
  readonly #db: Database;
  readonly #examiner: Examiner;
  readonly #terms: Terms;
  readonly #successes: LogonSuccesses;
  #logons: readonly LogonTries[] | undefined;
  #lost: readonly LostDelivery[] | undefined;

  /** `terms`: the sessions of the subject, its filter included. */
  constructor(db: Database, examiner: Examiner, terms: Terms, successes = new LogonSuccesses(db)) {
    this.#successes = successes;
    this.#db = db;
    this.#examiner = examiner;
    this.#terms = terms;
  }

  readonly parallelSessions = (server: string, at: number): number => this.#underWay(`AND ${this.#terms.sql}`, server, at);

  readonly parallelSessionsOfAll = (server: string, at: number): number =>
    this.#underWay("AND s.direction = 'receive'", server, at);

  #underWay(more: string, server: string, at: number): number {
    return this.#number(
      `SELECT COUNT(*) AS n FROM session s WHERE s.started_at > @at - ${LONGEST_MS} AND s.started_at <= @at AND s.ended_at >= @at
         AND s.server_id IN (SELECT id FROM text WHERE value = @onServer) ${more}`,
      { at, onServer: server },
    );
  }

  readonly messagesInMinute = (server: string, at: number): number =>
    this.#number(
      `SELECT COUNT(*) AS n FROM session s JOIN smtp_transaction t ON t.session = s.id
       WHERE ${this.#terms.sql} AND s.server_id IN (SELECT id FROM text WHERE value = @onServer)
         AND t.began_at > @at - ${MINUTE_MS} AND t.began_at <= @at`,
      { at, onServer: server },
    );

  readonly logons = (): readonly LogonTries[] => {
    this.#logons ??= this.#db
      .prepare(
        `SELECT user, SUM(result = 'failed') AS failed, SUM(result = 'success') AS succeeded,
           MIN(CASE WHEN result = 'failed' THEN at END) AS firstFailed, MAX(CASE WHEN result = 'failed' THEN at END) AS lastFailed,
           MAX(lastSucceeded) AS lastSucceeded,
           MIN(CASE WHEN result = 'failed' AND at > COALESCE(lastSucceeded, 0) THEN at END) AS firstFailedSince
         FROM (SELECT user.value AS user, s.auth_result AS result, s.started_at AS at,
             MAX(CASE WHEN s.auth_result = 'success' THEN s.started_at END) OVER (PARTITION BY s.auth_user_id) AS lastSucceeded
           FROM session s JOIN text user ON user.id = s.auth_user_id WHERE ${this.#terms.sql})
         GROUP BY 1 ORDER BY 2 DESC, 1`,
      )
      .all(this.#terms.values) as LogonTries[];
    return this.#logons;
  };

  readonly logonsAround = (user: string, at: number): LogonsAround => {
    const rows = this.#db
      .prepare(
        `SELECT source.value AS client, ${this.#terms.sql} AS own, COUNT(*) AS failed, MAX(s.id) AS latest
         FROM session s JOIN text user ON user.id = s.auth_user_id LEFT JOIN text source ON source.id = s.source_id
         WHERE s.started_at BETWEEN @from AND @to AND s.direction = 'receive' AND s.auth_result = 'failed' AND lower(user.value) = lower(@user)
         GROUP BY 1, 2 ORDER BY 3 DESC, 1`,
      )
      .all({ ...this.#terms.values, user, from: at - HALF_HOUR_MS, to: at + HALF_HOUR_MS }) as {
      client: string | null;
      own: number;
      failed: number;
      latest: number;
    }[];
    const others = rows.filter(({ own }) => own === 0);
    const count = (some: typeof rows): number => some.reduce((sum, { failed }) => sum + failed, 0);
    const succeeded = this.#successes
      .of(user)
      .filter(({ client }) => client !== this.#terms.values.source)
      .map((success) => success.at);
    return {
      ownFailed: count(rows) - count(others),
      othersFailed: count(others),
      otherSession: () => (others[0] ? (this.#examiner.one(others[0].latest) ?? null) : null),
      otherClients: others.flatMap(({ client }) => client ?? []).slice(0, OTHER_CLIENTS),
      othersSucceeded: succeeded.length === 0 ? null : Math.max(...succeeded),
    };
  };

  readonly othersWithReply = (server: string, reply: string, at: number): number =>
    this.#number(
      `SELECT COUNT(DISTINCT s.source_id) AS n FROM refusal r JOIN session s ON s.id = r.session
       WHERE r.at > @at - ${DAY_MS / 2} AND r.at < @at + ${DAY_MS / 2} AND r.reply_id IN (SELECT id FROM text WHERE value = @reply)
         AND s.direction = 'receive' AND s.server_id IN (SELECT id FROM text WHERE value = @onServer) AND NOT (${this.#terms.sql})`,
      { at, reply, onServer: server },
    );

  readonly handOvers = ({ sessionId }: ExaminedSession): readonly ExaminedSession[] => {
    const rows = this.#db
      .prepare<[string], { id: number }>(
        `SELECT s.id FROM link JOIN session s ON s.id = link.session
         WHERE link.target_session_id = ? AND link.kind IN ('proxying', 'client-proxy') AND s.direction = 'send' ORDER BY s.started_at DESC LIMIT 4`,
      )
      .all(sessionId);
    return this.#examiner.examine(rows.map(({ id }) => id).reverse());
  };

  readonly failedHandOvers = ({ server, startedAt, endedAt }: ExaminedSession): readonly ExaminedSession[] => {
    const rows = this.#db
      .prepare(
        `SELECT s.id FROM session s JOIN text connector ON connector.id = s.connector_id
         WHERE s.started_at >= @from AND s.started_at <= @to AND s.direction = 'send' AND s.server_id IN (SELECT id FROM text WHERE value = @server)
           AND s.outcome IN (SELECT value FROM json_each(@failing)) AND NOT EXISTS (SELECT 1 FROM link WHERE link.session = s.id)
           AND (connector.value LIKE 'Inbound Proxy%' OR connector.value LIKE 'Client Proxy%') ORDER BY s.started_at LIMIT 4`,
      )
      .all({
        server,
        from: Date.parse(startedAt),
        to: Date.parse(endedAt),
        failing: JSON.stringify(FAILING_OUTCOMES),
      }) as { id: number }[];
    return this.#examiner.examine(rows.map(({ id }) => id));
  };

  readonly frontEndOf = (session: ExaminedSession): ExaminedSession | null => {
    const ids = session.links.filter(({ role, kind }) => role === 'carries' && (kind === 'xproxy' || kind === 'xproxyfrom'));
    // One that serves several clients does not say which of them is meant.
    if (ids.length !== 1) return null;
    const row = this.#db
      .prepare<[string], { id: number }>(
        "SELECT id FROM session WHERE direction = 'receive' AND session_id = ? ORDER BY started_at DESC LIMIT 1",
      )
      .get(ids[0]!.sessionId);
    return (row && this.#examiner.one(row.id)) ?? null;
  };

  readonly helloTurns = (): number =>
    this.#number(
      `SELECT COUNT(*) AS n FROM (SELECT s.helo_id AS name, LAG(s.helo_id) OVER (ORDER BY s.started_at, s.id) AS before FROM session s
         WHERE ${this.#terms.sql} AND s.helo_id IS NOT NULL) WHERE name <> before`,
      {},
    );

  readonly served: Circumstances['served'] = ({ on, notOn, port, since, kind, domain, bytes, mechanism, loggedOn, secured }) => {
    const flag = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value));
    const row = this.#db
      .prepare(
        `SELECT s.id FROM session s WHERE ${this.#terms.sql} AND s.started_at >= @since
           AND (@kind = 'logon' OR s.messages_accepted > 0)
           AND NOT EXISTS (SELECT 1 FROM session_client c WHERE c.session = s.id)
           AND (@onServer IS NULL OR s.server_id IN (SELECT id FROM text WHERE value = @onServer))
           AND (@notOnServer IS NULL OR s.server_id NOT IN (SELECT id FROM text WHERE value IN (@notOnServer, '')))
           AND (@port IS NULL OR s.local_endpoint LIKE '%:' || @port)
           AND (@mechanism IS NULL OR s.auth_mechanism_id IN (SELECT id FROM text WHERE value = @mechanism))
           AND (@loggedOn IS NULL OR (s.auth_result = 'success') = @loggedOn)
           AND (@secured IS NULL OR (s.tls_id NOT IN (SELECT id FROM text WHERE value = 'none')) = @secured)
           AND CASE @kind WHEN 'logon' THEN s.auth_result = 'success' ELSE EXISTS (
             SELECT 1 FROM smtp_transaction t WHERE t.session = s.id AND t.state = 'accepted' AND COALESCE(t.bytes, 0) >= @bytes
               AND (@domain IS NULL OR EXISTS (SELECT 1 FROM recipient_view r WHERE r.session = s.id
                 AND r.transaction_ordinal = t.ordinal AND r.accepted = 1 AND lower(r.domain) = lower(@domain)))) END
         ORDER BY s.started_at DESC LIMIT 1`,
      )
      .get({
        ...this.#terms.values,
        onServer: on ?? null,
        notOnServer: notOn ?? null,
        port: port === undefined ? null : String(port),
        since,
        kind,
        domain: domain ?? null,
        bytes: bytes ?? 0,
        mechanism: mechanism ?? null,
        loggedOn: flag(loggedOn),
        secured: flag(secured),
      }) as { id: number } | undefined;
    return (row && this.#examiner.one(row.id)) ?? null;
  };

  readonly lostDeliveries = (): readonly LostDelivery[] => {
    this.#lost ??= this.#readLost();
    return this.#lost;
  };

  /** Accepted messages of the subject that a send session of the same queue number could not hand on, by reply. */
  #readLost(): LostDelivery[] {
    const any = this.#db
      .prepare("SELECT 1 FROM smtp_transaction WHERE state = 'refused' AND internal_id IS NOT NULL LIMIT 1")
      .get();
    if (any === undefined) return [];
    // Numbers of queues are counted on each server by itself: the message id says whether it is the same mail.
    const rows = this.#db
      .prepare(
        `SELECT reply.value AS reply, COUNT(DISTINCT own.internal_id) AS messages, MIN(lost.began_at) AS firstSeen, MAX(lost.began_at) AS lastSeen,
           MAX(printf('%014d %d %d %s', lost.began_at, own.session, lost.session, own.internal_id)) AS last
         FROM session s JOIN smtp_transaction own ON own.session = s.id AND own.state = 'accepted' AND own.internal_id IS NOT NULL
         JOIN smtp_transaction lost ON lost.internal_id = own.internal_id AND lost.state = 'refused'
           AND (own.message_id IS NULL OR lost.message_id IS NULL OR own.message_id = lost.message_id)
         JOIN session carrier ON carrier.id = lost.session AND carrier.direction = 'send'
         JOIN text reply ON reply.id = lost.reply_id
         WHERE ${this.#terms.sql} AND s.messages_accepted > 0 GROUP BY reply.value ORDER BY messages DESC LIMIT ${LOST}`,
      )
      .all(this.#terms.values) as {
      reply: string;
      messages: number;
      firstSeen: number;
      lastSeen: number;
      last: string;
    }[];
    return rows.flatMap(({ last, ...row }): LostDelivery[] => {
      const [, own, send, ...rest] = last.split(' ');
      const internalId = rest.join(' ');
      const received = this.#examiner.one(Number(own));
      const carrier = this.#examiner.one(Number(send));
      if (!received || !carrier) return [];
      const messageId = received.transactions.find((one) => one.internalId === internalId)?.messageId ?? null;
      return [
        {
          ...row,
          internalId,
          messageId,
          received,
          send: carrier,
          deliveredAt: this.#deliveredAfter(internalId, messageId, row.lastSeen),
        },
      ];
    });
  }

  /** When a later send session of the same server delivered the message, within the two days in which it is tried. */
  #deliveredAfter(internalId: string, messageId: string | null, at: number): number | null {
    const row = this.#db
      .prepare(
        `SELECT MIN(t.began_at) AS at FROM session s JOIN smtp_transaction t ON t.session = s.id
         WHERE s.started_at >= @at AND s.started_at < @at + ${2 * DAY_MS} AND s.direction = 'send' AND t.began_at > @at
           AND t.internal_id = @internalId AND t.message_id IS @messageId AND t.state = 'accepted'`,
      )
      .get({ at, internalId, messageId }) as { at: number | null };
    return row.at;
  }

  readonly delayed = (): ReturnType<Circumstances['delayed']> => {
    const row = this.#db
      .prepare(
        `SELECT COUNT(*) AS sessions, SUM(s.tarpit_ms) AS tarpitMs, MAX(s.started_at) AS last, s.id FROM session s
         WHERE ${this.#terms.sql} AND s.tarpit_ms > 0 AND s.outcome = 'accepted'`,
      )
      .get(this.#terms.values) as { sessions: number; tarpitMs: number | null; id: number | null };
    const latest = row.id === null ? undefined : this.#examiner.one(row.id);
    return latest ? { sessions: row.sessions, tarpitMs: row.tarpitMs ?? 0, latest } : null;
  };

  readonly tookOver: Circumstances['tookOver'] = ({ server, connector, remoteEndpoint, endedAt }, domain) => {
    const row = this.#db
      .prepare(
        `SELECT s.id FROM session s JOIN text server ON server.id = s.server_id JOIN text connector ON connector.id = s.connector_id
         WHERE s.started_at >= @from AND s.started_at <= @to AND s.direction = 'send' AND server.value = @server AND connector.value = @connector
           AND s.remote_endpoint <> @remoteEndpoint AND EXISTS (SELECT 1 FROM smtp_transaction t
             JOIN recipient_view r ON r.session = t.session AND r.transaction_ordinal = t.ordinal
             WHERE t.session = s.id AND t.state = 'accepted' AND r.accepted = 1 AND lower(r.domain) = lower(@domain))
         ORDER BY s.started_at LIMIT 1`,
      )
      .get({
        server,
        connector,
        remoteEndpoint,
        domain,
        from: Date.parse(endedAt),
        to: Date.parse(endedAt) + MINUTE_MS,
      }) as { id: number } | undefined;
    return (row && this.#examiner.one(row.id)) ?? null;
  };

  readonly wordless = (): ReturnType<Circumstances['wordless']> => {
    const row = this.#db
      .prepare(
        `SELECT SUM(silent) AS sessions, SUM(1 - silent) AS others, MAX(CASE WHEN silent THEN id END) AS id
         FROM (SELECT s.id, s.outcome = 'probe' AND s.helo_id IS NULL AND s.rows >= 3 AND s.ended_at - s.started_at >= ${WAITING_MS} AS silent
           FROM session s WHERE ${this.#terms.sql} AND (s.local_endpoint LIKE '%:465' OR s.local_endpoint LIKE '%:587'))`,
      )
      .get(this.#terms.values) as { sessions: number | null; others: number | null; id: number | null };
    const latest = row.id === null ? undefined : this.#examiner.one(row.id);
    return latest ? { sessions: row.sessions ?? 0, others: row.others ?? 0, latest } : null;
  };

  readonly leftAfterTls = (): ReturnType<Circumstances['leftAfterTls']> => {
    // Sessions of one kind have the same number of rows: the latest of each number is read.
    const rows = this.#db
      .prepare(
        `SELECT s.outcome = 'probe' AND s.auth_result = 'none' AND COALESCE(disconnect.value LIKE 'Remote%', 0) AS maybe,
           COUNT(*) AS sessions, MAX(s.started_at) AS at, s.id
         FROM session s JOIN text tls ON tls.id = s.tls_id LEFT JOIN text disconnect ON disconnect.id = s.disconnect_id
         WHERE ${this.#terms.sql} AND s.direction = 'receive' AND tls.value <> 'none' GROUP BY maybe, CASE WHEN maybe THEN s.rows END ORDER BY at DESC`,
      )
      .all(this.#terms.values) as { maybe: number; sessions: number; id: number }[];
    let latest: ExaminedSession | undefined;
    let [sessions, others] = [0, 0];
    for (const row of rows) {
      const session = row.maybe === 1 ? this.#examiner.one(row.id) : undefined;
      if (session && endsWithTls(session)) {
        latest ??= session;
        sessions += row.sessions;
      } else others += row.sessions;
    }
    return latest ? { sessions, others, latest } : null;
  };

  #number(sql: string, values: Readonly<Record<string, unknown>>): number {
    return (this.#db.prepare(sql).get({ ...this.#terms.values, ...values }) as { n: number }).n;
  }
}

/** The row that tells of the handshake has no command of the client after it. */
function endsWithTls({ events }: ExaminedSession): boolean {
  const negotiated = events.findLastIndex(({ event, context }) => event === '*' && /^TLS protocol /.test(context));
  return negotiated >= 0 && events.slice(negotiated).every(({ event }) => event !== '<');
}

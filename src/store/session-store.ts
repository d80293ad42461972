/** Writes sessions with all that hangs on them. One identity may hold several sessions, told apart by their generation. */
import type { Statement } from 'better-sqlite3';
import { parseEndpoint } from '../net/endpoint.ts';
import type { Direction, Service } from '../protocol-log/fields.ts';
import type { Session } from '../session/session.ts';
import type { Database } from './database.ts';
import type { Interner } from './interning.ts';

/** What makes two rows belong to the same session, but for restarts. `server` is empty while unknown. */
export interface Identity {
  readonly sessionId: string;
  readonly direction: Direction;
  readonly server: string;
  readonly remoteEndpoint: string;
}

export interface StoredSegment {
  readonly sectionId: number;
  readonly first: number;
  readonly last: number;
}

const COLUMNS = [
  'session_id',
  'direction',
  'server_id',
  'remote_endpoint',
  'generation',
  'section_id',
  'first',
  'last',
  'service',
  'connector_id',
  'local_endpoint',
  'source_id',
  'started_at',
  'ended_at',
  'rows',
  'ended',
  'helo_id',
  'tls_id',
  'auth_mechanism_id',
  'auth_user_id',
  'auth_result',
  'permissions',
  'outcome',
  'reason_id',
  'messages_accepted',
  'messages_refused',
  'recipients_accepted',
  'recipients_refused',
  'bytes_accepted',
  'last_error_id',
  'last_error_at',
  'disconnect_id',
  'tarpit_ms',
  'health_probe',
  'anomalies',
] as const;

const CHILDREN = ['segment', 'smtp_transaction', 'recipient', 'refusal', 'link', 'session_client'] as const;

export class SessionStore {
  readonly #intern: Interner;
  readonly #insertSession: Statement;
  readonly #insertSegment: Statement;
  readonly #insertTransaction: Statement;
  readonly #insertRecipient: Statement;
  readonly #insertRefusal: Statement;
  readonly #insertLink: Statement;
  readonly #insertClient: Statement;
  readonly #deleteChildren: readonly Statement[];
  readonly #deleteSession: Statement<[number], { rows: number }>;
  readonly #ofIdentity: Statement<
    [string, string, number, string],
    { id: number; generation: number; started_at: number; ended_at: number }
  >;
  readonly #segments: Statement<[number], StoredSegment>;
  readonly #raiseEnd: Statement;
  readonly #ends = new Map<string, { server: string; direction: Direction; connector: string | null; at: number }>();
  /** Rows in the store now, less those that were there at the start. */
  rowsAdded = 0;

  constructor(db: Database, intern: Interner) {
    this.#intern = intern;
    const insert = (table: string, columns: readonly string[], or = ''): Statement =>
      db.prepare(`INSERT ${or} INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
    this.#insertSession = insert('session', COLUMNS, 'OR IGNORE');
    this.#insertSegment = insert('segment', ['session', 'ordinal', 'section_id', 'first', 'last']);
    this.#insertTransaction = insert('smtp_transaction', [
      'session',
      'ordinal',
      'began_at',
      'decided_at',
      'sender_id',
      'client_id',
      'client_session_id',
      'state',
      'reply_id',
      'message_id',
      'internal_id',
      'bytes',
      'bytes_known_by',
      'shadow',
      'recipients_accepted',
      'recipients_refused',
    ]);
    this.#insertRecipient = insert('recipient', [
      'session',
      'transaction_ordinal',
      'ordinal',
      'address_id',
      'accepted',
      'reply_id',
    ]);
    this.#insertRefusal = insert('refusal', ['session', 'ordinal', 'at', 'command', 'code', 'reply_id']);
    this.#insertLink = insert('link', ['session', 'kind', 'target_session_id'], 'OR IGNORE');
    this.#insertClient = insert('session_client', ['session', 'client_id'], 'OR IGNORE');
    this.#deleteChildren = CHILDREN.map((table) => db.prepare(`DELETE FROM ${table} WHERE session = ?`));
    this.#deleteSession = db.prepare('DELETE FROM session WHERE id = ? RETURNING rows');
    this.#ofIdentity = db.prepare(
      `SELECT id, generation, started_at, ended_at FROM session
       WHERE session_id = ? AND direction = ? AND server_id = ? AND remote_endpoint = ? ORDER BY generation`,
    );
    this.#segments = db.prepare(
      'SELECT section_id AS sectionId, first, last FROM segment_view WHERE session = ? ORDER BY ordinal',
    );
    this.#raiseEnd = db.prepare(
      `INSERT INTO log_end (server_id, direction, connector_id, at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = MAX(at, excluded.at)`,
    );
  }

  /** The stored sessions of an identity, by generation. */
  ofIdentity(identity: Identity): { id: number; generation: number; started_at: number; ended_at: number }[] {
    return this.#ofIdentity.all(
      identity.sessionId,
      identity.direction,
      this.#intern.text(identity.server),
      identity.remoteEndpoint,
    );
  }

  segments(id: number): StoredSegment[] {
    return this.#segments.all(id);
  }

  /** Stores a session; undefined when its identity and generation are there already. */
  insert(
    session: Session,
    server: string,
    service: Service | null,
    segments: readonly StoredSegment[],
    generation = 0,
  ): number | undefined {
    const intern = this.#intern;
    const main = segments[0];
    if (!main) throw new Error(`session ${session.sessionId} has no rows in any log`);
    const source = session.direction === 'receive' ? parseEndpoint(session.remoteEndpoint).address : '';
    const result = this.#insertSession.run(
      session.sessionId,
      session.direction,
      intern.text(server),
      session.remoteEndpoint,
      generation,
      main.sectionId,
      main.first,
      main.last,
      service,
      intern.text(session.connector),
      session.localEndpoint,
      intern.text(source),
      session.startedAt,
      session.endedAt,
      session.rows,
      session.ended ? 1 : 0,
      intern.optional(session.helo),
      intern.text(session.tls),
      intern.optional(session.authMechanism),
      intern.optional(session.authUser),
      session.authResult,
      session.permissions,
      session.outcome,
      intern.text(session.outcomeReason),
      session.messagesAccepted,
      session.messagesRefused,
      session.recipientsAccepted,
      session.recipientsRefused,
      session.bytesAccepted,
      intern.optional(session.lastError),
      session.lastErrorAt,
      intern.optional(session.disconnect),
      session.tarpitMs,
      session.healthProbe ? 1 : 0,
      session.anomalies.length > 0 ? JSON.stringify(session.anomalies) : null,
    );
    if (result.changes === 0) return undefined;
    const id = Number(result.lastInsertRowid);
    this.rowsAdded += session.rows;
    this.#noteEnd(server, session);
    for (let i = 1; i < segments.length; i++) {
      const segment = segments[i]!;
      this.#insertSegment.run(id, i, segment.sectionId, segment.first, segment.last);
    }
    this.#insertTransactions(id, session);
    for (let i = 0; i < session.refusals.length; i++) {
      const refusal = session.refusals[i]!;
      this.#insertRefusal.run(id, i, refusal.at, refusal.command, refusal.code, intern.text(refusal.text));
    }
    for (const client of session.clients) this.#insertClient.run(id, intern.text(client));
    for (const link of session.links) this.#insertLink.run(id, link.kind, link.sessionId);
    return id;
  }

  #insertTransactions(id: number, session: Session): void {
    const intern = this.#intern;
    const { transactions } = session;
    for (let t = 0; t < transactions.length; t++) {
      const transaction = transactions[t]!;
      const { recipients } = transaction;
      let accepted = 0;
      let refused = 0;
      for (let r = 0; r < recipients.length; r++) {
        const recipient = recipients[r]!;
        if (recipient.accepted === true && transaction.state === 'accepted') accepted++;
        else if (recipient.accepted === false) refused++;
        this.#insertRecipient.run(
          id,
          t,
          r,
          intern.address(recipient.address),
          recipient.accepted === null ? null : recipient.accepted ? 1 : 0,
          intern.optional(recipient.reply),
        );
      }
      this.#insertTransaction.run(
        id,
        t,
        transaction.beganAt,
        transaction.decidedAt,
        transaction.sender === null ? null : intern.address(transaction.sender),
        intern.optional(transaction.client),
        transaction.clientSessionId,
        transaction.state,
        intern.optional(transaction.reply),
        transaction.messageId,
        transaction.internalId,
        transaction.bytes,
        transaction.bytesKnownBy,
        transaction.shadow ? 1 : 0,
        accepted,
        refused,
      );
    }
  }

  delete(id: number): void {
    for (const statement of this.#deleteChildren) statement.run(id);
    this.rowsAdded -= this.#deleteSession.get(id)?.rows ?? 0;
  }

  /** The logs reach at least to the last row of their sessions. */
  #noteEnd(server: string, { direction, connector, endedAt }: Session): void {
    const of = server === '' ? connector : null;
    const key = `${direction}\0${server}\0${of ?? ''}`;
    const end = this.#ends.get(key);
    if (!end) this.#ends.set(key, { server, direction, connector: of, at: endedAt });
    else if (endedAt > end.at) end.at = endedAt;
  }

  flushLogEnds(): void {
    for (const { server, direction, connector, at } of this.#ends.values())
      this.#raiseEnd.run(this.#intern.text(server), direction, connector === null ? 0 : this.#intern.text(connector), at);
    this.#ends.clear();
  }
}

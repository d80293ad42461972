/** Writes sessions with all that hangs on them. One identity may hold several sessions, told apart by their generation. */
import type { Statement } from 'better-sqlite3';
import type { Direction } from '../protocol-log/fields.ts';
import type { Database } from './database.ts';
import type { Interner } from './interning.ts';
import {
  connectorOf,
  endedAt,
  type Identity,
  identityOf,
  rowCount,
  SESSION_COLUMNS,
  type SegmentRecord,
  type SessionRecord,
  serviceOf,
  TRANSACTION_COLUMNS,
} from './session-record.ts';

const CHILDREN = ['segment', 'smtp_transaction', 'recipient', 'refusal', 'link', 'session_client'] as const;

/** Places of the values that are interned. */
const placesOf = (columns: readonly string[], isText: (name: string) => boolean): number[] =>
  columns.flatMap((name, index) => (isText(name) ? [index] : []));
const SESSION_TEXTS = placesOf(SESSION_COLUMNS, (name) => name.endsWith('_id') && name !== 'session_id' && name !== 'section_id');
const TRANSACTION_TEXTS = placesOf(TRANSACTION_COLUMNS, (name) => name === 'client_id' || name === 'reply_id');
const SENDER = TRANSACTION_COLUMNS.indexOf('sender_id');

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
  readonly #ofIdentity: Statement<[string, string, number, string], { id: number }>;
  readonly #count: Statement<[], { n: number }>;
  readonly #ofSection: Statement<[number, number, string], { id: number; sessionId: string; remoteEndpoint: string }>;
  readonly #rowsOf: Statement<[string, string, number, string], { rows: number | null }>;
  readonly #segments: Statement<[number], { section_id: number; first: number; last: number }>;
  readonly #raiseEnd: Statement;
  readonly #ends = new Map<
    string,
    { server: string; direction: Direction; service: string; connector: string | null; at: number }
  >();
  /** Rows in the store now, less those that were there at the start. */
  rowsAdded = 0;

  constructor(db: Database, intern: Interner) {
    this.#intern = intern;
    const insert = (table: string, columns: readonly string[], or = ''): Statement =>
      db.prepare(`INSERT ${or} INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
    this.#insertSession = insert('session', SESSION_COLUMNS, 'OR IGNORE');
    this.#insertSegment = insert('segment', ['session', 'ordinal', 'section_id', 'first', 'last']);
    this.#insertTransaction = insert('smtp_transaction', ['session', 'ordinal', ...TRANSACTION_COLUMNS]);
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
      `SELECT id FROM session WHERE session_id = ? AND direction = ? AND server_id = ? AND remote_endpoint = ? ORDER BY generation`,
    );
    this.#count = db.prepare('SELECT COUNT(*) AS n FROM session');
    this.#ofSection = db.prepare(
      `SELECT DISTINCT s.id, s.session_id AS sessionId, s.remote_endpoint AS remoteEndpoint
       FROM segment_view g JOIN session s ON s.id = g.session WHERE g.section_id = ? AND s.server_id = ? AND s.direction = ?`,
    );
    this.#rowsOf = db.prepare(
      'SELECT SUM(rows) AS rows FROM session WHERE session_id = ? AND direction = ? AND server_id = ? AND remote_endpoint = ?',
    );
    this.#segments = db.prepare('SELECT section_id, first, last FROM segment_view WHERE session = ? ORDER BY ordinal');
    this.#raiseEnd = db.prepare(
      `INSERT INTO log_end (server_id, direction, service, connector_id, at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = MAX(at, excluded.at)`,
    );
  }

  /** Numbers of the stored sessions of an identity, by generation. */
  ofIdentity({ sessionId, direction, server, remoteEndpoint }: Identity): number[] {
    return this.#ofIdentity.all(sessionId, direction, this.#intern.text(server), remoteEndpoint).map(({ id }) => id);
  }

  segments(id: number): SegmentRecord[] {
    return this.#segments.all(id).map(({ section_id, first, last }) => [section_id, first, last]);
  }

  /** Stores a session; undefined when its identity and generation are there already. */
  insert(record: SessionRecord): number | undefined {
    const intern = this.#intern;
    const values = [...record.session];
    for (const index of SESSION_TEXTS) {
      const value = values[index];
      if (value !== null) values[index] = intern.text(value as string);
    }
    const result = this.#insertSession.run(values);
    if (result.changes === 0) return undefined;
    const id = Number(result.lastInsertRowid);
    this.rowsAdded += rowCount(record);
    this.#noteEnd(record);
    record.segments.forEach(
      ([sectionId, first, last], index) => void this.#insertSegment.run(id, index + 1, sectionId, first, last),
    );
    this.#insertTransactions(id, record);
    record.refusals.forEach(
      ([at, command, code, text], index) => void this.#insertRefusal.run(id, index, at, command, code, intern.text(text)),
    );
    for (const [kind, sessionId] of record.links) this.#insertLink.run(id, kind, sessionId);
    for (const client of record.clients) this.#insertClient.run(id, intern.text(client));
    return id;
  }

  #insertTransactions(id: number, { transactions }: SessionRecord): void {
    const intern = this.#intern;
    for (let t = 0; t < transactions.length; t++) {
      const [given, recipients] = transactions[t]!;
      const values = [id, t, ...given];
      for (const index of TRANSACTION_TEXTS) {
        const value = given[index];
        if (value !== null) values[index + 2] = intern.text(value as string);
      }
      const sender = given[SENDER];
      if (sender !== null) values[SENDER + 2] = intern.address(sender as string);
      this.#insertTransaction.run(values);
      for (let r = 0; r < recipients.length; r++) {
        const [address, accepted, reply] = recipients[r]!;
        this.#insertRecipient.run(id, t, r, intern.address(address), accepted, intern.optional(reply));
      }
    }
  }

  count(): number {
    return this.#count.get()?.n ?? 0;
  }

  /** Sessions with rows in a section, as far as they are known under this server and direction. */
  ofSection(
    sectionId: number,
    server: string,
    direction: Direction,
  ): { id: number; sessionId: string; remoteEndpoint: string }[] {
    return this.#ofSection.all(sectionId, this.#intern.text(server), direction);
  }

  /** Rows of all stored sessions of an identity. */
  rowsOf(identity: Identity): number {
    const { sessionId, direction, server, remoteEndpoint } = identity;
    return this.#rowsOf.get(sessionId, direction, this.#intern.text(server), remoteEndpoint)?.rows ?? 0;
  }

  delete(id: number): void {
    for (const statement of this.#deleteChildren) statement.run(id);
    this.rowsAdded -= this.#deleteSession.get(id)?.rows ?? 0;
  }

  /** The logs reach at least to the last row of their sessions. */
  #noteEnd(record: SessionRecord): void {
    const { server, direction } = identityOf(record);
    const connector = server === '' ? connectorOf(record) : null;
    const service = serviceOf(record) ?? '';
    const key = `${direction}\0${server}\0${service}\0${connector ?? ''}`;
    const at = endedAt(record);
    const end = this.#ends.get(key);
    if (!end) this.#ends.set(key, { server, direction, service, connector, at });
    else if (at > end.at) end.at = at;
  }

  flushLogEnds(): void {
    for (const { server, direction, service, connector, at } of this.#ends.values())
      this.#raiseEnd.run(
        this.#intern.text(server),
        direction,
        service,
        connector === null ? 0 : this.#intern.text(connector),
        at,
      );
    this.#ends.clear();
  }
}

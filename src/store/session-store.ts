/** Writes sessions with all that hangs on them. One identity may hold several sessions, told apart by their generation. */
import type { Statement } from 'better-sqlite3';
import type { Direction } from '../protocol-log/fields.ts';
import { BatchInsert } from './batch-insert.ts';
import type { Database } from './database.ts';
import type { Interner } from './interning.ts';
import {
  connectorOf,
  directionOf,
  endedAt,
  type Identity,
  type InternedRecord,
  remoteEndpointOf,
  rowCount,
  SESSION_COLUMNS,
  type SegmentRecord,
  serverOf,
  serviceOf,
  sessionIdOf,
  TRANSACTION_COLUMNS,
} from './session-record.ts';

const CHILDREN = ['segment', 'smtp_transaction', 'recipient', 'refusal', 'link', 'session_client'] as const;

/** See the table `log_end`. */
interface LogEnd {
  readonly server: number;
  readonly direction: Direction;
  readonly service: string;
  readonly connector: number;
  at: number;
}

/** The highest number of a stored session (`session.id`), 0 where there is none. */
export const lastSessionNumber = (db: Database): number =>
  db.prepare<[], { id: number }>('SELECT COALESCE(MAX(id), 0) AS id FROM session').get()!.id;

export class SessionStore {
  readonly #intern: Interner;
  readonly #newSessions: BatchInsert;
  readonly #newTransactions: BatchInsert;
  readonly #newRecipients: BatchInsert;
  readonly #newRefusals: BatchInsert;
  readonly #insertSegment: Statement;
  readonly #insertLink: Statement;
  readonly #insertClient: Statement;
  readonly #deleteChildren: readonly Statement[];
  readonly #deleteSession: Statement<[number], { rows: number }>;
  readonly #ofIdentity: Statement<[string, string, number, string], { id: number }>;
  readonly #count: Statement<[], { n: number }>;
  readonly #idsFrom: Statement<[number], { id: number }>;
  readonly #ofSection: Statement<[number, number, string], { id: number; sessionId: string; remoteEndpoint: string }>;
  readonly #rowsOf: Statement<[string, string, number, string], { rows: number | null }>;
  readonly #segments: Statement<[number], { section_id: number; first: number; last: number }>;
  readonly #raiseEnd: Statement;
  /** No number is given twice in a run: who asks for those above one that was the last finds all that has come or grown. */
  #nextId: number;
  readonly #ends = new Map<string, LogEnd>();
  #lastEnd: LogEnd | undefined;
  /** Id of the empty name: the server is not known. */
  #nameless: number | undefined;
  /** Rows in the store now, less those that were there at the start. */
  rowsAdded = 0;

  constructor(db: Database, intern: Interner) {
    this.#intern = intern;
    this.#newSessions = new BatchInsert(db, 'session', ['id', ...SESSION_COLUMNS], 'IGNORE');
    this.#newTransactions = new BatchInsert(db, 'smtp_transaction', ['session', 'ordinal', ...TRANSACTION_COLUMNS]);
    this.#newRecipients = new BatchInsert(db, 'recipient', [
      'session',
      'transaction_ordinal',
      'ordinal',
      'address_id',
      'accepted',
      'reply_id',
    ]);
    this.#newRefusals = new BatchInsert(db, 'refusal', ['session', 'ordinal', 'at', 'command', 'code', 'reply_id']);
    this.#insertSegment = db.prepare('INSERT INTO segment (session, ordinal, section_id, first, last) VALUES (?, ?, ?, ?, ?)');
    this.#insertLink = db.prepare('INSERT OR IGNORE INTO link (session, kind, target_session_id) VALUES (?, ?, ?)');
    this.#insertClient = db.prepare('INSERT OR IGNORE INTO session_client (session, client_id) VALUES (?, ?)');
    this.#deleteChildren = CHILDREN.map((table) => db.prepare(`DELETE FROM ${table} WHERE session = ?`));
    this.#deleteSession = db.prepare('DELETE FROM session WHERE id = ? RETURNING rows');
    this.#ofIdentity = db.prepare(
      `SELECT id FROM session WHERE session_id = ? AND direction = ? AND server_id = ? AND remote_endpoint = ? ORDER BY generation`,
    );
    this.#count = db.prepare('SELECT COUNT(*) AS n FROM session');
    this.#nextId = lastSessionNumber(db) + 1;
    this.#idsFrom = db.prepare('SELECT id FROM session WHERE id >= ?');
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

  identityOf(record: InternedRecord): Identity {
    return {
      sessionId: sessionIdOf(record),
      direction: directionOf(record),
      server: this.#intern.valueOf(serverOf(record)),
      remoteEndpoint: remoteEndpointOf(record),
    };
  }

  /** Numbers of the stored sessions of an identity, by generation. */
  ofIdentity({ sessionId, direction, server, remoteEndpoint }: Identity): number[] {
    return this.#ofIdentity.all(sessionId, direction, this.#intern.text(server), remoteEndpoint).map(({ id }) => id);
  }

  segments(id: number): SegmentRecord[] {
    return this.#segments.all(id).map(({ section_id, first, last }) => [section_id, first, last]);
  }

  /** Stores sessions and tells their numbers; undefined for one whose identity and generation are there already. */
  insertAll(records: readonly InternedRecord[]): (number | undefined)[] {
    if (records.length === 0) return [];
    const first = this.#nextId;
    this.#nextId += records.length;
    const before = this.#newSessions.written;
    records.forEach((record, index) => void this.#addSession(first + index, record));
    this.#newSessions.flush();
    const complete = this.#newSessions.written - before === records.length;
    const stored = complete ? undefined : new Set(this.#idsFrom.all(first).map(({ id }) => id));
    const ids = records.map((_, index) => (stored && !stored.has(first + index) ? undefined : first + index));
    records.forEach((record, index) => {
      const id = ids[index];
      if (id !== undefined) this.#addParts(id, record);
    });
    this.#newTransactions.flush();
    this.#newRecipients.flush();
    this.#newRefusals.flush();
    return ids;
  }

  #addSession(id: number, { session }: InternedRecord): void {
    const rows = this.#newSessions;
    rows.add(id);
    rows.addAll(session);
    rows.endRow();
  }

  #addParts(id: number, record: InternedRecord): void {
    this.rowsAdded += rowCount(record);
    this.#noteEnd(record);
    record.segments.forEach(
      ([sectionId, first, last], index) => void this.#insertSegment.run(id, index + 1, sectionId, first, last),
    );
    this.#addTransactions(id, record);
    record.refusals.forEach((values, index) => {
      const rows = this.#newRefusals;
      rows.add(id);
      rows.add(index);
      rows.addAll(values);
      rows.endRow();
    });
    for (const [kind, sessionId] of record.links) this.#insertLink.run(id, kind, sessionId);
    for (const client of record.clients) this.#insertClient.run(id, client);
  }

  #addTransactions(id: number, { transactions }: InternedRecord): void {
    const rows = this.#newTransactions;
    const recipientRows = this.#newRecipients;
    for (let t = 0; t < transactions.length; t++) {
      const [values, recipients] = transactions[t]!;
      rows.add(id);
      rows.add(t);
      rows.addAll(values);
      rows.endRow();
      for (let r = 0; r < recipients.length; r++) {
        recipientRows.add(id);
        recipientRows.add(t);
        recipientRows.add(r);
        recipientRows.addAll(recipients[r]!);
        recipientRows.endRow();
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
  #noteEnd(record: InternedRecord): void {
    const [server, direction, service] = [serverOf(record), directionOf(record), serviceOf(record) ?? ''];
    this.#nameless ??= this.#intern.text('');
    const connector = server === this.#nameless ? connectorOf(record) : 0;
    const last = this.#lastEnd;
    const isLast =
      last?.server === server && last.direction === direction && last.service === service && last.connector === connector;
    const end = isLast ? last : this.#endOf(server, direction, service, connector);
    this.#lastEnd = end;
    end.at = Math.max(end.at, endedAt(record));
  }

  #endOf(server: number, direction: Direction, service: string, connector: number): LogEnd {
    const key = `${server} ${direction} ${service} ${connector}`;
    let end = this.#ends.get(key);
    if (!end) this.#ends.set(key, (end = { server, direction, service, connector, at: 0 }));
    return end;
  }

  flushLogEnds(): void {
    for (const { server, direction, service, connector, at } of this.#ends.values())
      this.#raiseEnd.run(server, direction, service, connector, at);
    this.#ends.clear();
    this.#lastEnd = undefined;
  }
}

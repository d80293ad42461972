/** One session with its rows, read again from the archive: the original bytes are the evidence. */
import type { ColumnOrder } from '../protocol-log/line-scanner.ts';
import { KeyedBits } from '../redaction/keyed-bits.ts';
import { redactedSessionId } from '../redaction/session-mark.ts';
import { partition } from '../session/partition.ts';
import type { LinkKind, SessionAnomalyKind, TransactionState } from '../session/session.ts';
import { SessionBuilder } from '../session/session-builder.ts';
import { Archive } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import { findRows, type StoredRow, type Stretch, viewOf } from '../store/stored-rows.ts';
import { type AttributedSession, SessionAttributions } from './session-attribution.ts';
import { publicId } from './session-id.ts';
import { anomaliesOf, SESSION_COLUMNS, type SessionRow, summariesByNumber, summarise } from './session-summary.ts';

export interface TransactionDetail {
  readonly sender: string | null;
  /** Address of the real client where a front end handed the message over, else of the source. */
  readonly client: string | null;
  readonly recipients: readonly { readonly address: string; readonly accepted: boolean; readonly reply: string | null }[];
  readonly state: TransactionState;
  readonly reply: string | null;
  readonly messageId: string | null;
  readonly internalId: string | null;
  readonly bytes: number | null;
  readonly bytesKnownBy: string | null;
  readonly beganAt: string;
  readonly shadow: boolean;
}

export interface EventDetail {
  readonly at: string;
  readonly sequence: number;
  readonly event: string;
  readonly data: string;
  readonly context: string;
  readonly file: string;
  readonly line: number;
}

export interface LinkDetail {
  readonly kind: LinkKind;
  /** `carries`: this session hands that one on, or serves it; `carried-by`: the other way round. */
  readonly role: 'carries' | 'carried-by';
  readonly sessionId: string;
  /** Ids of the stored sessions it is; empty where the log of the other side is not in the store. */
  readonly ids: readonly string[];
}

/** A 4xx or 5xx reply, with the kind of the command that it answered ("connect": the connection itself; "": none). */
export interface RefusalDetail {
  readonly at: string;
  readonly command: string;
  readonly code: number;
  readonly text: string;
}

export interface SessionDetail extends AttributedSession {
  readonly transactions: readonly TransactionDetail[];
  readonly anomalies: readonly { readonly kind: SessionAnomalyKind | 'cut-end'; readonly count: number }[];
  readonly tarpitMs: number;
  readonly refusals: readonly RefusalDetail[];
  readonly links: readonly LinkDetail[];
  readonly events: readonly EventDetail[];
}

/** Sessions that `wanted` names: a whole id, or the logged session-id, which may be that of several. */
export function findSessions(db: Database, wanted: string): SessionRow[] {
  const text = wanted.trim();
  const bySessionId = db.prepare<[string], SessionRow>(
    `SELECT ${SESSION_COLUMNS} FROM session_view v WHERE v.session_id = ? ORDER BY v.started_at, v.direction, v.generation`,
  );
  const exact = bySessionId.all(text);
  const rows = exact.length > 0 ? exact : bySessionId.all(text.toUpperCase());
  if (rows.length > 0) return rows;
  const dash = text.lastIndexOf('-');
  if (dash < 0) return [];
  const candidates = [text.slice(0, dash), text.slice(0, dash).toUpperCase()].flatMap((id) => bySessionId.all(id));
  const found = candidates.filter((row) => summarise(row).id.toLowerCase() === text.toLowerCase());
  return (found.length > 0 || candidates.length === 0 ? found : shownAs(db, candidates, text)).slice(0, 1);
}

/** By an id of redacted output, which somebody who got that asks about. */
function shownAs(db: Database, candidates: readonly SessionRow[], text: string): SessionRow[] {
  const bits = new KeyedBits(db.prepare('SELECT key FROM stand_in_key').pluck().get() as Uint8Array);
  return candidates.filter((row) => redactedSessionId(bits, summarise(row).id).toLowerCase() === text.toLowerCase());
}

/** A row, and the line in which it stands, byte for byte. */
export interface EvidenceRow extends StoredRow {
  readonly original: Buffer;
}

/** The rows of a session, in order, as they stand in the logs. Empty when their bytes are no longer in the store. */
export function sessionRows(db: Database, row: SessionRow): EvidenceRow[] {
  return rowsOfSessions(db, [row]).get(row.id) ?? [];
}

/** The rows of a session by its internal number (`session_view.id`). */
export function rowsBySessionNumber(db: Database, number: number): EvidenceRow[] {
  const [row] = summariesByNumber(db, [number]);
  return row ? sessionRows(db, row) : [];
}

/** Rows of many sessions in one pass over the archive. */
export function rowsOfSessions(db: Database, wanted: readonly SessionRow[]): Map<number, EvidenceRow[]> {
  const segments = db.prepare<
    [string, string, string, string],
    Omit<Stretch<string>, 'owner' | 'sessionId' | 'remoteEndpoint' | 'order'> & { columnOrder: string | null }
  >(
    `WITH wanted AS MATERIALIZED (SELECT s.id, s.section_id, s.first, s.last FROM session s JOIN text server ON server.id = s.server_id
       WHERE s.session_id = ? AND s.direction = ? AND server.value = ? AND s.remote_endpoint = ?)
     SELECT g.section_id AS sectionId, section.file_id AS fileId, section.column_order AS columnOrder, g.first, g.last
     FROM (SELECT section_id, first, last FROM wanted
       UNION ALL SELECT more.section_id, more.first, more.last FROM wanted JOIN segment more ON more.session = wanted.id) g
     JOIN section ON section.id = g.section_id`,
  );
  const identityOf = (row: SessionRow): string => [row.session_id, row.direction, row.server, row.remote_endpoint].join('\0');
  const identities = new Map(wanted.map((row) => [identityOf(row), row]));
  const stretches: Stretch<string>[] = [];
  for (const [identity, row] of identities)
    for (const { columnOrder, ...segment } of segments.all(row.session_id, row.direction, row.server, row.remote_endpoint))
      stretches.push({
        ...segment,
        owner: identity,
        sessionId: row.session_id,
        remoteEndpoint: row.remote_endpoint,
        order: columnOrder === null ? undefined : (JSON.parse(columnOrder) as ColumnOrder),
      });
  // Of identical rows the one in the log that was read first is kept, as the store does.
  stretches.sort((a, b) => a.fileId - b.fileId);
  const found = new Map<string, EvidenceRow[]>();
  findRows(new Archive(db), stretches, (identity, row, original) => {
    const evidence = { ...row, original: Buffer.from(original()) };
    const list = found.get(identity);
    if (list) list.push(evidence);
    else found.set(identity, [evidence]);
  });
  const parts = new Map([...found].map(([identity, rows]) => [identity, partition(rows)]));
  return new Map(wanted.map((row) => [row.id, parts.get(identityOf(row))?.[row.generation] ?? []]));
}

export function sessionDetail(db: Database, row: SessionRow): SessionDetail {
  return detailOf(db, row, sessionRows(db, row), new SessionAttributions(db));
}

/** The session of `rows`, which are all of its rows. */
export function detailOf(
  db: Database,
  row: SessionRow,
  rows: readonly StoredRow[],
  attributions: SessionAttributions,
): SessionDetail {
  const builder = new SessionBuilder(row.direction, true);
  for (const one of rows) builder.feed(viewOf(one));
  const { transactions, refusals } = builder.build();
  const session = attributions.of(row);
  return {
    ...session,
    transactions: transactions.map((transaction) => ({
      sender: transaction.sender,
      client: transaction.client ?? session.source,
      recipients: transaction.recipients.map(({ address, accepted, reply }) => ({ address, accepted: accepted === true, reply })),
      state: transaction.state,
      reply: transaction.reply,
      messageId: transaction.messageId,
      internalId: transaction.internalId,
      bytes: transaction.bytes,
      bytesKnownBy: transaction.bytesKnownBy,
      beganAt: new Date(transaction.beganAt).toISOString(),
      shadow: transaction.shadow,
    })),
    anomalies: anomaliesOf(row),
    tarpitMs: row.tarpit_ms,
    refusals: refusals.map(({ at, ...refusal }) => ({ at: new Date(at).toISOString(), ...refusal })),
    links: linksOf(db, row),
    events: eventsOf(db, rows),
  };
}

/** Rows as events with file and line. */
export function eventsOf(db: Database, rows: readonly StoredRow[]): EventDetail[] {
  const path = db.prepare<[number], { path: string }>('SELECT path FROM log_file WHERE id = ?');
  const paths = new Map<number, string>();
  return rows.map((row) => {
    let file = paths.get(row.fileId);
    if (file === undefined) {
      file = path.get(row.fileId)?.path ?? '';
      paths.set(row.fileId, file);
    }
    const view = viewOf(row);
    return {
      at: new Date(view.at).toISOString(),
      sequence: view.sequence,
      event: String.fromCharCode(view.event),
      data: view.data,
      context: view.context,
      file,
      line: row.lineNumber,
    };
  });
}

function linksOf(db: Database, row: SessionRow): LinkDetail[] {
  const idsOf = (sessionId: string): string[] =>
    findSessions(db, sessionId)
      .filter((other) => other.id !== row.id)
      .map((other) => summarise(other).id);
  const carries = db
    .prepare<[number], { kind: LinkKind; sessionId: string }>(
      'SELECT kind, target_session_id AS sessionId FROM link WHERE session = ? ORDER BY kind, target_session_id',
    )
    .all(row.id);
  const carriedBy = db.prepare<
    [string, number],
    {
      kind: LinkKind;
      sessionId: string;
      direction: 'receive' | 'send';
      server: string;
      remoteEndpoint: string;
      generation: number;
    }
  >(
    `SELECT link.kind, s.session_id AS sessionId, s.direction, server.value AS server, s.remote_endpoint AS remoteEndpoint, s.generation
       FROM link JOIN session s ON s.id = link.session JOIN text server ON server.id = s.server_id
       WHERE link.target_session_id = ? AND s.id <> ? ORDER BY s.started_at, s.id`,
  );
  return [
    ...carries.map(({ kind, sessionId }) => ({ kind, role: 'carries' as const, sessionId, ids: idsOf(sessionId) })),
    ...(row.direction === 'receive'
      ? carriedBy.all(row.session_id, row.id).map((other) => ({
          kind: other.kind,
          role: 'carried-by' as const,
          sessionId: other.sessionId,
          ids: [publicId(other)],
        }))
      : []),
  ];
}

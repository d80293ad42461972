/**
 * A session as the rows that are written for it: what the reading thread hands to the writing one. The order of the values
 * is the order of the columns, declared here once.
 */
import { parseEndpoint } from '../net/endpoint.ts';
import type { Direction, Service } from '../protocol-log/fields.ts';
import type { Session, Transaction } from '../session/session.ts';
import type { Place } from './place-hours.ts';

type Value = string | number | null;

/** Columns of `session`. */
export const SESSION_COLUMNS = [
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

/** Columns of `smtp_transaction` behind `session` and `ordinal`. */
export const TRANSACTION_COLUMNS = [
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
] as const;

/** The table in which the strings of a column are interned; undefined where they stand in the column itself. */
export type Interned = 'text' | 'address' | undefined;

const NOT_INTERNED = ['session_id', 'section_id', 'client_session_id', 'message_id', 'internal_id'];

const internedIn = (column: string): Interned => {
  if (!column.endsWith('_id') || NOT_INTERNED.includes(column)) return undefined;
  return column === 'sender_id' ? 'address' : 'text';
};

export const SESSION_INTERNED: readonly Interned[] = SESSION_COLUMNS.map(internedIn);
export const TRANSACTION_INTERNED: readonly Interned[] = TRANSACTION_COLUMNS.map(internedIn);

/** What makes two rows belong to the same session, but for restarts. `server` is empty while unknown. */
export interface Identity {
  readonly sessionId: string;
  readonly direction: Direction;
  readonly server: string;
  readonly remoteEndpoint: string;
}

/** Byte offsets of the first and the last row of a session in a section. */
export type SegmentRecord = readonly [sectionId: number, first: number, last: number];
/** Address, own reply (1, 0, null), text of the reply. */
export type RecipientRecord<Text = string> = readonly [address: Text, accepted: 0 | 1 | null, reply: Text | null];

/** `Text` is the string itself, or its number once it is interned. */
export interface SessionRecord<Text = string> {
  /** In the order of SESSION_COLUMNS. */
  readonly session: readonly Value[];
  readonly segments: readonly SegmentRecord[];
  /** In the order of TRANSACTION_COLUMNS, with the recipients behind. */
  readonly transactions: readonly (readonly [values: readonly Value[], recipients: readonly RecipientRecord<Text>[]])[];
  /** Time, command, code, text. */
  readonly refusals: readonly (readonly [at: number, command: string, code: number, text: Text])[];
  readonly links: readonly (readonly [kind: string, sessionId: string])[];
  readonly clients: readonly Text[];
}

/** As it is written. */
export type InternedRecord = SessionRecord<number>;

export interface Placing {
  readonly server: string;
  readonly service: Service | null;
  readonly segments: readonly SegmentRecord[];
  /** 0; counts up where the same identity comes again. */
  readonly generation?: number;
}

export function toRecord(session: Session, { server, service, segments, generation = 0 }: Placing): SessionRecord {
  const [main] = segments;
  if (!main) throw new Error(`session ${session.sessionId} has no rows in any log`);
  return {
    session: [
      session.sessionId,
      session.direction,
      server,
      session.remoteEndpoint,
      generation,
      main[0],
      main[1],
      main[2],
      service,
      session.connector,
      session.localEndpoint,
      session.direction === 'receive' ? parseEndpoint(session.remoteEndpoint).address : '',
      session.startedAt,
      session.endedAt,
      session.rows,
      session.ended ? 1 : 0,
      session.helo,
      session.tls,
      session.authMechanism,
      session.authUser,
      session.authResult,
      session.permissions,
      session.outcome,
      session.outcomeReason,
      session.messagesAccepted,
      session.messagesRefused,
      session.recipientsAccepted,
      session.recipientsRefused,
      session.bytesAccepted,
      session.lastError,
      session.lastErrorAt,
      session.disconnect,
      session.tarpitMs,
      session.healthProbe ? 1 : 0,
      session.anomalies.length > 0 ? JSON.stringify(session.anomalies) : null,
    ],
    segments: segments.slice(1),
    transactions: session.transactions.map(transactionRecord),
    refusals: session.refusals.map(({ at, command, code, text }) => [at, command, code, text] as const),
    links: session.links.map(({ kind, sessionId }) => [kind, sessionId] as const),
    clients: session.clients,
  };
}

function transactionRecord(transaction: Transaction): readonly [Value[], RecipientRecord[]] {
  let accepted = 0;
  let refused = 0;
  const recipients = transaction.recipients.map((recipient): RecipientRecord => {
    if (recipient.accepted === true && transaction.state === 'accepted') accepted++;
    else if (recipient.accepted === false) refused++;
    return [recipient.address, recipient.accepted === null ? null : recipient.accepted ? 1 : 0, recipient.reply];
  });
  const { state, shadow } = transaction;
  return [
    [
      transaction.beganAt,
      transaction.decidedAt,
      transaction.sender,
      transaction.client,
      transaction.clientSessionId,
      state,
      transaction.reply,
      transaction.messageId,
      transaction.internalId,
      transaction.bytes,
      transaction.bytesKnownBy,
      shadow ? 1 : 0,
      accepted,
      refused,
    ],
    recipients,
  ];
}

const place = (name: (typeof SESSION_COLUMNS)[number]): number => SESSION_COLUMNS.indexOf(name);
const transactionPlace = (name: (typeof TRANSACTION_COLUMNS)[number]): number => TRANSACTION_COLUMNS.indexOf(name);
const SERVER = place('server_id');
const SERVICE = place('service');
const SOURCE = place('source_id');
const HELO = place('helo_id');
const PERMISSIONS = place('permissions');
const STARTED = place('started_at');
const ENDED = place('ended_at');
const ROWS = place('rows');
const CONNECTOR = place('connector_id');
const TLS = place('tls_id');
const AUTH_RESULT = place('auth_result');
const OUTCOME = place('outcome');
const HEALTH_PROBE = place('health_probe');
const DECIDED = transactionPlace('decided_at');
const SENDER = transactionPlace('sender_id');
const CLIENT_SESSION = transactionPlace('client_session_id');
const STATE = transactionPlace('state');
const BYTES = transactionPlace('bytes');
const SHADOW = transactionPlace('shadow');
const RECIPIENTS_ACCEPTED = transactionPlace('recipients_accepted');
const RECIPIENTS_REFUSED = transactionPlace('recipients_refused');

export const sessionIdOf = ({ session }: InternedRecord): string => session[0] as string;
export const directionOf = ({ session }: InternedRecord): Direction => session[1] as Direction;
export const serverOf = ({ session }: InternedRecord): number => session[SERVER] as number;
export const remoteEndpointOf = ({ session }: InternedRecord): string => session[3] as string;

/** All stretches, the one in the session's own row included. */
export const segmentsOf = ({ session, segments }: InternedRecord): SegmentRecord[] => [
  [session[5] as number, session[6] as number, session[7] as number],
  ...segments,
];

export const serviceOf = ({ session }: InternedRecord): string | null => session[SERVICE] as string | null;
export const startedAt = ({ session }: InternedRecord): number => session[STARTED] as number;
export const endedAt = ({ session }: InternedRecord): number => session[ENDED] as number;
export const rowCount = ({ session }: InternedRecord): number => session[ROWS] as number;
export const connectorOf = ({ session }: InternedRecord): number => session[CONNECTOR] as number;

/** What the roll-ups by hour count of a session, its refusals apart. */
export interface RolledUp extends Place {
  readonly sessionId: string;
  readonly tls: number;
  readonly authResult: string;
  readonly outcome: string;
  readonly healthProbe: number;
  readonly startedAt: number;
  readonly helo: number | null;
  readonly permissions: number | null;
}

export const rolledUp = ({ session }: InternedRecord): RolledUp => ({
  sessionId: session[0] as string,
  server: session[SERVER] as number,
  service: (session[SERVICE] ?? '') as string,
  direction: session[1] as string,
  connector: session[CONNECTOR] as number,
  source: session[SOURCE] as number,
  tls: session[TLS] as number,
  authResult: session[AUTH_RESULT] as string,
  outcome: session[OUTCOME] as string,
  healthProbe: session[HEALTH_PROBE] as number,
  startedAt: session[STARTED] as number,
  helo: session[HELO] as number | null,
  permissions: session[PERMISSIONS] as number | null,
});

/** How a session is linked to others. */
export const linkKinds = ({ links }: Pick<InternedRecord, 'links'>): string[] => links.map(([kind]) => kind);

/** A transaction that something decided, as the roll-ups count it. */
export interface RolledUpMessage {
  readonly decidedAt: number;
  /** Set where another session may count for it. */
  readonly clientSessionId: string | null;
  readonly shadow: boolean;
  readonly state: string;
  readonly bytes: number | null;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  /** Number of the address. */
  readonly sender: number | null;
  readonly recipients: readonly RecipientRecord<number>[];
  /** Its place among the transactions of the session. */
  readonly ordinal: number;
}

export function decidedMessages({ transactions }: InternedRecord): RolledUpMessage[] {
  const messages: RolledUpMessage[] = [];
  for (let ordinal = 0; ordinal < transactions.length; ordinal++) {
    const [values, recipients] = transactions[ordinal]!;
    if (values[DECIDED] !== null)
      messages.push({
        decidedAt: values[DECIDED] as number,
        clientSessionId: values[CLIENT_SESSION] as string | null,
        shadow: values[SHADOW] === 1,
        state: values[STATE] as string,
        bytes: values[BYTES] as number | null,
        recipientsAccepted: values[RECIPIENTS_ACCEPTED] as number,
        recipientsRefused: values[RECIPIENTS_REFUSED] as number,
        sender: values[SENDER] as number | null,
        recipients,
        ordinal,
      });
  }
  return messages;
}

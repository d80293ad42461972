/** What a session is once its rows are read: plain values, the same whatever the order in which the files came. */
import type { Direction } from '../protocol-log/fields.ts';
import type { Outcome } from '../smtp/outcome.ts';

export interface Recipient {
  /** As given in RCPT TO; empty when the row that named it is missing. */
  readonly address: string;
  /** Its own reply: 2xx true, 4xx or 5xx false, none seen null. */
  readonly accepted: boolean | null;
  /** The reply where it is a refusal (or every reply, in a detailed reading). */
  readonly reply: string | null;
}

export type TransactionState = 'accepted' | 'refused' | 'abandoned';
/** How the size of a message is known: said in the final reply, sum of BDAT chunks, or declared with SIZE=. */
export type BytesKnownBy = 'reply' | 'chunks' | 'declared';

/** One MAIL … end of data. */
export interface Transaction {
  readonly beganAt: number;
  /** Time of the reply that decided it; null while nothing did. */
  readonly decidedAt: number | null;
  /** Empty: the null sender `<>`. null: the MAIL row is missing. */
  readonly sender: string | null;
  /** The real client, where a front end handed the message over (XPROXYFROM, XPROXY). */
  readonly client: string | null;
  /** The session in which that client stood, in the log of the front end. */
  readonly clientSessionId: string | null;
  readonly recipients: readonly Recipient[];
  readonly state: TransactionState;
  /** The deciding reply; for accepted messages only in a detailed reading. */
  readonly reply: string | null;
  readonly messageId: string | null;
  /** Number of the message in the queue and in message tracking. */
  readonly internalId: string | null;
  readonly bytes: number | null;
  readonly bytesKnownBy: BytesKnownBy | null;
  /** A shadow copy between servers ("queued for redundancy"): not mail, never counted. */
  readonly shadow: boolean;
}

/** A 4xx or 5xx reply, with the command it answered ("" when it answered none). */
export interface Refusal {
  readonly at: number;
  readonly command: string;
  readonly code: number;
  readonly text: string;
}

/**
 * `xproxyfrom`, `xproxy`: this Hub session serves that front-end session. `proxying`: this front-end send session
 * carries it. `client-proxy`, `outbound-proxy`: this send session carries it blindly. `xproxyto`: outbound, by a front end.
 */
export type LinkKind = 'xproxyfrom' | 'xproxy' | 'proxying' | 'client-proxy' | 'outbound-proxy' | 'xproxyto';
export interface Link {
  readonly kind: LinkKind;
  readonly sessionId: string;
}

/**
 * `cut-start`: rows before the first are missing. `gap`: rows in between are missing. `repeated-sequence`: two rows
 * claim one number. `unpaired`: commands whose replies are missing.
 */
export type SessionAnomalyKind = 'cut-start' | 'gap' | 'repeated-sequence' | 'unpaired';
export interface SessionAnomaly {
  readonly kind: SessionAnomalyKind;
  /** How many rows are missing, repeated or without answer. */
  readonly count: number;
}

export type AuthResult = 'none' | 'success' | 'failed';

export interface Session {
  readonly direction: Direction;
  readonly sessionId: string;
  readonly connector: string;
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  /** Time of the first and of the last row. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly rows: number;
  /** A disconnect was logged, or a failed connection attempt, which has none. */
  readonly ended: boolean;
  readonly helo: string | null;
  readonly tls: string;
  readonly authMechanism: string | null;
  readonly authUser: string | null;
  readonly authResult: AuthResult;
  /** Bit mask of the last `Set Session Permissions` row; null when there was none. */
  readonly permissions: number | null;
  readonly outcome: Outcome;
  readonly outcomeReason: string;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  readonly bytesAccepted: number;
  readonly lastError: string | null;
  readonly lastErrorAt: number | null;
  readonly disconnect: string | null;
  readonly tarpitMs: number;
  /** One of the product's own health checks. */
  readonly healthProbe: boolean;
  readonly transactions: readonly Transaction[];
  readonly refusals: readonly Refusal[];
  readonly links: readonly Link[];
  /** Real clients behind a front end, each once. */
  readonly clients: readonly string[];
  readonly anomalies: readonly SessionAnomaly[];
}

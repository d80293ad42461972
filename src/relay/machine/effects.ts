/** What the session machine wants done: it does nothing itself. */
import type { LogRow } from '../../protocol-log/writer.ts';

/** Where a row belongs when several services stand behind one session. */
export type LogName = 'front-end-receive' | 'front-end-send' | 'hub-receive';

/** A chunk that BDAT announces. */
export interface Chunk {
  readonly octets: number;
  readonly isLast: boolean;
}

export interface Envelope {
  readonly sender: string;
  /** Accepted ones, in order; each once for each time it was given. */
  readonly recipients: readonly string[];
  readonly helo: string;
  /** Address of the client. */
  readonly client: string;
  readonly authUser: string | null;
  /** BODY= and SMTPUTF8, as a next hop needs them. */
  readonly body: '7BIT' | '8BITMIME' | 'BINARYMIME';
  readonly smtpUtf8: boolean;
}

/**
 * In the order in which they are to be done. After `start-tls`, `check-logon` and `message-end` the machine waits for the
 * answer and takes no input.
 */
export type Effect =
  | { readonly kind: 'write'; readonly text: string }
  /**
   * The data of what a client said (`<` rows, and `>` rows of a send log) are its octets, each the character of its
   * number. `log`: undefined where it is the receive log of the service that the machine plays.
   */
  | { readonly kind: 'row'; readonly row: LogRow; readonly log?: LogName }
  | { readonly kind: 'start-tls' }
  | { readonly kind: 'check-logon'; readonly user: string; readonly password: string }
  /** A message begins: what follows as content belongs to it until its end or abort. `isChunked`: it comes by BDAT. */
  | { readonly kind: 'message-begin'; readonly envelope: Envelope; readonly isChunked?: boolean }
  /** `opens`: the octets, possibly none, are the first of a chunk. */
  | { readonly kind: 'content'; readonly octets: Uint8Array; readonly opens?: Chunk }
  /** The message is whole, to be kept behind the header: it has to be safe before the answer. */
  | { readonly kind: 'message-end'; readonly header: string }
  | { readonly kind: 'message-abort' }
  | { readonly kind: 'close' };

/** Result of a TLS handshake. */
export interface TlsFacts {
  /** `TLS1_2`, `TLS1_3`, … */
  readonly protocol: string;
  readonly cipher: string;
  /** Bits of the bulk cipher. */
  readonly strength: number;
}

export interface StoredFacts {
  /** Number of the message in the queue. */
  readonly internalId: string;
  /** Of the server that has the message. */
  readonly hostname: string;
}

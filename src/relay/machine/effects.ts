/** What the session machine wants done: it does nothing itself. */
import type { LogRow } from '../../protocol-log/writer.ts';

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
 * In the order in which they are to be done. After `start-tls`, `check-logon`, `message-end` and `hand-over` the machine
 * waits for the answer and takes no input.
 */
export type Effect =
  | { readonly kind: 'write'; readonly text: string }
  /** The data of a `<` row are the octets of the client, each the character of its number. */
  | { readonly kind: 'row'; readonly row: LogRow }
  | { readonly kind: 'start-tls' }
  | { readonly kind: 'check-logon'; readonly user: string; readonly password: string }
  /** A message begins: what follows as content belongs to it until its end or abort. */
  | { readonly kind: 'message-begin'; readonly envelope: Envelope }
  | { readonly kind: 'content'; readonly octets: Uint8Array }
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

/** How a session hands a message over, octet by octet, whatever becomes of it. */
import type { Envelope } from '../machine/effects.ts';

/** Where a message came from. */
export interface MessageOrigin {
  readonly sessionId: string;
  /** `SERVER\Connector Name`. */
  readonly connector: string;
  /** Milliseconds UTC. */
  readonly arrivedAt: number;
}

export interface KeptMessage {
  /** Decimal digits; counts up, in the spool also over restarts. */
  readonly internalId: string;
  /** Octets of header and content. */
  readonly size: number;
}

/** A message that is coming in: `write` any number of times, then `commit` or `abort`, once. */
export interface IncomingMessage {
  /** Takes octets, which must not change afterwards. A promise: give no more before it is resolved. */
  write(octets: Uint8Array): Promise<void> | undefined;
  /** Resolves when the message may be acknowledged, `header` standing before its content; rejects when it may not. */
  commit(header: string): Promise<KeptMessage>;
  /** Forgets the message. Does nothing after `commit`. */
  abort(): void;
}

/** What takes messages: the spool, or the sink. */
export interface MessageKeeper {
  begin(envelope: Envelope, origin: MessageOrigin): IncomingMessage;
}

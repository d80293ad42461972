/** Where messages go from the spool. */
import type { Readable } from 'node:stream';
import type { DeliveryResult } from './schedule.ts';
import type { SpooledMessage } from './spooled-message.ts';

export interface DeliveryOrder {
  readonly message: SpooledMessage;
  /** Those of the message's recipients that are due. */
  readonly recipients: readonly string[];
  /** Header and content, anew with every call. */
  readonly content: () => Readable;
  /** Aborted: the relay ends, and what is not decided is deferred. */
  readonly signal: AbortSignal;
}

export interface Destination {
  /** One result a recipient, in their order. A rejection counts as deferral of all. */
  deliver(order: DeliveryOrder): Promise<readonly DeliveryResult[]>;
}

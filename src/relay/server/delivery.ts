/** What the server needs of whatever takes its messages. */
import type { MessageKeeper } from '../delivery/incoming-message.ts';
import type { BackPressure } from '../machine/settings.ts';

export interface Delivery {
  readonly keeper: MessageKeeper;
  /** How full it is. */
  readonly pressure: () => BackPressure;
  /** Binary content can be delivered as it came. */
  readonly takesBinary: boolean;
  /** Messages that wait for their delivery, and that were given up since the start. */
  readonly backlog: () => { readonly waiting: number; readonly failed: number };
  /** Ends: what is under way has up to `graceMs`; what is kept stays kept. */
  close(graceMs: number): Promise<void>;
}

/** When a recipient is tried again, and when no more: decisions about values. */
import type { RecipientState } from './spooled-message.ts';

export interface RetrySettings {
  /** Milliseconds to wait after the first attempt, the second …; the last one stands for all that follow. */
  readonly delaysMs: readonly number[];
  /** Milliseconds from the arrival of a message after which nothing is tried any more. */
  readonly expiryMs: number;
}

const MINUTE_MS = 60_000;

export const DEFAULT_RETRIES: RetrySettings = {
  delaysMs: [1, 5, 15, 30, 60].map((minutes) => minutes * MINUTE_MS),
  expiryMs: 2 * 24 * 60 * MINUTE_MS,
};

/** What became of one attempt for one recipient; `reply` is the next hop's, or says why there was none. */
export interface DeliveryResult {
  readonly kind: 'delivered' | 'deferred' | 'refused';
  readonly reply: string;
}

/** A recipient that has not been tried yet: it is due whatever the clock says. */
export const NEW_RECIPIENT: RecipientState = { kind: 'waiting', attempts: 0, nextAt: 0, reply: null };

/** Milliseconds from the attempt with this number, from 1, to the next. */
export function delayAfter(attempts: number, { delaysMs }: RetrySettings): number {
  return delaysMs[Math.min(attempts, delaysMs.length) - 1] ?? 0;
}

export interface Attempt {
  /** Milliseconds UTC at which it ended. */
  readonly at: number;
  /** When the message came, milliseconds UTC. */
  readonly arrivedAt: number;
}

/** The state of a recipient after an attempt. The last attempt is made when the message expires, not long before. */
export function afterAttempt(
  state: RecipientState & { readonly kind: 'waiting' },
  { kind, reply }: DeliveryResult,
  { at, arrivedAt }: Attempt,
  settings: RetrySettings,
): RecipientState {
  if (kind === 'delivered') return { kind: 'delivered', at, reply };
  if (kind === 'refused') return { kind: 'failed', at, reply };
  const expiresAt = arrivedAt + settings.expiryMs;
  if (at >= expiresAt) return { kind: 'failed', at, reply: `550 4.4.7 QUEUE.Expired; message expired. Last answer: ${reply}` };
  const attempts = state.attempts + 1;
  return { kind: 'waiting', attempts, nextAt: Math.min(at + delayAfter(attempts, settings), expiresAt), reply };
}

/** When something is to be done for a message next, milliseconds UTC; undefined: never again. */
export function nextAttempt(states: readonly RecipientState[]): number | undefined {
  const times = states.flatMap((state) => (state.kind === 'waiting' ? [state.nextAt] : []));
  return times.length === 0 ? undefined : Math.min(...times);
}

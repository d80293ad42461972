/** Takes what is due from the spool, has it delivered, and tries again what was deferred. */
import { setMaxListeners } from 'node:events';
import { type Clock, systemClock } from '../log/clock.ts';
import type { Destination } from './destination.ts';
import { DueQueue } from './due-queue.ts';
import {
  afterAttempt,
  DEFAULT_RETRIES,
  type DeliveryResult,
  NEW_RECIPIENT,
  nextAttempt,
  type RetrySettings,
} from './schedule.ts';
import type { Spool } from './spool.ts';
import type { RecipientState, SpooledMessage } from './spooled-message.ts';

export interface QueueRunnerSettings {
  readonly spool: Spool;
  readonly destination: Destination;
  readonly clock?: Clock;
  readonly retries?: RetrySettings;
  /** Messages that are delivered at the same time. Default 20. */
  readonly concurrency?: number;
  /** Told what an administrator should know: one line each. */
  readonly report: (line: string) => void;
}

/** After a failure of the spool itself. */
const TROUBLE_MS = 60_000;

export class QueueRunner {
  readonly #settings: Required<QueueRunnerSettings>;
  readonly #due = new DueQueue();
  /** What is known of recipients and could not be written down: it must not be lost, or they would be tried again. */
  readonly #unsaved = new Map<string, readonly RecipientState[]>();
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  /** Attempts are deferred since: it was said once, and is said again when one succeeds. */
  #isHeldUp = false;
  #cancelTimer: (() => void) | undefined;
  #started = false;
  #stopped = false;

  /** Recipients that were delivered to, and that failed, since the start. */
  delivered = 0;
  failed = 0;
  /** Messages that failed for a recipient, since the start. */
  failedMessages = 0;

  constructor(settings: QueueRunnerSettings) {
    this.#settings = { clock: systemClock, retries: DEFAULT_RETRIES, concurrency: 20, ...settings };
    // Every delivery listens.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Begins with what waits already: each at the time that its state says. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { spool, clock } = this.#settings;
    spool.whenQueued((id) => this.#add(id, clock.now()));
    for (const id of spool.ids()) {
      // What cannot be read now is found out, and said, when its turn comes.
      const states = await spool.readStates(id).catch(() => undefined);
      this.#add(id, (states && nextAttempt(states)) ?? clock.now());
    }
  }

  /** Begins nothing more, and resolves when what is under way has ended: after `graceMs` it is broken off and deferred. */
  async stop(graceMs = 10_000): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    const cancel = this.#settings.clock.after(graceMs, () => this.#abort.abort());
    if (graceMs <= 0) this.#abort.abort();
    await Promise.all(this.#running);
    cancel();
  }

  /** Resolves when nothing is under way and nothing due. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #add(id: string, at: number): void {
    this.#due.add(id, at);
    this.#pump();
  }

  #pump(): void {
    const { clock, concurrency } = this.#settings;
    while (!this.#stopped && this.#running.size < concurrency) {
      const id = this.#due.take(clock.now());
      if (id === undefined) break;
      const run: Promise<void> = this.#deliver(id)
        .catch((error) => this.#trouble(id, error))
        .finally(() => {
          this.#running.delete(run);
          this.#pump();
        });
      this.#running.add(run);
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { earliest } = this.#due;
    if (earliest === undefined || this.#stopped || this.#running.size >= concurrency) return;
    this.#cancelTimer = clock.after(Math.max(0, earliest - clock.now()), () => this.#pump());
  }

  async #deliver(id: string): Promise<void> {
    const { spool } = this.#settings;
    const message = await spool.read(id);
    if (!message) {
      this.#settings.report(`message ${id} in the spool is not readable, and stays where it is`);
      return;
    }
    const known = this.#unsaved.get(id) ?? (await spool.readStates(id));
    const before = message.recipients.map((_, index) => known?.[index] ?? NEW_RECIPIENT);
    const after = await this.#attempt(message, before);
    this.#unsaved.set(id, after);
    const failures = after.flatMap((state, index) =>
      state.kind === 'failed' ? [{ recipient: message.recipients[index]!, at: state.at, reply: state.reply }] : [],
    );
    if (failures.length > 0) await spool.fail(message, failures);
    this.#tell(message, before, after);
    const next = nextAttempt(after);
    if (next === undefined) await spool.remove(id);
    else await spool.writeStates(id, after);
    this.#unsaved.delete(id);
    if (next !== undefined) this.#due.add(id, next);
  }

  async #attempt(message: SpooledMessage, states: readonly RecipientState[]): Promise<readonly RecipientState[]> {
    const { spool, destination, clock, retries } = this.#settings;
    const now = clock.now();
    const isDue = (state: RecipientState): boolean => state.kind === 'waiting' && state.nextAt <= now;
    const recipients = message.recipients.filter((_, index) => isDue(states[index]!));
    if (recipients.length === 0) return states;
    const order = { message, recipients, content: () => spool.content(message), signal: this.#abort.signal };
    const results = await destination
      .deliver(order)
      .catch((error: Error): DeliveryResult[] =>
        recipients.map(() => ({ kind: 'deferred', reply: `451 4.3.0 ${error.message}` })),
      );
    const attempt = { at: clock.now(), arrivedAt: message.arrivedAt };
    let next = 0;
    return states.map((state) => {
      if (state.kind !== 'waiting' || !isDue(state)) return state;
      const result = afterAttempt(state, results[next++]!, attempt, retries);
      if (result.kind === 'delivered') this.delivered++;
      if (result.kind === 'failed') this.failed++;
      return result;
    });
  }

  /** What came of an attempt, where somebody should know: every message that is given up, and the first that has to wait. */
  #tell({ internalId, recipients }: SpooledMessage, before: readonly RecipientState[], after: readonly RecipientState[]): void {
    const { report, spool } = this.#settings;
    const others = spool.size - 1;
    const changed = after.flatMap((state, index) => (state === before[index] ? [] : [{ state, recipient: recipients[index]! }]));
    const [failed, ...more] = changed.filter(({ state }) => state.kind === 'failed');
    if (failed) {
      this.failedMessages++;
      report(
        `message ${internalId} is given up and stands in failed/: <${failed.recipient}>${more.length > 0 ? ` and ${more.length} more` : ''}: ${oneLine(failed.state.reply)}`,
      );
    }
    const waiting = changed.find(({ state }) => state.kind === 'waiting');
    if (changed.some(({ state }) => state.kind === 'delivered')) {
      // Whom this attempt left waiting is told of when he alone is tried again.
      if (this.#isHeldUp) report(`mail is delivered again${others > 0 ? `; ${others} more still in the spool` : ''}`);
      this.#isHeldUp = false;
    } else if (waiting && !this.#isHeldUp && !this.#abort.signal.aborted) {
      this.#isHeldUp = true;
      report(`mail waits and is tried again: message ${internalId} to <${waiting.recipient}>: ${oneLine(waiting.state.reply)}`);
    }
  }

  #trouble(id: string, error: unknown): void {
    this.#settings.report(`message ${id} in the spool has to wait: ${error instanceof Error ? error.message : String(error)}`);
    this.#due.add(id, this.#settings.clock.now() + TROUBLE_MS);
  }
}

const oneLine = (reply: string | null): string => (reply ?? '').replaceAll(/\s*\r?\n\s*/g, ' ');

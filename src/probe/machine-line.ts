/** A line to a server that is only played: the session machine of the relay, on a clock of its own. */
import type { Effect } from '../relay/machine/effects.ts';
import { SessionMachine } from '../relay/machine/session-machine.ts';
import type { ConnectionFacts, ServiceSettings } from '../relay/machine/settings.ts';
import { ConversationOver, type Reply, type SmtpLine } from './line.ts';
import { ReplyReader } from './reply-reader.ts';

/** Passwords hold, handshakes succeed, messages are kept. */
export class MachineLine implements SmtpLine {
  readonly #machine: SessionMachine;
  readonly #reader = new ReplyReader();
  #now: number;

  constructor(service: ServiceSettings, facts: ConnectionFacts, now: number) {
    this.#now = now;
    this.#machine = new SessionMachine(service, facts, now);
    this.#obey();
  }

  now(): number {
    return this.#now;
  }

  async read(): Promise<Reply> {
    const reply = this.#reader.next();
    if (!reply) throw new ConversationOver({ kind: this.#machine.isClosed ? 'closed' : 'timed-out' });
    return reply;
  }

  write(...lines: readonly string[]): void {
    this.#machine.receive(this.#now, Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
    this.#obey();
  }

  async startTls(): Promise<null> {
    this.#machine.tlsStarted(this.#now, { protocol: 'TLS1_2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', strength: 256 });
    this.#obey();
    return null;
  }

  /** Lets the machine speak, over its delays, until it waits for the client. */
  #obey(): void {
    for (;;) {
      // What is done brings further effects.
      for (let effects = this.#machine.drain(); effects.length > 0; effects = this.#machine.drain())
        for (const effect of effects) this.#do(effect);
      const at = this.#machine.wakeAt;
      if (this.#machine.wantsInput || at === undefined) return;
      this.#now = Math.max(this.#now, at);
      this.#machine.wake(this.#now);
    }
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case 'write':
        this.#reader.feed(Buffer.from(effect.text));
        return;
      case 'check-logon':
        this.#machine.logonChecked(this.#now, true);
        return;
      case 'message-end':
        this.#machine.stored(this.#now, { internalId: '1', hostname: 'played' });
        return;
      case 'start-tls':
      case 'row':
      case 'message-begin':
      case 'content':
      case 'message-abort':
      case 'close':
    }
  }
}

/**
 * Plays the client of a recording against a session machine, on a clock of its own: it says what was said, after the
 * replies that it waited for then, and supplies what the log hides.
 */
import type { LogRow } from '../../protocol-log/writer.ts';
import { onOneLine } from '../../smtp/replies/template.ts';
import { isUnsolicited } from '../../smtp/reply.ts';
import { DEFAULT_MAX_MESSAGE_SIZE } from '../machine/commands/mail.ts';
import type { Effect } from '../machine/effects.ts';
import type { FaultStage } from '../machine/faults.ts';
import { SessionMachine } from '../machine/session-machine.ts';
import type { ConnectionFacts, ServiceSettings } from '../machine/settings.ts';
import { chunkOf, chunkSize, contentOf } from './message-octets.ts';
import { UNKNOWN_HANDSHAKE } from './script.ts';
import { isPositive, type Turn } from './turn.ts';

/** What the machine answered. */
export interface Answer {
  /** undefined: the server spoke of its own accord. */
  readonly turn: Turn | undefined;
  /** On one line. */
  readonly text: string;
}

/** A blob or a password: nothing reads it. */
const SECRET = 'cmVwbGF5';
const TLS_CIPHER = 'ECDHE-RSA-AES256-GCM-SHA384';
const LONG_LINE = Buffer.alloc(33 * 1024, 'x');

/** Timers of the product strike some time after what is configured. */
const TIMER_MS = 2_000;

export class Player {
  readonly rows: LogRow[] = [];
  now: number;
  /** When the client last heard something. */
  heardAt: number;
  readonly #machine: SessionMachine;
  readonly #maxMessageSize: number | 'Unlimited';
  /** Commands sent, in order, and how many of them the machine has begun with. */
  readonly #sent: Turn[] = [];
  #begun = 0;
  /** Turns that wait for a reply, the oldest first. */
  readonly #waiting: Turn[] = [];
  readonly #effects: Effect[] = [];
  #answers: Answer[] = [];
  #challenges = 0;
  #challenged: Turn | undefined;
  #contentWanted: Turn | undefined;

  /** Connects; `greeting` is what the machine's first reply answers. `serviceFor` gets the way to ask where the machine is. */
  constructor(
    serviceFor: (turnAt: (stage: FaultStage) => Turn | undefined) => ServiceSettings,
    facts: ConnectionFacts,
    greeting: Turn,
    maxMessageSize: number | 'Unlimited' | undefined,
    now: number,
  ) {
    this.now = now;
    this.heardAt = now;
    this.#maxMessageSize = maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE;
    this.#waiting.push(greeting);
    let machine: SessionMachine | undefined;
    const turnAt = (stage: FaultStage): Turn | undefined => {
      if (!machine || stage === 'connect') return greeting;
      this.#pull(machine);
      const turn = this.#sent[this.#begun - 1];
      return stage === 'end-of-data' ? (turn?.content ?? turn) : turn;
    };
    machine = new SessionMachine(serviceFor(turnAt), facts, now);
    this.#machine = machine;
    this.#obey();
  }

  get isClosed(): boolean {
    return this.#machine.isClosed;
  }

  /** What was answered since the last time. */
  takeAnswers(): Answer[] {
    const answers = this.#answers;
    this.#answers = [];
    return answers;
  }

  /** Says these commands in one packet, so long after the last thing heard; sends content, logs on and waits where that follows. */
  say(turns: readonly Turn[], after: number): void {
    if (!this.#waitUntil(this.heardAt + Math.max(0, after))) return;
    for (const turn of turns) {
      if (turn.kind === 'command') this.#sent.push(turn);
      this.#waiting.push(turn);
    }
    this.#challenges = 0;
    let packet: Buffer[] = [];
    for (const turn of turns) {
      const chunk = this.#chunkOf(turn);
      packet.push(chunk ? chunk.command : this.#lineOf(turn));
      if (!chunk) continue;
      this.#send(packet);
      packet = [];
      this.#obey();
      // Its octets took their time.
      this.now = Math.max(this.now, this.now + turn.repliedAt - turn.at - turn.heldMs);
      for (const octets of chunkOf(chunk.octets)) this.#machine.receive(this.now, octets);
    }
    this.#send(packet);
    this.#converse();
  }

  /** Says nothing for so long. */
  beSilent(turn: Turn, after: number): void {
    this.#waiting.push(turn);
    this.#waitUntil(this.heardAt + after + TIMER_MS);
    const place = this.#waiting.indexOf(turn);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  /** Goes away. */
  hangUp(after: number): void {
    if (this.isClosed) return;
    this.now = Math.max(this.now, this.heardAt + Math.max(0, after));
    this.#machine.disconnected(this.now);
    this.#obey();
  }

  /** False where the server did not wait so long. */
  #waitUntil(at: number): boolean {
    const { wakeAt } = this.#machine;
    if (wakeAt !== undefined && this.#machine.wantsInput && wakeAt + TIMER_MS <= at) {
      this.now = wakeAt;
      this.#machine.wake(this.now);
      this.#obey();
      return false;
    }
    this.now = Math.max(this.now, at);
    return !this.isClosed;
  }

  #send(packet: readonly Buffer[]): void {
    const [first] = packet;
    if (first) this.#machine.receive(this.now, packet.length === 1 ? first : Buffer.concat(packet));
  }

  #lineOf(turn: Turn): Buffer {
    if (turn.kind === 'long-line') return LONG_LINE;
    // Its row is missing: whoever the sender was, it was accepted or not for other reasons.
    const line = turn.command === 'mail' && turn.line === '' ? 'MAIL FROM:<>' : turn.line;
    return Buffer.from(`${line}${turn.command === 'auth' ? hiddenArgument(turn) : ''}\r\n`);
  }

  /** What follows BDAT; nothing where the log has no answer, for then it never came through. */
  #chunkOf(turn: Turn): { readonly command: Buffer; readonly octets: number } | undefined {
    if ((turn.command !== 'bdat' && turn.command !== 'bdat-last') || turn.reply === undefined) return undefined;
    const chunk = /^(\s*\S+\s+)(\d{1,15})(\s+LAST)?\s*$/i.exec(turn.line);
    if (!chunk) return undefined;
    const octets = chunkSize(Number(chunk[2]), this.#maxMessageSize);
    return { command: Buffer.from(`${chunk[1]}${octets}${chunk[3] ?? ''}\r\n`), octets };
  }

  /** Lets the machine speak, and answers its questions, until it waits for the next command. */
  #converse(): void {
    this.#obey();
    while (!this.isClosed) {
      const challenged = this.#challenged;
      const content = this.#contentWanted;
      if (challenged) {
        this.#challenged = undefined;
        const line = logonLine(challenged, ++this.#challenges);
        if (line === undefined) {
          this.#waiting.shift();
          this.#answers.push({ turn: challenged, text: '334 <authentication response>' });
          return;
        }
        this.now += pauseBefore(challenged, this.#challenges);
        this.#machine.receive(this.now, Buffer.from(`${line}\r\n`));
      } else if (content) {
        this.#contentWanted = undefined;
        // The client went away before the end.
        if (content.reply === undefined) return;
        this.now += Math.max(0, content.repliedAt - content.at - content.heldMs);
        this.#machine.receive(this.now, contentOf(content));
      } else return;
      this.#obey();
    }
  }

  #pull(machine: SessionMachine): void {
    for (const effect of machine.drain()) {
      this.#effects.push(effect);
      if (effect.kind === 'row' && effect.log === undefined && effect.row.event === '<') this.#begun++;
    }
  }

  #obey(): void {
    for (;;) {
      this.#pull(this.#machine);
      for (let effect = this.#effects.shift(); effect; effect = this.#effects.shift()) this.#do(effect);
      this.#pull(this.#machine);
      if (this.#effects.length > 0) continue;
      const at = this.#machine.wakeAt;
      if (this.#machine.wantsInput || at === undefined) return;
      this.now = Math.max(this.now, at);
      this.#machine.wake(this.now);
    }
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case 'write':
        this.#heard(onOneLine(effect.text.trimEnd()));
        return;
      case 'row':
        if (effect.log === undefined) this.rows.push(effect.row);
        return;
      case 'start-tls': {
        const outcome = this.#sent[this.#begun - 1]?.handshake ?? UNKNOWN_HANDSHAKE;
        if (!outcome.succeeded) this.#machine.tlsFailed(this.now, outcome.error);
        else this.#machine.tlsStarted(this.now, { protocol: outcome.protocol, cipher: TLS_CIPHER, strength: outcome.strength });
        return;
      }
      case 'check-logon':
        this.#machine.logonChecked(this.now, passwordHolds(this.#sent[this.#begun - 1]));
        return;
      case 'message-end':
        this.#machine.stored(this.now, { internalId: '1', hostname: 'replay' });
        return;
      case 'message-begin':
      case 'content':
      case 'message-abort':
      case 'close':
        return;
    }
  }

  #heard(text: string): void {
    this.heardAt = this.now;
    const turn = this.#waiting[0];
    if (turn && turn.command === 'auth' && text.startsWith('334')) {
      this.#challenged = turn;
      return;
    }
    if (isUnsolicited(text)) {
      this.#answers.push({ turn: this.#waiting.find(({ kind }) => kind === 'silence'), text });
      return;
    }
    this.#waiting.shift();
    this.#answers.push({ turn, text });
    if (turn?.command === 'data' && text.startsWith('354') && turn.content) {
      this.#waiting.unshift(turn.content);
      this.#contentWanted = turn.content;
    }
  }
}

const isLogin = (turn: Pick<Turn, 'line'>): boolean => /^\s*\S+\s+LOGIN\b/i.test(turn.line);
const WAS_CANCELLED = /^501 5\.5\.4 Auth/;

/** What the log leaves out behind AUTH and its mechanism. */
function hiddenArgument({ line, reply, challengedAt, wasOffered, user, passwordHeld }: Turn): string {
  const challenges = challengedAt.length;
  // Asked once only: the name came with the command.
  if (isLogin({ line }) && challenges > 0) return challenges === 1 && reply !== undefined ? ` ${nameOf({ user })}` : '';
  if (challenges > 0 || reply === undefined || isPositive(reply)) return '';
  // Never asked, and the logon failed: the first message of NTLM came with the command.
  if (passwordHeld === false || reply.startsWith('535')) return ` ${SECRET}`;
  // A known mechanism that is refused at once has too many words behind it.
  return reply.startsWith('501 5.5.4 Invalid arg') || (wasOffered && reply.startsWith('421 4.7.0 Too')) ? ' = =' : '';
}

const nameOf = (turn: Pick<Turn, 'user'>): string => Buffer.from(turn.user ?? 'replay').toString('base64');

/** What the client says when it is asked for the `asked`th time; undefined: it had gone by then, or it never got so far. */
function logonLine(turn: Turn, asked: number): string | undefined {
  const { reply } = turn;
  const challenges = turn.challengedAt.length;
  if (challenges === 0 && !(reply !== undefined && isPositive(reply)) && hiddenArgument(turn) === '') return undefined;
  if (reply === undefined && turn.passwordHeld === undefined && asked >= challenges) return undefined;
  if (reply !== undefined && WAS_CANCELLED.test(reply) && asked >= challenges) return '*';
  return isLogin(turn) && asked === 1 && challenges !== 1 ? nameOf(turn) : SECRET;
}

/** How long the client had thought about its answer. */
function pauseBefore({ challengedAt, repliedAt, heldMs, reply }: Turn, asked: number): number {
  const from = challengedAt[asked - 1];
  const to = challengedAt[asked] ?? (reply === undefined ? from : repliedAt - heldMs);
  return from === undefined || to === undefined ? 0 : Math.max(0, to - from);
}

const passwordHolds = (turn: Turn | undefined): boolean =>
  turn?.passwordHeld ?? (turn?.reply !== undefined && isPositive(turn.reply));

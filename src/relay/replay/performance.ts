/**
 * One recording played through. Replies are compared up to the first of another class. From there on the client is taken
 * to go on as a mail server does (other recipients, the next message), so that something can be said of its other mail.
 */
import type { LogRow } from '../../protocol-log/writer.ts';
import { commandAddress } from '../../smtp/command.ts';
import { onOneLine } from '../../smtp/replies/template.ts';
import type { FaultStage } from '../machine/faults.ts';
import type { ConnectionFacts, ExchangeVersion, ServiceSettings } from '../machine/settings.ts';
import { Player } from './player.ts';
import type { ComparedReply, Fate, ReplayedMessage } from './replay.ts';
import { changeBetween } from './reply-comparison.ts';
import type { Script } from './script.ts';
import { isPositive, type LoggedTransaction, type Turn, turnOf } from './turn.ts';

/** All that it takes to play a recording. */
export interface PerformanceSettings {
  readonly script: Script;
  readonly version: ExchangeVersion;
  readonly facts: ConnectionFacts;
  readonly serviceFor: (turnAt: (stage: FaultStage) => Turn | undefined) => ServiceSettings;
  readonly maxMessageSize: number | 'Unlimited' | undefined;
  readonly isSameConnector: boolean;
  /** Gets what had to be assumed. */
  readonly assumed: string[];
}

/** What is known of the rest where replies were compared no further. */
type Rest =
  /** All was played. */
  | 'played'
  /** As logged: what cannot be played concerns the configuration little. */
  | 'as-logged'
  /** The refusal meets all later messages too. */
  | 'refused'
  | 'unknown';

export class Performance {
  readonly replies: ComparedReply[] = [];
  readonly transactions: readonly ReplayedMessage[];
  stopped: string | null = null;
  /** A reply was of another class, or the server closed where it had not. */
  isOtherWay = false;
  readonly #settings: PerformanceSettings;
  readonly #player: Player;
  /** What each turn was answered now. */
  readonly #answers = new Map<Turn, string>();
  readonly #played = new Set<Turn>();
  /** Messages that the client was taken to end, although it had not in the log. */
  readonly #completed = new Map<LoggedTransaction, Turn>();
  #rest: Rest = 'played';

  constructor(settings: PerformanceSettings) {
    this.#settings = settings;
    const { script, facts, serviceFor, maxMessageSize } = settings;
    const [first] = script.turns;
    const greeting =
      first?.kind === 'greeting' ? first : turnOf({ kind: 'greeting', at: script.startedAt, heardAt: script.startedAt });
    this.#player = new Player(serviceFor, facts, greeting, maxMessageSize, script.startedAt);
    this.#take();
    const turns = first?.kind === 'greeting' ? script.turns.slice(1) : script.turns;
    this.#played.add(greeting);
    if (this.#hasTurned()) this.#afterTurn(greeting, []);
    else {
      if (script.isCutAtStart && turns.length > 0) this.#introduce();
      this.#play(turns);
    }
    this.transactions = script.transactions.map((transaction) => this.#fateOf(transaction));
  }

  /** Rows of the machine's own log. */
  get rows(): readonly LogRow[] {
    return this.#player.rows;
  }

  /** What became of the session cannot be said. */
  get isLost(): boolean {
    return this.#rest === 'unknown' || this.transactions.some(({ replayed }) => replayed === 'unknown');
  }

  /** The rows that say hello are missing. */
  #introduce(): void {
    this.#settings.assumed.push('the client had said EHLO in the rows that are missing at the start');
    this.#player.say([turnOf({ kind: 'command', command: 'hello', line: 'EHLO replay', at: 0, heardAt: 0 })], 0);
    this.#player.takeAnswers();
  }

  #play(turns: readonly Turn[]): void {
    let at = 0;
    while (at < turns.length) {
      const batch = batchAt(turns, at);
      const behind = at + batch.length;
      const foreign = batch.find(isForeign);
      if (foreign) {
        this.#leaveToExchange(foreign);
        return;
      }
      this.#perform(batch);
      at = behind;
      if (this.#hasTurned()) {
        this.#afterTurn(batch.at(-1)!, turns.slice(at));
        return;
      }
      if (this.#player.isClosed && at < turns.length) {
        this.#stop('the server would have closed the connection');
        this.#rest = 'unknown';
        return;
      }
    }
    this.#end();
  }

  #perform(batch: readonly Turn[]): void {
    const [first] = batch as readonly [Turn];
    for (const turn of batch) {
      this.#played.add(turn);
      if (turn.content) this.#played.add(turn.content);
    }
    if (first.kind === 'silence') this.#player.beSilent(first, first.repliedAt - first.heardAt);
    else if (first.kind !== 'content') this.#player.say(batch, first.at - first.heardAt);
    this.#take();
    // What was answered then and is not now: the server waited, or had closed.
    for (const turn of batch)
      if (turn.reply !== undefined && !this.#answers.has(turn) && (turn.kind !== 'content' || this.#expects(turn)))
        this.#compare(turn, undefined);
  }

  /** Content is expected only where DATA was granted. */
  #expects(content: Turn): boolean {
    for (const [turn, answer] of this.#answers) if (turn.content === content) return isPositive(answer);
    return false;
  }

  /** Compares what was answered. */
  #take(): void {
    for (const { turn, text } of this.#player.takeAnswers()) {
      if (turn) this.#answers.set(turn, text);
      this.#compare(turn, text);
    }
  }

  #compare(turn: Turn | undefined, replayed: string | undefined): void {
    const logged = turn && loggedReply(turn);
    if (turn && logged === undefined) return;
    const { version, assumed } = this.#settings;
    const changed =
      logged === undefined || replayed === undefined
        ? (logged === undefined || isPositive(logged)) && (replayed === undefined || isPositive(replayed))
          ? 'text'
          : 'class'
        : changeBetween(logged, replayed, version);
    if (changed === 'text' && turn?.command === 'hello' && logged && replayed) noteOffers(logged, replayed, assumed);
    this.replies.push({
      at: turn?.repliedAt ?? this.#player.now,
      command: turn ? commandOf(turn) : '(silence)',
      logged: logged ?? null,
      replayed: replayed ?? null,
      same: changed === 'none',
      changed,
    });
    if (changed === 'class') this.isOtherWay = true;
  }

  #hasTurned(): boolean {
    return this.isOtherWay;
  }

  #stop(because: string): void {
    this.stopped ??= because;
    this.isOtherWay = true;
  }

  /** Commands between Exchange servers, and logons that leave no password behind: not the machine's, and not the proposal's. */
  #leaveToExchange(turn: Turn): void {
    const what = /^\s*\S+(?:\s+(?:NTLM|GSSAPI|EXCHANGEAUTH))?/i.exec(turn.line)?.[0].trim() ?? turn.line;
    this.stopped = `${turn.command === 'mail' ? 'options between Exchange servers' : what} cannot be replayed`;
    if (this.#settings.isSameConnector) {
      this.#settings.assumed.push(`from ${what} on all goes as logged: the connector is the same`);
      this.#rest = 'as-logged';
    } else {
      this.isOtherWay = true;
      this.#rest = 'unknown';
    }
  }

  /** The last answers are of another class. */
  #afterTurn(last: Turn, rest: readonly Turn[]): void {
    const change = this.replies.find(({ changed }) => changed === 'class')!;
    const worse = change.replayed !== null && !isPositive(change.replayed);
    this.#stop(
      worse
        ? 'the client would have been refused, and gone another way'
        : 'the client would have been let through, and gone another way',
    );
    const turn = this.#turnOf(change) ?? last;
    const inTransaction = turn.kind === 'content' || TRANSACTION.has(turn.command);
    if (change.replayed === null || change.logged === null) this.#rest = 'unknown';
    else if (inTransaction) this.#goOn(rest, worse);
    else if (!worse) {
      this.#rest = 'unknown';
      if (turn.kind === 'greeting')
        this.#settings.assumed.push('what the client would have said is not known: it was turned away');
    } else if (turn.kind === 'greeting' || turn.command === 'hello' || turn.command === 'auth') this.#refuseRest();
    else this.#rest = 'unknown';
  }

  #refuseRest(): void {
    if (this.#settings.script.transactions.some(({ mail }) => !this.#answers.has(mail)))
      this.#settings.assumed.push('all later mail of the session meets the same refusal');
    this.#rest = 'refused';
  }

  #turnOf({ command, at }: ComparedReply): Turn | undefined {
    for (const turn of this.#played) if (turn.repliedAt === at && commandOf(turn) === command) return turn;
    return undefined;
  }

  /** The client goes on as a mail server would: with the recipients that are left, then with the next message. */
  #goOn(rest: readonly Turn[], worse: boolean): void {
    const { script, assumed } = this.#settings;
    if (!this.#player.isClosed)
      assumed.push('the client goes on as a mail server does: with other recipients, and with its next message');
    const of = new Map<Turn, LoggedTransaction>();
    let open: LoggedTransaction | undefined;
    for (const transaction of script.transactions)
      for (const turn of turnsOf(transaction)) {
        of.set(turn, transaction);
        if (this.#answers.has(turn)) open = transaction;
      }
    for (const turn of rest) {
      if (this.#player.isClosed) break;
      const transaction = of.get(turn);
      if (turn.kind === 'content' || isForeign(turn)) continue;
      switch (turn.command) {
        case 'mail':
          this.#complete(open);
          if (open && this.#isOpen(open)) this.#say(RESET);
          open = transaction;
          this.#say(turn);
          break;
        case 'rcpt':
          if (transaction && this.#isOpen(transaction)) this.#say(turn);
          break;
        case 'data':
        case 'bdat':
        case 'bdat-last':
          if (transaction && this.#isOpen(transaction) && this.#hasRecipient(transaction)) this.#say(turn);
          break;
        case 'rset':
        case 'quit':
          this.#complete(open);
          open = undefined;
          this.#say(turn);
          break;
        case 'noop':
        case 'vrfy':
        case 'help':
          break;
        default:
          this.#rest = 'unknown';
          return;
      }
    }
    this.#complete(open);
    if (!this.#player.isClosed) this.#player.hangUp(0);
    else if (worse) this.#refuseRest();
    else this.#rest = rest.some(({ command }) => command === 'mail') ? 'unknown' : this.#rest;
  }

  #say(turn: Turn): void {
    if (this.#player.isClosed) return;
    this.#played.add(turn);
    this.#player.say([turn], turn.kind === 'command' && turn.at > 0 ? Math.max(0, turn.at - turn.heardAt) : 0);
    for (const { turn: answered, text } of this.#player.takeAnswers()) if (answered) this.#answers.set(answered, text);
  }

  /** A message that the client gave up, because no recipient was taken, and of which one now is. */
  #complete(transaction: LoggedTransaction | undefined): void {
    if (!transaction || transaction.end || !this.#isOpen(transaction) || !this.#hasRecipient(transaction)) return;
    if (!transaction.recipients.some(({ reply }) => reply !== undefined && !isPositive(reply))) return;
    const at = this.#player.now;
    const data = turnOf({ kind: 'command', command: 'data', line: 'DATA', at, heardAt: at });
    const content = turnOf({ kind: 'content', at, heardAt: at });
    content.size = Number(/\sSIZE=(\d{1,15})/i.exec(transaction.mail.line)?.[1] ?? 0);
    // Answered, so that the whole of it is sent.
    content.reply = '250';
    data.content = content;
    this.#settings.assumed.push(
      content.size > 0
        ? `the client would have sent its message, of ${content.size} bytes as it had announced`
        : 'the client would have sent its message, and that is below MaxMessageSize',
    );
    this.#say(data);
    this.#completed.set(transaction, this.#answers.has(content) ? content : data);
  }

  /** Its MAIL was accepted, and it has not ended. */
  #isOpen({ mail, end }: LoggedTransaction): boolean {
    const answer = this.#answers.get(mail);
    return answer !== undefined && isPositive(answer) && !(end && this.#answers.has(end));
  }

  #hasRecipient({ recipients }: LoggedTransaction): boolean {
    return recipients.some((turn) => {
      const answer = this.#answers.get(turn);
      return answer !== undefined && isPositive(answer);
    });
  }

  /** All was played; the client leaves as it did. */
  #end(): void {
    const { script, assumed } = this.#settings;
    if (script.hasGap) {
      this.stopped = 'rows are missing in the log';
      assumed.push('what stands behind the missing rows goes as logged');
    } else if (script.disconnect !== undefined) this.#player.hangUp(script.endedAt - this.#lastHeard());
    this.#take();
  }

  #lastHeard(): number {
    return this.#settings.script.turns.reduce((latest, { repliedAt }) => Math.max(latest, repliedAt), 0);
  }

  // --- what became of the mail --------------------------------------------------------------------------------------

  #fateOf(transaction: LoggedTransaction): ReplayedMessage {
    const { mail, recipients } = transaction;
    const logged = loggedFate(transaction);
    const replayed = this.isOtherWay ? this.#replayedFate(transaction, logged) : logged;
    return {
      sender: mail.line === '' ? null : commandAddress(mail.line),
      logged,
      replayed,
      recipients: recipients.map((turn) => {
        const wasTaken = verdict(turn.reply);
        return {
          address: commandAddress(turn.line),
          logged: wasTaken,
          replayed: this.isOtherWay ? this.#recipientNow(turn, replayed) : wasTaken,
        };
      }),
    };
  }

  #recipientNow(turn: Turn, message: Fate): boolean | null {
    const answer = this.#answers.get(turn);
    if (answer !== undefined) return isPositive(answer);
    return message === 'refused' ? false : null;
  }

  #replayedFate(transaction: LoggedTransaction, logged: Exclude<Fate, 'unknown'>): Fate {
    const { mail, recipients } = transaction;
    const end = this.#completed.get(transaction) ?? transaction.end;
    const answer = this.#answers.get(mail);
    if (answer === undefined) return this.#restOf(logged);
    if (!isPositive(answer)) return 'refused';
    const ended = end && this.#answers.get(end);
    if (ended !== undefined && !ended.startsWith('354')) return isPositive(ended) ? 'accepted' : 'refused';
    const answers = recipients.map((turn) => this.#answers.get(turn));
    if (recipients.length > 0 && answers.every((one) => one !== undefined && !isPositive(one))) return 'refused';
    if (logged === 'abandoned' && answers.every((one) => one !== undefined)) return 'abandoned';
    return this.#restOf(logged);
  }

  #restOf(logged: Exclude<Fate, 'unknown'>): Fate {
    switch (this.#rest) {
      case 'as-logged':
        return logged;
      case 'refused':
        return logged === 'abandoned' ? 'abandoned' : 'refused';
      case 'played':
      case 'unknown':
        return 'unknown';
    }
  }
}

const RESET = turnOf({ kind: 'command', command: 'rset', line: 'RSET', at: 0, heardAt: 0 });

const TRANSACTION: ReadonlySet<Turn['command']> = new Set<Turn['command']>([
  'mail',
  'rcpt',
  'data',
  'bdat',
  'bdat-last',
  'rset',
  'noop',
  'vrfy',
  'help',
]);

/** A command and those that the client sent behind it without waiting. The content of DATA goes with it. */
function batchAt(turns: readonly Turn[], from: number): Turn[] {
  const batch = [turns[from]!];
  if (batch[0]!.kind !== 'command') return batch;
  for (let at = from + 1; at < turns.length; at++) {
    const turn = turns[at]!;
    if (turn.kind !== 'command' || !turn.isPipelined) break;
    batch.push(turn);
  }
  return batch;
}

const turnsOf = ({ mail, recipients, chunks, data, end }: LoggedTransaction): Turn[] => [
  mail,
  ...recipients,
  ...chunks,
  ...(data ? [data] : []),
  ...(end ? [end] : []),
];

/** Granted then, and nothing that the machine speaks. */
function isForeign({ kind, command, line, reply }: Turn): boolean {
  if (kind !== 'command' || reply === undefined || !isPositive(reply)) return false;
  if (command === 'auth') return /^\s*(X-EXPS|AUTH\s+(?!LOGIN\b))/i.test(line);
  if (command === 'mail') return /\sX[A-Z]+(=|\s|$)/i.test(line);
  return /^\s*X/i.test(line);
}

/** The last thing that the server said to it. */
function loggedReply(turn: Turn): string | undefined {
  return turn.reply ?? (turn.challengedAt.length > 0 ? '334 <authentication response>' : undefined);
}

function commandOf({ kind, line, command }: Turn): string {
  switch (kind) {
    case 'greeting':
      return '(connect)';
    case 'content':
      return '(end of data)';
    case 'silence':
      return '(silence)';
    case 'long-line':
      return '(a line too long)';
    case 'command':
      return line === '' ? `(${command}, its row is missing)` : line;
  }
}

const verdict = (reply: string | undefined): boolean | null => (reply === undefined ? null : isPositive(reply));

function loggedFate({ mail, recipients, end }: LoggedTransaction): Exclude<Fate, 'unknown'> {
  const ended = verdict(end?.reply);
  if (ended === true) return 'accepted';
  if (ended === false || verdict(mail.reply) === false || recipients.some(({ reply }) => verdict(reply) === false))
    return 'refused';
  return 'abandoned';
}

/** A client that is offered TLS or a logon for the first time may take it. */
function noteOffers(logged: string, replayed: string, assumed: string[]): void {
  for (const [offer, pattern] of OFFERS) {
    const [before, now] = [pattern.test(onOneLine(logged)), pattern.test(replayed)];
    if (before !== now) assumed.push(`the client does not mind that EHLO ${now ? 'now offers' : 'no longer offers'} ${offer}`);
  }
}

const OFFERS = [
  ['STARTTLS', / STARTTLS\b/],
  ['a logon', / AUTH [A-Z]/],
] as const;

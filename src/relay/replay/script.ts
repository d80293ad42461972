/** From the rows of a session to the turns of its client: replies are paired with commands first in, first out. */
import { tarpitMs } from '../../session/information-rows.ts';
import { commandKind, commandParameter } from '../../smtp/command.ts';
import { onOneLine } from '../../smtp/replies/template.ts';
import { isUnsolicited } from '../../smtp/reply.ts';
import type { LoggedRow } from './recording.ts';
import { isPositive, type LoggedTransaction, type Turn, turnOf } from './turn.ts';

/** All that a client did in a session. */
export interface Script {
  readonly turns: readonly Turn[];
  readonly transactions: readonly LoggedTransaction[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** Context of the row with `-`; undefined: the session goes on where the log ends. */
  readonly disconnect: string | undefined;
  /** Rows before the first are missing. */
  readonly isCutAtStart: boolean;
  /** Rows are missing further on: what came behind them is left out. */
  readonly hasGap: boolean;
}

/** The script of a session; rows stand in order of their sequence numbers. */
export function scriptOf(rows: readonly LoggedRow[]): Script {
  const reading = new ScriptReading();
  let last = rows[0]?.sequence ?? 0;
  let hasGap = false;
  for (const row of rows) {
    if (row.sequence > last + 1) {
      hasGap = true;
      break;
    }
    last = Math.max(last, row.sequence);
    reading.take(row);
  }
  const first = rows[0];
  return {
    turns: reading.turns,
    transactions: transactionsOf(reading.turns),
    startedAt: first?.at ?? 0,
    endedAt: reading.endedAt,
    disconnect: reading.disconnect,
    isCutAtStart: first !== undefined && first.sequence > 0 && !reading.isGreeted,
    hasGap,
  };
}

const KIND = Buffer.alloc(4);

class ScriptReading {
  readonly turns: Turn[] = [];
  readonly #pending: Turn[] = [];
  readonly #lines: string[] = [];
  /** The turn that rows of information belong to where none waits for its reply. */
  #latest: Turn | undefined;
  #heardAt = 0;
  /** Sum of the delays so far. */
  #held = 0;
  #mechanisms: readonly string[] = [];
  isGreeted = false;
  endedAt = 0;
  disconnect: string | undefined;

  take(row: LoggedRow): void {
    if (this.endedAt === 0) this.#heardAt = row.at;
    this.endedAt = row.at;
    switch (row.event) {
      case '+':
        this.#heardAt = row.at;
        this.#add(turnOf({ kind: 'greeting', at: row.at, heardAt: row.at }));
        break;
      case '-':
        this.disconnect = row.context.trim();
        break;
      case '<':
        this.#said(row.data, row.at);
        break;
      case '>':
        this.#heard(row);
        break;
      default:
        this.#informed(row);
    }
  }

  #add(turn: Turn): void {
    turn.heldMs = -this.#held;
    this.turns.push(turn);
    this.#pending.push(turn);
    this.#latest = turn;
  }

  #said(line: string, at: number): void {
    const head = line.trimStart();
    KIND.fill(0);
    KIND.write(head.slice(0, 4), 'latin1');
    const kind = commandKind(KIND, 0, 4);
    const command = kind === 'bdat' && /^\S+\s+\d+\s+LAST\s*$/i.test(head) ? 'bdat-last' : kind;
    // Who says anything has been greeted, though the row of it may be missing.
    if (this.#pending[0]?.kind === 'greeting') this.#pending.shift();
    const turn = turnOf({ kind: 'command', command, line, at, heardAt: this.#heardAt, isPipelined: this.#pending.length > 0 });
    this.#add(turn);
  }

  #heard({ data, at }: LoggedRow): void {
    if (data.charCodeAt(3) === 0x2d) {
      this.#lines.push(data);
      return;
    }
    const reply = onOneLine(this.#lines.length === 0 ? data : [...this.#lines.splice(0), data].join('\r\n'));
    const heardBefore = this.#heardAt;
    this.#heardAt = at;
    if (isUnsolicited(reply)) {
      this.#answered(this.#alone('silence', heardBefore, at), reply, at);
      return;
    }
    const head = this.#pending[0];
    if (!head) {
      if (/^220 (?!2\.0\.0 )/.test(reply) && this.turns.length === 0) {
        // The row with + is missing; there was one.
        this.isGreeted = true;
        this.#answered(this.#alone('greeting', at, at), reply, at);
      } else if (reply.startsWith('500 5.5.2 ')) this.#answered(this.#alone('long-line', heardBefore, at), reply, at);
      return;
    }
    if (head.kind === 'greeting') this.isGreeted = true;
    if (reply.startsWith('334') && head.command === 'auth') {
      head.challengedAt.push(at);
      return;
    }
    this.#pending.shift();
    this.#answered(head, reply, at);
    if (reply.startsWith('354')) this.#awaitContent(head, at);
  }

  #answered(turn: Turn, reply: string, at: number): void {
    if (turn.command === 'auth') {
      const mechanism = /^\s*\S+\s+(\S+)/.exec(turn.line)?.[1]?.toUpperCase() ?? '';
      turn.wasOffered = this.#mechanisms.includes(mechanism);
    }
    if (turn.command === 'hello' && isPositive(reply)) this.#mechanisms = / AUTH ([A-Z ]*)/.exec(reply)?.[1]?.split(' ') ?? [];
    turn.reply = reply;
    turn.repliedAt = at;
    turn.heldMs += this.#held;
    this.#latest = turn;
  }

  /** A turn that has no row of its own. */
  #alone(kind: Turn['kind'], heardAt: number, at: number, command: Turn['command'] = 'other', line = ''): Turn {
    const turn = turnOf({ kind, at, heardAt, command, line });
    turn.heldMs = -this.#held;
    this.turns.push(turn);
    return turn;
  }

  #awaitContent(data: Turn, at: number): void {
    const content = turnOf({ kind: 'content', at, heardAt: at });
    content.heldMs = -this.#held;
    data.content = content;
    this.turns.splice(this.turns.lastIndexOf(data) + 1, 0, content);
    this.#pending.unshift(content);
    this.#latest = content;
  }

  #informed({ data, context, at }: LoggedRow): void {
    const turn = this.#pending[0] ?? this.#latest;
    if (data.startsWith('Tarpit')) this.#held += tarpitMs(data);
    if (context.startsWith('receiving message') && !context.includes('InternetMessageId')) {
      if (!this.isGreeted && !this.turns.some(({ command }) => command === 'mail')) {
        // Its MAIL stands in rows that are missing.
        this.#add(turnOf({ kind: 'command', command: 'mail', at, heardAt: at }));
      }
      return;
    }
    if (!turn) {
      // Its STARTTLS stands in rows that are missing.
      if (!context.startsWith('TLS protocol')) return;
      const implied = this.#alone('command', at, at, 'starttls', 'STARTTLS');
      this.#latest = implied;
      readHandshake(implied, context);
      return;
    }
    if (turn.command === 'starttls') readHandshake(turn, context);
    else if (turn.command === 'auth') readLogon(turn, data, context);
    else if (turn.kind === 'content' || turn.command === 'bdat-last') readMessage(turn, context);
  }
}

function readHandshake(turn: Turn, context: string): void {
  if (!context.startsWith('TLS ')) return;
  const succeeded = /^TLS protocol SP_PROT_(.+?)_SERVER negotiation succeeded.*? with strength (\d{1,4}) bits/.exec(context);
  const failed = /^TLS negotiation failed with error (.*)/.exec(context);
  if (succeeded) turn.handshake = { succeeded: true, protocol: succeeded[1]!, strength: Number(succeeded[2]) };
  else if (/negotiation succeeded/.test(context)) turn.handshake = UNKNOWN_HANDSHAKE;
  else if (failed) turn.handshake = { succeeded: false, error: failed[1]!.trim() };
}

/** A handshake that went well, of which nothing more is known. */
export const UNKNOWN_HANDSHAKE = { succeeded: true, protocol: 'TLS1_2', strength: 256 } as const;

function readLogon(turn: Turn, data: string, context: string): void {
  const text = context.trim();
  if (text === 'authenticated') {
    turn.user = data.trim();
    turn.passwordHeld = true;
    return;
  }
  const named = /^User ?[Nn]ame: (.*)/.exec(text);
  if (named) {
    if (named[1] !== 'NULL') turn.user ??= named[1]!.trim();
    return;
  }
  // Right as the password was, the account may not submit there, or is one that is never let in.
  const refused = /(?:authentication for|the client) (\S+?)(?: doesn't .*)?$/.exec(text);
  if (refused && text.startsWith('Inbound')) {
    turn.user = refused[1];
    turn.passwordHeld = true;
  } else if (/^Inbound .*failed because/.test(text)) turn.passwordHeld = false;
}

function readMessage(turn: Turn, context: string): void {
  const fact = /^(AccumulatedMessageSize|HeaderSize|ReceivedHeadersLength): (\d{1,15}) >/.exec(context);
  if (!fact) return;
  const value = Number(fact[2]);
  if (fact[1] === 'AccumulatedMessageSize') turn.size = value;
  else if (fact[1] === 'HeaderSize') turn.headerSize = value;
  else turn.received = value;
}

const BYTES = /\] (\d{1,15}) bytes in /;

/** The transactions of a session, and how big their messages were. */
function transactionsOf(turns: readonly Turn[]): LoggedTransaction[] {
  const transactions: LoggedTransaction[] = [];
  let open: LoggedTransaction | undefined;
  for (const turn of turns) {
    const { reply } = turn;
    const wasRefused = reply !== undefined && !isPositive(reply);
    if (turn.kind === 'content') {
      if (open) open.end = turn;
      turn.size ??= sizeOf(turn, open);
      open = undefined;
      continue;
    }
    if (turn.kind !== 'command') continue;
    switch (turn.command) {
      case 'mail': {
        const transaction: LoggedTransaction = { mail: turn, recipients: [], chunks: [], data: undefined, end: undefined };
        transactions.push(transaction);
        if (!wasRefused) open = transaction;
        break;
      }
      case 'rcpt':
        open?.recipients.push(turn);
        break;
      case 'data':
        if (open) open.data = turn;
        break;
      case 'bdat':
        open?.chunks.push(turn);
        if (wasRefused && !reply.startsWith('503')) {
          if (open) open.end = turn;
          open = undefined;
        }
        break;
      case 'bdat-last':
        if (open && !reply?.startsWith('503')) {
          open.end = turn;
          open = undefined;
        }
        break;
      case 'hello':
      case 'rset':
      case 'starttls':
      case 'quit':
        if (!wasRefused) open = undefined;
        break;
      default:
    }
  }
  return transactions;
}

/** What the final reply says, else what the client announced. */
function sizeOf(end: Turn, transaction: LoggedTransaction | undefined): number | undefined {
  const said = end.reply === undefined ? null : BYTES.exec(end.reply);
  if (said) return Number(said[1]);
  const announced = Number(transaction && commandParameter(transaction.mail.line, 'SIZE'));
  return Number.isFinite(announced) && announced > 0 ? announced : undefined;
}

/**
 * Rebuilds one session from its rows: fed row by row in the order of their sequence numbers, it follows the SMTP
 * conversation and pairs replies with commands first in, first out (with pipelining, "the next row" is wrong).
 *
 * Pure: no file, no clock, no database. It must not keep the view it is fed.
 */
import { CONNECT, DATA, DISCONNECT, type Direction, INFORMATION, SENT } from '../protocol-log/fields.ts';
import type { RowView } from '../protocol-log/row-view.ts';
import { decodeRecurring } from '../protocol-log/text-decoding.ts';
import { type CommandKind, commandAddress, commandKind, commandParameter, plainAddress } from '../smtp/command.ts';
import { answeredBy, isUnsolicited } from '../smtp/reply.ts';
import { connectsToItself, isHealthSender } from './health-probe.ts';
import { readInformation } from './information-rows.ts';
import { decideOutcome } from './outcome.ts';
import { type PendingCommand, PendingCommands } from './pending-commands.ts';
import { enhancedKind, fitsKind, isStrict, replyCode } from './reply-bytes.ts';
import type { AuthResult, Link, LinkKind, Refusal, Session, SessionAnomaly } from './session.ts';
import { type RecipientDraft, TransactionBuilder } from './transaction-builder.ts';

/** A client may declare any number; nothing of this size was ever meant. */
const LARGEST_MESSAGE = 2 ** 40;

const FINAL_KINDS: readonly CommandKind[] = ['data', 'bdat-last'];

export class SessionBuilder {
  readonly direction: Direction;
  readonly #commandEvent: number;
  readonly #detailed: boolean;

  connector = '';
  localEndpoint = '';
  sessionId = '';
  remoteEndpoint = '';
  startedAt = 0;
  endedAt = 0;
  rows = 0;
  firstSequence = 0;
  lastSequence = -1;
  ended = false;
  connected = false;
  disconnect: string | null = null;

  helo: string | null = null;
  tls = 'none';
  tlsError: string | null = null;
  startTlsAt: 'never' | 'asked' | 'granted' | 'decided' = 'never';
  authMechanism: string | null = null;
  authUser: string | null = null;
  authResult: AuthResult = 'none';
  authPending = false;
  /** Why the last AUTH failed: the reply, or the context row where there was none. */
  authError: string | null = null;
  permissions: number | null = null;
  proxied = false;
  connectError: string | null = null;
  turnedAway: string | null = null;
  /** First refusal of a hello or another command before any transaction. */
  commandRefusal: string | null = null;
  /** What the server said of its own accord, and closed: a timeout, or that it goes out of service. */
  farewell: string | null = null;
  lastError: string | null = null;
  lastErrorAt: number | null = null;
  tarpitMs = 0;
  greeted = false;
  commands = 0;
  readonly transactions: TransactionBuilder[] = [];
  readonly refusals: Refusal[] = [];
  readonly links: Link[] = [];
  readonly clients: string[] = [];
  nextMessageId: string | null = null;
  nextInternalId: string | null = null;

  readonly #pending = new PendingCommands();
  #current: TransactionBuilder | undefined;
  #authBefore: AuthResult = 'none';
  #client: { address: string; sessionId: string } | undefined;
  #linked: Set<string> | undefined;
  #known: Set<string> | undefined;
  #missing = 0;
  #repeated = 0;
  #replyLines: string[] = [];
  #healthSender = false;

  /** `detailed` keeps the text of every reply; without it only refusals are kept (the store's way). */
  constructor(direction: Direction, detailed = false) {
    this.direction = direction;
    this.#commandEvent = direction === 'send' ? SENT : 0x3c;
    this.#detailed = detailed;
  }

  /** Rows are missing somewhere, so the order of replies alone is not to be trusted. */
  get #hasHole(): boolean {
    return this.#missing > 0 || this.firstSequence > 0;
  }

  feed(row: RowView): void {
    if (this.rows === 0) this.#first(row);
    else if (row.sequence > this.lastSequence + 1) this.#missing += row.sequence - this.lastSequence - 1;
    else if (row.sequence === this.lastSequence) this.#repeated++;
    this.rows++;
    this.lastSequence = row.sequence;
    this.endedAt = row.at;
    if (this.connector === '' && !row.isEmpty(1)) this.connector = row.connector;
    if (this.localEndpoint === '' && !row.isEmpty(4)) this.localEndpoint = row.localEndpoint;
    if (row.event === this.#commandEvent) this.#command(row);
    else if (row.event === INFORMATION) readInformation(this, row);
    else if (row.event === CONNECT) this.connected = true;
    else if (row.event === DISCONNECT) {
      this.ended = true;
      this.disconnect = row.context.trim();
    } else this.#reply(row);
  }

  #first(row: RowView): void {
    this.sessionId = row.sessionId;
    this.remoteEndpoint = row.remoteEndpoint;
    this.startedAt = row.at;
    this.firstSequence = row.sequence;
  }

  // --- commands -----------------------------------------------------------------------------------------------

  #command(row: RowView): void {
    const start = row.starts[DATA]!;
    const end = row.ends[DATA]!;
    if (this.direction === 'send' && row.bytes[start] === 0x3c && row.data === '<Binary Data>') return; // goes on with the command before
    this.commands++;
    this.greeted = true;
    if (this.startTlsAt === 'granted') {
      // A command after the handshake: it succeeded, though the row that says so is missing.
      this.startTlsAt = 'decided';
      if (this.tls === 'none') this.tls = 'unknown(?)';
    }
    const kind = commandKind(row.bytes, start, end);
    switch (kind) {
      case 'mail':
        this.#mail(row);
        return;
      case 'rcpt':
        this.#recipient(row);
        return;
      case 'data':
        this.#expect('data', this.#current);
        return;
      case 'bdat': {
        const chunk = /^BDAT\s+(\d+)(\s+LAST)?/i.exec(row.data);
        if (this.#current) this.#current.chunkBytes += Math.min(Number(chunk?.[1] ?? 0), LARGEST_MESSAGE);
        this.#expect(chunk?.[2] ? 'bdat-last' : 'bdat', this.#current);
        return;
      }
      case 'hello':
        this.helo = (row.bytes[start + 4] === 0x20 ? row.recurring(DATA, 5) : row.data.slice(5)).trim();
        this.#current = undefined;
        break;
      case 'starttls':
        this.startTlsAt = 'asked';
        this.#current = undefined;
        break;
      case 'auth':
        this.authMechanism = row.data.trim().split(/\s+/)[1]?.toUpperCase() ?? '';
        this.authPending = true;
        this.#authBefore = this.authResult;
        this.authResult = 'none';
        break;
      case 'xproxyfrom':
        this.#proxy(row.data.trimStart());
        return;
      case 'rset':
      case 'quit':
        this.#current = undefined;
        break;
      default:
    }
    this.#expect(kind, undefined);
  }

  #expect(kind: CommandKind, transaction: TransactionBuilder | undefined, recipient?: RecipientDraft): void {
    this.#pending.add({ kind, transaction, recipient });
  }

  #mail(row: RowView): void {
    const { data } = row;
    const before = this.#current?.finished === false ? this.#current : undefined;
    const transaction = this.#begin(row.at, addressOf(row), before);
    const size = Number(commandParameter(data, 'SIZE') ?? 0);
    if (size > 0 && size < LARGEST_MESSAGE) transaction.declaredBytes = size;
    transaction.messageId = this.nextMessageId;
    transaction.internalId = this.nextInternalId;
    this.nextMessageId = this.nextInternalId = null;
    if (isHealthSender(transaction.sender ?? '') || /\sXSYSPROBEID=/i.test(data)) this.#healthSender = true;
    this.#expect('mail', transaction);
  }

  #begin(at: number, sender: string | null, before?: TransactionBuilder): TransactionBuilder {
    const transaction = new TransactionBuilder(at, sender, before);
    if (this.#client) {
      transaction.client = this.#client.address || null;
      transaction.clientSessionId = this.#client.sessionId;
    }
    this.transactions.push(transaction);
    this.#current = transaction;
    return transaction;
  }

  #recipient(row: RowView): void {
    const recipient: RecipientDraft = { address: addressOf(row), accepted: null, reply: null };
    const transaction = this.#current?.finished ? undefined : this.#current;
    transaction?.recipients.push(recipient);
    this.#expect('rcpt', transaction, recipient);
  }

  /** XPROXYFROM names the client of the messages that follow, XPROXY that of the whole session, XPROXYTO the sender's session. */
  #proxy(command: string): void {
    const verb = /^\S+/.exec(command)?.[0].toUpperCase();
    const kind: LinkKind = verb === 'XPROXYTO' ? 'xproxyto' : verb === 'XPROXY' ? 'xproxy' : 'xproxyfrom';
    const sessionId = commandParameter(command, kind === 'xproxyto' ? 'SESSIONID' : 'SID');
    const address = commandParameter(command, 'IP') ?? '';
    // Anybody can say whom he speaks for: it counts where the server believes it.
    const grant = (): void => {
      if (sessionId) this.link(kind, sessionId);
      if (kind === 'xproxyto' || this.direction !== 'receive') return;
      this.#known ??= new Set();
      if (address && !this.#known.has(address)) this.clients.push(address);
      this.#known.add(address);
      this.#client = { address, sessionId: sessionId ?? '' };
    };
    this.#pending.add({ kind: kind === 'xproxyto' ? 'other' : kind, transaction: undefined, recipient: undefined, grant });
  }

  // --- what information rows say (see information-rows.ts) ---------------------------------------------------------

  link(kind: LinkKind, sessionId: string): void {
    this.#linked ??= new Set();
    const key = `${kind} ${sessionId}`;
    if (!this.#linked.has(key)) this.links.push({ kind, sessionId });
    this.#linked.add(key);
    if (kind === 'proxying') this.#client = { address: '', sessionId };
  }

  /** `receiving message`: MAIL was accepted; without a MAIL row it still says that a transaction began. */
  beginMessage(at: number): void {
    const waiting = this.#pending.find((pending) => pending.kind === 'mail' && !pending.transaction?.begun);
    if (waiting?.transaction) waiting.transaction.begun = true;
    else if (this.#current && !this.#current.finished && !this.#current.begun) this.#current.begun = true;
    else {
      const implied = this.#begin(at, null);
      implied.begun = true;
      this.#expect('mail', implied);
    }
  }

  /** A message id said after the fact belongs to the transaction that stands open or was decided last. */
  nameMessage(messageId: string): void {
    const transaction = this.#current ?? this.transactions.at(-1);
    if (transaction && transaction.messageId === null) transaction.messageId = messageId;
  }

  failAuth(text: string): void {
    this.authResult = 'failed';
    this.authError = text;
  }

  error(text: string, at: number): void {
    this.lastError = text;
    this.lastErrorAt = at;
  }

  // --- replies ----------------------------------------------------------------------------------------------------

  #reply(row: RowView): void {
    const { bytes } = row;
    const start = row.starts[DATA]!;
    const end = row.ends[DATA]!;
    const code = replyCode(bytes, start, end);
    if (code === 0) return;
    const continued = end - start > 3 && bytes[start + 3] === 0x2d;
    if (continued) {
      if (code >= 400) this.#replyLines.push(row.data.slice(4).trim());
      return;
    }
    if (code >= 400) this.#refused(code, this.#wholeReply(row.data.trim()), row.at);
    else if (code < 300) this.#granted(row, start, end);
    else if (code === 354) this.#awaitContent();
    if (this.#replyLines.length > 0) this.#replyLines = [];
  }

  /** 354 answers DATA: whatever was asked before it has lost its reply. DATA itself waits for the end of the message. */
  #awaitContent(): void {
    this.greeted = true;
    const place = this.#pending.placeOf(['data', 'other']);
    if (place > 0) this.#pending.giveUp(place);
  }

  /** A refusal of several lines is one text: joined here in dialect A, with a second space after the code in B. */
  #wholeReply(last: string): string {
    if (this.#replyLines.length === 0) return last.replace(/^(\d{3}) {2}/, '$1 ');
    return `${last.slice(0, 3)} ${[...this.#replyLines, last.slice(4).trim()].join(' ')}`;
  }

  #granted(row: RowView, start: number, end: number): void {
    const head = this.#pending.oldest;
    if (head === undefined && !this.greeted && this.commands === 0) {
      this.greeted = true;
      return;
    }
    const fits = head !== undefined && this.#fits(row, start, end, head.kind);
    const command = fits ? this.#pending.takeOldest() : this.#resynchronise(row.data);
    if (!command) {
      if (!this.greeted && this.commands === 0) this.greeted = true;
      else this.#orphan(row);
      return;
    }
    command.grant?.();
    switch (command.kind) {
      case 'starttls':
        if (this.startTlsAt === 'asked') this.startTlsAt = 'granted';
        return;
      case 'auth':
        this.authPending = false;
        if (row.bytes[start + 1] === 0x33) this.authResult = 'success'; // 235, and no other
        return;
      case 'mail':
        if (command.transaction) command.transaction.mailAccepted = true;
        return;
      case 'rcpt':
        if (command.recipient) {
          command.recipient.accepted = true;
          if (this.#detailed) command.recipient.reply = row.data;
          if (!command.transaction && this.#hasHole) this.#implied(row.at).recipients.push(command.recipient);
        }
        return;
      case 'data':
      case 'bdat-last': {
        const transaction = command.transaction ?? this.#implied(row.at);
        transaction.accept(row.data, row.at, this.#detailed);
        if (this.#current === transaction) this.#current = undefined;
        return;
      }
      default:
    }
  }

  /** Whether a positive reply may answer a command of this kind; without holes the order of the rows is trusted on send. */
  #fits(row: RowView, start: number, end: number, kind: CommandKind): boolean {
    if (this.#hasHole) return answeredBy(row.data)?.includes(kind) ?? true;
    if (this.direction === 'send') return true;
    const said = enhancedKind(row.bytes, start, end);
    return said === undefined || fitsKind(said, kind);
  }

  /** A reply that does not fit the oldest command: find the one it fits, and give up those before it. */
  #resynchronise(reply: string): PendingCommand | undefined {
    const kinds = answeredBy(reply);
    if (!kinds) return this.#pending.takeOldest();
    const index = this.#pending.placeOf(kinds);
    if (index < 0) return this.#hasHole ? undefined : this.#pending.takeOldest();
    this.#pending.giveUp(index);
    return this.#pending.takeOldest();
  }

  /** A positive reply whose command row is missing still tells what was granted. */
  #orphan(row: RowView): void {
    const kinds = answeredBy(row.data);
    if (!kinds || !this.#hasHole) return;
    if (kinds.includes('mail')) this.#implied(row.at).mailAccepted = true;
    else if (kinds.includes('rcpt')) this.#implied(row.at).recipients.push({ address: '', accepted: true, reply: null });
    else if (FINAL_KINDS.some((kind) => kinds.includes(kind))) {
      this.#implied(row.at).accept(row.data, row.at, this.#detailed);
      this.#current = undefined;
    } else if (kinds.includes('auth')) this.authResult = 'success';
  }

  /** The open transaction, or one whose MAIL row is missing. */
  #implied(at: number): TransactionBuilder {
    return this.#current && !this.#current.finished ? this.#current : this.#begin(at, null);
  }

  #refused(code: number, reply: string, at: number): void {
    this.error(reply, at);
    const untouched = !this.greeted && this.commands === 0 && this.#pending.oldest === undefined;
    if (untouched && this.#missing === 0 && (this.connected || (this.rows <= 2 && this.firstSequence <= 2))) {
      this.turnedAway = reply;
      this.#note('connect', code, reply, at);
      return;
    }
    if (isUnsolicited(reply)) {
      this.farewell = reply;
      this.#note('', code, reply, at);
      return;
    }
    const command = this.#answered(reply);
    this.#note(command?.kind ?? '', code, reply, at);
    if (!command) {
      if (code !== 421 || /too many errors/i.test(reply)) this.#orphanRefusal(reply, at);
      else this.farewell = reply;
      return;
    }
    this.#refuseCommand(command, code, reply, at);
  }

  #note(command: string, code: number, text: string, at: number): void {
    this.refusals.push({ at, command, code, text });
  }

  /** The command that a refusal answers: the oldest, unless the text names another kind. */
  #answered(reply: string): PendingCommand | undefined {
    const kinds = this.direction === 'receive' ? answeredBy(reply) : undefined;
    const head = this.#pending.oldest;
    if (!head || !kinds || kinds.includes(head.kind)) return this.#pending.takeOldest();
    const later = this.#pending.placeOf(kinds);
    if (later < 0) return this.#hasHole ? undefined : this.#pending.takeOldest();
    if (!this.#hasHole && later > 0 && !isStrict(kinds)) return this.#pending.takeOldest();
    this.#pending.giveUp(later);
    return this.#pending.takeOldest();
  }

  #refuseCommand(command: PendingCommand, code: number, reply: string, at: number): void {
    const { kind, transaction } = command;
    switch (kind) {
      case 'starttls':
        this.startTlsAt = 'decided';
        this.tlsError ??= reply;
        return;
      case 'auth':
        this.authPending = false;
        this.authResult = code === 503 && this.#authBefore === 'success' ? 'success' : 'failed';
        this.authError = reply;
        return;
      case 'mail':
        transaction?.refuse(reply, at);
        if (transaction && this.#current === transaction) this.#current = transaction.before;
        return;
      case 'rcpt':
        if (command.recipient) {
          command.recipient.accepted = false;
          command.recipient.reply = reply;
        }
        if (transaction) {
          if (!transaction.accepted) transaction.decidedAt = at;
          return;
        }
        break;
      case 'data':
      case 'bdat':
      case 'bdat-last':
        if (transaction) {
          // Sent on although every recipient was refused: that refusal is the cause.
          if (code === 503 && transaction.recipients.some((recipient) => recipient.accepted === false)) return;
          // 503: no good recipient yet, or out of turn; the transaction goes on.
          transaction.refuse(reply, at, code !== 503);
          return;
        }
        break;
      default:
    }
    if (this.transactions.length === 0) this.commandRefusal ??= reply;
  }

  /** A refusal whose command row is missing: its text may tell which command it was. */
  #orphanRefusal(reply: string, at: number): void {
    const kinds = this.#hasHole && this.direction === 'receive' ? answeredBy(reply) : undefined;
    if (kinds?.includes('rcpt')) {
      const transaction = this.#implied(at);
      transaction.recipients.push({ address: '', accepted: false, reply });
      transaction.decidedAt = at;
    } else if (kinds?.includes('mail')) this.#begin(at, null).refuse(reply, at);
    else if (kinds?.includes('data')) this.#implied(at).refuse(reply, at);
    else if (kinds?.includes('auth')) this.failAuth(reply);
    else if (this.transactions.length === 0) this.commandRefusal ??= reply;
  }

  // --- the end ----------------------------------------------------------------------------------------------------

  build(): Session {
    const transactions = this.transactions.map((transaction) => transaction.build());
    let messagesAccepted = 0;
    let messagesRefused = 0;
    let recipientsAccepted = 0;
    let recipientsRefused = 0;
    let bytesAccepted = 0;
    for (const transaction of transactions) {
      if (transaction.shadow) continue;
      const accepted = transaction.state === 'accepted';
      if (accepted) messagesAccepted++;
      else if (transaction.state === 'refused') messagesRefused++;
      if (accepted) bytesAccepted += transaction.bytes ?? 0;
      for (const recipient of transaction.recipients) {
        if (recipient.accepted === false) recipientsRefused++;
        else if (recipient.accepted && accepted) recipientsAccepted++;
      }
    }
    const counts = { messagesAccepted, messagesRefused, recipientsAccepted, recipientsRefused };
    const { outcome, reason } = decideOutcome(this, transactions, counts);
    return {
      direction: this.direction,
      sessionId: this.sessionId,
      connector: this.connector,
      localEndpoint: this.localEndpoint,
      remoteEndpoint: this.remoteEndpoint,
      startedAt: this.startedAt,
      endedAt: this.endedAt,
      rows: this.rows,
      ended: this.ended || this.connectError !== null,
      helo: this.helo,
      tls: this.tls,
      authMechanism: this.authMechanism,
      authUser: this.authUser,
      authResult: this.authResult,
      permissions: this.permissions,
      outcome,
      outcomeReason: reason,
      ...counts,
      bytesAccepted,
      lastError: this.lastError,
      lastErrorAt: this.lastErrorAt,
      disconnect: this.disconnect,
      tarpitMs: this.tarpitMs,
      healthProbe:
        this.direction === 'receive' &&
        (this.#healthSender || (outcome === 'probe' && connectsToItself(this.localEndpoint, this.remoteEndpoint))),
      transactions,
      refusals: this.refusals,
      links: this.links,
      clients: this.clients,
      anomalies: this.#anomalies(),
    };
  }

  #anomalies(): SessionAnomaly[] {
    const found: SessionAnomaly[] = [];
    if (this.firstSequence > 0) found.push({ kind: 'cut-start', count: this.firstSequence });
    if (this.#missing > 0) found.push({ kind: 'gap', count: this.#missing });
    if (this.#repeated > 0) found.push({ kind: 'repeated-sequence', count: this.#repeated });
    if (this.#pending.unpaired > 0) found.push({ kind: 'unpaired', count: this.#pending.unpaired });
    return found;
  }
}

/** The address of a MAIL or RCPT row; the same ones come again and again. */
function addressOf(row: RowView): string {
  const { bytes } = row;
  const first = plainAddress(bytes, row.starts[DATA]!, row.ends[DATA]!);
  return first < 0 ? commandAddress(row.data) : decodeRecurring(bytes, first, bytes.indexOf(0x3e, first));
}

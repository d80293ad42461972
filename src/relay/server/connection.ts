/**
 * One connection: a socket on one side, the session machine on the other. What comes in goes to the machine, in pieces
 * and only while the machine, the delivery and the peer's own reading keep up; what the machine wants done is done here.
 */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { identityOf } from '../../connector/connector.ts';
import { parseAddress } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import type { LogRow } from '../../protocol-log/writer.ts';
import type { IncomingMessage } from '../delivery/incoming-message.ts';
import type { Clock } from '../log/clock.ts';
import type { Effect, Envelope, LogName } from '../machine/effects.ts';
import type { ServedSession } from '../machine/served-session.ts';
import type { ConnectionFacts, ServiceSettings } from '../machine/settings.ts';
import type { RelayCounts } from './counts.ts';
import type { Delivery } from './delivery.ts';
import type { LogonChecker } from './logon-checker.ts';
import { socketErrorName } from './network-error.ts';
import { type Handshake, shakeHands } from './tls-handshake.ts';

/** What all connections of a service share. */
export interface ConnectionHost {
  readonly service: ServiceSettings;
  /** A session of the machine, or of several that stand for one another. */
  readonly openSession: (facts: ConnectionFacts, now: number) => ServedSession;
  /** Without a name it is the service's own receive log. */
  readonly log: (row: LogRow, log: LogName | undefined) => void;
  readonly logons: LogonChecker;
  readonly delivery: Delivery;
  readonly secureContext: SecureContext | undefined;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
  readonly clock: Clock;
  /** Octets that may wait for a peer that does not read. */
  readonly memory: number;
  readonly counts: RelayCounts;
  /** One line, for people. */
  readonly warn: (line: string) => void;
}

/** A larger piece would be one that the machine may have to keep for a few octets of it. */
const PIECE = 16 * 1024;

/** How long the last reply may take to reach a peer that does not close. */
const LINGER_MS = 2_000;

export class Connection {
  readonly #host: ConnectionHost;
  readonly #facts: ConnectionFacts;
  readonly #machine: ServedSession;
  readonly #whenOver: () => void;
  #socket: Socket;
  #pending: Buffer[] = [];
  #message: IncomingMessage | undefined;
  #messageOctets = 0;
  /** Something has to happen before more input is taken: the delivery is to catch up, or a message is being kept. */
  #held = 0;
  #isCommitting = false;
  #handshake: Handshake | undefined;
  #timerAt: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #error: Error | undefined;
  #hasEnded = false;
  #isOver = false;
  #isStopping = false;
  #isPumping = false;

  /** `whenOver` is called once, when the session is over; the socket may live on for some moments. */
  constructor(host: ConnectionHost, socket: Socket, facts: ConnectionFacts, whenOver: () => void) {
    this.#host = host;
    this.#socket = socket;
    this.#facts = facts;
    this.#whenOver = whenOver;
    this.#machine = host.openSession(facts, host.clock.now());
  }

  /** Greets the peer. */
  start(): void {
    this.#attach(this.#socket);
    this.#step(() => {});
  }

  /** Ends the session as soon as no message is under way. */
  stop(): void {
    this.#isStopping = true;
    this.#step(() => {});
  }

  /** Ends it at once. */
  abort(): void {
    if (!this.#isOver) this.#step(() => this.#endByServer());
    this.#socket.destroy();
  }

  get #now(): number {
    return this.#host.clock.now();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isOver) return;
    for (let at = 0; at < chunk.length; at += PIECE)
      this.#pending.push(chunk.length <= PIECE ? chunk : Buffer.from(chunk.subarray(at, at + PIECE)));
    this.#step(() => {});
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    this.#step(() => {});
  };

  readonly #onError = (error: Error): void => {
    this.#error ??= error;
  };

  readonly #onClose = (): void => {
    this.#step(() => this.#machine.disconnected(this.#now, socketErrorName(this.#error)));
  };

  readonly #onDrain = (): void => this.#step(() => {});

  #attach(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    socket.on('drain', this.#onDrain);
  }

  /** Errors stay heard: one that nobody hears ends the process. */
  #detach(socket: Socket): void {
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    socket.off('drain', this.#onDrain);
  }

  /** Every way into the machine: what goes wrong here ends this session and no other. */
  #step(action: () => void): void {
    if (this.#isOver) return;
    try {
      action();
      // What an effect sets off on the spot is dealt with by the loop that is running.
      if (!this.#isPumping) this.#pump();
    } catch (error) {
      this.#fail(error);
    }
  }

  #pump(): void {
    this.#isPumping = true;
    try {
      while (this.#goOn());
    } finally {
      this.#isPumping = false;
    }
    if (this.#machine.isClosed) this.#over();
    else this.#wait();
  }

  /** Does what the machine wants done, and gives it one piece of input more; false: there is none, or it has to wait. */
  #goOn(): boolean {
    for (const effect of this.#machine.drain()) this.#perform(effect);
    if (this.#machine.isClosed) return false;
    if (this.#isStopping && !this.#isBusy) {
      this.#endByServer();
      return true;
    }
    if (!this.#takesInput) return false;
    const piece = this.#pending.shift();
    if (piece) this.#machine.receive(this.#now, piece);
    else if (this.#hasEnded) this.#machine.disconnected(this.#now);
    else return false;
    return true;
  }

  get #takesInput(): boolean {
    return this.#machine.wantsInput && this.#held === 0 && !this.#handshake && this.#socket.writableLength <= this.#host.memory;
  }

  get #isBusy(): boolean {
    return this.#message !== undefined || this.#isCommitting;
  }

  #wait(): void {
    if (!this.#handshake) {
      if (this.#takesInput) this.#socket.resume();
      else this.#socket.pause();
    }
    const at = this.#machine.wakeAt;
    // A timer that comes earlier looks again: most sessions set one, and never call it off.
    if (at === undefined || (this.#timerAt !== undefined && this.#timerAt <= at)) return;
    this.#cancelTimer?.();
    this.#timerAt = at;
    this.#cancelTimer = this.#host.clock.after(at - this.#now, () => {
      this.#timerAt = undefined;
      this.#step(() => this.#machine.wake(this.#now));
    });
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'write':
        if (this.#socket.writable) this.#socket.write(effect.text);
        return;
      case 'row':
        this.#host.log(effect.row, effect.log);
        return;
      case 'start-tls':
        this.#startTls();
        return;
      case 'check-logon':
        this.#checkLogon(effect.user, effect.password);
        return;
      case 'message-begin':
        this.#begin(effect.envelope);
        return;
      case 'content': {
        this.#messageOctets += effect.octets.length;
        const room = this.#message?.write(effect.octets);
        if (room) this.#hold(room);
        return;
      }
      case 'message-end':
        this.#commit(effect.header);
        return;
      case 'message-abort':
        this.#message?.abort();
        this.#message = undefined;
        return;
      case 'close':
        return;
    }
  }

  #begin(envelope: Envelope): void {
    this.#message = this.#host.delivery.keeper.begin(envelope, {
      sessionId: this.#facts.sessionId,
      connector: this.#connector,
      arrivedAt: this.#now,
    });
    this.#messageOctets = 0;
  }

  /** By the same table that the machine has asked. */
  get #connector(): string {
    const { table } = this.#host.service;
    const remote = parseAddress(parseEndpoint(this.#facts.remoteEndpoint).address);
    const local = parseEndpoint(this.#facts.localEndpoint);
    const address = parseAddress(local.address);
    const entry = remote && address && table.select({ address, port: local.port ?? 0 }, remote);
    return entry ? identityOf(entry.connector) : '';
  }

  #hold(room: Promise<void>): void {
    this.#held++;
    const goOn = (): void => {
      this.#held--;
      this.#step(() => {});
    };
    // What went wrong with the message shows when it is to be kept.
    room.then(goOn, goOn);
  }

  #commit(header: string): void {
    const message = this.#message;
    const octets = this.#messageOctets;
    this.#message = undefined;
    this.#isCommitting = true;
    const kept = message ? message.commit(header) : Promise.reject(new Error('there is no message to keep'));
    kept.then(
      ({ internalId }) => {
        this.#isCommitting = false;
        this.#host.counts.messages++;
        this.#host.counts.octets += octets;
        this.#step(() => this.#machine.stored(this.#now, { internalId, hostname: this.#host.service.fqdn }));
      },
      (error: unknown) => {
        this.#isCommitting = false;
        this.#host.warn(`${this.#label}: a message could not be kept: ${messageOf(error)}`);
        this.#step(() => this.#machine.notStored(this.#now));
      },
    );
  }

  #checkLogon(user: string, password: string): void {
    const isWanted = (): boolean => !this.#isOver;
    this.#host.logons.check(user, password, isWanted).then(
      (succeeded) => this.#step(() => this.#machine.logonChecked(this.#now, succeeded)),
      (error: unknown) => this.#step(() => this.#raise(error)),
    );
  }

  #raise(error: unknown): never {
    throw error;
  }

  #startTls(): void {
    const plain = this.#socket;
    this.#detach(plain);
    this.#pending = [];
    // What was pipelined behind STARTTLS lies in the socket's own buffer too; it would be taken for a part of the handshake.
    plain.pause();
    while (plain.read() !== null);
    this.#handshake = shakeHands(plain, {
      context: this.#host.secureContext!,
      timeout: this.#host.handshakeTimeout,
      clock: this.#host.clock,
      succeeded: (socket, facts) => {
        this.#handshake = undefined;
        this.#socket = socket;
        this.#attach(socket);
        this.#step(() => this.#machine.tlsStarted(this.#now, facts));
      },
      failed: (error) => this.#step(() => this.#machine.tlsFailed(this.#now, error)),
    });
  }

  #endByServer(): void {
    this.#machine.shutDown(this.#now);
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#pending = [];
    this.#machine.release();
    this.#message?.abort();
    this.#message = undefined;
    if (this.#handshake) this.#handshake.abort();
    else this.#linger();
    this.#whenOver();
  }

  /** A socket that is closed with octets unread resets the connection, and the last reply may be lost on its way. */
  #linger(): void {
    const socket = this.#socket;
    socket.off('data', this.#onData);
    if (socket.destroyed) return;
    socket.on('data', () => {});
    socket.resume();
    socket.end();
    const cancel = this.#host.clock.after(LINGER_MS, () => socket.destroy());
    socket.once('close', cancel);
  }

  #fail(error: unknown): void {
    this.#host.counts.failures++;
    this.#host.warn(
      `${this.#label}: unexpected failure, the session is closed. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    try {
      this.#machine.disconnected(this.#now, 'OperationAborted');
      for (const effect of this.#machine.drain()) if (effect.kind === 'row') this.#host.log(effect.row, effect.log);
    } catch {
      // The machine itself is what failed: its session has no end in the log.
    }
    try {
      this.#over();
    } catch (second) {
      this.#host.warn(`${this.#label}: ${messageOf(second)}`);
    }
    this.#socket.destroy();
  }

  get #label(): string {
    return `session ${this.#facts.sessionId} of ${this.#facts.remoteEndpoint}`;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

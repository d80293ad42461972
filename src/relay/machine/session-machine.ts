/**
 * An SMTP session as a receive connector of Exchange conducts it. Pure: octets, time and answers go in, effects come out;
 * it knows no socket, no clock and no file. Behaviour: reference of the receive connectors, sections 2 and 7.
 */
import { type Address, parseAddress } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import { certificateRows } from '../../protocol-log/dialect.ts';
import { decodeText } from '../../protocol-log/text-decoding.ts';
import type { Permission } from '../../smtp/permission.ts';
import type { ReplyId } from '../../smtp/reply-catalogue.ts';
import { clientNotProxied, clientProxied, logonChecked, readLogon } from './commands/auth.ts';
import { dispatch } from './commands/dispatch.ts';
import { MessageReader } from './commands/message.ts';
import { Conversation } from './conversation.ts';
import type { Effect, StoredFacts, TlsFacts } from './effects.ts';
import { mannerOf } from './faults.ts';
import type { HandOverFault } from './hand-over-fault.ts';
import type { ServedSession } from './served-session.ts';
import type { ConnectionFacts, ServiceSettings } from './settings.ts';
import { tlsRow } from './tls-row.ts';
import { receivedField } from './trace.ts';

const MAX_COMMAND = 32_768;

/** What the machine waits for besides octets. */
type Waiting = 'nothing' | 'delay' | 'tls' | 'logon' | 'store' | 'proxy' | 'proxied';

/** What a front end tells the Hub of its client. */
export interface ClientFacts {
  readonly sessionId: string;
  /** As the log writes it. */
  readonly remoteEndpoint: string;
  readonly localEndpoint: string;
  readonly helo: string;
  /** Null for who has not logged on. */
  readonly user: string | null;
  readonly permissions: ReadonlySet<Permission>;
  /** Messages of the session that have begun. */
  readonly messages: number;
  /** Received field of the front end, as of now. */
  readonly trace: string;
}

export class SessionMachine implements ServedSession {
  readonly #conversation: Conversation;
  #input: Uint8Array = new Uint8Array(0);
  #waiting: Waiting = 'nothing';
  #message: MessageReader | undefined;
  #idleSince: number;
  #isCounted = false;

  constructor(service: ServiceSettings, facts: ConnectionFacts, now: number) {
    const remote = parseAddress(parseEndpoint(facts.remoteEndpoint).address);
    const local = parseEndpoint(facts.localEndpoint);
    const address = parseAddress(local.address);
    const entry =
      remote && address ? service.table.select({ address: address as Address, port: local.port ?? 0 }, remote) : undefined;
    this.#conversation = new Conversation(service, facts, entry?.connector, now);
    this.#idleSince = now;
    this.#open();
  }

  /** Effects since the last call, in order. */
  drain(): Effect[] {
    return this.#conversation.drain();
  }

  /** Gives the connection's place back: once, when it is over. */
  release(): void {
    const { connector, service, source } = this.#conversation;
    if (this.#isCounted && connector) service.limits.release(connector, source);
    this.#isCounted = false;
  }

  get isClosed(): boolean {
    return this.#conversation.closed;
  }

  /** False while the machine waits for something else: its caller should stop reading. */
  get wantsInput(): boolean {
    return !this.isClosed && this.#waiting === 'nothing';
  }

  /** When `wake` is to be called, milliseconds UTC; undefined: not at all. */
  get wakeAt(): number | undefined {
    if (this.isClosed) return undefined;
    if (this.#waiting === 'delay') return this.#conversation.delayedUntil;
    return this.#waiting === 'nothing' ? this.#idleSince + this.#conversation.inactivityMs : undefined;
  }

  receive(now: number, octets: Uint8Array): void {
    if (this.isClosed) return;
    this.#advance(now);
    this.#idleSince = now;
    this.#input = this.#input.length === 0 ? octets : Buffer.concat([this.#input, octets]);
    this.#run();
    // A few octets that are left over must not keep all that came with them.
    if (this.#input.length * 4 < this.#input.buffer.byteLength) this.#input = new Uint8Array(this.#input);
  }

  /** Time has passed: a delay may be over, or the client silent for too long. */
  wake(now: number): void {
    if (this.isClosed) return;
    this.#advance(now);
    if (this.#waiting === 'delay' && now >= (this.#conversation.delayedUntil ?? 0)) {
      this.#waiting = 'nothing';
      this.#conversation.delayedUntil = undefined;
      this.#idleSince = now;
      this.#conversation.flush();
      this.#run();
    } else if (this.#waiting === 'nothing' && now >= this.#idleSince + this.#conversation.inactivityMs) {
      this.#dropMessage();
      this.#conversation.reply('inactivity-timeout');
      this.#conversation.flush();
    }
  }

  tlsStarted(now: number, tls: TlsFacts): void {
    if (this.#waiting !== 'tls' || this.isClosed) return;
    this.#advance(now);
    this.#conversation.note(tlsRow(tls, 'SERVER'));
    this.#conversation.tls = tls;
    this.#conversation.helo = undefined;
    this.#conversation.abortTransaction();
    this.#resume();
  }

  /** `error`: as Schannel would name it, `AlgorithmMismatch` … */
  tlsFailed(now: number, error: string): void {
    if (this.#waiting !== 'tls' || this.isClosed) return;
    this.#advance(now);
    this.#conversation.note(`TLS negotiation failed with error ${error}`);
    this.#conversation.close('Local');
  }

  logonChecked(now: number, succeeded: boolean): void {
    if (this.#waiting !== 'logon' || this.isClosed) return;
    this.#advance(now);
    logonChecked(this.#conversation, succeeded);
    this.#resume();
  }

  /** The message is safe. */
  stored(now: number, stored: StoredFacts): void {
    if (this.#waiting !== 'store' || this.isClosed) return;
    this.#advance(now);
    this.#message?.stored(stored);
    this.#message = undefined;
    this.#resume();
  }

  /** The message could not be kept: the client has to try again. */
  notStored(now: number): void {
    if (this.#waiting !== 'store' || this.isClosed) return;
    this.#advance(now);
    this.#message?.notStored();
    this.#message = undefined;
    this.#resume();
  }

  /** A Hub has the message, or refused it: its words, the lines behind the first without code, are said to the client. */
  handedOver(now: number, reply: string): void {
    if (this.#waiting !== 'store' || this.isClosed) return;
    this.#advance(now);
    this.#message?.handedOver(reply);
    this.#message = undefined;
    this.#resume();
  }

  /** The message came to no Hub. `response`: what the Hub or the network said, for the log. */
  notHandedOver(now: number, fault: HandOverFault, response: string): void {
    if (this.#waiting !== 'store' || this.isClosed) return;
    this.#advance(now);
    this.#message?.notHandedOver(fault, response);
    this.#message = undefined;
    this.#resume();
  }

  /** Who has logged on waits for a Hub to take the session over. */
  get awaitsProxy(): boolean {
    return this.#waiting === 'proxy' && !this.isClosed;
  }

  /**
   * The Hub has taken the session over: from now on this machine says and takes nothing. What the client had sent
   * already comes back.
   */
  clientProxied(now: number): Uint8Array {
    if (!this.awaitsProxy) return new Uint8Array(0);
    this.#advance(now);
    clientProxied(this.#conversation);
    this.#conversation.flush();
    this.#waiting = 'proxied';
    const rest = this.#input;
    this.#input = new Uint8Array(0);
    return rest;
  }

  clientNotProxied(now: number, fault: HandOverFault, response: string): void {
    if (!this.awaitsProxy) return;
    this.#advance(now);
    clientNotProxied(this.#conversation, fault, response);
    this.#resume();
  }

  /** The Hub has ended the session that it had taken over. */
  proxyEnded(now: number): void {
    if (this.#waiting !== 'proxied' || this.isClosed) return;
    this.#advance(now);
    this.#conversation.close('Local');
  }

  /** What a Hub is told of the client. */
  get clientFacts(): ClientFacts {
    const conversation = this.#conversation;
    const { facts, helo, user, logon, permissions, messages } = conversation;
    const { sessionId, remoteEndpoint, localEndpoint } = facts;
    const trace = receivedField(conversation);
    const name = user ?? logon?.user ?? null;
    return { sessionId, remoteEndpoint, localEndpoint, helo: helo ?? '', user: name, permissions, messages, trace };
  }

  /** The server stops. A message that is coming in is dropped; its sender was promised nothing. */
  shutDown(now: number): void {
    if (this.isClosed) return;
    this.#advance(now);
    this.#dropMessage();
    // Within a handshake nothing can be said.
    if (this.#waiting !== 'tls') this.#conversation.say('421 4.3.2 Service not available', { close: true });
    this.#conversation.flush();
    this.#conversation.close('Local');
  }

  /** The peer has gone. `error`: a socket error as .NET names it; undefined: it closed in order. */
  disconnected(now: number, error?: string): void {
    if (this.isClosed) return;
    this.#advance(now);
    this.#dropMessage();
    this.#conversation.abortTransaction();
    this.#conversation.disconnected(`Remote(${error ?? 'SocketError'})`);
  }

  #open(): void {
    const conversation = this.#conversation;
    conversation.connected();
    const refusal = this.#refusalAtConnect();
    if (refusal) conversation.reply(refusal);
    else this.#greet();
    this.#settle();
  }

  #refusalAtConnect(): ReplyId | undefined {
    const { service, connector, source } = this.#conversation;
    if (!connector) return 'no-connector-for-client';
    switch (service.limits.admit(connector, source)) {
      case 'server-limit':
        return 'server-connections-exceeded';
      case 'source-limit':
        return 'source-connections-exceeded';
      case 'admitted':
        this.#isCounted = true;
    }
    if (service.inactive()) return 'service-not-active';
    return service.backPressure() === 'high' ? 'back-pressure-at-connect' : undefined;
  }

  #greet(): void {
    const conversation = this.#conversation;
    const { service, properties } = conversation;
    conversation.grantInitial();
    const fault = service.faults.strike('connect', conversation.client);
    if (fault?.drop) conversation.close('Local');
    else if (fault?.reply) conversation.say(fault.reply, { close: true, ...mannerOf(fault) });
    else if (properties.Banner)
      conversation.say(properties.Banner.replaceAll('\r\n', '\n').replace(/\n220[ -]/g, '\n'), mannerOf(fault));
    else
      conversation.reply('banner', {
        values: { fqdn: conversation.fqdn, date: service.formatDate(conversation.now) },
        ...mannerOf(fault),
      });
  }

  #advance(now: number): void {
    this.#conversation.now = Math.max(now, this.#conversation.now);
  }

  #resume(): void {
    this.#waiting = 'nothing';
    this.#idleSince = this.#conversation.now;
    this.#settle();
    this.#run();
  }

  /** Takes what has come in, as far as nothing else has to happen first. */
  #run(): void {
    const conversation = this.#conversation;
    while (!conversation.closed && this.#waiting === 'nothing') {
      if (this.#message) {
        if (!this.#readMessage(this.#message)) break;
        continue;
      }
      const line = this.#nextLine();
      if (line === undefined) break;
      this.#command(line);
      this.#settle();
    }
    if (!conversation.closed && this.#waiting === 'nothing' && conversation.hasHeldReplies) conversation.flush();
  }

  /** False: it wants more octets. */
  #readMessage(message: MessageReader): boolean {
    if (this.#input.length === 0 && !message.isComplete) return false;
    this.#input = message.read(this.#input);
    if (!message.isComplete) return false;
    switch (message.finish()) {
      case 'store':
        this.#waiting = 'store';
        break;
      case 'chunk':
        // A chunk is over, the message is not: commands come in between.
        this.#message = undefined;
        break;
      case 'refused':
        this.#message = undefined;
        break;
    }
    this.#settle();
    return true;
  }

  #nextLine(): Buffer | undefined {
    const input = this.#input;
    const end = indexOfCrLf(input);
    if (end < 0 ? input.length > MAX_COMMAND : end > MAX_COMMAND) {
      this.#input = new Uint8Array(0);
      this.#conversation.reply('command-too-long');
      this.#conversation.flush();
      return undefined;
    }
    if (end < 0) return undefined;
    this.#input = input.subarray(end + 2);
    return Buffer.from(input.buffer, input.byteOffset, end);
  }

  #command(octets: Buffer): void {
    const conversation = this.#conversation;
    const line = decodeText(octets);
    if (conversation.awaitsLogon) {
      readLogon(conversation, line);
      return;
    }
    const next = dispatch(conversation, line, octets.toString('latin1'));
    if (next instanceof MessageReader) this.#message = next;
    else if (next === 'start-tls') this.#startTls();
  }

  #startTls(): void {
    const conversation = this.#conversation;
    // What was pipelined behind STARTTLS came in clear: it counts for nothing.
    this.#input = new Uint8Array(0);
    conversation.flush();
    const { certificate } = conversation.service;
    // Without one it is the word of a front end in the same process.
    if (certificate)
      for (const { context, data } of certificateRows('Sending', certificate, conversation.dialect))
        conversation.note(context, data);
    conversation.effect({ kind: 'start-tls' });
    this.#waiting = 'tls';
  }

  /** Decides what the replies at hand have to wait for. */
  #settle(): void {
    const conversation = this.#conversation;
    if (conversation.closed) return;
    if (this.#waiting !== 'nothing') return;
    if (conversation.checksLogon) {
      this.#waiting = 'logon';
      return;
    }
    if (conversation.awaitsProxy) {
      this.#waiting = 'proxy';
      return;
    }
    if (conversation.delayedUntil !== undefined) {
      this.#waiting = 'delay';
      return;
    }
    // Replies to pipelined commands are sent together, but not kept from a client that waits for them.
    if (conversation.isClosing || conversation.mustFlush || indexOfCrLf(this.#input) < 0) conversation.flush();
  }

  #dropMessage(): void {
    this.#message?.abort();
    this.#message = undefined;
  }
}

function indexOfCrLf(octets: Uint8Array): number {
  for (let at = octets.indexOf(13); at >= 0; at = octets.indexOf(13, at + 1)) if (octets[at + 1] === 10) return at;
  return -1;
}

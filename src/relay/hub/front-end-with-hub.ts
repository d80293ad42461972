/**
 * A session at a front end behind which a Hub stands: the front end's machine talks to the client, and what it takes goes
 * to the Hub's machine, whose words come back. To the socket side it is a session as any other; its rows say to which log
 * they belong, and the messages that it hands out are the Hub's.
 */
import type { Effect, StoredFacts, TlsFacts } from '../machine/effects.ts';
import type { ServedSession } from '../machine/served-session.ts';
import { SessionMachine } from '../machine/session-machine.ts';
import type { ConnectionFacts } from '../machine/settings.ts';
import { ClientProxy } from './client-proxy.ts';
import { HandOver } from './hand-over.ts';
import type { HubConnection } from './hub-connection.ts';
import type { HubConnections } from './hub-connections.ts';

export class FrontEndWithHub implements ServedSession {
  readonly #connections: HubConnections;
  readonly #machine: SessionMachine;
  readonly #effects: Effect[] = [];
  #handOver: HandOver | undefined;
  #proxy: ClientProxy | undefined;
  #now: number;

  constructor(connections: HubConnections, facts: ConnectionFacts, now: number) {
    const { front, hub } = connections.settings;
    this.#connections = connections;
    this.#now = now;
    this.#machine = new SessionMachine(front, { ...facts, hub: { fqdn: hub.fqdn, isActive: () => !hub.inactive() } }, now);
    this.#obey();
  }

  drain(): Effect[] {
    return [...this.#connections.drain(), ...this.#effects.splice(0)];
  }

  release(): void {
    this.#machine.release();
  }

  get isClosed(): boolean {
    return this.#machine.isClosed;
  }

  get wantsInput(): boolean {
    if (this.#isBlind) return this.#proxy!.connection.wantsInput;
    return this.#machine.wantsInput && this.#handOver?.isPreparing !== true;
  }

  get wakeAt(): number | undefined {
    if (this.isClosed) return undefined;
    const times = [this.#machine.wakeAt, this.#connection?.wakeAt].filter((at) => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  receive(now: number, octets: Uint8Array): void {
    if (this.isClosed) return;
    this.#advance(now);
    if (this.#isBlind) this.#sendBlindly(octets);
    else this.#machine.receive(this.#now, octets);
    this.#obey();
  }

  wake(now: number): void {
    this.#advance(now);
    this.#machine.wake(this.#now);
    this.#obey();
    this.#connection?.wake(this.#now);
    this.#obey();
  }

  tlsStarted(now: number, tls: TlsFacts): void {
    this.#advance(now);
    this.#machine.tlsStarted(this.#now, tls);
    this.#obey();
  }

  tlsFailed(now: number, error: string): void {
    this.#advance(now);
    this.#machine.tlsFailed(this.#now, error);
    this.#obey();
  }

  logonChecked(now: number, succeeded: boolean): void {
    this.#advance(now);
    this.#machine.logonChecked(this.#now, succeeded);
    this.#obey();
  }

  stored(now: number, stored: StoredFacts): void {
    this.#advance(now);
    this.#connection?.stored(this.#now, stored);
    this.#obey();
  }

  notStored(now: number): void {
    this.#advance(now);
    this.#connection?.notStored(this.#now);
    this.#obey();
  }

  shutDown(now: number): void {
    if (this.isClosed) return;
    this.#advance(now);
    this.#machine.shutDown(this.#now);
    this.#obey();
  }

  disconnected(now: number, error?: string): void {
    if (this.isClosed) return;
    this.#advance(now);
    this.#machine.disconnected(this.#now, error);
    this.#obey();
  }

  /** The connection to the Hub that the session uses at the moment. */
  get #connection(): HubConnection | undefined {
    return this.#proxy?.connection ?? this.#handOver?.connection;
  }

  get #isBlind(): boolean {
    return this.#proxy?.state.kind === 'blind';
  }

  #advance(now: number): void {
    this.#now = Math.max(now, this.#now);
  }

  readonly #emit = (effect: Effect): void => {
    this.#effects.push(effect);
  };

  #sendBlindly(octets: Uint8Array): void {
    const { connection } = this.#proxy!;
    connection.advance(this.#now);
    if (octets.length > 0) connection.send(octets);
  }

  /** Does what the front end's machine wants done, and tells it what came of it, until it waits for something else. */
  #obey(): void {
    do for (const effect of this.#machine.drain()) this.#do(effect);
    while (this.#tell());
    if (this.isClosed) this.#leave();
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case 'message-begin': {
        if (this.#connections.settings.hub.inactive()) return;
        const { envelope, isChunked = false } = effect;
        this.#handOver = new HandOver(this.#connections, this.#machine.clientFacts, { envelope, isChunked }, this.#emit);
        this.#handOver.begin(this.#now);
        return;
      }
      case 'content':
        this.#handOver?.content(this.#now, effect.octets, effect.opens);
        return;
      case 'message-end':
        this.#handOver?.end(this.#now);
        return;
      case 'message-abort':
        this.#handOver?.abort(this.#now);
        this.#handOver = undefined;
        return;
      case 'row':
        this.#emit({ ...effect, log: 'front-end-receive' });
        return;
      case 'write':
      case 'start-tls':
      case 'check-logon':
      case 'close':
        this.#emit(effect);
    }
  }

  /** False: there is no news for the machine. */
  #tell(): boolean {
    const result = this.#handOver?.result;
    if (result) {
      this.#handOver = undefined;
      if (result.kind === 'answered') this.#machine.handedOver(this.#now, result.reply);
      else this.#machine.notHandedOver(this.#now, result.fault, result.response);
      return true;
    }
    if (this.#machine.awaitsProxy) return this.#tellOfProxy();
    if (this.#proxy?.state.kind !== 'ended') return false;
    this.#proxy = undefined;
    this.#machine.proxyEnded(this.#now);
    return true;
  }

  #tellOfProxy(): boolean {
    if (!this.#proxy) {
      this.#proxy = new ClientProxy(this.#connections, this.#machine.clientFacts, this.#emit, this.#now);
      this.#proxy.begin();
    }
    const { state } = this.#proxy;
    switch (state.kind) {
      case 'preparing':
        return false;
      case 'failed':
        this.#proxy = undefined;
        this.#machine.clientNotProxied(this.#now, state.fault, state.response);
        return true;
      case 'blind':
      case 'ended': {
        const rest = this.#machine.clientProxied(this.#now);
        // The client hears that it is let in before anything that the Hub says.
        for (const effect of this.#machine.drain()) this.#do(effect);
        if (state.kind === 'blind') this.#sendBlindly(rest);
        return true;
      }
    }
  }

  /** The client has gone, or was sent away: what was under way at the Hub ends with it. */
  #leave(): void {
    this.#handOver?.abort(this.#now);
    this.#handOver = undefined;
    this.#proxy?.connection.drop(this.#now);
    this.#proxy = undefined;
  }
}

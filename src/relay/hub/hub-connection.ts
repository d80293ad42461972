/**
 * A connection from the front end to the Hub, both ends of it: what the front end says goes to the Hub's session machine,
 * what comes back is read and logged. TLS and the servers' authentication are words here: nothing leaves the process.
 */
import { certificateRows } from '../../protocol-log/dialect.ts';
import type { Effect, StoredFacts, TlsFacts } from '../machine/effects.ts';
import type { HandOverFault } from '../machine/hand-over-fault.ts';
import { SessionMachine } from '../machine/session-machine.ts';
import { tlsRow } from '../machine/tls-row.ts';
import { type HubReply, isRefusal, readReply, replyText } from './hub-reply.ts';
import { HUB_PORTS, type HubSettings, SEND_CONNECTORS } from './hub-settings.ts';
import { SendLog } from './send-log.ts';

/** What two servers of today agree on. */
const TLS: TlsFacts = { protocol: 'TLS1_2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', strength: 256 };

export interface HubConnectionFacts {
  /** For messages of clients that did not log on, or for the session of one that did. */
  readonly kind: 'message' | 'session';
  /** Of the send log. */
  readonly sessionId: string;
  /** The server's own address, which both ends have. */
  readonly address: string;
  /** Port of the front end's end. */
  readonly port: number;
  /** What the row of the attempt to connect says besides. */
  readonly purpose: string;
}

/** Why a connection that was still needed is none any more. */
export interface HubFault {
  readonly fault: HandOverFault;
  /** What the Hub or the network said. */
  readonly response: string;
}

/** Who uses a connection at the moment. */
export interface HubConnectionUser {
  /** What the Hub wants done, but for rows. */
  readonly emit: (effect: Effect) => void;
  /** The Hub has greeted. */
  readonly greeted?: () => void;
  /** The servers know each other: commands may be sent. */
  readonly ready: () => void;
  /** At most once. */
  readonly failed: (fault: HubFault) => void;
}

/** A row, with the log that it belongs to. */
export type RowEffect = Extract<Effect, { kind: 'row' }>;

interface Awaited {
  readonly answered: (reply: HubReply) => void;
  /** Stands in the log for the reply that it hides. */
  readonly mask?: string;
}

export class HubConnection {
  readonly address: string;
  readonly startedAt: number;
  readonly #settings: HubSettings;
  readonly #facts: HubConnectionFacts;
  readonly #log: SendLog;
  readonly #emitRow: (effect: RowEffect) => void;
  #user: HubConnectionUser;
  #hub: SessionMachine | undefined;
  #now: number;
  #trace = '';
  #offers: readonly string[] = [];
  readonly #awaited: Awaited[] = [];
  readonly #outbox: Uint8Array[] = [];
  #isPumping = false;
  #isSecured = false;
  #isReady = false;
  #isBlind = false;
  #isOver = false;
  #isLeaving = false;
  /** The last thing the Hub refused: what it closes with is its reason. */
  #refusal: string | undefined;

  /** Rows go to `emitRow`, whoever uses the connection: so they stay in order when it changes hands. */
  constructor(
    settings: HubSettings,
    facts: HubConnectionFacts,
    emitRow: (effect: RowEffect) => void,
    user: HubConnectionUser,
    now: number,
  ) {
    this.#settings = settings;
    this.#emitRow = emitRow;
    this.#facts = facts;
    this.#user = user;
    this.#now = now;
    this.startedAt = now;
    this.address = facts.address;
    this.#log = new SendLog({
      connector: SEND_CONNECTORS[facts.kind],
      sessionId: facts.sessionId,
      dialect: this.#dialect,
      localEndpoint: this.#frontEndpoint,
      remoteEndpoint: this.#hubEndpoint,
      emit: (row) => emitRow({ kind: 'row', row, log: 'front-end-send' }),
    });
  }

  /** Connects, and makes the servers known to each other. What comes of it is told to the user, as a rule before this returns. */
  open(): void {
    const { front, hub, hubSessionId, isListening } = this.#settings;
    const now = this.#now;
    if (this.#dialect === 'B') this.#log.note(now, 'Set Session Permissions', 'SendRoutingHeaders');
    this.#log.note(now, `attempting to connect${this.#facts.purpose}`);
    if (isListening?.() === false) {
      this.#log.note(now, this.#refusedConnection);
      this.#fail({ fault: 'hub-unreachable', response: '421 4.2.1 Unable to connect' });
      return;
    }
    this.#log.connected(now);
    const peer = { account: accountOf(front.server, front.fqdn), trace: () => this.#trace };
    const facts = { localEndpoint: this.#hubEndpoint, remoteEndpoint: this.#frontEndpoint, sessionId: hubSessionId(), peer };
    this.#awaited.push({ answered: (reply) => this.#greeted(reply) });
    this.#hub = new SessionMachine(hub, facts, now);
    this.#pump();
  }

  /** Goes to somebody else. */
  handTo(user: HubConnectionUser, now: number): void {
    this.#user = user;
    this.advance(now);
  }

  advance(now: number): void {
    this.#now = Math.max(now, this.#now);
  }

  get now(): number {
    return this.#now;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get wakeAt(): number | undefined {
    return this.#isOver ? undefined : this.#hub?.wakeAt;
  }

  /** The Hub takes what it is sent at once. */
  get wantsInput(): boolean {
    return this.#hub?.wantsInput ?? false;
  }

  wake(now: number): void {
    this.advance(now);
    this.#hub?.wake(now);
    this.#pump();
  }

  /** Whether the Hub offers an extension, by the line of its hello or the first word of it. */
  offers(extension: string): boolean {
    return this.#offers.some((line) => line === extension || line.startsWith(`${extension} `));
  }

  /** What the front end puts before the next message. */
  set trace(trace: string) {
    this.#trace = trace;
  }

  note(context: string): void {
    this.#log.note(this.#now, context);
  }

  /** Sends commands together; each is answered in its turn. */
  ask(...commands: readonly { readonly command: string; readonly answered: (reply: HubReply) => void }[]): void {
    for (const { command, answered } of commands) {
      this.#log.sent(this.#now, Buffer.from(command).toString('latin1'));
      this.#awaited.push({ answered });
    }
    this.send(Buffer.from(commands.map(({ command }) => `${command}\r\n`).join('')));
  }

  /** Awaits a reply to what was sent without a row of its own. */
  await(answered: (reply: HubReply) => void): void {
    this.#awaited.push({ answered });
  }

  /** Octets that no log has. */
  send(octets: Uint8Array): void {
    this.#outbox.push(octets);
    this.#pump();
  }

  /** From here on what the Hub says goes to the client as it is. */
  goBlind(): void {
    this.#isBlind = true;
  }

  stored(now: number, facts: StoredFacts): void {
    this.advance(now);
    this.#hub?.stored(now, facts);
    this.#pump();
  }

  notStored(now: number): void {
    this.advance(now);
    this.#hub?.notStored(now);
    this.#pump();
  }

  /** Says goodbye. */
  quit(now: number): void {
    this.advance(now);
    if (this.#isOver) return;
    this.#isLeaving = true;
    this.ask({ command: 'QUIT', answered: () => this.#end('Local') });
  }

  /** Leaves in the middle of whatever was under way. */
  drop(now: number): void {
    this.advance(now);
    if (this.#isOver) return;
    const byHub = this.#hub?.isClosed === true;
    this.#hub?.disconnected(this.#now, 'ConnectionReset');
    this.#pump();
    this.#end(byHub ? 'Remote' : 'Local');
  }

  get #dialect(): 'A' | 'B' {
    return this.#settings.front.version === '2013' ? 'A' : 'B';
  }

  get #frontEndpoint(): string {
    return endpoint(this.#facts.address, this.#facts.port);
  }

  get #hubEndpoint(): string {
    return endpoint(this.#facts.address, HUB_PORTS[this.#facts.kind]);
  }

  get #refusedConnection(): string {
    const destination = this.#dialect === 'B' ? `Destination domain: ${this.#settings.hub.fqdn}, ` : '';
    return `Failed to connect. Winsock error code: 10061, Win32 error code: 10061, ${destination}Error Message: No connection could be made because the target machine actively refused it ${this.#hubEndpoint}.`;
  }

  #greeted(reply: HubReply): void {
    if (isRefusal(reply)) {
      this.#misunderstood(reply);
      return;
    }
    this.#user.greeted?.();
    this.#hello();
  }

  #hello(): void {
    const answered = (reply: HubReply): void => {
      if (isRefusal(reply)) {
        this.#misunderstood(reply);
        return;
      }
      this.#offers = reply.lines.slice(1);
      const knowsServers = this.#offers.some((line) => line.startsWith('X-EXPS EXCHANGEAUTH'));
      if (knowsServers) this.#authenticate();
      else if (!this.#isSecured && this.offers('X-ANONYMOUSTLS')) this.#secure();
      else this.#misunderstood({ code: 451, lines: ['5.7.3 Cannot achieve Exchange Server authentication'] });
    };
    this.ask({ command: `EHLO ${this.#settings.front.fqdn}`, answered });
  }

  #secure(): void {
    this.ask({
      command: 'X-ANONYMOUSTLS',
      answered: (reply) => {
        if (isRefusal(reply)) this.#misunderstood(reply);
      },
    });
  }

  /** The handshake that never takes place. */
  #shakeHands(): void {
    const { certificate } = this.#settings.hub;
    if (certificate)
      for (const { context, data } of certificateRows('Remote', certificate, this.#dialect))
        this.#log.note(this.#now, context, data);
    this.#log.note(this.#now, tlsRow(TLS, 'CLIENT'));
    this.#isSecured = true;
    this.#hub?.tlsStarted(this.#now, TLS);
    this.#hello();
  }

  #authenticate(): void {
    const command = 'X-EXPS EXCHANGEAUTH SHA256 ';
    this.#log.sent(this.#now, command);
    this.#log.sent(this.#now, '<Binary Data>');
    this.#awaited.push({
      mask: '235 <authentication information>',
      answered: (reply) => {
        if (isRefusal(reply)) {
          this.#misunderstood(reply);
          return;
        }
        this.#isReady = true;
        this.#user.ready();
      },
    });
    this.send(Buffer.from(`${command}${Buffer.from(this.#settings.front.fqdn).toString('base64')}\r\n`));
  }

  /** The Hub is there, and will not be spoken to. */
  #misunderstood(reply: HubReply): void {
    if (reply.code === 421) this.drop(this.#now);
    else this.quit(this.#now);
    this.#fail({ fault: 'hub-protocol-error', response: replyText(reply) });
  }

  #pump(): void {
    const hub = this.#hub;
    if (!hub || this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (;;) {
        const effects = hub.drain();
        for (const effect of effects) this.#obey(effect);
        const next = this.#outbox.shift();
        if (next) hub.receive(this.#now, next);
        else if (effects.length === 0) break;
      }
    } finally {
      this.#isPumping = false;
    }
    // Nobody is left to wait for a Hub that takes its time over goodbye.
    if (this.#isLeaving && !this.#isOver) this.drop(this.#now);
  }

  #obey(effect: Effect): void {
    switch (effect.kind) {
      case 'write':
        if (this.#isBlind) this.#user.emit(effect);
        else if (!this.#isOver) this.#heard(readReply(effect.text));
        return;
      case 'row':
        this.#emitRow({ ...effect, log: 'hub-receive' });
        return;
      case 'start-tls':
        this.#shakeHands();
        return;
      case 'close':
        this.#closed();
        return;
      case 'check-logon':
      case 'message-begin':
      case 'content':
      case 'message-end':
      case 'message-abort':
        this.#user.emit(effect);
    }
  }

  #heard(reply: HubReply): void {
    const awaited = this.#awaited.shift();
    if (awaited?.mask !== undefined && !isRefusal(reply)) this.#log.receivedMasked(this.#now, awaited.mask);
    else this.#log.received(this.#now, reply);
    if (isRefusal(reply)) this.#refusal = replyText(reply);
    awaited?.answered(reply);
  }

  /** The Hub has closed. */
  #closed(): void {
    this.#hub?.release();
    if (this.#isOver) return;
    this.#end('Remote');
    this.#fail({
      fault: this.#isReady ? 'hub-connection-broken' : 'hub-protocol-error',
      response: this.#refusal ?? '421 4.4.2 Connection dropped',
    });
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#log.disconnected(this.#now, reason);
    if (this.#hub?.isClosed) this.#hub.release();
  }

  #fail(fault: HubFault): void {
    this.#user.failed(fault);
  }
}

/** The account of a server in the domain that its name tells of. */
function accountOf(server: string, fqdn: string): string {
  const domain = fqdn.split('.')[1];
  return `${domain === undefined ? '' : `${domain.toUpperCase()}\\`}${server}$`;
}

const endpoint = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

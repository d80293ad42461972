/**
 * The state of one SMTP session, and how it speaks: replies (held back while the client pipelines, delayed where the
 * product delays them), rows of the log, effects. What the commands do with it stands in commands/.
 */
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { effectiveRights, isExternallySecured } from '../../connector/effective-rights.ts';
import type { Principal } from '../../connector/permission-group.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import { replyData } from '../../protocol-log/dialect.ts';
import type { Dialect } from '../../protocol-log/fields.ts';
import type { LogRow } from '../../protocol-log/writer.ts';
import type { Permission } from '../../smtp/permission.ts';
import { formatReply, type ReplyId, type ReplyValues, replyById } from '../../smtp/reply-catalogue.ts';
import type { Logon } from './commands/auth.ts';
import type { IncomingMessage } from './commands/message.ts';
import type { Effect, Envelope, TlsFacts } from './effects.ts';
import type { ConnectionFacts, ServiceSettings } from './settings.ts';

export interface OpenTransaction {
  readonly sender: string;
  readonly body: Envelope['body'];
  readonly smtpUtf8: boolean;
  readonly recipients: string[];
  /** Recipients that were given, accepted or not, for the duplicate's tarpit. */
  readonly given: Set<string>;
}

/** How a reply is said. */
export interface Manner {
  /** What only sometimes delays a reply (a second hello, a second recipient …) is the case. */
  readonly delayed?: boolean;
  /** Closes the connection although the reply itself does not. */
  readonly close?: boolean;
  /** Delay instead of the connector's, in milliseconds, for anybody. */
  readonly delayMs?: number;
  /** Another server's words, handed on: no error of this conversation. */
  readonly isPassedOn?: boolean;
}

/** A client as a front end names it with XPROXYFROM or XPROXY. */
export interface ProxiedClient {
  readonly client: string;
  /** undefined: its hello is that of the session itself. */
  readonly helo: string | undefined;
}

const DEFAULTS = { tarpitMs: 5_000, protocolErrors: 5, logonFailures: 3, inactivityMs: 300_000, connectionMs: 600_000 };

/** Which values a reply wants is checked where it is called. */
type Say = (id: ReplyId, version: '2013' | '2016+', values: object) => string;

export class Conversation {
  readonly service: ServiceSettings;
  readonly facts: ConnectionFacts;
  /** undefined: no connector takes the client. */
  readonly connector: ReceiveConnector | undefined;
  readonly startedAt: number;
  /** Address of the other end of the connection. */
  readonly peer: string;

  now: number;
  helo: string | undefined;
  isExtended = false;
  tls: TlsFacts | undefined;
  tlsAsked = false;
  /** TLS was started with X-ANONYMOUSTLS, as between Exchange servers. */
  tlsIsAnonymous = false;
  /** The other end has shown that it is an Exchange server. */
  isExchangeServer = false;
  /** It may speak for clients, whatever these may do. */
  mayProxy = false;
  /** Whom the front end at the other end speaks for; undefined: nobody but itself. */
  proxied: ProxiedClient | undefined;
  user: string | undefined;
  permissions: ReadonlySet<Permission> = new Set();
  transaction: OpenTransaction | undefined;
  /** Messages begun in the session. */
  messages = 0;
  /** The next RSET of a client that is not authenticated is delayed. */
  delaysReset = true;
  logonFailures = 0;
  /** A logon that is under way; `awaitsLogon`: its next line has to come; `checksLogon`: its answer. */
  logon: Logon | undefined;
  awaitsLogon = false;
  checksLogon = false;
  /** Who has logged on is to be handed over to the Hub: its answer has to come. */
  awaitsProxy = false;
  /** The message whose content is coming in. */
  incoming: IncomingMessage | undefined;
  messageId: string | undefined;
  closed = false;
  /** Milliseconds at which the delay of the reply at hand ends. */
  delayedUntil: number | undefined;

  readonly #effects: Effect[] = [];
  readonly #held: { readonly wire: string; readonly rows: readonly string[]; readonly after?: string }[] = [];
  #sequence = 0;
  #protocolErrors = 0;
  #closing = false;

  constructor(service: ServiceSettings, facts: ConnectionFacts, connector: ReceiveConnector | undefined, now: number) {
    this.service = service;
    this.facts = facts;
    this.connector = connector;
    this.startedAt = now;
    this.now = now;
    this.peer = parseEndpoint(facts.remoteEndpoint).address;
  }

  /** Address of the client, the real one where a front end speaks for it. */
  get client(): string {
    return this.proxied?.client ?? this.peer;
  }

  /** By whom connections are counted: a front end speaks for many clients, so that its sessions count one by one. */
  get source(): string {
    return this.facts.peer ? this.facts.sessionId : this.peer;
  }

  get dialect(): Dialect {
    return this.service.version === '2013' ? 'A' : 'B';
  }

  get properties(): ReceiveConnector['properties'] {
    return this.connector?.properties ?? {};
  }

  /** As the banner, the hello and the queue say it. */
  get fqdn(): string {
    return this.properties.Fqdn || this.service.fqdn;
  }

  /** Clients of a trusted network count as authenticated. */
  get isAuthenticated(): boolean {
    return (
      this.user !== undefined || this.isExchangeServer || (this.connector !== undefined && isExternallySecured(this.connector))
    );
  }

  get inactivityMs(): number {
    return this.properties.ConnectionInactivityTimeout ?? DEFAULTS.inactivityMs;
  }

  get isOverdue(): boolean {
    return this.now - this.startedAt > (this.properties.ConnectionTimeout ?? DEFAULTS.connectionMs);
  }

  can(permission: Permission): boolean {
    return this.permissions.has(permission);
  }

  /** The rights of whoever the session now acts for. */
  grant(principal: Principal, logged: boolean): void {
    const { connector } = this;
    const granted = connector ? effectiveRights(connector, this.service.rightsOf(connector), principal).permissions : [];
    this.permissions = new Set(granted);
    if (logged) this.note('Set Session Permissions', granted.join(' ') || 'None');
  }

  /** The rights at the start: 2013 logs them, 2016 and later do not. */
  grantInitial(): void {
    const logs = this.service.version === '2013';
    this.grant('anonymous', logs);
    if (this.connector && isExternallySecured(this.connector)) this.grant('externally-secured', logs);
  }

  /** An information row. */
  note(context: string, data = ''): void {
    this.#row('*', data, context);
  }

  received(command: string): void {
    this.#row('<', command, '');
  }

  connected(): void {
    this.#row('+', '', '');
  }

  disconnected(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.#row('-', '', reason);
  }

  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  drain(): Effect[] {
    return this.#effects.splice(0);
  }

  /** Says one of the product's replies, in the words of its version; the next command follows. */
  reply<Id extends ReplyId>(id: Id, { values, ...manner }: Manner & { readonly values?: ReplyValues<Id> } = {}): 'command' {
    const { closes, tarpits } = replyById(id);
    const text = (formatReply as Say)(id, this.service.version, values ?? {});
    const always = tarpits === 'unauthenticated';
    const delayed = always || (tarpits !== 'never' && manner.delayed === true);
    return this.#speak(text, { ...manner, close: closes || manner.close === true, delayed });
  }

  /** Says a text that is none of the product's: code, and one line or several. */
  say(text: string, manner: Manner = {}): 'command' {
    const [first = '', ...more] = text.split(/\r?\n/);
    const code = first.slice(0, 3);
    const lines = [first.slice(4), ...more];
    const wire = lines.map((line, index) => `${code}${index === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
    return this.#speak(wire, { delayed: code.startsWith('5'), ...manner });
  }

  #speak(text: string, manner: Manner): 'command' {
    if (/^50[0-4]/.test(text) && !manner.isPassedOn && this.#countProtocolError()) return this.reply('too-many-errors');
    const lines = text.split('\r\n');
    const code = lines[0]!.slice(0, 3);
    this.#tarpit(lines.map((line, index) => (index === 0 ? `${code} ${line.slice(4)}` : line.slice(4))).join(' '), manner);
    const rows = replyData(
      Number(code),
      lines.map((line) => line.slice(4)),
      this.dialect,
    );
    this.#held.push({ wire: `${text}\r\n`, rows });
    if (manner.close) this.#closing = true;
    return 'command';
  }

  /** True where one error more is one too many. */
  #countProtocolError(): boolean {
    this.#protocolErrors++;
    const limit = this.properties.MaxProtocolErrors ?? DEFAULTS.protocolErrors;
    return limit !== 'Unlimited' && this.#protocolErrors > limit;
  }

  /** A reply whose row hides what it holds. */
  sayMasked(wire: string, row: string): void {
    this.#held.push({ wire: `${wire}\r\n`, rows: [row] });
  }

  /** An information row that stands behind the last reply. */
  afterReply(context: string): void {
    const last = this.#held.pop();
    if (last) this.#held.push({ ...last, after: context });
    else this.note(context);
  }

  get hasHeldReplies(): boolean {
    return this.#held.length > 0;
  }

  /** True once the session ends with the replies that are held. */
  get isClosing(): boolean {
    return this.#closing;
  }

  /** Sends what is held; rows of replies are stamped when they are sent. */
  flush(): void {
    for (const { wire, rows, after } of this.#held.splice(0)) {
      this.effect({ kind: 'write', text: wire });
      for (const row of rows) this.#row('>', row, '');
      if (after !== undefined) this.note(after);
    }
    if (this.#closing) this.close('Local');
  }

  close(reason: string): 'command' {
    if (this.closed) return 'command';
    this.abortMessage();
    this.abortTransaction();
    this.disconnected(reason);
    this.effect({ kind: 'close' });
    return 'command';
  }

  /** True where one failed logon more is one too many. */
  countLogonFailure(): boolean {
    this.logonFailures++;
    const limit = this.properties.MaxLogonFailures ?? DEFAULTS.logonFailures;
    return limit > 0 && this.logonFailures > limit;
  }

  /** True between the chunks of a message. */
  get chunked(): boolean {
    return this.incoming !== undefined;
  }

  /** The replies at hand cannot wait for those of commands that came with them. */
  get mustFlush(): boolean {
    return this.awaitsLogon || this.incoming !== undefined;
  }

  /** Throws the content away that has come in. */
  abortMessage(): void {
    if (this.incoming && !this.incoming.isOver) this.effect({ kind: 'message-abort' });
    this.incoming = undefined;
  }

  abortTransaction(): void {
    if (!this.transaction) return;
    this.transaction = undefined;
    this.delaysReset = false;
  }

  #tarpit(text: string, { delayed, delayMs }: Manner): void {
    const delay = delayMs ?? this.properties.TarpitInterval ?? DEFAULTS.tarpitMs;
    const due = delayMs !== undefined || (delayed === true && !this.isAuthenticated);
    if (!due || delay === 0) return;
    this.note('', `Tarpit for '${formatSpan(delay)}' due to '${text}'`);
    this.delayedUntil = Math.max(this.delayedUntil ?? 0, this.now + delay);
  }

  #row(event: LogRow['event'], data: string, context: string): void {
    // Without a connector the session is logged whatever the connectors say.
    if (this.connector && this.properties.ProtocolLoggingLevel === 'None') return;
    this.effect({
      kind: 'row',
      row: {
        at: this.now,
        connector: this.connector ? identityOf(this.connector) : '',
        sessionId: this.facts.sessionId,
        sequence: this.#sequence++,
        localEndpoint: this.facts.localEndpoint,
        remoteEndpoint: this.facts.remoteEndpoint,
        event,
        data,
        context,
      },
    });
  }
}

/** Milliseconds as the log writes a time span: `0.00:00:05`, `0.00:00:00.500`. */
export function formatSpan(ms: number): string {
  const pad = (value: number, width = 2): string => String(Math.trunc(value)).padStart(width, '0');
  const rest = ms % 1000;
  return `${Math.trunc(ms / 86_400_000)}.${pad((ms / 3_600_000) % 24)}:${pad((ms / 60_000) % 60)}:${pad((ms / 1000) % 60)}${rest > 0 ? `.${pad(rest, 3)}` : ''}`;
}

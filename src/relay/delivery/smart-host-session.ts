/**
 * One session with a smart host, through nodemailer's SMTP connection: its log hooks give every line that passes, commands
 * before they are written and replies as they are taken, so that the send log has the real ones.
 *
 * The TCP connection is made here and handed over: nodemailer would try several addresses in one, and the log has one
 * session for each.
 */
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { DeliveryOrder } from './destination.ts';
import { RemoteAnswers } from './remote-answers.ts';
import type { DeliveryResult } from './schedule.ts';
import { SendLog } from './send-log.ts';
import type { CompleteSmartHostSettings } from './smart-host-settings.ts';
import type { SpooledMessage } from './spooled-message.ts';
import { type ConnectionError, chainStatus, handshakeError, tlsRows } from './tls-rows.ts';
import { winsockError } from './winsock.ts';

/** The longest reply that the product takes. */
const MAX_REPLY_BYTES = 32_768;

/** nodemailer's codes where the remote server, or the network, ended the connection. */
const ENDED_BY_REMOTE = new Set<unknown>(['ECONNECTION', 'ESOCKET', 'ETIMEDOUT']);

export class SmartHostSession {
  readonly #settings: CompleteSmartHostSettings;
  readonly #order: DeliveryOrder;
  readonly #address: string;
  readonly #log: SendLog;
  readonly #answers = new RemoteAnswers();
  #socket: Socket | undefined;
  #connection: SMTPConnection | undefined;
  #fail: (error: ConnectionError) => void = () => {};
  /** Who ended the session, once it is over. */
  #endedBy: 'Local' | 'Remote' | undefined;
  /** STARTTLS was granted, and nothing said since. */
  #inHandshake = false;
  #lastCommand = '';
  #isSecured = false;

  constructor(settings: CompleteSmartHostSettings, order: DeliveryOrder, address: string) {
    this.#settings = settings;
    this.#order = order;
    this.#address = address;
    const { connector, dialect, log, clock, port } = settings;
    const remoteEndpoint = endpoint(address, port);
    this.#log = new SendLog({
      connector,
      sessionId: settings.newSessionId(),
      remoteEndpoint,
      dialect,
      log,
      now: () => clock.now(),
    });
  }

  /** Makes the TCP connection, or has it `refused`. Resolves to why there is none, or to undefined. */
  async connect(refused: boolean): Promise<string | undefined> {
    const { dialect, host, port, connectTimeoutMs } = this.#settings;
    this.#log.attempt();
    try {
      if (refused) throw Object.assign(new Error('a fault on demand'), { code: 'ECONNREFUSED' });
      const socket = await openSocket(this.#address, port, connectTimeoutMs, this.#order.signal);
      this.#socket = socket;
      this.#log.connected(endpoint(socket.localAddress ?? '', socket.localPort ?? 0));
      return undefined;
    } catch (error) {
      const { code, message } = winsockError((error as NodeJS.ErrnoException).code);
      const domain = dialect === 'B' ? `, Destination domain: ${host}` : '';
      const text = `Failed to connect. Winsock error code: ${code}, Win32 error code: ${code}${domain}, Error Message: ${message} ${endpoint(this.#address, port)}${dialect === 'B' ? '.' : ''}`;
      this.#log.note(text);
      return text;
    }
  }

  /** Says all that is to be said on the connection that `connect` made. */
  async send(): Promise<readonly DeliveryResult[]> {
    const { recipients, signal } = this.#order;
    const results = new Map<string, DeliveryResult>();
    let problem: string | undefined;
    const abort = (): void => this.#end('Local', new Error('421 4.3.2 Service not active'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      await this.#converse(results);
    } catch (error) {
      problem = this.#explain(error as ConnectionError);
    }
    if (this.#endedBy === undefined) await this.#quit();
    signal.removeEventListener('abort', abort);
    this.#log.disconnected(this.#endedBy ?? 'Local');
    return recipients.map((recipient) => results.get(recipient) ?? this.#answers.resultFor(recipient, problem));
  }

  async #converse(results: Map<string, DeliveryResult>): Promise<void> {
    const { startTls, auth } = this.#settings;
    const connection = this.#open();
    await this.#step((done) => connection.connect(done));
    if (startTls === 'required' && !this.#isSecured) {
      const reason = "Connector is configured to send mail only over TLS connections and remote doesn't support TLS";
      this.#log.note(reason);
      throw new Error(`451 5.7.3 ${reason}`);
    }
    if (auth) await this.#authenticate(connection, auth);
    const { message, recipients } = this.#order;
    for (const recipient of recipients) {
      const reason = unfit(message, recipient, this.#answers);
      if (!reason) continue;
      // The log must not look as if nothing had been meant to be sent.
      this.#log.note(`message ${message.internalId} is not sent to ${recipient}: ${reason}`);
      results.set(recipient, { kind: 'refused', reply: reason });
    }
    const fit = recipients.filter((recipient) => !results.has(recipient));
    if (fit.length === 0) return;
    this.#log.note(
      `sending message with RecordId ${message.internalId}${message.messageId ? ` and InternetMessageId ${message.messageId}` : ''}`,
    );
    const envelope = { from: message.sender, to: fit, size: message.size, use8BitMime: message.body !== '7BIT' };
    const content: Readable = this.#order.content();
    // A spool that cannot be read is nothing that the smart host said.
    content.once('error', () => this.#end('Local', new Error('451 4.3.0 the message in the spool cannot be read')));
    try {
      await this.#step((done) => connection.send(envelope, content, done));
    } finally {
      content.destroy();
    }
  }

  async #authenticate(connection: SMTPConnection, auth: { readonly user: string; readonly password: string }): Promise<void> {
    const method = /\bLOGIN\b/i.test(this.#answers.extension('AUTH') ?? '') ? 'LOGIN' : undefined;
    try {
      await this.#step((done) => connection.login({ user: auth.user, pass: auth.password, ...(method && { method }) }, done));
    } catch (error) {
      if (this.#endedBy === undefined) this.#log.note('Outbound Authentication failed with LogonDenied');
      throw error;
    }
  }

  #open(): SMTPConnection {
    const { host, fqdn, startTls, answerTimeoutMs, connectTimeoutMs } = this.#settings;
    const connection = new SMTPConnection({
      connection: this.#socket!,
      host,
      name: fqdn,
      ignoreTLS: startTls === 'none',
      opportunisticTLS: startTls === 'opportunistic',
      // Judged here when the handshake is over, so that the log has the certificate that was not trusted.
      tls: { rejectUnauthorized: false },
      transactionLog: true,
      logger: {
        debug: (entry: unknown, line: unknown) => this.#passed(entry, line),
        info() {},
        warn() {},
        error() {},
        trace() {},
      },
      connectionTimeout: connectTimeoutMs + answerTimeoutMs,
      greetingTimeout: answerTimeoutMs,
      socketTimeout: answerTimeoutMs,
      maxResponseSize: MAX_REPLY_BYTES,
    });
    connection.on('error', (error: ConnectionError) => this.#fail(error));
    connection.on('end', () => this.#fail(new Error(this.#answers.last ?? 'the connection was closed')));
    this.#connection = connection;
    return connection;
  }

  /** A line of the conversation, as nodemailer tells it. The content of messages is never among them. */
  #passed(entry: unknown, line: unknown): void {
    const side = (entry as { readonly tnx?: unknown }).tnx;
    if (typeof line !== 'string' || this.#endedBy !== undefined) return;
    if (side === 'client') this.#sent(line);
    else if (side === 'server') this.#received(line);
  }

  #sent(command: string): void {
    if (this.#inHandshake && !this.#secured()) return;
    this.#lastCommand = command;
    this.#answers.asked(command);
    // The end of the content is no command to the log.
    if (command !== '.') this.#log.sent(command);
  }

  #received(reply: string): void {
    this.#answers.answered(reply);
    this.#log.received(reply);
    if (this.#lastCommand === 'STARTTLS' && reply.startsWith('2')) this.#inHandshake = true;
  }

  /** The first command after the handshake is about to be sent: false, where the certificate forbids it. */
  #secured(): boolean {
    const socket = this.#connection?._socket;
    this.#inHandshake = false;
    if (!(socket instanceof TLSSocket)) return true;
    for (const { data, context } of tlsRows(socket, this.#settings.dialect)) this.#log.note(context, data);
    if (this.#settings.verifyCertificate && !socket.authorized) {
      const text = `Outbound TLS authentication failed for auth level DomainValidation with error ${chainStatus(socket.authorizationError)}`;
      this.#log.note(text);
      socket.destroy();
      this.#end('Local', new Error(`454 4.7.5 ${text}`));
      return false;
    }
    this.#isSecured = true;
    return true;
  }

  /** Runs one step of nodemailer's; an error of the connection ends it too. */
  #step(start: (done: (error?: ConnectionError | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      if (this.#endedBy !== undefined) reject(new Error('the session is over'));
      else start((error) => (error ? reject(error) : resolve()));
    });
  }

  #end(by: 'Local' | 'Remote', error: ConnectionError): void {
    this.#endedBy ??= by;
    this.#fail(error);
    this.#connection?.close();
    this.#socket?.destroy();
  }

  /** Why the session failed, and who ended it; a failure that leaves the connection alone does not end it. */
  #explain(error: ConnectionError): string {
    const reason = error.response ?? error.message;
    if (this.#endedBy !== undefined) return reason;
    if (this.#inHandshake) {
      this.#log.note(`TLS negotiation failed with error ${handshakeError(error)}`);
      this.#endedBy = 'Local';
      this.#connection?.close();
      return `454 4.7.5 TLS negotiation failed: ${error.message}`;
    }
    if (/exceeds maximum allowed size/.test(error.message)) this.#log.note('line too long');
    if (this.#connection?.destroyed)
      this.#endedBy = ENDED_BY_REMOTE.has(error.code) && !this.#answers.last?.startsWith('421') ? 'Remote' : 'Local';
    return reason;
  }

  async #quit(): Promise<void> {
    const connection = this.#connection!;
    let answered = false;
    if (!connection.destroyed) {
      const before = this.#answers.count;
      await new Promise<void>((resolve) => {
        const cancel = this.#settings.clock.after(this.#settings.quitTimeoutMs, resolve);
        this.#fail = () => {
          cancel();
          resolve();
        };
        connection.quit();
      });
      answered = this.#answers.count > before;
    }
    this.#endedBy ??= answered || !connection.destroyed ? 'Local' : 'Remote';
    connection.close();
    this.#socket?.destroy();
  }
}

/** Why the smart host cannot be given the message for this recipient; undefined: it can. */
function unfit(message: SpooledMessage, recipient: string, answers: RemoteAnswers): string | undefined {
  const { sender, size, hasBareLineEnds } = message;
  const limit = Number(answers.extension('SIZE') || 0);
  if (limit > 0 && size > limit)
    return `552 5.3.4 Message size exceeds fixed maximum message size: the smart host takes ${limit} bytes`;
  if (/[\r\n<>]/.test(sender)) return '501 5.1.7 Invalid address';
  if (/[\r\n<>]/.test(recipient) || recipient.trim() !== recipient || recipient === '') return '501 5.1.3 Invalid address';
  if (/[\x80-\uffff]/.test(sender + recipient) && !answers.offers('SMTPUTF8'))
    return '550 5.6.7 the smart host takes no addresses beyond ASCII';
  if (hasBareLineEnds) return '554 5.6.1 Body type not supported: the relay sends no BINARYMIME';
  return undefined;
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function openSocket(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    const timer = setTimeout(() => socket.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), timeoutMs);
    const failed = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      // Until nodemailer listens, and after it has stopped.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** An SMTP client on a socket: it says lines, reads replies, starts TLS, and waits no longer than it was told to. */
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '../../relay/log/clock.ts';
import { ConversationOver, type LineFault, type Reply } from '../line.ts';
import { ReplyReader } from '../reply-reader.ts';

/** Where to, and from which address of this machine. */
export interface Way {
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string;
}

/** How long is waited; without a limit as long as it takes. */
export interface Patience {
  readonly clock: Clock;
  /** Milliseconds for one reply, one handshake, or the connection. */
  readonly stepMs: number;
  /** Milliseconds from the connection to the end. */
  readonly overallMs: number;
}

const ENDLESS: Patience = { clock: systemClock, stepMs: Number.POSITIVE_INFINITY, overallMs: Number.POSITIVE_INFINITY };

export class SmtpClient {
  readonly #patience: Patience;
  #socket: Socket;
  #reader = new ReplyReader();
  #over: LineFault | undefined;
  #wake: (() => void) | undefined;
  /** Takes the listeners off the socket. */
  #silence: () => void;
  readonly #stopOverall: () => void;

  private constructor(socket: Socket, patience: Patience) {
    this.#socket = socket;
    this.#patience = patience;
    this.#silence = this.#listen(socket);
    this.#stopOverall = timer(patience, patience.overallMs, () => this.#end({ kind: 'overall' }));
  }

  /** Resolves when the connection stands; the banner has not been read. Rejects with ConversationOver, `broken` or `timed-out`. */
  static connect(way: Way, patience: Patience = ENDLESS): Promise<SmtpClient> {
    return new Promise((resolve, reject) => {
      const socket = connectTcp(way);
      const stop = timer(patience, patience.stepMs, () => {
        socket.destroy();
        reject(new ConversationOver({ kind: 'timed-out' }));
      });
      const failed = (error: Error): void => {
        stop();
        reject(new ConversationOver(faultOf(error, 'broken')));
      };
      socket.once('error', failed);
      socket.once('connect', () => {
        stop();
        socket.off('error', failed);
        resolve(new SmtpClient(socket, patience));
      });
    });
  }

  /** The same over TLS from the first octet on. Rejects with ConversationOver also where the handshake fails. */
  static async connectSecurely(way: Way, options: ConnectionOptions, patience: Patience): Promise<SmtpClient> {
    const client = await SmtpClient.connect(way, patience);
    try {
      await client.startTls(options);
      return client;
    } catch (error) {
      client.hangUp();
      throw error;
    }
  }

  /** The connection, below TLS or not. */
  get socket(): Socket {
    return this.#socket;
  }

  /** The next reply, waited for so many milliseconds. Throws ConversationOver where there is none. */
  async read(waitMs = this.#patience.stepMs): Promise<Reply> {
    let isLate = false;
    const stop = timer(this.#patience, waitMs, () => {
      isLate = true;
      this.#wake?.();
    });
    try {
      for (;;) {
        const reply = this.#reader.next();
        if (reply) return reply;
        const fault = this.#reader.fault ?? this.#over ?? (isLate ? ({ kind: 'timed-out' } as const) : undefined);
        if (fault) throw new ConversationOver(fault);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      stop();
    }
  }

  /** Says lines, without waiting for anything. */
  write(...lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Says a line, and reads the answer. */
  say(line: string): Promise<Reply> {
    this.write(line);
    return this.read();
  }

  /** The handshake behind the answer to STARTTLS; certificates are not judged. Throws ConversationOver where it fails. */
  startTls(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const plain = this.#socket;
    this.#silence();
    // What came in clear behind the answer was not said by whom the certificate names.
    this.#reader = new ReplyReader();
    return new Promise((resolve, reject) => {
      const failed = (fault: LineFault): void => {
        stop();
        this.#over ??= fault;
        reject(new ConversationOver(fault));
      };
      const stop = timer(this.#patience, this.#patience.stepMs, () =>
        failed(handshakeFault('ETIMEDOUT', 'nothing came in time')),
      );
      let secure: TLSSocket;
      try {
        secure = connectTls({ ...options, socket: plain, rejectUnauthorized: false });
      } catch (error) {
        // Options that OpenSSL refuses: no version is left between the two limits.
        failed(faultOf(error as Error, 'handshake'));
        return;
      }
      const onError = (error: Error): void => failed(faultOf(error, 'handshake'));
      const onClose = (): void => failed(handshakeFault('ECONNRESET', 'the connection was closed'));
      secure.once('error', onError).once('close', onClose);
      secure.once('secureConnect', () => {
        stop();
        this.#socket = secure;
        this.#silence = this.#listen(secure);
        secure.off('error', onError).off('close', onClose);
        resolve(secure);
      });
    });
  }

  /** Goes without a word. */
  hangUp(): void {
    this.#stopOverall();
    this.#socket.destroy();
  }

  #end(fault: LineFault): void {
    this.#over ??= fault;
    if (fault.kind === 'overall') this.#socket.destroy();
    this.#wake?.();
  }

  #listen(socket: Socket): () => void {
    const onData = (octets: Buffer): void => {
      this.#reader.feed(octets);
      if (this.#reader.fault) socket.destroy();
      this.#wake?.();
    };
    const onClose = (): void => this.#end({ kind: 'closed' });
    socket.on('data', onData).on('close', onClose);
    // It stays: below TLS nobody else may listen.
    socket.on('error', (error) => this.#end(faultOf(error, 'broken')));
    return () => void socket.off('data', onData).off('close', onClose);
  }
}

const handshakeFault = (code: string, message: string): LineFault => ({ kind: 'handshake', code, message });

function faultOf(error: Error, kind: 'broken' | 'handshake'): LineFault {
  const { code } = error as NodeJS.ErrnoException;
  return { kind, code: code ?? error.name, message: error.message };
}

function timer({ clock }: Patience, ms: number, action: () => void): () => void {
  return Number.isFinite(ms) ? clock.after(ms, action) : () => {};
}

/** A client as devices have it: it says lines, reads replies, and looks no further than it has to. */
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

export interface Reply {
  readonly code: number;
  /** Without the code, line by line. */
  readonly lines: readonly string[];
}

/** Where to, and from which address of this machine. */
export interface Way {
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string;
}

/** The server closed, or the handshake failed. */
export class ConversationOver extends Error {}

export class SmtpClient {
  #socket: Socket;
  #text = '';
  #over: Error | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Resolves when the connection stands; the banner has not been read. */
  static connect(way: Way): Promise<SmtpClient> {
    return new Promise((resolve, reject) => {
      const socket = connectTcp(way, () => resolve(new SmtpClient(socket)));
      socket.once('error', reject);
    });
  }

  /** The next reply. Throws ConversationOver where there is none. */
  async read(): Promise<Reply> {
    for (;;) {
      const reply = /^(?:(\d{3})-[^\r\n]*\r\n)*(\d{3})(?: [^\r\n]*)?\r\n/.exec(this.#text)?.[0];
      if (reply !== undefined) {
        this.#text = this.#text.slice(reply.length);
        const lines = reply.split('\r\n').slice(0, -1);
        return { code: Number(reply.slice(0, 3)), lines: lines.map((line) => line.slice(4)) };
      }
      if (this.#over) throw this.#over;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
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

  /** The handshake behind the answer to STARTTLS. Throws ConversationOver where it fails. */
  startTls(options: ConnectionOptions = {}): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    return new Promise((resolve, reject) => {
      const secure = connectTls({ ...options, socket: plain, rejectUnauthorized: false }, () => {
        this.#socket = secure;
        this.#listen(secure);
        resolve();
      });
      secure.once('error', (error) => reject(new ConversationOver(error.message)));
    });
  }

  /** Goes without a word. */
  hangUp(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    const end = (reason: string) => (): void => {
      this.#over ??= new ConversationOver(reason);
      this.#wake?.();
    };
    socket.on('data', (octets) => {
      this.#text += octets.toString('latin1');
      this.#wake?.();
    });
    socket.on('error', end('the connection broke'));
    socket.on('close', end('the server closed the connection'));
  }
}

/** A client that says exactly what a test wants said, over real sockets. */
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';

export interface ClientSettings {
  readonly port: number;
  readonly host?: string;
  /** Address that the client comes from. */
  readonly from?: string;
}

const WAIT_MS = 5_000;

export class SmtpClient {
  /** The TCP connection, also below TLS. */
  readonly #plain: Socket;
  #socket: Socket;
  #text = '';
  #isOver = false;
  #wake: (() => void) | undefined;
  error: Error | undefined;

  private constructor(socket: Socket) {
    this.#plain = socket;
    this.#socket = socket;
    this.#attach();
  }

  static async connect({ port, host = '127.0.0.1', from }: ClientSettings): Promise<SmtpClient> {
    const client = new SmtpClient(
      connect({ port, host, allowHalfOpen: true, ...(from !== undefined && { localAddress: from }) }),
    );
    await new Promise<void>((resolve, reject) => client.#socket.once('connect', resolve).once('error', reject));
    return client;
  }

  /** The next whole reply, its lines joined by `|`; rejects where none comes. `''`: the server has closed. */
  async reply(): Promise<string> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const whole = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3} [^\r\n]*\r\n/.exec(this.#text);
      if (whole) {
        this.#text = this.#text.slice(whole[0].length);
        return whole[0].trimEnd().replaceAll('\r\n', '|');
      }
      if (this.#isOver) return '';
      if (Date.now() > deadline) throw new Error(`no reply came; there is ${JSON.stringify(this.#text)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Says a line, and waits for its reply. */
  async say(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    return await this.reply();
  }

  /** One after the other; the last reply. */
  async sayAll(...lines: readonly string[]): Promise<string> {
    let reply = '';
    for (const line of lines) reply = await this.say(line);
    return reply;
  }

  send(octets: string | Uint8Array): void {
    this.#socket.write(octets);
  }

  /** The handshake, after STARTTLS was answered. */
  async startTls(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const plain = this.#plain;
    plain.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
    const secure = connectTls({ socket: plain, rejectUnauthorized: false, ...options });
    await new Promise<void>((resolve, reject) => {
      secure.once('secureConnect', resolve).once('error', reject);
      plain.once('close', () => reject(new Error('closed in the handshake')));
    });
    this.#socket = secure;
    this.#text = '';
    this.#attach();
    return secure;
  }

  /** Resolves when the server has closed; whatever it says before is dropped. */
  async closed(): Promise<void> {
    while (!this.#isOver) await this.reply().catch(() => {});
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** No octets more from here; replies still come. */
  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#plain.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #attach(): void {
    const over = (): void => {
      this.#isOver = true;
      this.#wake?.();
    };
    this.#socket
      .on('data', (chunk: Buffer) => {
        this.#text += chunk.toString('utf8');
        this.#wake?.();
      })
      .on('end', over)
      .on('close', over)
      .on('error', (error) => {
        this.error = error;
      });
  }
}

/** The rows of one session of the send log: what nothing but the log needs to know stands here. */
import { replyData } from '../../protocol-log/dialect.ts';
import type { Dialect } from '../../protocol-log/fields.ts';
import type { LogRow } from '../../protocol-log/writer.ts';

export interface SendLogSettings {
  /** Name of the send connector, alone. */
  readonly connector: string;
  /** 16 hexadecimal digits. */
  readonly sessionId: string;
  /** `address:port`. */
  readonly remoteEndpoint: string;
  readonly dialect: Dialect;
  readonly now: () => number;
  readonly log: (row: LogRow) => void;
}

export class SendLog {
  readonly #settings: SendLogSettings;
  #localEndpoint = '';
  #sequence = 0;
  /** Credentials are exchanged. */
  #authenticating = false;

  constructor(settings: SendLogSettings) {
    this.#settings = settings;
  }

  /** The rows before the connection is made. */
  attempt(): void {
    if (this.#settings.dialect === 'B') this.note('Set Session Permissions', 'SendRoutingHeaders');
    this.note('attempting to connect');
  }

  connected(localEndpoint: string): void {
    this.#localEndpoint = localEndpoint;
    this.#row('+', '', '');
  }

  note(context: string, data = ''): void {
    this.#row('*', data, context);
  }

  /** A command of ours; what carries credentials is masked as the product does it. */
  sent(command: string): void {
    const auth = /^AUTH +\S+/i.exec(command)?.[0];
    if (auth) {
      this.#row('>', auth, '');
      this.#authenticating = true;
    } else this.#row('>', this.#authenticating ? '<Binary Data>' : command, '');
  }

  /** A reply of the remote server; lines are separated by LF. */
  received(reply: string): void {
    const lines = reply.split('\n');
    const code = /^\d{3}/.exec(lines[0]!)?.[0];
    if (this.#authenticating && code === '334') {
      this.#reply('334 <authentication information>');
      return;
    }
    this.#authenticating = false;
    if (lines.length === 1 || code === undefined) this.#reply(reply);
    else
      for (const data of replyData(
        Number(code),
        lines.map((line) => line.slice(4)),
        this.#settings.dialect,
      ))
        this.#reply(data);
  }

  disconnected(reason: 'Local' | 'Remote'): void {
    this.#row('-', '', reason);
  }

  /** The log takes what a peer sent as octets, a character each. */
  #reply(text: string): void {
    this.#row('<', Buffer.from(text).toString('latin1'), '');
  }

  #row(event: LogRow['event'], data: string, context: string): void {
    const { connector, sessionId, remoteEndpoint, now, log } = this.#settings;
    const localEndpoint = this.#localEndpoint;
    log({ at: now(), connector, sessionId, sequence: this.#sequence++, localEndpoint, remoteEndpoint, event, data, context });
  }
}

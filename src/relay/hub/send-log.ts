/** The rows of one session in the send log of a front end. */
import { replyData } from '../../protocol-log/dialect.ts';
import type { Dialect } from '../../protocol-log/fields.ts';
import type { LogRow } from '../../protocol-log/writer.ts';
import type { HubReply } from './hub-reply.ts';

export interface SendLogSettings {
  readonly connector: string;
  readonly sessionId: string;
  readonly dialect: Dialect;
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  readonly emit: (row: LogRow) => void;
}

export class SendLog {
  readonly #settings: SendLogSettings;
  #sequence = 0;
  #isConnected = false;

  constructor(settings: SendLogSettings) {
    this.#settings = settings;
  }

  connected(at: number): void {
    this.#isConnected = true;
    this.#row(at, '+', '', '');
  }

  note(at: number, context: string, data = ''): void {
    this.#row(at, '*', data, context);
  }

  /** `command`: each octet the character of its number. */
  sent(at: number, command: string): void {
    this.#row(at, '>', command, '');
  }

  received(at: number, { code, lines }: HubReply): void {
    for (const data of replyData(code, lines, this.#settings.dialect)) this.#row(at, '<', data, '');
  }

  /** A reply whose row hides what it holds. */
  receivedMasked(at: number, data: string): void {
    this.#row(at, '<', data, '');
  }

  disconnected(at: number, reason: string): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#row(at, '-', '', reason);
  }

  #row(at: number, event: LogRow['event'], data: string, context: string): void {
    const { connector, sessionId, localEndpoint, remoteEndpoint, emit } = this.#settings;
    emit({
      at,
      connector,
      sessionId,
      sequence: this.#sequence++,
      // Nobody knows it before the connection is made.
      localEndpoint: this.#isConnected || event === '-' ? localEndpoint : '',
      remoteEndpoint,
      event,
      data,
      context,
    });
  }
}

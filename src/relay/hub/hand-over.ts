/**
 * One message on its way from the front end to the Hub: it goes on as it comes in, and nothing of it is kept but what the
 * Hub has not yet asked for.
 */
import { parseEndpoint } from '../../net/endpoint.ts';
import { permissionMask } from '../../smtp/permission.ts';
import type { Chunk, Effect, Envelope } from '../machine/effects.ts';
import type { ClientFacts } from '../machine/session-machine.ts';
import { DotWriter } from './dot-writer.ts';
import type { HubConnection, HubConnectionUser, HubFault } from './hub-connection.ts';
import type { HubConnections } from './hub-connections.ts';
import { type HubReply, isRefusal, replyText } from './hub-reply.ts';

/** What came of it: the words of the Hub for the client, or why there are none. */
export type HandOverResult = { readonly kind: 'answered'; readonly reply: string } | ({ readonly kind: 'failed' } & HubFault);

interface Piece {
  readonly octets: Uint8Array;
  /** The piece begins a chunk. */
  readonly opens?: Chunk | undefined;
}

export class HandOver {
  readonly #connections: HubConnections;
  readonly #client: ClientFacts;
  readonly #envelope: Envelope;
  readonly #isChunked: boolean;
  readonly #user: HubConnectionUser;
  readonly #dots = new DotWriter();
  #connection: HubConnection | undefined;
  /** The connection was used before: if it has gone in the meantime, a new one makes it good. */
  #isReused = false;
  #isStreaming = false;
  #isWhole = false;
  #waiting: Piece[] = [];
  /** The last piece of the last chunk: with it the Hub has the message, which the front end may still refuse. */
  #held: Piece | undefined;
  #inLastChunk = false;
  #result: HandOverResult | undefined;
  #isOver = false;

  constructor(
    connections: HubConnections,
    client: ClientFacts,
    message: { readonly envelope: Envelope; readonly isChunked: boolean },
    emit: (effect: Effect) => void,
  ) {
    this.#connections = connections;
    this.#client = client;
    this.#envelope = message.envelope;
    this.#isChunked = message.isChunked;
    this.#user = {
      emit,
      greeted: () => this.#name(),
      ready: () => this.#nameClient(),
      failed: (fault) => this.#lost(fault),
    };
  }

  begin(now: number): void {
    if (this.#connections.isShutDown) {
      const response = '421 4.3.2 Service not available';
      this.#end({ kind: 'failed', fault: 'hand-over-shutting-down', response });
      return;
    }
    const { localEndpoint } = this.#client;
    const connection = this.#connections.take(localEndpoint, this.#user, now);
    if (!connection) {
      this.#connect(now);
      return;
    }
    this.#isReused = true;
    this.#connection = connection;
    this.#name();
    this.#ask('RSET', () => this.#nameClient());
  }

  /** The Hub has not yet come to where it takes content. */
  get isPreparing(): boolean {
    return !this.#isStreaming && !this.#isOver;
  }

  /** The front end has the whole message, and the Hub has it too, or will never have it. */
  get result(): HandOverResult | undefined {
    return this.#isWhole ? this.#result : undefined;
  }

  /** undefined once the connection is nobody's or somebody else's. */
  get connection(): HubConnection | undefined {
    return this.#isOver ? undefined : this.#connection;
  }

  content(now: number, octets: Uint8Array, opens?: Chunk): void {
    if (this.#isOver) return;
    this.#connection?.advance(now);
    if (this.#isStreaming) this.#pass({ octets, opens });
    else this.#waiting.push({ octets, opens });
  }

  /** The front end has nothing against the message. */
  end(now: number): void {
    this.#isWhole = true;
    if (this.#isOver) return;
    this.#connection?.advance(now);
    if (this.#isStreaming) this.#finish();
  }

  /** The message comes to nothing. */
  abort(now: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection?.drop(now);
  }

  #connect(now: number): void {
    this.#connection = this.#connections.forMessages(this.#client.localEndpoint, this.#user, now);
    this.#connection.open();
  }

  #name(): void {
    this.#connection?.note(`Proxying inbound session with session id ${this.#client.sessionId}`);
  }

  #nameClient(): void {
    const { sessionId, remoteEndpoint, helo, permissions, messages, trace } = this.#client;
    const { address, port } = parseEndpoint(remoteEndpoint);
    const mask = permissionMask([...permissions].join(' '));
    this.#connection!.trace = trace;
    this.#ask(
      `XPROXYFROM SID=${sessionId} IP=${address} PORT=${port ?? 0} DOMAIN=${helo} SEQNUM=${messages} PERMS=${mask} AUTHSRC=Anonymous`,
      () => this.#sendEnvelope(),
    );
  }

  /** A command between servers: a Hub that refuses it is not understood. */
  #ask(command: string, done: () => void): void {
    const answered = (reply: HubReply): void => {
      if (this.#isOver) return;
      if (!isRefusal(reply)) done();
      else if (reply.code === 421) this.#hungUp(reply);
      else {
        this.#connection!.quit(this.#connection!.now);
        this.#end({ kind: 'failed', fault: 'hub-protocol-error', response: replyText(reply) });
      }
    };
    this.#connection!.ask({ command, answered });
  }

  #sendEnvelope(): void {
    const { recipients } = this.#envelope;
    const refusals: HubReply[] = [];
    let taken = 0;
    let sender: HubReply | undefined;
    let left = recipients.length;
    this.#connection!.ask(
      {
        command: `MAIL FROM:<${this.#envelope.sender}>${this.#options}`,
        answered: (reply) => {
          sender = reply;
        },
      },
      ...recipients.map((recipient) => ({
        command: `RCPT TO:<${recipient}>`,
        answered: (reply: HubReply) => {
          if (isRefusal(reply)) refusals.push(reply);
          else taken++;
          if (--left > 0 || this.#isOver) return;
          // A client that has its own recipients accepted can be told of one refused later only by refusing them all.
          if (isRefusal(sender!)) this.#answer(sender!);
          else if (taken === 0) this.#answer({ code: 450, lines: ['4.5.0 No recipient succeeded'] });
          else if (refusals.length > 0) this.#answer(refusals[0]!);
          else this.#askForContent();
        },
      })),
    );
  }

  /** In the order that the product has them in. */
  get #options(): string {
    const { body, smtpUtf8 } = this.#envelope;
    const connection = this.#connection!;
    const takesBody = body === 'BINARYMIME' ? connection.offers('BINARYMIME') : body !== '7BIT' && connection.offers('8BITMIME');
    return [
      connection.offers('SIZE') ? ' SIZE=0' : '',
      takesBody ? ` BODY=${body}` : '',
      ' AUTH=<>',
      smtpUtf8 ? ' SMTPUTF8' : '',
      ' XMESSAGEVALUE=MediumHigh',
    ].join('');
  }

  #askForContent(): void {
    if (this.#isChunked) {
      this.#stream();
      return;
    }
    const answered = (reply: HubReply): void => {
      if (this.#isOver) return;
      if (reply.code === 354) this.#stream();
      else this.#answer(reply);
    };
    this.#connection!.ask({ command: 'DATA', answered });
  }

  #stream(): void {
    this.#isStreaming = true;
    for (const piece of this.#waiting.splice(0)) this.#pass(piece);
    if (this.#isWhole) this.#finish();
  }

  #pass(piece: Piece): void {
    if (this.#isOver) return;
    if (!this.#isChunked) {
      this.#connection!.send(this.#dots.write(piece.octets));
      return;
    }
    if (piece.opens) this.#inLastChunk = piece.opens.isLast;
    if (!this.#inLastChunk) {
      this.#passChunk(piece);
      return;
    }
    const before = this.#held;
    this.#held = piece;
    if (before) this.#passChunk(before);
  }

  #passChunk({ octets, opens }: Piece): void {
    if (!opens) {
      this.#connection!.send(octets);
      return;
    }
    const answered = (reply: HubReply): void => {
      if (!this.#isOver && (opens.isLast || isRefusal(reply))) this.#answer(reply);
    };
    this.#connection!.ask({ command: `BDAT ${opens.octets}${opens.isLast ? ' LAST' : ''}`, answered });
    this.#connection!.send(octets);
  }

  #finish(): void {
    if (this.#held) {
      const last = this.#held;
      this.#held = undefined;
      this.#passChunk(last);
    } else if (!this.#isChunked) {
      this.#connection!.await((reply) => {
        if (!this.#isOver) this.#answer(reply);
      });
      this.#connection!.send(Buffer.from('.\r\n'));
    }
  }

  /** The Hub has spoken about the message. */
  #answer(reply: HubReply): void {
    if (reply.code === 421) {
      this.#hungUp(reply);
      return;
    }
    this.#connections.putBack(this.#connection!, this.#connection!.now);
    this.#end({ kind: 'answered', reply: replyText(reply) });
  }

  /** 421 ends a connection, not that of the client. */
  #hungUp(reply: HubReply): void {
    const connection = this.#connection!;
    connection.drop(connection.now);
    this.#lost({ fault: 'hub-protocol-error', response: replyText(reply) });
  }

  #lost(fault: HubFault): void {
    if (this.#isOver) return;
    if (this.#isReused && !this.#isStreaming) {
      this.#isReused = false;
      this.#connect(this.#connection!.now);
      return;
    }
    this.#end({ kind: 'failed', ...fault });
  }

  #end(result: HandOverResult): void {
    this.#result = result;
    this.#isOver = true;
    this.#waiting = [];
    this.#held = undefined;
  }
}

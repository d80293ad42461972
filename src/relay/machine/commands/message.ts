import type { ReplyId } from '../../../smtp/reply-catalogue.ts';
import { DotReader, type HeaderWatch } from '../content.ts';
import type { Conversation } from '../conversation.ts';
import type { Chunk, StoredFacts } from '../effects.ts';
import { mannerOf } from '../faults.ts';
import type { HandOverFault } from '../hand-over-fault.ts';
import { receivedField } from '../trace.ts';
import { DEFAULT_MAX_MESSAGE_SIZE } from './mail.ts';

/** Defaults of the cmdlet: header limits differ by version, the hop count is the real one. */
const MAX_HEADER_SIZE = { '2013': 128 * 1024, '2016+': 256 * 1024 };
const MAX_HOP_COUNT = 60;

/** A message whose content comes in, over DATA or over several BDAT. */
export interface IncomingMessage {
  readonly watch: HeaderWatch;
  readonly beganAt: number;
  /** False: a Hub should stand behind the front end, and is not active. */
  readonly hasDestination: boolean;
  size: number;
  /** Too big: what still comes is read and thrown away. */
  isOver: boolean;
  /** Its id stands in the log of the Hub. */
  isNamed: boolean;
}

/** What ends the content: a dot on a line of its own, or a number of octets. */
export type Extent = { readonly kind: 'dot' } | ({ readonly kind: 'octets' } & Chunk);

const NOTHING = new Uint8Array(0);

export class MessageReader {
  readonly #conversation: Conversation;
  readonly #extent: Extent;
  readonly #dots = new DotReader();
  #left: number;
  /** Said once the octets are through, where they count for nothing. */
  readonly #refusal: ReplyId | undefined;
  #complete = false;
  #hasBegun = false;

  constructor(conversation: Conversation, extent: Extent, refusal?: ReplyId) {
    this.#conversation = conversation;
    this.#extent = extent;
    this.#refusal = refusal;
    this.#left = extent.kind === 'octets' ? extent.octets : 0;
    this.#complete = extent.kind === 'octets' && extent.octets === 0;
  }

  get isComplete(): boolean {
    return this.#complete;
  }

  /** Takes what belongs to the message; the rest comes back. */
  read(input: Uint8Array): Uint8Array {
    if (this.#extent.kind === 'dot') {
      const { content, end } = this.#dots.read(input);
      this.#take(content);
      this.#complete = end !== undefined;
      return input.subarray(end ?? input.length);
    }
    const own = input.subarray(0, Math.min(this.#left, input.length));
    this.#left -= own.length;
    this.#complete = this.#left === 0;
    this.#take(own);
    return input.subarray(own.length);
  }

  #take(content: Uint8Array): void {
    const { incoming } = this.#conversation;
    if (!incoming || this.#refusal) return;
    const opens = this.#opens();
    if (content.length === 0 && !opens) return;
    incoming.size += content.length;
    if (incoming.isOver) return;
    incoming.watch.feed(content);
    if (incoming.size > this.#sizeLimit) {
      incoming.isOver = true;
      this.#conversation.effect({ kind: 'message-abort' });
      return;
    }
    this.#conversation.effect({ kind: 'content', octets: content, ...(opens && { opens }) });
    if (incoming.watch.isComplete) this.#nameMessage(incoming);
  }

  /** The chunk, with its first octets. */
  #opens(): Chunk | undefined {
    if (this.#hasBegun || this.#extent.kind !== 'octets') return undefined;
    this.#hasBegun = true;
    return { octets: this.#extent.octets, isLast: this.#extent.isLast };
  }

  /** The Hub logs the id once it has read the header. */
  #nameMessage(incoming: IncomingMessage): void {
    const conversation = this.#conversation;
    if (incoming.isNamed || conversation.service.role !== 'HubTransport') return;
    incoming.isNamed = true;
    conversation.note(`receiving message with InternetMessageId ${this.#messageId}`);
  }

  get #sizeLimit(): number {
    const limit = this.#conversation.properties.MaxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE;
    return limit === 'Unlimited' || this.#conversation.can('BypassMessageSizeLimit') ? Number.POSITIVE_INFINITY : limit;
  }

  /** All octets are there. `store`: the message has to be kept before the answer. */
  finish(): 'store' | 'chunk' | 'refused' {
    const conversation = this.#conversation;
    if (this.#refusal) {
      conversation.reply(this.#refusal);
      return 'refused';
    }
    const incoming = conversation.incoming!;
    this.#take(NOTHING);
    if (this.#extent.kind === 'octets' && !this.#extent.isLast && !incoming.isOver) {
      conversation.reply('chunk-received', { values: { octets: this.#extent.octets } });
      return 'chunk';
    }
    const refusal = this.#fault(incoming);
    if (refusal) return this.#refuse(refusal);
    const fault = conversation.service.faults.strike('end-of-data', conversation.client);
    if (fault?.drop) {
      conversation.abortMessage();
      conversation.close('Local');
      return 'refused';
    }
    if (fault?.reply) return this.#refuse(() => conversation.say(fault.reply!, mannerOf(fault)));
    if (!incoming.hasDestination)
      return this.#refuse(() => {
        conversation.note('No destinations could be obtained to proxy to');
        conversation.reply('hub-unknown');
      });
    this.#nameMessage(incoming);
    if (conversation.service.role === 'FrontendTransport') {
      const correlation = conversation.service.version === '2013' ? '' : `. Correlation Id:${conversation.service.newGuid()}`;
      conversation.note(`Proxy destination(s) obtained from OnProxyInboundMessage event${correlation}`);
    }
    conversation.effect({ kind: 'message-end', header: this.#addedHeader(incoming) });
    return 'store';
  }

  stored({ internalId, hostname }: StoredFacts): void {
    const conversation = this.#conversation;
    const { size, beganAt } = conversation.incoming!;
    const seconds = Math.max(1, conversation.now - beganAt) / 1000;
    const rate = (size / 1024 / seconds).toFixed(3).replace('.', conversation.service.decimalMark);
    const values = { messageId: this.#messageId, internalId, fqdn: hostname, bytes: size, seconds: seconds.toFixed(3), rate };
    conversation.incoming = undefined;
    conversation.abortTransaction();
    conversation.reply('message-queued', { values });
  }

  notStored(): void {
    this.#conversation.incoming = undefined;
    this.#conversation.abortTransaction();
    this.#conversation.reply('queue-write-failed');
  }

  /** What the Hub said of the message is said to the client; a refusal stands in the log as the reason too. */
  handedOver(reply: string): void {
    const isRefusal = /^[45]/.test(reply);
    if (isRefusal) this.#acknowledge(reply);
    const known = this.#end();
    this.#conversation.say(reply, { isPassedOn: true, delayed: reply.startsWith('5') });
    if (isRefusal && known) this.#conversation.afterReply(`InternetMessageId: ${known}`);
  }

  /** The Hub has not taken it. `response`: what it or the network said. */
  notHandedOver(fault: HandOverFault, response: string): void {
    this.#acknowledge(response);
    const known = this.#end();
    this.#conversation.reply(fault);
    if (known) this.#conversation.afterReply(`InternetMessageId: ${known}`);
  }

  /** The message's own id, which the log has behind a refusal. */
  #end(): string | undefined {
    const known = this.#conversation.incoming?.watch.facts.messageId;
    this.#conversation.incoming = undefined;
    this.#conversation.abortTransaction();
    return known;
  }

  #acknowledge(response: string): void {
    const status = response.startsWith('5') ? 'Fail' : 'Retry';
    const text = response.replaceAll('\n', ' ');
    this.#conversation.note(`Message or connection acked with status ${status} and response ${text}`);
  }

  abort(): void {
    this.#conversation.abortMessage();
  }

  get #messageId(): string {
    const { incoming, facts, fqdn } = this.#conversation;
    this.#conversation.messageId ??=
      incoming?.watch.facts.messageId ?? `<${facts.sessionId}.${this.#conversation.messages}@${fqdn}>`;
    return this.#conversation.messageId;
  }

  /** What the server puts before the message: where it came from, and an id where it had none. */
  #addedHeader(incoming: IncomingMessage): string {
    const trace = receivedField(this.#conversation);
    return incoming.watch.facts.messageId ? trace : `${trace}Message-ID: ${this.#messageId}\r\n`;
  }

  /** What is wrong with the message as a whole, in the product's order. */
  #fault(incoming: IncomingMessage): (() => void) | undefined {
    const conversation = this.#conversation;
    const { properties, service } = conversation;
    const { headerSize, received, contentType, complete } = incoming.watch.facts;
    const maxHeader = properties.MaxHeaderSize ?? MAX_HEADER_SIZE[service.version];
    const header = complete ? headerSize : Math.min(headerSize, incoming.size);
    if (maxHeader !== 'Unlimited' && header > maxHeader)
      return () => {
        conversation.note(`HeaderSize: ${header} > MaxHeaderSize: ${maxHeader}`);
        conversation.reply('header-too-large');
      };
    if (/^message\/partial\b/i.test(contentType ?? '')) return () => conversation.reply('partial-message');
    const maxHops = properties.MaxHopCount ?? MAX_HOP_COUNT;
    if (received > maxHops)
      return () => {
        conversation.note(`ReceivedHeadersLength: ${received} > MaxHopCount: ${maxHops}`);
        conversation.reply('too-many-hops');
      };
    if (incoming.isOver)
      return () => {
        conversation.note(`AccumulatedMessageSize: ${incoming.size} > MessageSizeLimit: ${this.#sizeLimit}`);
        conversation.reply('message-too-large');
      };
    if (properties.BareLinefeedRejectionEnabled && incoming.watch.hasBareLineFeeds)
      return () => conversation.reply('bare-line-feeds');
    return undefined;
  }

  #refuse(say: () => void): 'refused' {
    const conversation = this.#conversation;
    const known = conversation.incoming?.watch.facts.messageId;
    conversation.abortMessage();
    conversation.abortTransaction();
    say();
    if (known) conversation.afterReply(`InternetMessageId: ${known}`);
    return 'refused';
  }
}

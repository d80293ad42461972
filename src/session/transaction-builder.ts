/** A transaction while its rows are read. */
import type { BytesKnownBy, Recipient, Transaction, TransactionState } from './session.ts';

export interface RecipientDraft {
  address: string;
  accepted: boolean | null;
  reply: string | null;
}

export class TransactionBuilder {
  readonly beganAt: number;
  readonly sender: string | null;
  client: string | null = null;
  clientSessionId: string | null = null;
  /** The open transaction that a second MAIL interrupted; it goes on when that MAIL is refused. */
  readonly before: TransactionBuilder | undefined;
  readonly recipients: RecipientDraft[] = [];
  /** The `receiving message` row was seen. */
  begun = false;
  mailAccepted = false;
  /** The first refusal of MAIL, DATA or the end of data. */
  refusal: string | undefined;
  finished = false;
  decidedAt: number | null = null;
  reply: string | null = null;
  messageId: string | null = null;
  internalId: string | null = null;
  repliedBytes: number | null = null;
  chunkBytes = 0;
  declaredBytes: number | null = null;
  accepted = false;
  shadow = false;

  constructor(beganAt: number, sender: string | null, before?: TransactionBuilder) {
    this.beganAt = beganAt;
    this.sender = sender;
    this.before = before;
  }

  refuse(reply: string, at: number, forGood = true): void {
    this.refusal ??= reply;
    if (!this.accepted) this.decidedAt = at;
    if (forGood) this.finished = true;
  }

  /** The final 250: message id, queue number and size stand in it. */
  accept(reply: string, at: number, keepReply: boolean): void {
    this.accepted = true;
    this.finished = true;
    this.decidedAt = at;
    if (keepReply) this.reply = reply;
    this.shadow = reply.endsWith('Queued mail for redundancy');
    const queued = /^250[ -]+2\.6\.0 (<[^>]*>) (?:\[InternalId=([^,\]]*)(?:, Hostname=[^\]]*)?\] )?(?:(\d+) bytes in )?/.exec(
      reply,
    );
    if (!queued) return;
    this.messageId = queued[1]!;
    this.internalId ??= queued[2] ?? null;
    if (queued[3] !== undefined && queued[3].length < 16) this.repliedBytes = Number(queued[3]);
  }

  get state(): TransactionState {
    if (this.accepted) return 'accepted';
    return this.refusal !== undefined || this.recipients.some((recipient) => recipient.accepted === false)
      ? 'refused'
      : 'abandoned';
  }

  build(): Transaction {
    const { state } = this;
    const [bytes, bytesKnownBy] = this.#bytes();
    return {
      beganAt: this.beganAt,
      decidedAt: this.decidedAt,
      sender: this.sender,
      client: this.client,
      clientSessionId: this.clientSessionId,
      recipients: this.recipients satisfies Recipient[],
      state,
      reply: state === 'refused' ? (this.refusal ?? this.#refusedRecipient()) : this.reply,
      messageId: this.messageId,
      internalId: this.internalId,
      bytes,
      bytesKnownBy,
      shadow: this.shadow,
    };
  }

  #refusedRecipient(): string | null {
    return this.recipients.find((recipient) => recipient.accepted === false)?.reply ?? null;
  }

  #bytes(): [number | null, BytesKnownBy | null] {
    if (this.repliedBytes !== null) return [this.repliedBytes, 'reply'];
    if (this.chunkBytes > 0) return [this.chunkBytes, 'chunks'];
    return this.declaredBytes ? [this.declaredBytes, 'declared'] : [null, null];
  }
}

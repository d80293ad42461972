/**
 * One row as the scanner hands it on: a view that is used again for the next row, with offsets into the bytes it was
 * read from. Nothing is decoded until a rule asks for it. Keep the strings you take, never the view.
 */
import { CONNECTOR_ID, CONTEXT, DATA, FIELD_COUNT, LOCAL_ENDPOINT, REMOTE_ENDPOINT, SESSION_ID } from './fields.ts';
import { decodeRecurring, decodeText } from './text-decoding.ts';

export class RowView {
  /** The bytes the offsets point into (the block, or a repaired copy of one line). */
  bytes: Buffer = Buffer.alloc(0);
  /** Milliseconds since 1970, UTC. */
  at = 0;
  sequence = 0;
  /** The event's byte, see fields.ts. */
  event = 0;
  readonly starts = new Int32Array(FIELD_COUNT);
  readonly ends = new Int32Array(FIELD_COUNT);
  /** Bit n is set where field n holds a doubled quote. */
  doubled = 0;

  /** Field `index` as text, unquoted. Line breaks stay the two characters the writer made of them. */
  text(index: number): string {
    const text = decodeText(this.bytes, this.starts[index]!, this.ends[index]!);
    return this.doubled & (1 << index) ? text.replaceAll('""', '"') : text;
  }

  /** The same from its byte `skip` on, for what is likely to come again. */
  recurring(index: number, skip = 0): string {
    if (this.doubled & (1 << index)) return this.text(index).slice(skip);
    return decodeRecurring(this.bytes, this.starts[index]! + skip, this.ends[index]!);
  }

  get connector(): string {
    return this.recurring(CONNECTOR_ID);
  }
  get sessionId(): string {
    return this.text(SESSION_ID);
  }
  get localEndpoint(): string {
    return this.recurring(LOCAL_ENDPOINT);
  }
  get remoteEndpoint(): string {
    return this.text(REMOTE_ENDPOINT);
  }
  get data(): string {
    return this.text(DATA);
  }
  get context(): string {
    return this.recurring(CONTEXT);
  }
  isEmpty(index: number): boolean {
    return this.starts[index] === this.ends[index];
  }
}

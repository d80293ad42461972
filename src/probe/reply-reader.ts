/** Octets of a server → replies. Pure, and bounded: a server may send whatever it likes, for as long as it likes. */
import { decodeText } from '../protocol-log/text-decoding.ts';
import type { LineFault, Reply } from './line.ts';

/** Octets of a line, as the product takes them. */
const MAX_LINE = 32_768;
/** Lines of one reply. */
const MAX_LINES = 1_000;
/** Octets that nobody has asked for yet. */
const MAX_UNREAD = 1024 * 1024;
/** Characters of something else that are kept, to tell what it is. */
const SHOWN = 80;

const REPLY_LINE = /^(\d{3})(?:([ -])(.*))?$/s;

/** Takes octets as they come; gives replies. After a fault it takes nothing more. */
export class ReplyReader {
  readonly #replies: Reply[] = [];
  #lines: string[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #unread = 0;
  #fault: LineFault | undefined;

  /** Why it reads no further; replies from before are still given. */
  get fault(): LineFault | undefined {
    return this.#fault;
  }

  /** What has come and is no whole line yet. */
  get rest(): string {
    return decodeText(this.#rest.subarray(0, SHOWN));
  }

  /** The next whole reply. */
  next(): Reply | undefined {
    const reply = this.#replies.shift();
    if (reply && this.#replies.length === 0) this.#unread = 0;
    return reply;
  }

  /** Takes octets. */
  feed(octets: Uint8Array): void {
    if (this.#fault) return;
    this.#unread += octets.length;
    this.#rest = this.#rest.length === 0 ? Buffer.from(octets) : Buffer.concat([this.#rest, octets]);
    let start = 0;
    for (let end = this.#rest.indexOf(10); end >= 0 && !this.#fault; end = this.#rest.indexOf(10, start)) {
      const line = this.#rest.subarray(start, end);
      start = end + 1;
      if (line.length > MAX_LINE) this.#fail({ kind: 'line-too-long' });
      else this.#take(decodeText(line).replace(/\r$/, ''));
    }
    this.#rest = this.#rest.subarray(start);
    if (this.#rest.length > MAX_LINE) this.#fail({ kind: 'line-too-long' });
    // Three octets of a line of SMTP are digits: nobody has to wait for its end.
    else if (this.#rest.length > 3 && !/^\d{3}[ \r-]/.test(this.rest)) this.#foreign(this.rest);
    if (this.#unread > MAX_UNREAD) this.#fail({ kind: 'endless' });
  }

  #take(line: string): void {
    const [, code, mark, text = ''] = REPLY_LINE.exec(line) ?? [];
    if (code === undefined) {
      this.#foreign(line);
      return;
    }
    this.#lines.push(text);
    if (mark !== '-') {
      this.#replies.push({ code: Number(code), lines: this.#lines });
      this.#lines = [];
    } else if (this.#lines.length >= MAX_LINES) this.#fail({ kind: 'endless' });
  }

  #foreign(text: string): void {
    this.#fail({ kind: 'not-smtp', first: text.slice(0, SHOWN) });
  }

  #fail(fault: LineFault): void {
    this.#fault ??= fault;
    this.#rest = Buffer.alloc(0);
    this.#lines = [];
  }
}

/**
 * The content of a message as it comes in: after DATA until the dot that ends it, after BDAT octet by octet. Nothing is
 * kept but the headers up to a limit; the octets go on as they come.
 */

/** What the header of the message told. */
export interface HeaderFacts {
  /** With its angle brackets; undefined for none. */
  readonly messageId: string | undefined;
  readonly contentType: string | undefined;
  /** Number of Received fields. */
  readonly received: number;
  /** Octets up to and with the empty line. */
  readonly headerSize: number;
  /** False while the empty line has not come. */
  readonly complete: boolean;
}

const CR = 13;
const LF = 10;
const DOT = 46;

/**
 * Finds the end of DATA: CR LF, dot, CR LF, and nothing else (a bare LF ends no line), and takes the doubled dots away.
 */
export class DotReader {
  /** The last octets that went by: what the pattern needs to know of the past. */
  #state: 'line-start' | 'dot' | 'dot-cr' | 'text' | 'cr' = 'line-start';

  /** The content in `bytes`, and where the rest begins once the end was met. */
  read(bytes: Uint8Array): { content: Uint8Array; end: number | undefined } {
    const out = new Uint8Array(bytes.length + 2);
    let length = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      switch (this.#state) {
        case 'line-start':
          if (byte === DOT) {
            this.#state = 'dot';
            continue;
          }
          break;
        case 'dot':
          if (byte === CR) {
            this.#state = 'dot-cr';
            continue;
          }
          // The dot was doubled, or stands before other text: it is left out, as every leading dot.
          break;
        case 'dot-cr':
          if (byte === LF) return { content: out.subarray(0, length), end: at + 1 };
          out[length++] = CR;
          break;
        case 'text':
        case 'cr':
          break;
      }
      out[length++] = byte;
      this.#state = byte === CR ? 'cr' : byte === LF && this.#wasCr(out, length) ? 'line-start' : 'text';
    }
    return { content: out.subarray(0, length), end: undefined };
  }

  #wasCr(out: Uint8Array, length: number): boolean {
    return this.#state === 'cr' || (length >= 2 && out[length - 2] === CR);
  }
}

/** Follows the header of a message; of what lies beyond `limit` octets it knows the size only. */
export class HeaderWatch {
  readonly #limit: number;
  #text = '';
  #size = 0;
  #lineLength = 0;
  #complete = false;
  #bareLineFeeds = false;
  #last = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  feed(content: Uint8Array): void {
    if (!this.#complete) this.#readHeader(content);
    for (let at = 0; !this.#bareLineFeeds && (at = content.indexOf(LF, at)) >= 0; at++)
      this.#bareLineFeeds = (at === 0 ? this.#last : content[at - 1]) !== CR;
    if (content.length > 0) this.#last = content[content.length - 1]!;
  }

  #readHeader(content: Uint8Array): void {
    let last = this.#last;
    let at = 0;
    while (at < content.length && !this.#complete) {
      const byte = content[at++]!;
      if (byte === LF && last === CR) {
        this.#complete = this.#lineLength === 0;
        this.#lineLength = 0;
      } else if (byte !== CR) this.#lineLength++;
      last = byte;
    }
    this.#size += at;
    const room = this.#limit - this.#text.length;
    if (room > 0) this.#text += Buffer.from(content.buffer, content.byteOffset, Math.min(at, room)).toString('latin1');
  }

  /** The empty line has come. */
  get isComplete(): boolean {
    return this.#complete;
  }

  get hasBareLineFeeds(): boolean {
    return this.#bareLineFeeds;
  }

  get facts(): HeaderFacts {
    const fields = this.#text.replace(/\r\n(?=[ \t])/g, '').split('\r\n');
    const field = (name: string): string | undefined =>
      fields
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim() || undefined;
    return {
      messageId: field('message-id'),
      contentType: field('content-type'),
      received: fields.filter((line) => /^received:/i.test(line)).length,
      headerSize: this.#size,
      complete: this.#complete,
    };
  }
}

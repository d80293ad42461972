/** Where the bytes of a log come from: a file, or a stream out of an archive. */
export interface ByteSource {
  /** Puts the next bytes into the front of `bytes` and tells how many; 0 when there are none left. */
  read(bytes: Buffer): Promise<number>;
  /** Lets go of it. */
  close(): Promise<void>;
}

/** A stream of chunks of any size as a source. */
export function ofChunks(stream: AsyncIterable<Buffer>): ByteSource {
  const chunks = stream[Symbol.asyncIterator]();
  let chunk: Buffer = Buffer.alloc(0);
  return {
    async read(bytes) {
      while (chunk.length === 0) {
        const { value, done } = await chunks.next();
        if (done) return 0;
        chunk = value;
      }
      const length = chunk.copy(bytes);
      chunk = chunk.subarray(length);
      return length;
    },
    async close() {
      await chunks.return?.();
    },
  };
}

/** Takes exact numbers of bytes from a source. */
export class ByteQueue {
  readonly #source: ByteSource;
  /** Read, and not taken yet. */
  #held: Buffer = Buffer.alloc(0);
  #isDone = false;
  /** The source broke off; said when everything before has been taken. */
  #error: { cause: unknown } | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * The next `count` bytes, fewer at the end; none when there are none left. They are in a buffer of their own, which is
   * made of `room` where that is large enough.
   */
  async take(count: number, room?: ArrayBufferLike): Promise<Buffer> {
    const bytes = room && room.byteLength >= count ? Buffer.from(room, 0, count) : Buffer.allocUnsafeSlow(count);
    const held = this.#held.copy(bytes);
    this.#held = this.#held.subarray(held);
    return bytes.subarray(0, await this.#fill(bytes, held));
  }

  /** The same bytes, left in the queue. */
  async peek(count: number): Promise<Buffer> {
    if (this.#held.length < count) {
      const bytes = Buffer.allocUnsafeSlow(count);
      this.#held = bytes.subarray(0, await this.#fill(bytes, this.#held.copy(bytes)));
    }
    return this.#held.subarray(0, count);
  }

  /** True when nothing is left; false where only an error is. */
  async isAtEnd(): Promise<boolean> {
    if (this.#held.length === 0 && this.#error === undefined) {
      const bytes = Buffer.allocUnsafeSlow(1);
      this.#held = bytes.subarray(0, await this.#read(bytes));
    }
    return this.#held.length === 0 && this.#error === undefined;
  }

  /** Puts a copy of bytes back in front: the buffer in which they were taken may be given away. */
  giveBack(bytes: Buffer): void {
    this.#held = Buffer.concat([bytes, this.#held]);
  }

  async close(): Promise<void> {
    this.#isDone = true;
    await this.#source.close();
  }

  /** Reads behind the first `length` of `bytes` until they are full; gives how many there are then. */
  async #fill(bytes: Buffer, length: number): Promise<number> {
    let filled = length;
    for (let more = 1; more > 0 && filled < bytes.length; filled += more) more = await this.#read(bytes.subarray(filled));
    if (filled === 0 && bytes.length > 0 && this.#error) throw this.#error.cause;
    return filled;
  }

  async #read(bytes: Buffer): Promise<number> {
    if (this.#isDone) return 0;
    try {
      const length = await this.#source.read(bytes);
      this.#isDone = length === 0;
      return length;
    } catch (cause) {
      this.#isDone = true;
      this.#error = { cause };
      return 0;
    }
  }
}

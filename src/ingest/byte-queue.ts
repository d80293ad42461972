/** Takes exact numbers of bytes from a stream of chunks of any size. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer[] = [];
  #size = 0;
  #done = false;
  /** The stream broke off; said when everything before has been taken. */
  #error: { cause: unknown } | undefined;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `count` bytes in a buffer of their own, fewer at the end of the stream; empty when there are none left. */
  async take(count: number): Promise<Buffer> {
    await this.#fill(count);
    const taken = Buffer.allocUnsafeSlow(Math.min(count, this.#size));
    for (let at = 0; at < taken.length; ) {
      const chunk = this.#held[0]!;
      const copied = chunk.copy(taken, at);
      if (copied < chunk.length) this.#held[0] = chunk.subarray(copied);
      else this.#held.shift();
      at += copied;
    }
    this.#size -= taken.length;
    return taken;
  }

  /** The same bytes, left in the queue. */
  async peek(count: number): Promise<Buffer> {
    await this.#fill(count);
    const bytes = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held, this.#size);
    this.#held = bytes.length > 0 ? [bytes] : [];
    return bytes.subarray(0, count);
  }

  /** True when nothing is left; false where only an error is. */
  async isAtEnd(): Promise<boolean> {
    if (this.#size === 0) await this.#fill(1, false);
    return this.#size === 0 && this.#error === undefined;
  }

  /** Puts a copy of bytes back in front: the buffer in which they were taken may be given away. */
  giveBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#held.unshift(Buffer.from(bytes));
    this.#size += bytes.length;
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    this.#done = true;
    await this.#chunks.return?.();
  }

  async #fill(count: number, raise = true): Promise<void> {
    while (this.#size < count && !this.#done) {
      try {
        const { value, done } = await this.#chunks.next();
        if (done) this.#done = true;
        else {
          this.#held.push(value);
          this.#size += value.length;
        }
      } catch (cause) {
        this.#done = true;
        this.#error = { cause };
      }
    }
    if (raise && this.#size === 0 && this.#error) throw this.#error.cause;
  }
}

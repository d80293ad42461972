/** Rows that wait to be written, back to back, with the place where each ends. */
export class RowBuffer {
  #bytes: Buffer;
  #length = 0;
  #ends: number[] = [];

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get bytes(): number {
    return this.#length;
  }

  get rows(): number {
    return this.#ends.length;
  }

  add(row: Buffer): void {
    if (this.#length + row.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + row.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    row.copy(this.#bytes, this.#length);
    this.#length += row.length;
    this.#ends.push(this.#length);
  }

  /** The rows that may be written at `position` of a file: up to the one behind which the position is beyond `limit`. */
  fitting(position: number, limit: number): Buffer {
    const end = this.#ends.find((at) => position + at > limit) ?? this.#length;
    return this.#bytes.subarray(0, end);
  }

  /** Forgets the rows that lie wholly within the first `bytes`, and says how many bytes these are. */
  drop(bytes: number): number {
    const beyond = this.#ends.findIndex((end) => end > bytes);
    const kept = beyond < 0 ? this.#ends.length : beyond;
    const from = kept === 0 ? 0 : this.#ends[kept - 1]!;
    this.#bytes.copy(this.#bytes, 0, from, this.#length);
    this.#length -= from;
    this.#ends = this.#ends.slice(kept).map((end) => end - from);
    return from;
  }

  clear(): void {
    this.#length = 0;
    this.#ends = [];
  }
}

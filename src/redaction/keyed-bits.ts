import { createHmac } from 'node:crypto';

/** Pseudo-random functions of a key: nobody can tell what they give without it. */
export class KeyedBits {
  readonly #key: Uint8Array;
  readonly #nodes = new Map<string, Uint8Array>();

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Hexadecimal digits, as many as asked for, in upper case. */
  hex(text: string, length: number): string {
    let digits = '';
    for (let round = 0; digits.length < length; round++) digits += this.#digest(`hex\0${round}\0${text}`).toString('hex');
    return digits.slice(0, length).toUpperCase();
  }

  /** A bit for every node of the tree of addresses: by the whole octets before it, and the bits of its own octet so far. */
  node(before: string, bits: number, depth: number): 0 | 1 {
    let octet = this.#nodes.get(before);
    if (!octet) {
      if (this.#nodes.size > 100_000) this.#nodes.clear();
      this.#nodes.set(before, (octet = this.#digest(`node\0${before}`)));
    }
    const index = (1 << depth) | bits;
    return ((octet[index >> 3]! >> (index & 7)) & 1) as 0 | 1;
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

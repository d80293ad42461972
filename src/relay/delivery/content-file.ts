/** The content of one message while it comes in: small ones wait in memory, larger ones go to their file at once. */
import { type FileHandle, open } from 'node:fs/promises';
import { remove, writeDurably } from './durable-file.ts';

const HELD_BYTES = 64 * 1024;
/** Octets on their way to the file before the sender is asked to wait. */
const UNWRITTEN_BYTES = 256 * 1024;

/** Octets that all messages together hold in memory. */
export class HeldBytes {
  readonly limit: number;
  now = 0;

  constructor(limit: number) {
    this.limit = limit;
  }
}

export class ContentFile {
  readonly path: string;
  size = 0;
  readonly #shared: HeldBytes;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #beginning: Buffer | undefined;
  #handle: Promise<FileHandle> | undefined;
  #tail: Promise<void> = Promise.resolve();
  #unwritten = 0;

  constructor(path: string, shared: HeldBytes) {
    this.path = path;
    this.#shared = shared;
  }

  /** The first octets, at least 64 KiB of them where there are as many. */
  get beginning(): Buffer {
    return this.#beginning ?? Buffer.concat(this.#held);
  }

  /** True once a part of it is in its file. */
  get isSpilled(): boolean {
    return this.#handle !== undefined;
  }

  /** The whole content, which is no longer held here: only where it is not spilled. */
  take(): Buffer {
    const content = this.beginning;
    this.#release();
    return content;
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    this.size += octets.length;
    if (this.#handle) return this.#append(octets);
    this.#held.push(octets);
    this.#heldBytes += octets.length;
    this.#shared.now += octets.length;
    return this.#heldBytes > HELD_BYTES || this.#shared.now > this.#shared.limit ? this.#spill() : undefined;
  }

  /** Resolves when the whole content is on disk; rejects with the first error of any write. */
  async finish(): Promise<void> {
    if (!this.#handle) {
      return writeDurably(this.path, this.take());
    }
    const handle = await this.#handle;
    await this.#tail;
    await handle.sync();
    await handle.close();
  }

  /** Removes what there is. Never rejects. */
  async discard(): Promise<void> {
    this.#release();
    await this.#tail.catch(() => {});
    await this.#handle?.then((handle) => handle.close()).catch(() => {});
    await remove(this.path).catch(() => {});
  }

  #spill(): Promise<void> | undefined {
    const content = this.beginning;
    this.#release();
    this.#beginning = content;
    this.#handle = open(this.path, 'w');
    return this.#append(content);
  }

  #append(octets: Uint8Array): Promise<void> | undefined {
    this.#unwritten += octets.length;
    this.#tail = this.#tail.then(async () => {
      const handle = await this.#handle!;
      for (let done = 0; done < octets.length; ) done += (await handle.write(octets, done)).bytesWritten;
      this.#unwritten -= octets.length;
    });
    // Whoever waits learns of a failure from `finish`.
    const written = this.#tail.catch(() => {});
    return this.#unwritten > UNWRITTEN_BYTES ? written : undefined;
  }

  #release(): void {
    this.#shared.now -= this.#heldBytes;
    this.#heldBytes = 0;
    this.#held = [];
  }
}

import { readFile } from 'node:fs/promises';
import { type FolderSync, replaceDurably } from './durable-file.ts';

const BLOCK = 10_000;

/** Numbers of messages: they count up over restarts and kills, because a block is reserved on disk before it is used. */
export class InternalIds {
  readonly #path: string;
  readonly #folder: FolderSync;
  #next: number;
  #reserved: number;
  #reserving: Promise<void> | undefined;

  private constructor(path: string, folder: FolderSync, next: number) {
    this.#path = path;
    this.#folder = folder;
    this.#next = next;
    this.#reserved = next;
  }

  /** Goes on behind what the file at `path` says was reserved, and behind `highest`, the largest number still in use. */
  static async open(path: string, folder: FolderSync, highest: number): Promise<InternalIds> {
    const stored = Number(await readFile(path, 'utf8').catch(() => '1'));
    return new InternalIds(path, folder, Math.max(Number.isSafeInteger(stored) ? stored : 1, highest + 1));
  }

  /** Rejects when the block cannot be reserved. */
  async take(): Promise<string> {
    while (this.#next >= this.#reserved) {
      this.#reserving ??= this.#reserve().finally(() => {
        this.#reserving = undefined;
      });
      await this.#reserving;
    }
    return String(this.#next++);
  }

  async #reserve(): Promise<void> {
    const reserved = this.#next + BLOCK;
    await replaceDurably(this.#path, Buffer.from(`${reserved}\n`), this.#folder);
    this.#reserved = reserved;
  }
}

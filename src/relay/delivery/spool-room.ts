import { statfs } from 'node:fs/promises';
import type { Clock } from '../log/clock.ts';

export interface RoomSettings {
  readonly clock: Clock;
  /** Bytes that are free where the spool is. Default: asked of the file system. */
  readonly freeBytes: () => Promise<number>;
  /** With less free space than this, nothing more is taken. */
  readonly minFreeBytes: number;
  readonly maxMessages: number;
}

export const freeBytesAt = (folder: string) => async (): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

const CHECK_MS = 1000;

/** Whether the spool can take more; free space is looked at once a second at most. */
export class SpoolRoom {
  readonly #settings: RoomSettings;
  #free = Number.POSITIVE_INFINITY;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;

  constructor(settings: RoomSettings) {
    this.#settings = settings;
  }

  /** As far as is known; `medium` from four fifths of the messages on, or with twice the least free space. */
  pressure(messages: number): 'none' | 'medium' | 'high' {
    const { maxMessages, minFreeBytes } = this.#settings;
    if (messages >= maxMessages || this.#free < minFreeBytes) return 'high';
    return messages >= maxMessages * 0.8 || this.#free < 2 * minFreeBytes ? 'medium' : 'none';
  }

  /** Why a message cannot be taken; undefined: it can. */
  async refusal(messages: number): Promise<string | undefined> {
    const { clock, maxMessages, minFreeBytes } = this.#settings;
    if (messages >= maxMessages) return `${maxMessages} messages wait already`;
    if (clock.now() - this.#checkedAt >= CHECK_MS) {
      this.#checking ??= this.#check().finally(() => {
        this.#checking = undefined;
      });
      await this.#checking;
    }
    return this.#free < minFreeBytes ? `only ${this.#free} bytes are free` : undefined;
  }

  async #check(): Promise<void> {
    // A file system that does not say is taken for one with room: it will refuse the write if it has none.
    this.#free = await this.#settings.freeBytes().catch(() => Number.POSITIVE_INFINITY);
    this.#checkedAt = this.#settings.clock.now();
  }
}

/**
 * Small messages, many to a sync. A sync costs milliseconds whatever it covers, and a message in files of its own takes
 * three: here all that come while one sync is under way share the next. The journal is for messages that pass: one that has
 * to stay gets its own files, and is then gone from here.
 *
 * Segments are only ever deleted oldest first: a later one may say that a message of an earlier one is gone.
 */
import { close, closeSync, fdatasync, ftruncate, openSync, read, readdirSync, readFileSync, unlinkSync, write } from 'node:fs';
import { join } from 'node:path';
import { FolderSync } from './durable-file.ts';
import { decodeRecords, encodeRecord, recordLayout } from './journal-record.ts';
import { parseMessage, type SpooledMessage } from './spooled-message.ts';

/** With more than these, the messages of the oldest are to be moved out. */
const MAX_SEGMENTS = 4;
const AT_ONCE = 4;

interface Segment {
  readonly path: string;
  readonly descriptor: number;
  readonly live: Set<string>;
  bytes: number;
  /** Reads that are under way: its file stays open for them. */
  reads: number;
}

interface Place {
  readonly segment: Segment;
  readonly textAt: number;
  readonly contentAt: number;
  readonly end: number;
}

interface Append {
  readonly record: Buffer;
  readonly placed: (segment: Segment, at: number) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Journal {
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #sync: FolderSync;
  readonly #segments: Segment[] = [];
  readonly #places = new Map<string, Place>();
  #current: Segment | undefined;
  #number = 0;
  #waiting: Append[] = [];
  #running = false;
  #deleting: Promise<void> | undefined;

  private constructor(folder: string, segmentBytes: number) {
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
    this.#sync = new FolderSync(folder);
  }

  /** Reads what a former run left in the folder, which must exist; rejects with the system's error where it cannot. */
  static async open(folder: string, segmentBytes = 16 * 1024 * 1024): Promise<Journal> {
    const journal = new Journal(folder, segmentBytes);
    const numbers = readdirSync(folder)
      .flatMap((name) => /^(\d+)\.journal$/.exec(name)?.[1] ?? [])
      .map(Number);
    for (const number of numbers.sort((a, b) => a - b)) journal.#load(number);
    await journal.#deleteSpent();
    return journal;
  }

  /** Ids of the messages that are here. */
  ids(): string[] {
    return [...this.#places.keys()];
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  /** Resolves when the message is on disk. */
  add(message: SpooledMessage, content: Uint8Array): Promise<void> {
    const text = JSON.stringify(message);
    const { textAt, contentAt } = recordLayout(text);
    return this.#append(encodeRecord(text, content), (segment, at) =>
      this.#place(message.internalId, {
        segment,
        textAt: at + textAt,
        contentAt: at + contentAt,
        end: at + contentAt + content.length,
      }),
    );
  }

  /** Resolves when it is on disk that the message is no longer here. */
  async remove(id: string): Promise<void> {
    await this.#append(encodeRecord(id, new Uint8Array(0)), () => this.#forget(id));
    void this.#deleteSpent();
  }

  async message(id: string): Promise<SpooledMessage | undefined> {
    const place = this.#places.get(id);
    return place && parseMessage((await readAt(place.segment, place.textAt, place.contentAt)).toString('utf8'));
  }

  async content(id: string): Promise<Buffer | undefined> {
    const place = this.#places.get(id);
    return place && readAt(place.segment, place.contentAt, place.end);
  }

  /** Some messages that hold the journal up, and should have files of their own. */
  get overstaying(): readonly string[] {
    if (this.#segments.length <= MAX_SEGMENTS) return [];
    const some: string[] = [];
    for (const id of this.#segments[0]!.live) if (some.push(id) === AT_ONCE) break;
    return some;
  }

  close(): void {
    for (const { descriptor } of this.#segments.splice(0)) closeSync(descriptor);
    this.#current = undefined;
  }

  #load(number: number): void {
    const path = join(this.#folder, `${number}.journal`);
    const bytes = readFileSync(path);
    const segment: Segment = { path, descriptor: openSync(path, 'r'), live: new Set(), bytes: bytes.length, reads: 0 };
    this.#segments.push(segment);
    this.#number = number;
    for (const { text, contentAt, contentBytes } of decodeRecords(bytes)) {
      const message = text.startsWith('{') ? parseMessage(text) : undefined;
      const textAt = contentAt - Buffer.byteLength(text);
      if (message) this.#place(message.internalId, { segment, textAt, contentAt, end: contentAt + contentBytes });
      else this.#forget(text);
    }
  }

  #place(id: string, place: Place): void {
    this.#places.set(id, place);
    place.segment.live.add(id);
  }

  #forget(id: string): void {
    this.#places.get(id)?.segment.live.delete(id);
    this.#places.delete(id);
  }

  #append(record: Buffer, placed: Append['placed']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, placed, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const segment = await this.#segment();
        let at = segment.bytes;
        await appendDurably(segment, Buffer.concat(group.map(({ record }) => record)));
        for (const { record, placed, resolve } of group) {
          placed(segment, at);
          at += record.length;
          resolve();
        }
      } catch (error) {
        // Behind a record that was cut nothing would be found again.
        this.#current = undefined;
        for (const { reject } of group) reject(error as Error);
      }
    }
    this.#running = false;
  }

  async #segment(): Promise<Segment> {
    if (this.#current && this.#current.bytes < this.#segmentBytes) return this.#current;
    const path = join(this.#folder, `${++this.#number}.journal`);
    const segment: Segment = { path, descriptor: openSync(path, 'wx+'), live: new Set(), bytes: 0, reads: 0 };
    this.#segments.push(segment);
    await this.#sync.sync();
    this.#current = segment;
    return segment;
  }

  #deleteSpent(): Promise<void> {
    this.#deleting ??= this.#deleteOldest().finally(() => {
      this.#deleting = undefined;
    });
    return this.#deleting;
  }

  async #deleteOldest(): Promise<void> {
    const isSpent = (segment: Segment): boolean => segment !== this.#current && segment.live.size === 0 && segment.reads === 0;
    for (let oldest = this.#segments[0]; oldest && isSpent(oldest); oldest = this.#segments[0]) {
      const { path, descriptor } = oldest;
      try {
        unlinkSync(path);
      } catch {
        // It is tried again; meanwhile nothing may overtake it.
        return;
      }
      this.#segments.shift();
      close(descriptor, () => {});
      await this.#sync.sync().catch(() => {});
    }
  }
}

function appendDurably(segment: Segment, bytes: Buffer): Promise<void> {
  const { descriptor, bytes: from } = segment;
  return new Promise((resolve, reject) => {
    // What was not acknowledged must not be found after a restart, besides the client's next try.
    const failed = (error: Error): void => ftruncate(descriptor, from, () => reject(error));
    const next = (done: number): void => {
      if (done < bytes.length)
        write(descriptor, bytes, done, bytes.length - done, from + done, (error, written) =>
          error ? failed(error) : next(done + written),
        );
      else
        fdatasync(descriptor, (error) => {
          if (error) return failed(error);
          segment.bytes = from + bytes.length;
          resolve();
        });
    };
    next(0);
  });
}

async function readAt(segment: Segment, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  segment.reads++;
  try {
    for (let done = 0; done < bytes.length; ) {
      const count = await new Promise<number>((resolve, reject) =>
        read(segment.descriptor, bytes, done, bytes.length - done, from + done, (error, count) =>
          error ? reject(error) : resolve(count),
        ),
      );
      if (count === 0) throw new Error(`${segment.path} is shorter than it was`);
      done += count;
    }
    return bytes;
  } finally {
    segment.reads--;
  }
}

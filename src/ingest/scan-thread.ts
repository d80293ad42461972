/** The reading side in a thread of its own, so that scanning overlaps with compressing and SQLite. */
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { LogScanner } from './log-scanner.ts';
import type { FileEnd, ScanEvent, ScanJob } from './scan-messages.ts';

export interface Scanner {
  /** Reads a log after those asked for before; done when all its events have been handled. */
  scan(job: ScanJob): Promise<FileEnd>;
  /** The last checkpoint. */
  finish(): Promise<void>;
  stop(): Promise<void>;
}

/** Events on their way: the reading thread waits when the writing one is this far behind. */
const WINDOW = 16;

/** Bytes from which on a block changes hands without being copied. */
const GIVEN_AWAY = 64 << 10;

type Request = { kind: 'scan'; job: ScanJob } | { kind: 'finish' } | { kind: 'ack' };
type Reply = { event: ScanEvent } | { finished: true };

/** `isShort`: there is so little to read that a thread is not worth its start. */
export function startScanner(nextSection: number, isShort: boolean, onEvent: (event: ScanEvent) => void): Scanner {
  // Run from its TypeScript source (tests), there is no compiled file that a thread could load.
  return isShort || import.meta.url.endsWith('.ts')
    ? new InlineScanner(nextSection, onEvent)
    : new ThreadScanner(nextSection, onEvent);
}

class InlineScanner implements Scanner {
  readonly #scanner: LogScanner;
  #last: Promise<unknown> = Promise.resolve();
  #end: FileEnd | undefined;
  /** Of the writing side: nothing that comes after it is to be stored. */
  #failure: { readonly error: unknown } | undefined;

  constructor(nextSection: number, onEvent: (event: ScanEvent) => void) {
    this.#scanner = new LogScanner(nextSection, (event) => {
      if (this.#failure) return;
      try {
        onEvent(event);
      } catch (error) {
        this.#failure = { error };
      }
      if (event.kind === 'file-end') this.#end = event;
    });
  }

  scan(job: ScanJob): Promise<FileEnd> {
    const done = this.#last.then(async () => {
      await this.#scanner.scan(job);
      if (this.#failure) throw this.#failure.error;
      return this.#end!;
    });
    this.#last = done.catch(() => {});
    return done;
  }

  async finish(): Promise<void> {
    await this.#last;
    await this.#scanner.finish();
    if (this.#failure) throw this.#failure.error;
  }

  async stop(): Promise<void> {}
}

class ThreadScanner implements Scanner {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (end: FileEnd) => void; reject: (error: unknown) => void }>();
  readonly #onEvent: (event: ScanEvent) => void;
  #finished: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  #failure: unknown;

  constructor(nextSection: number, onEvent: (event: ScanEvent) => void) {
    this.#onEvent = onEvent;
    this.#worker = new Worker(new URL(import.meta.url), {
      workerData: { nextSection },
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.on('message', (reply: Reply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#fail(error));
  }

  scan(job: ScanJob): Promise<FileEnd> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(job.fileId, { resolve, reject });
      this.#ask({ kind: 'scan', job });
    });
  }

  finish(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#finished = { resolve, reject };
      this.#ask({ kind: 'finish' });
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(reply: Reply): void {
    if (this.#failure !== undefined) return;
    try {
      if ('finished' in reply) {
        this.#finished?.resolve();
        return;
      }
      const { event } = reply;
      this.#onEvent(event);
      this.#ask({ kind: 'ack' });
      if (event.kind === 'file-end') {
        this.#waiting.get(event.fileId)?.resolve(event);
        this.#waiting.delete(event.fileId);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#finished?.reject(error);
  }
}

/** The other end of ThreadScanner. */
function serve(port: MessagePort, nextSection: number): void {
  let onTheirWay = 0;
  let resume: (() => void) | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const scanner = new LogScanner(nextSection, async (event) => {
    const given: ArrayBufferLike[] = [];
    let told = event;
    if (event.kind !== 'file-end') given.push(event.sessions.tags.buffer, event.sessions.numbers.buffer);
    if (event.kind === 'block') {
      // A block of this size has a buffer of its own; a small one may share it, and is copied.
      const bytes = event.block.bytes.length < GIVEN_AWAY ? new Uint8Array(event.block.bytes) : event.block.bytes;
      told = { ...event, block: { ...event.block, bytes } };
      given.push(bytes.buffer);
    }
    port.postMessage({ event: told } satisfies Reply, given as ArrayBuffer[]);
    if (++onTheirWay >= WINDOW)
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
  });
  port.on('message', (request: Request) => {
    switch (request.kind) {
      case 'ack':
        onTheirWay--;
        resume?.();
        resume = undefined;
        return;
      case 'scan':
        last = last.then(() => scanner.scan(request.job));
        return;
      case 'finish':
        last = last.then(async () => {
          await scanner.finish();
          port.postMessage({ finished: true } satisfies Reply);
        });
        return;
    }
  });
}

if (!isMainThread && parentPort && (workerData as { nextSection?: number } | null)?.nextSection !== undefined)
  serve(parentPort, (workerData as { nextSection: number }).nextSection);

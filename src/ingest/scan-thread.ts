/** The reading side in a thread of its own, so that scanning overlaps with compressing and SQLite. */
import { Worker } from 'node:worker_threads';
import { inPackage, isBundled } from '../package-root.ts';
import { LogScanner } from './log-scanner.ts';
import type { FileEnd, ScanEvent, ScanJob, ScanReply, ScanRequest } from './scan-messages.ts';

export interface Scanner {
  /** Reads a log after those asked for before; done when all its events have been handled. */
  scan(job: ScanJob): Promise<FileEnd>;
  /** The last checkpoint. */
  finish(): Promise<void>;
  stop(): Promise<void>;
}

/** `isShort`: there is so little to read that a thread is not worth its start. */
export function startScanner(nextSection: number, isShort: boolean, onEvent: (event: ScanEvent) => void): Scanner {
  return isShort || !isBundled ? new InlineScanner(nextSection, onEvent) : new ThreadScanner(nextSection, onEvent);
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
        if (event.kind === 'block') this.#scanner.reuse(event.block.bytes.buffer);
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
    this.#worker = new Worker(inPackage('dist/ingest/scan-worker.js'), {
      workerData: { nextSection },
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.on('message', (reply: ScanReply) => this.#receive(reply));
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

  #ask(request: ScanRequest, given: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, given);
  }

  #receive(reply: ScanReply): void {
    if (this.#failure !== undefined) return;
    try {
      if ('finished' in reply) {
        this.#finished?.resolve();
        return;
      }
      const { event } = reply;
      this.#onEvent(event);
      const buffer = event.kind === 'block' ? (event.block.bytes.buffer as ArrayBuffer) : undefined;
      this.#ask({ kind: 'ack', buffer }, buffer ? [buffer] : []);
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

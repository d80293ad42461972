/** What runs in the reading thread: the other end of ThreadScanner (scan-thread.ts). */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { LogScanner } from './log-scanner.ts';
import type { ScanReply, ScanRequest } from './scan-messages.ts';

/** Events on their way: the reading thread waits when the writing one is this far behind. */
const WINDOW = 16;

/** Bytes from which on a block changes hands without being copied. */
const GIVEN_AWAY = 64 << 10;

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
      const own = event.block.bytes;
      const bytes = own.length < GIVEN_AWAY ? new Uint8Array(own) : own;
      if (bytes !== own) scanner.reuse(own.buffer);
      told = { ...event, block: { ...event.block, bytes } };
      given.push(bytes.buffer);
    }
    port.postMessage({ event: told } satisfies ScanReply, given as ArrayBuffer[]);
    if (++onTheirWay >= WINDOW)
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
  });
  port.on('message', (request: ScanRequest) => {
    switch (request.kind) {
      case 'ack':
        onTheirWay--;
        if (request.buffer) scanner.reuse(request.buffer);
        resume?.();
        resume = undefined;
        return;
      case 'scan':
        last = last.then(() => scanner.scan(request.job));
        return;
      case 'finish':
        last = last.then(async () => {
          await scanner.finish();
          port.postMessage({ finished: true } satisfies ScanReply);
        });
        return;
    }
  });
}

serve(parentPort!, (workerData as { readonly nextSection: number }).nextSection);

import { writeSync } from 'node:fs';
import { type Io, ReaderGone } from './io.ts';
import { askSecret } from './secret-prompt.ts';

/** The real console. Output is written at once, so that nothing is lost when it is piped and the process ends. */
export function processIo(): Io {
  process.stdout.on('error', ignoreClosedPipe);
  return {
    out: (text) => writeAll(Buffer.from(text)),
    outBytes: writeAll,
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    width: process.stdout.columns ?? 120,
    now: () => Date.now(),
    ...(process.stdin.isTTY && process.stderr.isTTY && { askSecret }),
  };
}

/** A pipe that is full for the moment is tried again; one that was closed ends the command. */
function writeAll(bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE' || code === 'EOF') throw new ReaderGone();
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** A progress bar on standard error, on a terminal only. */
import { SingleBar } from 'cli-progress';
import type { IngestProgress } from '../ingest/ingest.ts';
import { formatBytes } from '../render/cell-text.ts';
import { printable } from '../render/printable.ts';
import { cut } from '../render/width.ts';
import type { Io } from './io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** `onSignal`: what is to be done with Ctrl-C when the bar is gone; as a rule the process ends by it. */
export function progressBar(
  io: Io,
  onSignal: (signal: NodeJS.Signals) => void = (signal) => void process.kill(process.pid, signal),
): {
  update: (progress: IngestProgress) => void;
  stop: () => void;
} {
  if (!io.errIsTerminal) return { update() {}, stop() {} };
  const bar = new SingleBar({
    format: '{bar} {percentage}%  {done} of {all}  {file}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let started = false;
  let isOver = false;
  // The cursor comes back first.
  const interrupted = (signal: NodeJS.Signals): void => {
    bar.stop();
    isOver = true;
    process.removeListener(signal, interrupted);
    onSignal(signal);
  };
  return {
    update({ path, bytesDone, bytesTotal }) {
      if (isOver) return;
      const file = cut(printable(path.split(/[\\/]/).at(-1) ?? ''), 24);
      const payload = { done: formatBytes(bytesDone), all: formatBytes(bytesTotal), file };
      if (!started) {
        bar.start(Math.max(1, bytesTotal), bytesDone, payload);
        started = true;
        for (const signal of SIGNALS) process.once(signal, interrupted);
      } else bar.update(Math.min(bytesDone, Math.max(1, bytesTotal)), payload);
    },
    stop() {
      if (started) {
        bar.stop();
        for (const signal of SIGNALS) process.removeListener(signal, interrupted);
      }
      started = false;
    },
  };
}

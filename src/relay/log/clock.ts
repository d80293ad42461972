/** Time as the parts of the relay that wait are given it, so that tests need not. */
export interface Clock {
  /** Milliseconds UTC. */
  now(): number;
  /** Does `action` once, after so many milliseconds at the earliest; the answer calls it off. */
  after(ms: number, action: () => void): () => void;
}

/** A timer further away than this fires at once in Node. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's own clock; its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, Math.min(Math.max(0, ms), LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

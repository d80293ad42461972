/** A follower that looks when the test says so, with the test's own clock. */
import { afterEach } from 'vitest';
import { type FollowSettings, follow, type Pace, type Tick } from '../../src/ingest/follow.ts';
import type { Database } from '../../src/store/database.ts';

export interface Following {
  /** Reading what was there. */
  readonly first: Tick;
  /** One look; undefined where it had nothing to tell. */
  look(): Promise<Tick | undefined>;
  wait(ms: number): void;
  /** Tells it to stop, and waits until it has. */
  stop(): Promise<void>;
}

const started: Following[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
});

export async function following(
  db: Database,
  paths: readonly string[],
  settings: Partial<FollowSettings> = {},
): Promise<Following> {
  const stop = new AbortController();
  let now = Date.now();
  let paused = (): void => {};
  let goOn: (() => void) | undefined;
  const pace: Pace = {
    now: () => now,
    pause: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
        goOn = resolve;
        paused();
      }),
  };
  const untilPaused = (): Promise<undefined> =>
    new Promise((resolve) => {
      paused = () => resolve(undefined);
    });
  const ticks = follow(db, paths, { ...settings, signal: stop.signal, pace });
  const first = (await ticks.next()).value as Tick;
  let waiting: Promise<IteratorResult<Tick, void>> | undefined;
  const one: Following = {
    first,
    look: async () => {
      if (!waiting) {
        const atRest = untilPaused();
        waiting = ticks.next();
        await atRest;
      }
      const nothing = untilPaused();
      goOn?.();
      const tick = await Promise.race([waiting.then(({ value }) => value as Tick), nothing]);
      if (tick) waiting = undefined;
      return tick;
    },
    wait: (ms) => {
      now += ms;
    },
    stop: async () => {
      stop.abort();
      await waiting?.catch(() => {});
      await ticks.return(undefined);
    },
  };
  started.push(one);
  return one;
}

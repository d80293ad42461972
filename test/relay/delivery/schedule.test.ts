import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue } from '../../../src/relay/delivery/due-queue.ts';
import { afterAttempt, DEFAULT_RETRIES, NEW_RECIPIENT, nextAttempt } from '../../../src/relay/delivery/schedule.ts';
import type { RecipientState } from '../../../src/relay/delivery/spooled-message.ts';

const MINUTE = 60_000;
const deferred = { kind: 'deferred', reply: '451 4.7.1 later' } as const;
type Waiting = RecipientState & { kind: 'waiting' };

/** Minutes from the arrival at which a recipient is tried whom nobody ever takes, and how it ends. */
function attempts(settings = DEFAULT_RETRIES, arrivedAt = 1_000_000): { minutes: number[]; end: RecipientState } {
  let state: RecipientState = NEW_RECIPIENT;
  const minutes: number[] = [];
  let at = arrivedAt;
  while (state.kind === 'waiting') {
    at = Math.max(at, state.nextAt);
    minutes.push((at - arrivedAt) / MINUTE);
    state = afterAttempt(state as Waiting, deferred, { at, arrivedAt }, settings);
  }
  return { minutes, end: state };
}

describe('a recipient that is deferred', () => {
  it('is tried after 1, 5, 15, 30 and then every 60 minutes, the last time when the message expires', () => {
    const { minutes } = attempts();
    expect(minutes.slice(0, 8)).toEqual([0, 1, 6, 21, 51, 111, 171, 231]);
    expect(minutes.at(-1)).toBe(2 * 24 * 60);
    expect(minutes).toHaveLength(53);
  });

  it('fails at the end with the reason and the last answer', () => {
    expect(attempts().end).toMatchObject({
      kind: 'failed',
      reply: '550 4.4.7 QUEUE.Expired; message expired. Last answer: 451 4.7.1 later',
    });
  });

  it('is tried once where there is no delay and no time', () => {
    expect(attempts({ delaysMs: [], expiryMs: 0 }).minutes).toEqual([0]);
  });

  it('is delivered or refused for good', () => {
    const attempt = { at: 5, arrivedAt: 1 };
    const waiting = NEW_RECIPIENT as Waiting;
    expect(afterAttempt(waiting, { kind: 'delivered', reply: '250 ok' }, attempt, DEFAULT_RETRIES).kind).toBe('delivered');
    expect(afterAttempt(waiting, { kind: 'refused', reply: '550 no' }, attempt, DEFAULT_RETRIES).kind).toBe('failed');
  });
});

it('a message is due when the first of its recipients is, and never where all are decided', () => {
  const waiting = (nextAt: number): RecipientState => ({ kind: 'waiting', attempts: 1, nextAt, reply: null });
  expect(nextAttempt([waiting(9), { kind: 'delivered', at: 1, reply: '' }, waiting(4)])).toBe(4);
  expect(nextAttempt([{ kind: 'failed', at: 1, reply: '' }])).toBeUndefined();
});

it('the queue gives what is due by time, and by order of arrival among equals', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, now) => {
      const queue = new DueQueue();
      times.forEach((at, index) => void queue.add(String(index), at));
      const expected = times
        .map((at, index) => ({ at, id: String(index) }))
        .filter(({ at }) => at <= now)
        .sort((a, b) => a.at - b.at || Number(a.id) - Number(b.id))
        .map(({ id }) => id);
      const taken: string[] = [];
      for (let id = queue.take(now); id !== undefined; id = queue.take(now)) taken.push(id);
      expect(taken).toEqual(expected);
      expect(queue.size).toBe(times.length - taken.length);
      const left = times.filter((at) => at > now);
      expect(queue.earliest).toBe(left.length === 0 ? undefined : Math.min(...left));
    }),
  );
});

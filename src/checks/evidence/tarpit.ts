/** Delays of a session: how long the server held which answers back. */
import type { ExaminedSession } from '../../queries/cases/case.ts';

export type DelayCause = 'keep-alive' | 'reset' | 'hello' | 'error' | 'back-pressure' | 'safety-copy' | 'discredited' | 'other';

export interface Delay {
  readonly cause: DelayCause;
  /** Place of its row. */
  readonly index: number;
  readonly ms: number;
  /** The reply that was held back, as far as a row says it. */
  readonly reply: string | null;
}

/** In the order of the rows. Versions before late 2013 do not say why: there the next reply does. */
export function delaysOf({ events }: ExaminedSession): Delay[] {
  return events.flatMap(({ event, data }, index) => {
    const match =
      event === '*' ? /^Tarpit for '(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?'(?: due to '(.*)')?/.exec(data) : null;
    if (!match) return [];
    const [, days = '0', hours, minutes, seconds, fraction = '0', said] = match;
    const ms =
      (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 +
      Math.round(Number(`0.${fraction}`) * 1000);
    const reply = said ?? events.slice(index + 1).find((later) => later.event === '>')?.data ?? null;
    return [{ cause: causeOf(reply), index, ms, reply }];
  });
}

function causeOf(reply: string | null): DelayCause {
  if (reply === null) return 'other';
  if (reply === 'Back Pressure') return 'back-pressure';
  if (reply === 'DelayedAck') return 'safety-copy';
  if (reply === 'IP discredited') return 'discredited';
  if (/^250 2\.0\.0 Resetting/.test(reply)) return 'reset';
  if (/^250 2\.0\.0 OK/.test(reply)) return 'keep-alive';
  if (/^250[ -].* Hello\b/.test(reply)) return 'hello';
  return /^[45]\d\d/.test(reply) ? 'error' : 'other';
}

/** Whether others met the same at that time: what hits all is the server's doing, what hits one is the client's. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { RefusalSign, Sign } from './sign.ts';

/** Other clients that got the very reply from the same server within half a day. */
export function othersRefused({ circumstances }: Case, session: ExaminedSession, sign: Sign): number {
  return sign.kind === 'refusal' ? circumstances.othersWithReply(session.server, sign.refusal.text, atOf(sign)) : 0;
}

/** `17 other clients got the same answer from EX01 that day.`; `No other client …` where there was none. */
export function othersWords(count: number, session: ExaminedSession): string {
  const where = session.server === '' ? '' : ` from ${session.server}`;
  if (count === 0) return `No other client got the same answer${where} that day.`;
  return `${count.toLocaleString('en-US')} other client${count === 1 ? '' : 's'} got the same answer${where} that day.`;
}

const atOf = ({ refusal }: RefusalSign): number => Date.parse(refusal.at);

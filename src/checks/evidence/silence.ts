/** Where a conversation stood when it fell silent: the last command, how long before, and what that means. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { RowAt } from './sign.ts';

/**
 * `content`, `logon`: something was being sent that the log does not show, the message itself or the answers of a logon;
 * `answer`: the whole message was there, and `command` any other command, without a reply.
 */
export type Moment = 'idle' | 'content' | 'logon' | 'answer' | 'command';

export interface Silence {
  /** The last command of the client; null where it said nothing. */
  readonly command: RowAt | null;
  /** The last reply of the server before the silence; null where there was none. */
  readonly reply: RowAt | null;
  readonly moment: Moment;
  /** Milliseconds between the last row of the conversation and the row that ended the silence. */
  readonly lasted: number;
}

/** Before the row at `end`. */
export function silenceBefore(session: ExaminedSession, end: number): Silence {
  const [theirs, ours] = session.direction === 'receive' ? ['<', '>'] : ['>', '<'];
  const before = session.events.slice(0, end);
  const last = (mark: string | undefined): RowAt | null => {
    const index = before.findLastIndex(({ event }) => event === mark);
    return index < 0 ? null : { index, event: before[index]! };
  };
  const [command, reply] = [last(theirs), last(ours)];
  const latest = before.findLast(({ event }) => event !== '*') ?? before.at(-1);
  const row = session.events[end];
  return {
    command,
    reply,
    moment: momentOf(command, reply),
    lasted: latest && row ? Date.parse(row.at) - Date.parse(latest.at) : 0,
  };
}

function momentOf(command: RowAt | null, reply: RowAt | null): Moment {
  if (reply !== null && (command === null || reply.index > command.index)) {
    if (/^354/.test(reply.event.data)) return 'content';
    if (/^334/.test(reply.event.data)) return 'logon';
    return 'idle';
  }
  if (command === null || !/^BDAT\b/i.test(command.event.data)) return 'command';
  return /\bLAST\s*$/i.test(command.event.data) ? 'answer' : 'content';
}

/** `after RSET`, `in the middle of the message`, `after the greeting`. */
export function momentWords({ command, moment }: Silence): string {
  switch (moment) {
    case 'content':
      return 'in the middle of the message';
    case 'logon':
      return 'in the middle of the logon';
    case 'answer':
      return 'while it waited for the answer to its message';
    case 'idle':
    case 'command':
      return command === null ? 'after the greeting' : `after ${verbOf(command)}`;
  }
}

/** `RCPT TO`, `EHLO`. */
export function verbOf({ event }: RowAt): string {
  const word = /^(?:MAIL FROM|RCPT TO|[A-Za-z-]+)/i.exec(event.data)?.[0];
  return word ? word.toUpperCase() : 'a command';
}

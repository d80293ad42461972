/** Who logged on, also where the front end took the logon and the Hub has the mail. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Evidence } from '../finding.ts';
import { rowAt } from './row-evidence.ts';

export interface LoggedOn {
  readonly user: string;
  /** The row that says so. */
  readonly evidence: readonly Evidence[];
}

/** undefined: nobody did, or the rows do not tell. */
export function loggedOnUser(session: ExaminedSession, { circumstances }: Case): LoggedOn | undefined {
  if (session.authResult === 'success' && session.authUser) return inRows(session, session.authUser);
  const front = circumstances.frontEndOf(session);
  if (front?.authUser) return inRows(front, front.authUser);
  const place = session.events.findIndex(({ data }) => /^XPROXY(?:FROM)?\s/i.test(data));
  const named = place < 0 ? undefined : /\sUNAME=(\S+)/i.exec(session.events[place]!.data)?.[1];
  return named ? { user: withoutXtext(named), evidence: rowAt(session, place) } : undefined;
}

function inRows(session: ExaminedSession, user: string): LoggedOn {
  const place = session.events.findIndex(({ event, context }) => event === '*' && context.startsWith('authenticated'));
  return { user, evidence: rowAt(session, place) };
}

/** RFC 3461: `+2B` is a plus sign. */
const withoutXtext = (text: string): string =>
  text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Refused logons in the facts of an audit: who tries many names, who tries one, and who has but an old password. */
import type { LogonBehaviour, RefusedUser } from '../../queries/audit/behaviour/behaviours.ts';
import type { Evidence } from '../finding.ts';
import { durationWords } from '../words/duration.ts';
import { count, enumerate } from '../words/enumeration.ts';
import { quotation } from '../words/quotation.ts';
import { exampleEvidence } from './audited-clients.ts';
import { rowAt } from './row-evidence.ts';

/** A device has one account, a person mistypes one or two names. */
export const MANY_NAMES = 5;

/** Tries of names that never got in from there. */
export const strangers = ({ refused }: LogonBehaviour): readonly RefusedUser[] => refused.filter(({ entered }) => !entered);

/** A right password without the right to submit, or a service that cannot check it, is refused in the same words. */
const OTHERWISE = /doesn't have submit permission|frontend transport service is Inactive/;

/** True where the rows of its last refused session say that the password was not what was wrong. */
export const isNoGuess = ({ shown }: LogonBehaviour): boolean =>
  shown?.events.some(({ context }) => OTHERWISE.test(context)) ?? false;

/** Many names, few of them let in: an address that many users share has most of them let in. */
export function triesManyNames(logon: LogonBehaviour): boolean {
  const names = strangers(logon).length;
  return names >= MANY_NAMES && logon.entered.length < names / 3;
}

/** Whoever guesses does not wait so long, and whoever types is not so even. */
const PAUSE_MS = 30_000;
const EVEN = 0.25;

/** At even intervals, as a program that has a job to do. */
export const isRegular = ({ everyMs, variation }: RefusedUser): boolean =>
  everyMs !== null && variation !== null && everyMs >= PAUSE_MS && variation < EVEN;

/** `"admin", "test" and 12 more`; names come from the client. */
export const namesTried = (users: readonly RefusedUser[]): string =>
  enumerate(users.map(({ user }) => (user === '' ? 'no name at all' : quotation(user))));

/** The sessions that show it, and the names with most tries. */
export function guessEvidence({ examples, refused, shown }: LogonBehaviour): Evidence[] {
  const row = shown?.events.findIndex(({ context }) => /^Inbound .*failed because/.test(context)) ?? -1;
  return [
    ...(shown && row >= 0 ? rowAt(shown, row) : []),
    ...exampleEvidence(examples, () => 'a refused logon'),
    ...refused.slice(0, 5).map(
      (user): Evidence => ({
        kind: 'count',
        note: `${user.user === '' ? 'no name' : quotation(user.user)}: ${triesWords(user.count)} on ${count(user.days, 'day')}${rhythmWords(user)}`,
      }),
    ),
    ...(refused.length > 5 ? [{ kind: 'more', count: refused.length - 5 } as const] : []),
  ];
}

const rhythmWords = (user: RefusedUser): string =>
  isRegular(user) ? `, evenly every ${durationWords(user.everyMs!)}` : user.entered ? ', let in at other times' : '';

/** `1 refused try`, `3 refused tries`. */
export const triesWords = (n: number): string => `${n.toLocaleString('en-US')} refused ${n === 1 ? 'try' : 'tries'}`;

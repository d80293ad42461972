/** The account is most likely locked: others try it with a wrong password, or it fails and works in turns. */
import type { Case, ExaminedSession, LogonsAround, LogonTries } from '../../queries/cases/case.ts';
import type { SessionDiagnosis, SessionSketch } from '../diagnosis.ts';
import { failedLogon, triesOf } from '../evidence/failed-logon.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { delivered, deniedLogon, greeted, logonOf, QUIT, secured } from '../examples/example-sessions.ts';
import type { Evidence } from '../finding.ts';
import { replySection } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { accountFilter, SUB_STATUS, showAccount, showFailedLogons } from '../remedies/directory-account.ts';
import { enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

const USER = 'scan@contoso.example';
const opened = `${greeted('MFP-02')}\n${secured('MFP-02')}`;
const at = (minute: number): string => new Date(Date.parse('2026-11-02T09:00:00.000Z') + minute * 60_000).toISOString();
const submission = (minute: number, rows: string, from = '10.0.20.12'): SessionSketch => ({
  connector: 'EX01\\Client Frontend EX01',
  to: '10.0.0.5:587',
  at: at(minute),
  from,
  rows: `${opened}\n${rows}\n${QUIT}`,
});
const taken = (minute: number, from?: string) => submission(minute, `${logonOf(USER)}\n${delivered()}`, from);
const denied = (minute: number, from?: string) => submission(minute, deniedLogon(USER), from);
const minutes = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

/** Failed sessions within the half hours around, after which many domains lock an account: the threshold that Microsoft's baseline has. */
const MANY = 10;

export const accountLockedOut: SessionDiagnosis = {
  kind: 'session',
  id: 'account-locked-out',
  title: 'The account is most likely locked',
  why: 'A locked account refuses the right password as well; the client that locks it is often another one than the client that complains.',
  severity: 'high',
  references: [
    replySection('C5'),
    'https://learn.microsoft.com/windows/security/threat-protection/security-policy-settings/account-lockout-threshold',
  ],
  signs: ['authentication-failed', 'logon-denied'],
  examples: {
    fires: [
      {
        about: 'another client tries the same user again and again',
        sessions: [taken(0), ...minutes(20, 12).map((minute) => denied(minute, '10.0.20.77')), denied(33), denied(35)],
        who: '10.0.20.12',
        says: ['10.0.20.77', /12 sessions/, /Unlock-ADAccount/],
      },
      {
        about: 'it fails and works in turns',
        sessions: [taken(0), ...minutes(1, 10).map((minute) => denied(minute)), taken(42), denied(50)],
        says: [/worked again/],
      },
    ],
    silent: [
      {
        about: 'only this client fails: its password is wrong, whatever comes of it',
        sessions: [taken(0), ...minutes(20, 12).map((minute) => denied(minute))],
      },
      {
        about: 'it never logged on',
        sessions: minutes(0, 12).map((minute) => denied(minute, minute % 2 ? '10.0.20.12' : '10.0.20.77')),
        who: '10.0.20.12',
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send') return undefined;
    const { why, status, user, row } = failedLogon(sign, session);
    const tries = triesOf(theCase, user);
    if (why !== 'denied' || status !== 'LogonDenied' || !user || !tries || tries.lastSucceeded === null) return undefined;
    const first = tries.firstFailedSince ?? tries.lastFailed ?? Date.parse(session.startedAt);
    const around = theCase.circumstances.logonsAround(user, first);
    const byOther = byOthers(user, first, tries, around);
    const cause = byOther ?? byTurns(user, tries, theCase);
    if (cause === undefined) return undefined;
    const evidence = [...(row ? rowAt(session, row.index) : []), ...(byOther ? deniedRow(around.otherSession()) : [])];
    return {
      cause,
      evidence,
      remedy: [
        showAccount(user),
        advice(
          around.othersFailed > 0
            ? `Mend or switch off the client that fails with this user first (${enumerate(around.otherClients)}): it would lock the account again.`
            : 'Find what else uses this account with an old password: the events name the computer from which a try came.',
        ),
        showFailedLogons(session.server || null, first),
        advice(SUB_STATUS),
        powershell(`${accountFilter(user)} | Unlock-ADAccount`),
        advice('Give every device an account of its own: then none can lock out another.'),
      ],
      confidence: {
        level: 'medium',
        because: 'the password of this client was taken before, and the tries around fit a lockout',
      },
      unknown: [
        'Whether the account is locked is not in this log: LockedOut of the account, or event 4740 of the domain controllers, tells.',
      ],
    };
  },
};

function deniedRow(session: ExaminedSession | null): Evidence[] {
  const index = session?.events.findIndex(({ context }) => /^Inbound .*failed because/.test(context)) ?? -1;
  return session && index >= 0 ? rowAt(session, index) : [];
}

/** This client had the right password, and another one failed many times around its first failure. */
function byOthers(user: string, first: number, { lastSucceeded }: LogonTries, around: LogonsAround): string | undefined {
  if (around.othersFailed < MANY || around.othersFailed <= around.ownFailed) return undefined;
  return `Around ${moment(first)}, when ${user} first failed here, ${around.othersFailed} sessions of ${enumerate(around.otherClients)} failed with the same user. From here the same user had logged on until ${moment(lastSucceeded!)}. Most likely those tries locked the account, and this client suffers from it.`;
}

/** A password does not become right again by itself; a lock is lifted after a while. */
function byTurns(user: string, { firstFailed, lastFailed, lastSucceeded }: LogonTries, theCase: Case): string | undefined {
  if (firstFailed === null || lastFailed === null || lastSucceeded === null) return undefined;
  if (firstFailed > lastSucceeded || lastFailed < lastSucceeded) return undefined;
  const before = theCase.circumstances.logonsAround(user, firstFailed);
  const failed = before.ownFailed + before.othersFailed;
  if (failed < MANY) return undefined;
  return `From ${moment(firstFailed)} on ${failed} sessions failed with ${user} within half an hour; then it worked again (${moment(lastSucceeded)}), and fails anew. A wrong password does not become right by itself, but a lock is lifted after a while: most likely something locks the account again and again.`;
}

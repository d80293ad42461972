/** The account has sent as much as it may. */
import { literal } from '../../powershell/quoting.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { loggedOnUser } from '../evidence/logged-on-user.ts';
import { greeted, mailFrom, QUIT, secured, workingSession } from '../examples/example-sessions.ts';
import { RATE_LIMITS, replySection } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';
import { shortened } from '../words/quotation.ts';

const EXCEEDED = '550 5.2.2 Submission quota exceeded';
const session = (reply: string): string =>
  `${greeted('crm')}\n${secured('crm')}\n< AUTH LOGIN\n@60 * crm@contoso.example | authenticated\n> 235 2.7.0 Authentication successful\n${mailFrom('crm@contoso.example')}\n< RCPT TO:<x@fabrikam.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> ${reply}\n${QUIT}`;

export const submissionQuota: SessionDiagnosis = {
  kind: 'session',
  id: 'submission-quota',
  title: 'The account has sent as much as it may',
  why: 'A quota of submissions stops an account that somebody else has taken over, and a busy application with it.',
  severity: 'medium',
  references: [RATE_LIMITS, replySection('C8')],
  signs: ['submission-quota-exceeded'],
  examples: {
    fires: [
      {
        about: 'an application with an account',
        sessions: [{ rows: session(EXCEEDED) }],
        says: ['crm@contoso.example', "Get-ThrottlingPolicyAssociation -Identity 'crm@contoso.example'", /password/],
      },
    ],
    silent: [
      { about: 'another refusal at the end', sessions: [{ rows: session('554 5.6.0 Invalid message content') }] },
      { about: 'it is taken', sessions: [{ rows: workingSession('crm') }] },
    ],
  },
  diagnose({ sign }, group, theCase) {
    if (group.session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const user = loggedOnUser(group.session, theCase);
    return {
      cause: `${user ? `The account ${shortened(user.user)}` : 'The account'} has reached its quota of submissions${theCase.lastGood ? '' : ', and nothing of it was taken in the logs that were read'}. ${count(group.sessions, 'session')} ended so.`,
      evidence: user?.evidence ?? [],
      remedy: [
        advice(
          'See whether the mail is all its own: a stolen password shows as sudden mass mail. If so, change the password first.',
        ),
        powershell(`Get-ThrottlingPolicyAssociation -Identity ${literal(user?.user ?? '<user>')}`),
        advice(
          'If the amount is wanted, send it more slowly, or without a logon through a relay connector that holds the address of the application alone.',
        ),
      ],
      confidence: { level: 'high', because: 'the reply says it' },
    };
  },
};

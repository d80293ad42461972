/** Nobody has the recipient's address, or not for a sender who has not logged on. */

import { literal } from '../../powershell/quoting.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { domainOf } from '../evidence/own-domain.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { type RefusalSign, type Root, replyIdOf } from '../evidence/sign.ts';
import { delivered, greeted, mailFrom, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { RECIPIENT_FILTERING, replySection, section } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';
import { shortened } from '../words/quotation.ts';

const NOT_FOUND = '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup';
const UNKNOWN = '550 5.1.1 User unknown';

const refused = (recipient: string, reply: string): string =>
  `${greeted('mfp-02')}\n${mailFrom()}\n< RCPT TO:<${recipient}>\n${tarpitted(reply)}\n${QUIT}`;

export const unknownRecipient: SessionDiagnosis = {
  kind: 'session',
  id: 'unknown-recipient',
  title: 'The recipient is not known here',
  why: 'With recipient filtering Exchange refuses at once what it could only send back later.',
  severity: 'medium',
  references: [RECIPIENT_FILTERING, section('6'), replySection('C7')],
  signs: ['user-unknown', 'recipient-not-found'],
  examples: {
    fires: [
      {
        about: 'not found',
        sessions: [{ rows: refused('ana@contoso.example', NOT_FOUND) }],
        says: ['ana@contoso.example', "Get-Recipient -Identity 'ana@contoso.example'"],
      },
      {
        about: 'unknown to a client without a logon',
        sessions: [{ rows: refused('all-staff@contoso.example', UNKNOWN) }],
        says: ['RequireSenderAuthenticationEnabled', 'could not be told apart'],
      },
      {
        about: 'the same recipient was taken before',
        sessions: [
          { rows: workingSession('mfp-02', 'anna@contoso.example') },
          { rows: refused('anna@contoso.example', UNKNOWN) },
        ],
        says: ['was taken on 2026-11-02'],
      },
      {
        about: 'one of several, and the others get it',
        sessions: [
          {
            rows: `${greeted('crm')}\n${mailFrom('crm@contoso.example')}\n< RCPT TO:<ghost@contoso.example>\n${tarpitted(NOT_FOUND)}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued}\n${QUIT}`,
          },
        ],
        says: ['other recipients of the message were taken'],
      },
    ],
    silent: [
      {
        about: 'the domain is outside',
        sessions: [{ rows: refused('x@fabrikam.example', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain') }],
      },
      { about: 'all are known', sessions: [{ rows: `${greeted('crm')}\n${delivered('anna@contoso.example')}\n${QUIT}` }] },
    ],
  },
  diagnose(root, { session }, theCase) {
    const { sign } = root;
    if (session.direction === 'send' || sign.kind !== 'refusal' || sign.refusal.command !== 'rcpt') return undefined;
    const unknown = unknownIn(root);
    const hidden = replyIdOf(sign) === 'user-unknown' && session.authResult !== 'success';
    const before = takenBefore(theCase.lastGood, sign.recipient, sign.refusal.at);
    const others = session.transactions.some(
      ({ recipients, state }) => state === 'accepted' && recipients.some((one) => one.accepted),
    );
    return {
      cause: [
        unknown.length > 0
          ? `The organisation has no recipient with the address ${enumerate(unknown.map(shortened))}${hidden ? ', or takes mail for it only from senders who have logged on, which this client has not' : ''}.`
          : 'The organisation does not know the recipient.',
        before
          ? `Mail to ${shortened(sign.recipient ?? '')} was taken on ${before.at.slice(0, 10)}, so the mailbox was removed, renamed or ${hidden ? 'closed to clients without a logon' : 'its address taken away'} since.`
          : '',
        others ? 'The other recipients of the message were taken.' : '',
      ]
        .filter(Boolean)
        .join(' '),
      evidence: before ? rowAt(before.session, before.index) : [],
      remedy: remedyOf(sign, hidden),
      confidence: {
        level: hidden ? 'medium' : 'high',
        because: hidden ? 'the reply says it, for one of two reasons' : 'the reply says it',
      },
      unknown: hidden
        ? [
            'Whether the address is missing or only takes senders who log on could not be told apart: the commands that begin with Get show it.',
          ]
        : [],
    };
  },
};

/** The refused recipients of the root and of its repetitions. */
function unknownIn({ sign, consequences }: Root): string[] {
  const all = [sign, ...consequences].flatMap((one) =>
    one.kind === 'refusal' && replyIdOf(one) === replyIdOf(sign) && one.recipient ? [one.recipient] : [],
  );
  return [...new Set(all)];
}

function takenBefore(
  good: ExaminedSession | null,
  recipient: string | null,
  at: string,
): { session: ExaminedSession; at: string; index: number } | undefined {
  if (!good || !recipient || good.startedAt >= at) return undefined;
  const wanted = recipient.toLowerCase();
  const taken = good.transactions.some(
    ({ state, recipients }) =>
      state === 'accepted' && recipients.some((one) => one.accepted && one.address.toLowerCase() === wanted),
  );
  const index = good.events.findIndex(
    ({ event, data }) => event === '<' && /^RCPT/i.test(data) && data.toLowerCase().includes(`<${wanted}>`),
  );
  return taken && index >= 0 ? { session: good, at: good.startedAt, index } : undefined;
}

function remedyOf({ recipient }: RefusalSign, hidden: boolean): Remedy[] {
  const name = literal(recipient || '<recipient>');
  const correct = advice(
    `If the address is misspelt, correct it on the device${domainOf(recipient) ? '' : ', with its domain'}; if somebody has left, take it out of the address book.`,
  );
  const look = powershell(`Get-Recipient -Identity ${name} | Format-List DisplayName, RecipientType, EmailAddresses`);
  return hidden
    ? [
        advice('See whether the recipient exists:'),
        look,
        correct,
        advice('If it is a distribution group, see whether it takes only senders who have logged on:'),
        powershell(`Get-DistributionGroup -Identity ${name} | Format-List RequireSenderAuthenticationEnabled`),
        advice('If so, let the device log on, or open the group; then anybody who reaches the server may write to it:'),
        powershell(`Set-DistributionGroup -Identity ${name} -RequireSenderAuthenticationEnabled $false`),
      ]
    : [advice('See whether somebody has the address under another name:'), look, correct];
}

/** Windows did not take user and password: wrong, changed, or an account that is locked, disabled or expired. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { landedOn } from '../evidence/client-place.ts';
import {
  type FailedLogon,
  failedLogon,
  isStranger,
  STRANGER,
  STRANGER_REMEDY,
  triesOf,
  usersMaySubmit,
  userWords,
} from '../evidence/failed-logon.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import {
  DEFAULT_FRONTEND,
  delivered,
  deniedLogon,
  greeted,
  loggingOn,
  logonOf,
  QUIT,
  refusedLogon,
  secured,
  tarpitted,
} from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { replySection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { SUB_STATUS, showAccount, showFailedLogons } from '../remedies/directory-account.ts';
import { moment } from '../words/moment.ts';

const opened = `${greeted('MFP-02')}\n${secured('MFP-02')}`;
const SUBMISSION = { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587' };
const denied = `${opened}\n${deniedLogon('scan@contoso.example')}\n${QUIT}`;
const taken = `${opened}\n${logonOf('scan@contoso.example')}\n${delivered()}\n${QUIT}`;

export const wrongPassword: SessionDiagnosis = {
  kind: 'session',
  id: 'wrong-password',
  title: 'User and password are not taken',
  why: 'A password that was changed lives on in printers and applications, which then fail, and may lock the account for its owner.',
  severity: 'high',
  references: [replySection('C5'), section('7.4')],
  signs: ['authentication-failed', 'logon-denied'],
  examples: {
    fires: [
      {
        about: 'it never worked',
        sessions: [{ ...SUBMISSION, rows: denied }],
        says: ['scan@contoso.example', 'AUTH LOGIN', /never/, /Get-ADUser -LDAPFilter/, /4625/],
      },
      {
        about: 'it worked until the password was changed',
        sessions: [
          { ...SUBMISSION, at: '2026-11-02T08:00:00.000Z', rows: taken },
          { ...SUBMISSION, at: '2026-11-02T11:30:00.000Z', rows: denied },
          { ...SUBMISSION, at: '2026-11-02T12:30:00.000Z', rows: denied },
        ],
        says: ['2026-11-02 08:00 UTC', '2026-11-02 11:30 UTC', /changed or has expired/],
      },
      {
        about: 'the same user logs on elsewhere: the account is in order',
        sessions: [
          { ...SUBMISSION, rows: denied },
          { ...SUBMISSION, from: '10.0.20.40', rows: taken },
        ],
        says: [/the account is in order/],
      },
      {
        about: 'on port 25 the right password would not do either',
        configuration: { connectors: [DEFAULT_FRONTEND] },
        sessions: [
          {
            rows: `${opened}\n${deniedLogon('scan@contoso.example')}\n< MAIL FROM:<scan@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<partner@fabrikam.example>\n> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\n${QUIT}`,
          },
        ],
        says: [/right password would be refused here as well/, /port 587/],
      },
      {
        about: 'an address of the Internet',
        sessions: [{ from: '203.0.113.7', rows: denied }],
        says: [/somebody tries logons/, /firewall/],
      },
      {
        about: 'PLAIN is tried first, which is refused to everybody, then LOGIN',
        sessions: [
          {
            ...SUBMISSION,
            rows: `${opened}\n< AUTH PLAIN\n${tarpitted('504 5.7.4 Unrecognized authentication type')}\n${deniedLogon('scan')}\n${QUIT}`,
          },
        ],
      },
      {
        about: 'no user name was sent',
        sessions: [{ ...SUBMISSION, rows: `${opened}\n${deniedLogon('NULL')}\n${QUIT}` }],
        says: [/empty user name/],
      },
      {
        about: 'Windows credentials that nobody chose',
        sessions: [
          {
            rows: `${greeted('app-07')}\n< AUTH NTLM\n> 334 <authentication response>\n* | Inbound Negotiate failed because of LogonDenied\n${refusedLogon}\n${QUIT}`,
          },
        ],
        says: [/Windows account/],
      },
    ],
    silent: [
      {
        about: 'the right is missing, not the password',
        sessions: [
          {
            rows: `${opened}\n${loggingOn}\n* | Inbound authentication failed because the client CONTOSO\\scan doesn't have submit permission.\n${refusedLogon}\n${QUIT}`,
          },
        ],
      },
      {
        about: 'the second try succeeds',
        sessions: [{ ...SUBMISSION, rows: `${opened}\n${deniedLogon('scan')}\n${logonOf('scan')}\n${delivered()}\n${QUIT}` }],
      },
      {
        about: 'Windows could not check it',
        sessions: [
          {
            rows: `${opened}\n${loggingOn}\n* | Inbound AUTH LOGIN failed because of NoAuthenticatingAuthority\n* | User Name: scan\n${refusedLogon}\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send') return undefined;
    const logon = failedLogon(sign, session);
    const deniedByWindows = logon.why === 'denied' && logon.status === 'LogonDenied';
    if (!deniedByWindows && logon.why !== 'rows-missing') return undefined;
    const useless = usersMaySubmit(theCase, session);
    const stranger = isStranger(session, theCase);
    const settled = logon.user === '' || inOrderSince(logon, session, theCase) !== null;
    return {
      ...(stranger ? { severity: 'medium' as const } : {}),
      cause: [
        opening(logon),
        historyOf(logon, session, theCase),
        stranger ? STRANGER : useless === 'no' ? wouldNotDo(session) : '',
      ]
        .filter(Boolean)
        .join(' '),
      evidence: [
        ...(logon.row ? rowAt(session, logon.row.index) : []),
        ...(logon.row && /^User ?name:/i.test(session.events[logon.row.index + 1]?.context ?? '')
          ? rowAt(session, logon.row.index + 1)
          : []),
      ],
      remedy: [...(stranger ? [STRANGER_REMEDY] : []), ...remedyFor(logon, session, theCase, useless, settled)],
      confidence: deniedByWindows
        ? { level: 'high', because: 'the row before the reply says LogonDenied' }
        : { level: 'low', because: 'the rows that say why are missing, and 535 is also said to the right password' },
      unknown: settled
        ? []
        : [
            deniedByWindows
              ? 'Whether the password is wrong, or the account locked, disabled or expired, is not in this log: the security log of the server tells (event 4625).'
              : 'The row before the reply would tell whether the password is wrong or the right to submit is missing: it is not in the logs read.',
          ],
    };
  },
};

function opening({ user, mechanism, why }: FailedLogon): string {
  const by = mechanism ? ` (AUTH ${mechanism})` : '';
  if (user === '') return `The device logs on with an empty user name${by}.`;
  if (why === 'rows-missing') return `The server refused the logon of ${userWords(user)}${by} without a row that says why.`;
  if (mechanism === 'NTLM' || mechanism === 'GSSAPI')
    return `Windows did not take ${userWords(user)}${by}: software that logs on so uses the Windows account under which it runs, or credentials stored for it, often without anybody having chosen that.`;
  return `Windows did not take ${userWords(user)} with the password that the device sends${by}: the password is wrong, or the account is locked, disabled or expired.`;
}

/** What other tries of the user say. */
function historyOf({ user }: FailedLogon, session: ExaminedSession, theCase: Case): string {
  const tries = triesOf(theCase, user);
  if (!user || !tries) return '';
  const around = theCase.circumstances.logonsAround(user, Date.parse(session.startedAt));
  const parts: string[] = [];
  if (tries.lastSucceeded !== null && tries.firstFailedSince !== null)
    parts.push(
      `Here the user logged on last on ${moment(tries.lastSucceeded)} and failed first on ${moment(tries.firstFailedSince)}: most likely the password was changed or has expired between the two.`,
    );
  else if (tries.succeeded === 0) parts.push('In the logs read this user has never logged on from here.');
  const elsewhere = inOrderSince({ user }, session, theCase);
  if (elsewhere !== null)
    parts.push(
      `Another client logged on as the same user on ${moment(elsewhere)}, after that: the account is in order, and the password stored in this device is wrong.`,
    );
  if (around.ownFailed >= MANY)
    parts.push(
      `${around.ownFailed} sessions failed so within an hour: where the domain locks accounts, this device locks it for everybody who uses it.`,
    );
  return parts.join(' ');
}

/** When another client logged on as the user after the first failure here: the account is in order then. */
function inOrderSince({ user }: Pick<FailedLogon, 'user'>, session: ExaminedSession, theCase: Case): number | null {
  const tries = triesOf(theCase, user);
  if (!user || !tries) return null;
  const { othersSucceeded } = theCase.circumstances.logonsAround(user, Date.parse(session.startedAt));
  return othersSucceeded !== null && othersSucceeded > (tries.firstFailedSince ?? tries.firstFailed ?? 0)
    ? othersSucceeded
    : null;
}

/** Failed logons after which many domains lock an account. */
const MANY = 10;

const wouldNotDo = (session: ExaminedSession): string =>
  `The right password would be refused here as well: ${landedOn(session)} does not let users submit.`;

function remedyFor(
  { user, mechanism }: FailedLogon,
  session: ExaminedSession,
  theCase: Case,
  useless: ReturnType<typeof usersMaySubmit>,
  settled: boolean,
): Remedy[] {
  const server = session.server || null;
  const none = advice(
    'Where the device mails only to addresses of the organisation, or a relay connector holds its address, it needs no logon: empty both fields.',
  );
  const elsewhere = advice(
    useless === 'no'
      ? 'If it has to log on: port 587 with STARTTLS, because this connector takes no users.'
      : 'If it has to log on, better on port 587 with STARTTLS: the front end of port 25, as setup makes it, takes no users even with the right password.',
  );
  return [
    ...(useless === 'no' || useless === 'likely-not' ? [none, elsewhere] : []),
    advice(
      user === ''
        ? 'Enter user and password on the device, or switch SMTP authentication off there.'
        : mechanism === 'NTLM' || mechanism === 'GSSAPI'
          ? 'Set in the application which user it is to log on with, by the method LOGIN; where that cannot be set, give the account under which it runs the right password.'
          : `Enter the present password${user ? ` of ${user}` : ''} on the device.`,
    ),
    ...(settled
      ? []
      : [...(user ? [showAccount(user)] : []), showFailedLogons(server, Date.parse(session.startedAt)), advice(SUB_STATUS)]),
    ...(useless === 'no' || useless === 'likely-not' ? [] : [none]),
    ...(triesOf(theCase, user)?.lastSucceeded
      ? [advice('Give devices an account of their own, whose password nobody changes in passing.')]
      : []),
  ];
}

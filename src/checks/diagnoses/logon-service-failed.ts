/** User and password may be right: the server could not check them, or could do nothing with the account. */
import type { ReplyId } from '../../smtp/reply-catalogue.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { failedLogon, userWords } from '../evidence/failed-logon.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { delivered, greeted, loggingOn, logonOf, QUIT, refusedLogon, secured, tarpitted } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { replySection } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { filledRemedy, fillingOf } from '../remedies/filled-remedy.ts';

const opened = `${greeted('app-01')}\n${secured('app-01')}`;
const AT_587 = { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587' };
const LOCATED =
  '* SMTPSubmit SMTPAcceptAnyRecipient | Set Session Permissions\n* app@contoso.example | authenticated\n* | ASyncBackendLocator.BeginGetDatabaseToServerMappingInfo for user app@contoso.example.';
const CPRX = '> 451 4.7.0 Temporary server error. Please try again later. CPRX1 ';

/** Whose matter it is: the server's (and then of all users), or that of the one account. */
const WHOSE: Readonly<Partial<Record<ReplyId, 'server' | 'account'>>> = {
  'authenticated-user-not-found': 'account',
  'authentication-failed-for-good': 'server',
  'authenticated-session-unproxied': 'account',
  'authentication-temporarily-impossible': 'server',
  'authentication-temporarily-failed': 'server',
  'authorization-temporarily-failed': 'server',
  'mailbox-server-not-located': 'server',
  'mailbox-user-not-looked-up': 'server',
  'submission-disabled': 'account',
  'mailbox-without-database': 'account',
  'client-proxy-failed': 'server',
  'cryptographic-failure': 'account',
  'hub-unknown': 'server',
  'hub-name-unresolved': 'server',
  'hub-unreachable': 'server',
  'hub-protocol-error': 'server',
  'hub-connection-broken': 'server',
};

export const logonServiceFailed: SessionDiagnosis = {
  kind: 'session',
  id: 'logon-service-failed',
  title: 'The server could not finish the logon',
  why: 'A directory that does not answer, or an account without a usable mailbox, looks to users like a wrong password.',
  severity: 'high',
  references: [replySection('C5'), replySection('C9')],
  signs: [...(Object.keys(WHOSE) as ReplyId[]), 'authentication-failed', 'logon-denied'],
  examples: {
    fires: [
      {
        about: 'the database of the mailbox is nowhere',
        sessions: [{ ...AT_587, rows: `${opened}\n${loggingOn}\n${LOCATED}\n${CPRX}\n${QUIT}` }],
        says: [/logon is right/, 'Get-MailboxDatabaseCopyStatus', /other clients/],
      },
      {
        about: 'the account may not send',
        sessions: [
          {
            ...AT_587,
            rows: `${opened}\n${loggingOn}\n* | Inbound authentication succeeded, but app@contoso.example has ProhibitSendQuota of zero.\n${tarpitted('550 5.7.1 Submission has been disabled for this account')}\n${QUIT}`,
          },
        ],
        says: [
          /The password of the user app@contoso\.example is right/,
          "Set-Mailbox 'app@contoso.example' -ProhibitSendQuota Unlimited",
        ],
      },
      {
        about: 'no domain controller answers',
        sessions: [
          {
            ...AT_587,
            rows: `${opened}\n${loggingOn}\n* | Inbound AUTH LOGIN failed because of NoAuthenticatingAuthority\n* | User Name: app\n${refusedLogon}\n${QUIT}`,
          },
        ],
        says: ['NoAuthenticatingAuthority', /domain controller/],
      },
    ],
    silent: [
      {
        about: 'the Hub does not take the session over',
        sessions: [
          {
            ...AT_587,
            rows: `${opened}\n${loggingOn}\n* app@contoso.example | authenticated\n* | Setting up client proxy session to destination(s): ex02.contoso.example\n* | Setting up client proxy session failed with error: 421 4.2.1 Unable to connect\n> 451 4.7.0 Temporary server error. Please try again later. PRX3 \n${QUIT}`,
          },
        ],
      },
      {
        about: 'the password is wrong',
        sessions: [
          {
            ...AT_587,
            rows: `${opened}\n${loggingOn}\n* | Inbound AUTH LOGIN failed because of LogonDenied\n${refusedLogon}\n${QUIT}`,
          },
        ],
      },
      { about: 'the logon succeeds', sessions: [{ ...AT_587, rows: `${opened}\n${logonOf('app')}\n${delivered()}\n${QUIT}` }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || (sign.kind !== 'refusal' && sign.kind !== 'row') || !sign.found) return undefined;
    const { id } = sign.found.entry;
    const logon = failedLogon(sign, session);
    const contexts = sign.kind === 'refusal' ? sign.contexts : [];
    if (id === 'authentication-failed' || id === 'logon-denied') {
      if (logon.why !== 'denied' || logon.status === null || logon.status === 'LogonDenied') return undefined;
      const { words, remedy } = STATUS[logon.status] ?? OTHER_STATUS;
      return {
        cause: `The logon of ${userWords(logon.user)} failed with ${logon.status}, which is no wrong password: ${words}`,
        evidence: logon.row ? rowAt(session, logon.row.index) : [],
        remedy,
        confidence: {
          level: STATUS[logon.status] ? 'medium' : 'low',
          because: 'the row before the reply names the status of Windows',
        },
      };
    }
    // X-EXPS is how servers log on among themselves: another matter.
    if (sign.kind === 'refusal' && /^\s*X-EXPS/i.test(sign.command?.event.data ?? '')) return undefined;
    if (sign.kind === 'refusal' && sign.refusal.command !== 'auth') return undefined;
    const telling = contexts.filter(({ event }) =>
      /^Setting up client proxy session failed|^Inbound authentication succeeded/.test(event.context),
    );
    const others =
      sign.kind === 'refusal' && WHOSE[id] === 'server'
        ? theCase.circumstances.othersWithReply(session.server, sign.refusal.text, Date.parse(sign.refusal.at))
        : null;
    const right =
      id !== 'cryptographic-failure' &&
      (contexts.some(({ event }) => event.context === 'authenticated') || WHOSE[id] === 'account');
    const { meaning, causes } = sign.found.entry;
    const named = telling
      .map(({ event }) => /^Inbound authentication succeeded, but (\S+) has /.exec(event.context)?.[1])
      .find(Boolean);
    const user = named ?? logon.user;
    const destination = session.events
      .map(({ context }) => /^Setting up client proxy session to destination\(s\): ([^\s,;]+)/.exec(context)?.[1])
      .find(Boolean);
    const filling = {
      ...fillingOf(session, sign),
      ...(user ? { user, mailbox: user } : {}),
      ...(destination ? { destination } : {}),
    };
    return {
      ...(WHOSE[id] === 'server' && others !== null && others > 0 ? { severity: 'critical' as const } : {}),
      cause: [
        right && !/^The logon (?:is|was) right/.test(meaning) ? `The password of ${userWords(user)} is right.` : '',
        meaning,
        causes.join(' '),
        telling.map(({ event }) => `The row before it says: ${event.context.replace(/\.?$/, '.')}`).join(' '),
        others === null
          ? ''
          : others > 0
            ? `${others} other ${others === 1 ? 'client' : 'clients'} got the same reply within half a day: it is a matter of the server, not of this device.`
            : 'No other clients got the same reply within half a day.',
      ]
        .filter(Boolean)
        .join(' '),
      evidence: telling.flatMap(({ index }) => rowAt(session, index)),
      remedy: [
        ...sign.found.entry.lookAt.flatMap(({ kind, text }) =>
          kind === 'exchange' ? filledRemedy({ ...sign.found!.entry, remedy: [{ kind, text }] }, filling) : [],
        ),
        ...filledRemedy(sign.found.entry, filling),
      ],
      confidence: { level: 'medium', because: 'the reply says it, and the event log of the server has to say the rest' },
    };
  },
};

interface StatusWords {
  readonly words: string;
  readonly remedy: readonly Remedy[];
}

const CLOCKS: StatusWords = {
  words: 'the clocks of client, server and domain controllers differ by more than five minutes.',
  remedy: [advice('Set the clocks right, those of servers and domain controllers first.')],
};
const DIRECTORY: StatusWords = {
  words: 'the server could not reach a domain controller that checks it.',
  remedy: [
    { kind: 'powershell', text: 'Test-ComputerSecureChannel -Verbose' },
    advice('Let the server reach a domain controller and its DNS; then the logon works again by itself.'),
  ],
};
const BINDING: StatusWords = {
  words:
    'the connector demands channel binding (ExtendedProtectionPolicy), and the client does not do it, or something between ends its TLS.',
  remedy: [advice('Let the client log on with LOGIN inside TLS, or come without a device between that ends TLS.')],
};

/** What Windows says besides LogonDenied. */
const STATUS: Readonly<Record<string, StatusWords>> = {
  NoAuthenticatingAuthority: DIRECTORY,
  TimeSkew: CLOCKS,
  BadBinding: BINDING,
  BadBindings: BINDING,
  WrongPrincipal: {
    words: 'the client asked Kerberos for another server than the one that it reached.',
    remedy: [
      advice(
        'Let the client use the name for which the service principal names are registered, or log on with LOGIN inside TLS.',
      ),
    ],
  },
};
const OTHER_STATUS: StatusWords = {
  words: 'the exchange between the two did not come to an end.',
  remedy: [
    advice('Let the client log on with LOGIN inside TLS on port 587, and look into the event log of the server at that time.'),
  ],
};

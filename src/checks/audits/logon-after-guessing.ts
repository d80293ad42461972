/** A user gets in where many tries were refused before: the guess that was right. */
import type { FirstLogon, LogonBehaviour } from '../../queries/audit/behaviour/behaviours.ts';
import type { Audit } from '../audit.ts';
import { exampleEvidence } from '../evidence/audited-clients.ts';
import { guessEvidence, isNoGuess, MANY_NAMES, triesWords } from '../evidence/guessing.ts';
import { delivered, deniedLogon, greeted, logonOf, QUIT, secured } from '../examples/example-sessions.ts';
import { aboutClient, type Severity } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { replySection, SET_CONNECTOR } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { accountFilter, showAccount, showFailedLogons } from '../remedies/directory-account.ts';
import { count } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';
import { quotation } from '../words/quotation.ts';

/** Fewer are a new device that is set up, or a user who mistypes. */
const MANY_TRIES = 10;
/** With some names tried as well, fewer do. */
const SOME_TRIES = 5;
/** Addresses of one account under attack, of which this is one. */
const MANY_SOURCES = 4;

const opened = `${greeted('User')}\n${secured('User')}`;
const AT_587 = { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587' };
const from = (source: string, rows: string, at?: string) => ({
  ...AT_587,
  from: source,
  ...(at && { at }),
  rows: `${opened}\n${rows}\n${QUIT}`,
});
const into = (user: string) => `${logonOf(user)}\n${delivered()}`;
const NAMES = ['admin', 'test', 'info', 'scanner', 'backup'];
const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);

export const logonAfterGuessing: Audit = {
  id: 'logon-after-guessing',
  title: 'A logon succeeds after many were refused',
  why: 'Whoever has guessed a password sends in the name of its owner to the whole world, and may read their mail.',
  severity: 'critical',
  references: [replySection('C5'), SET_CONNECTOR],
  needs: [],
  falsePositives: [
    'A new device was set up, and its password was corrected only after many tries.',
    'Many clients share the address, and the user that got in is not the one who was refused.',
  ],
  examples: {
    fires: [
      {
        about: 'many names, then one of them gets in',
        sessions: [...NAMES.map((name) => from('203.0.113.77', deniedLogon(name))), from('203.0.113.77', into('scan'))],
        says: ['"scan"', /5 refused tries/, /5 names/, '"severity":"critical"', 'Set-ADAccountPassword'],
      },
      {
        about: 'one name from the Internet, ten tries in sessions of several, and in',
        sessions: [
          ...times(5, () => from('203.0.113.77', `${deniedLogon('eva')}\n${deniedLogon('eva')}`)),
          from('203.0.113.77', into('eva')),
        ],
        says: [/10 refused tries/, '"severity":"critical"'],
      },
      {
        about: 'one name from inside, never seen there before: less sure',
        sessions: [...times(10, () => from('10.0.20.12', deniedLogon('eva'))), from('10.0.20.12', into('eva'))],
        says: ['"severity":"high"', /set up/],
      },
      {
        about: 'one account from four addresses, of which the fourth gets in',
        sessions: [
          ...['1', '2', '3'].flatMap((last) => times(3, () => from(`203.0.113.${last}`, deniedLogon('eva')))),
          from('203.0.113.4', deniedLogon('eva')),
          from('203.0.113.4', into('eva')),
        ],
        says: [/4 addresses/, '203.0.113.4'],
      },
    ],
    silent: [
      {
        about: 'a device whose password was changed, and put right',
        sessions: [
          from('10.0.20.12', into('scan'), '2026-10-01T08:00:00.000Z'),
          ...times(12, () => from('10.0.20.12', deniedLogon('scan'))),
          from('10.0.20.12', into('scan')),
        ],
      },
      {
        about: 'nine mistyped passwords',
        sessions: [...times(9, () => from('10.0.20.12', deniedLogon('eva'))), from('10.0.20.12', into('eva'))],
      },
      {
        about: 'refused after it got in',
        sessions: [from('203.0.113.77', into('eva')), ...NAMES.map((name) => from('203.0.113.77', deniedLogon(name)))],
      },
      {
        about: 'the owner gets in from elsewhere while others guess',
        sessions: [
          ...['1', '2', '3', '4'].flatMap((last) => times(3, () => from(`203.0.113.${last}`, deniedLogon('eva')))),
          from('198.51.100.7', into('eva')),
        ],
      },
    ],
  },
  find: ({ behaviours }) =>
    behaviours.logons
      .filter((one) => !isNoGuess(one))
      .flatMap((logon) =>
        logon.firstLogons.flatMap((first) => {
          const suspicion = suspicionOf(logon, first);
          if (!suspicion) return [];
          const { user, at, session } = first;
          return [
            aboutClient(logonAfterGuessing, logon, logon, {
              severity: suspicion.severity,
              what: `${quotation(user)} was let in from ${logon.source} on ${moment(at)} for the first time, after ${suspicion.words}.`,
              cause: `${suspicion.cause} From there the user was not known in the 400 days before, as far as the logs reach.`,
              evidence: [
                ...(session ? exampleEvidence([session], () => `let in as ${quotation(user)}`) : []),
                ...guessEvidence(logon),
              ],
              remedy: [
                advice(
                  `Ask the owner of ${quotation(user)} at once whether it was theirs. If not: give the account a new password, see what was sent and read in its name, and block ${logon.source}.`,
                ),
                showAccount(user),
                powershell(`${accountFilter(user)} | Set-ADAccountPassword -Reset`),
                showFailedLogons(logon.server || null, logon.first),
                advice(`"relaylens sessions --source ${logon.source}" lists what came from there since.`),
              ],
              confidence: { level: suspicion.severity === 'critical' ? 'high' : 'medium', because: suspicion.words },
              seen: { count: logon.count, firstSeen: logon.first, lastSeen: logon.last, lastSuccess: at },
            }),
          ];
        }),
      ),
};

interface Suspicion {
  readonly severity: Severity;
  /** What went before, as half a sentence. */
  readonly words: string;
  readonly cause: string;
}

function suspicionOf({ source }: LogonBehaviour, first: FirstLogon): Suspicion | undefined {
  const { knownBefore, failures, ownFailures, usersRefused, userFailures, userSources } = first;
  if (knownBefore) return undefined;
  if (usersRefused >= MANY_NAMES && failures >= SOME_TRIES)
    return {
      severity: 'critical',
      words: `${triesWords(failures)} of ${count(usersRefused, 'name')} from there`,
      cause: 'Many names were tried and one was let in: a password was guessed, or many share the address.',
    };
  if (ownFailures >= MANY_TRIES)
    return isPublic(source)
      ? {
          severity: 'critical',
          words: `${triesWords(ownFailures)} of that name from there`,
          cause: 'The address belongs to the Internet, and the name was tried until it got in.',
        }
      : {
          severity: 'high',
          words: `${triesWords(ownFailures)} of that name from there`,
          cause:
            'The name was tried until it got in: a guess that was right, or a new device that was set up with a wrong password first.',
        };
  if (ownFailures > 0 && userSources >= MANY_SOURCES && userFailures >= MANY_TRIES)
    return {
      severity: 'critical',
      words: `${triesWords(userFailures)} of that name from ${userSources.toLocaleString('en-US')} addresses, this one among them`,
      cause: 'One name was tried from many addresses, and one of them was let in.',
    };
  return undefined;
}

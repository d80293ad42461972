/** Logons that are tried in vain as nobody's device does: many names from one address, or one name from many. */

import { countInWords } from '../../connector/remote-range.ts';
import type { LogonBehaviour, RefusedUser } from '../../queries/audit/behaviour/behaviours.ts';
import type { Audit } from '../audit.ts';
import { sightings } from '../evidence/audited-clients.ts';
import { accountOf } from '../evidence/failed-logon.ts';
import { guessEvidence, isNoGuess, isRegular, namesTried, strangers, triesManyNames, triesWords } from '../evidence/guessing.ts';
import { delivered, deniedLogon, greeted, logonOf, QUIT, secured } from '../examples/example-sessions.ts';
import { aboutClient, aboutServer, type Finding, type Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { replySection, SET_CONNECTOR } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { SUB_STATUS, showFailedLogons } from '../remedies/directory-account.ts';
import { durationWords } from '../words/duration.ts';
import { count, enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';
import { quotation } from '../words/quotation.ts';

/** Tries at one name from one address that are more than a mistyped password. */
const MANY_TRIES = 20;
/** Addresses from which one name is tried: a user has a telephone, a computer, and one at home. */
const MANY_SOURCES = 4;
/** Addresses that get a finding of their own; what is left is one. */
const SHOWN = 10;

const opened = `${greeted('User')}\n${secured('User')}`;
const AT_587 = { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587' };
const tried = (user: string, from: string, at?: string) => ({
  ...AT_587,
  from,
  ...(at && { at }),
  rows: `${opened}\n${deniedLogon(user)}\n${QUIT}`,
});
const entered = (user: string, from: string, at?: string) => ({
  ...AT_587,
  from,
  ...(at && { at }),
  rows: `${opened}\n${logonOf(user)}\n${delivered()}\n${QUIT}`,
});
const NAMES = ['admin', 'test', 'info', 'scanner', 'backup', 'office'];
const times = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index));
/** At uneven minutes of a day. */
const uneven = (index: number): string => new Date(Date.UTC(2026, 10, 2, 8, (index * index) % 600, index)).toISOString();

export const passwordGuessing: Audit = {
  id: 'password-guessing',
  title: 'Passwords are guessed',
  why: 'Somebody who guesses passwords locks accounts, and gets in one day; who is logged on may relay to the whole world.',
  severity: 'medium',
  references: [replySection('C5'), SET_CONNECTOR],
  needs: [],
  falsePositives: [
    'Many clients share the address (a router, a load balancer), and some of them have old passwords.',
    'A telephone or a program outside still has an old password: it tries one name at even intervals.',
    'A test of your own, such as a vulnerability scanner.',
  ],
  examples: {
    fires: [
      {
        about: 'six names from the Internet',
        sessions: NAMES.map((name) => tried(name, '203.0.113.77')),
        says: [/6 names/, '"admin"', /firewall/, /6 refused tries/],
      },
      {
        about: 'six names from inside, over days',
        sessions: NAMES.map((name, index) => tried(name, '10.0.20.99', `2026-10-0${index + 1}T08:00:00.000Z`)),
        says: [/on 6 days/, /inside/, '"severity":"high"'],
      },
      {
        about: 'several tries in one session count each',
        sessions: [
          ...NAMES.slice(0, 5).map((name) => tried(name, '203.0.113.77')),
          { ...AT_587, from: '203.0.113.77', rows: `${opened}\n${deniedLogon('x')}\n${deniedLogon('y')}\n${QUIT}` },
        ],
        says: [/7 refused tries/],
      },
      {
        about: 'one name from the Internet, again and again',
        sessions: times(20, (index) => tried('admin', '203.0.113.77', uneven(index))),
        says: [/20 refused tries/, '"admin"'],
      },
      {
        about: 'one name at even intervals from outside: told as what it is',
        sessions: times(20, (index) => tried('eva', '203.0.113.77', new Date(Date.UTC(2026, 10, 2, 8, index * 5)).toISOString())),
        says: [/old password/, '"severity":"low"', '5 minutes'],
      },
      {
        about: 'one name from four addresses of the Internet, written in two ways',
        sessions: ['eva', 'CONTOSO\\eva', 'eva@contoso.example', 'Eva'].map((name, index) =>
          tried(name, `203.0.113.${index + 1}`),
        ),
        says: [/4 addresses/, '203.0.113.4'],
      },
    ],
    silent: [
      {
        about: 'a device inside with an old password',
        sessions: times(30, (index) => tried('scan', '10.0.20.12', new Date(Date.UTC(2026, 10, 2, 8, index * 5)).toISOString())),
      },
      {
        about: 'the account of all printers has a new password',
        sessions: times(12, (index) => tried('scan', `10.0.20.${index + 1}`)),
      },
      {
        about: 'an address that many share, and most of them get in',
        sessions: [
          ...NAMES.map((name) => tried(name, '10.0.20.99')),
          ...['eva', 'otto', 'ida'].map((user) => entered(user, '10.0.20.99')),
        ],
      },
      { about: 'four names from one address', sessions: NAMES.slice(0, 4).map((name) => tried(name, '203.0.113.77')) },
      {
        about: 'a user from four addresses who is let in from each',
        sessions: times(4, (index) => [tried('eva', `203.0.113.${index + 1}`), entered('eva', `203.0.113.${index + 1}`)]).flat(),
      },
      { about: 'nineteen tries at one name', sessions: times(19, (index) => tried('admin', '203.0.113.77', uneven(index))) },
      {
        about: 'the password is right and the right is missing',
        sessions: NAMES.map((name) => ({
          ...AT_587,
          from: '203.0.113.77',
          rows: `${opened}\n< AUTH LOGIN\n> 334 <authentication response>\n* | Inbound authentication failed because the client ${name} doesn't have submit permission.\n> 535 5.7.3 Authentication unsuccessful\n${QUIT}`,
        })),
      },
    ],
  },
  find(facts) {
    const logons = facts.behaviours.logons.filter((one) => !isNoGuess(one));
    const many = logons.filter(triesManyNames);
    const lone = logons.filter((one) => !triesManyNames(one) && isPublic(one.source)).flatMap(loneName);
    const each = [...many.map(manyNames), ...lone].sort((a, b) => (b.seen?.count ?? 0) - (a.seen?.count ?? 0));
    const told = new Set(each.flatMap(({ client }) => client?.source ?? []));
    return [...each.slice(0, SHOWN), ...others(each.slice(SHOWN)), ...manySources(logons, told)];
  },
};

function manyNames(logon: LogonBehaviour): Finding {
  const names = strangers(logon);
  const outside = isPublic(logon.source);
  const server = logon.server || null;
  return aboutClient(passwordGuessing, logon, logon, {
    severity: outside ? 'medium' : 'high',
    what: `${logon.source} tried ${count(names.length, 'name')} that it was never let in with: ${namesTried(names)}; ${triesWords(logon.count)} on ${count(logon.days, 'day')}.`,
    cause: `${
      outside
        ? 'That is no device with a wrong password: somebody on the Internet guesses.'
        : 'The address lies inside your network: either many clients share it (a gateway, a balancer), or a computer there guesses passwords, which then is most likely taken over.'
    }${logon.entered.length > 0 ? ` Let in from there: ${enumerate(logon.entered.map(quotation))}; see whether that was right.` : ' None of its names was let in.'}`,
    evidence: guessEvidence(logon),
    remedy: [
      advice(
        outside
          ? `Block ${logon.source} on the firewall; better, let nobody on the Internet reach a port where users log on, or only through what limits guessing.`
          : `Find out what ${logon.source} is. If many share it, look at their own address behind it; else take the computer off the network and examine it.`,
      ),
      ...inSecurityLog(server, logon.last),
      advice('See that the accounts which exist among the names have strong passwords.'),
    ],
    confidence: {
      level: outside ? 'high' : 'medium',
      because: `${names.length} names failed and ${logon.entered.length} ${logon.entered.length === 1 ? 'was' : 'were'} let in`,
    },
    seen: sightings(logon),
  });
}

/** From the Internet alone: inside it is a device with an old password, of which the diagnosis of that device tells. */
function loneName(logon: LogonBehaviour): Finding[] {
  const names = strangers(logon);
  const [user] = names;
  const tries = names.reduce((sum, one) => sum + one.count, 0);
  if (!user || tries < MANY_TRIES) return [];
  const regular = names.length === 1 && isRegular(user);
  return [
    aboutClient(passwordGuessing, logon, logon, {
      severity: regular ? 'low' : 'medium',
      what: `${logon.source} tried ${namesTried(names)} in vain: ${triesWords(tries)} on ${count(logon.days, 'day')}.`,
      cause: regular
        ? `One name, evenly every ${durationWords(user.everyMs!)}: most likely a program or a telephone of yours outside that still has an old password. If nobody of yours is there, it is guessed.`
        : 'No success, and no even rhythm as a program with an old password has: most likely somebody on the Internet guesses.',
      evidence: guessEvidence(logon),
      remedy: [
        advice(
          `Ask the user whether ${logon.source} is theirs; if so, give the program the new password. Else block the address on the firewall.`,
        ),
        ...inSecurityLog(logon.server || null, logon.last),
      ],
      confidence: { level: 'medium', because: `${count(names.length, 'name')}, never let in from there within 400 days` },
      seen: sightings({ count: tries, first: user.first, last: user.last }),
    }),
  ];
}

const inSecurityLog = (server: string | null, last: number): Remedy[] => [showFailedLogons(server, last), advice(SUB_STATUS)];

/** More addresses than anybody reads of, in one finding. */
function others(findings: readonly Finding[]): Finding[] {
  if (findings.length === 0) return [];
  const seen = findings.flatMap((finding) => finding.seen ?? []);
  const sources = findings.flatMap(({ client }) => client?.source ?? []);
  const tries = seen.reduce((sum, one) => sum + one.count, 0);
  return [
    {
      ...aboutServer(passwordGuessing, null, {
        severity: findings.some(({ severity }) => severity === 'high') ? 'high' : 'medium',
        what: `Passwords are guessed from ${countInWords(BigInt(sources.length))} more: ${triesWords(tries)}.`,
        cause: 'Each by itself does what is told of the others; those with most tries have findings of their own.',
        evidence: findings.slice(0, SHOWN).map(({ what }) => ({ kind: 'count', note: what })),
        remedy: [
          advice('Where the port is open to the whole Internet, close it: a list of addresses to block is never complete.'),
        ],
        confidence: { level: 'medium', because: 'counted in the same way' },
      }),
      seen: {
        count: tries,
        firstSeen: Math.min(...seen.map(({ firstSeen }) => firstSeen)),
        lastSeen: Math.max(...seen.map(({ lastSeen }) => lastSeen)),
        lastSuccess: null,
      },
    },
  ];
}

/** `told`: addresses that have findings of their own. */
function manySources(logons: readonly LogonBehaviour[], told: ReadonlySet<string>): Finding[] {
  const byAccount = new Map<string, { readonly logon: LogonBehaviour; readonly user: RefusedUser }[]>();
  for (const logon of logons)
    if (isPublic(logon.source) && !told.has(logon.source))
      for (const user of strangers(logon))
        if (user.user !== '') {
          const account = accountOf(user.user);
          byAccount.set(account, [...(byAccount.get(account) ?? []), { logon, user }]);
        }
  return [...byAccount].flatMap(([account, tries]) => {
    const sources = new Set(tries.map(({ logon }) => logon.source));
    if (sources.size < MANY_SOURCES) return [];
    const total = tries.reduce((sum, { user }) => sum + user.count, 0);
    const first = Math.min(...tries.map(({ user }) => user.first));
    const last = Math.max(...tries.map(({ user }) => user.last));
    const server = tries[0]!.logon.server || null;
    return [
      {
        ...aboutServer(passwordGuessing, server, {
          what: `The account ${quotation(account)} was tried from ${sources.size.toLocaleString('en-US')} addresses of the Internet, from none of which it ever got in: ${triesWords(total)} from ${moment(first)} to ${moment(last)}.`,
          cause:
            'Whoever guesses changes addresses so that no limit for one address stops it. A user with an old password has few addresses, and got in from them before.',
          evidence: tries.flatMap(({ logon, user }) => [
            { kind: 'count', note: `${logon.source}: ${triesWords(user.count)}` } as const,
            ...guessEvidence(logon).slice(0, 1),
          ]),
          remedy: [
            advice('Give the account a strong password, and see in the directory whether it is locked out again and again.'),
            ...inSecurityLog(server, last),
          ],
          confidence: { level: 'medium', because: `${sources.size} addresses, none of them known with that name for 400 days` },
        }),
        seen: sightings({ count: total, first, last }),
      },
    ];
  });
}

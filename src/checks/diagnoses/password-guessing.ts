/** Many user names are tried from one address, and none of them is let in. */

import type { CaseDiagnosis } from '../diagnosis.ts';
import { delivered, deniedLogon, greeted, logonOf, QUIT, secured } from '../examples/example-sessions.ts';
import { isPublic } from '../ranges/address-space.ts';
import { replySection } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { SUB_STATUS, showFailedLogons } from '../remedies/directory-account.ts';
import { enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

const opened = `${greeted('User')}\n${secured('User')}`;
const AT_587 = { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587' };
const tried = (user: string, from: string) => ({ ...AT_587, from, rows: `${opened}\n${deniedLogon(user)}\n${QUIT}` });
const NAMES = ['admin', 'test', 'info', 'scanner', 'backup', 'office'];

/** A device has one account, a person mistypes one or two names. */
const MANY = 5;

export const passwordGuessing: CaseDiagnosis = {
  kind: 'case',
  id: 'password-guessing',
  title: 'Many user names are tried from one address',
  why: 'Somebody who guesses passwords locks accounts, and gets in one day; it is not a device with a wrong password.',
  severity: 'medium',
  references: [replySection('C5'), 'https://learn.microsoft.com/powershell/module/exchange/set-receiveconnector'],
  rootOf: ['wrong-password'],
  examples: {
    fires: [
      {
        about: 'from the Internet',
        sessions: NAMES.map((name) => tried(name, '203.0.113.77')),
        says: [/6 user names/, 'admin', /firewall/],
      },
      {
        about: 'from inside',
        sessions: NAMES.map((name) => tried(name, '10.0.20.99')),
        says: [/inside/],
      },
    ],
    silent: [
      {
        about: 'one device with one user',
        sessions: [tried('scan', '10.0.20.12'), tried('scan', '10.0.20.12'), tried('Scan', '10.0.20.12')],
      },
      {
        about: 'an address that many share, and most of them get in',
        sessions: [
          ...NAMES.map((name) => tried(name, '10.0.20.99')),
          ...['eva', 'otto', 'ida'].map((user) => ({
            ...AT_587,
            from: '10.0.20.99',
            rows: `${opened}\n${logonOf(user)}\n${delivered()}\n${QUIT}`,
          })),
        ],
      },
    ],
  },
  diagnose(theCase) {
    const { subject, circumstances, failing } = theCase;
    if (subject.kind !== 'client') return undefined;
    const last = failing.find(({ session }) => session.authResult === 'failed' && session.direction === 'receive');
    if (!last) return undefined;
    const logons = circumstances.logons();
    const refused = distinct(logons.filter(({ failed, succeeded }) => failed > 0 && succeeded === 0));
    const entered = distinct(logons.filter(({ succeeded }) => succeeded > 0));
    if (refused.length < MANY || entered.length >= refused.length / 3) return undefined;
    const sessions = refused.reduce((sum, { failed }) => sum + failed, 0);
    const outside = isPublic(subject.source);
    const { session } = last;
    const row = session.events.findIndex(({ context }) => /^Inbound .*failed because/.test(context));
    const first = Math.min(...refused.flatMap(({ firstFailed }) => firstFailed ?? []));
    const users = enumerate(refused.map(({ user }) => user || '(none)'));
    return {
      what: `${sessions.toLocaleString('en-US')} sessions from ${subject.source} tried ${refused.length.toLocaleString('en-US')} user names, and none was let in.`,
      cause: `Since ${moment(first)} ${refused.length.toLocaleString('en-US')} user names were tried (${users}). ${
        outside
          ? 'That is no device with a wrong password: somebody on the Internet guesses.'
          : 'The address lies inside your network: either many clients share it (a gateway, a balancer), or a computer there guesses passwords, which then is most likely taken over.'
      }${entered.length > 0 ? ` Let in from there: ${enumerate(entered.map(({ user }) => user))}; see whether that was right.` : ''}`,
      session,
      rows: [row < 0 ? Math.max(0, session.events.length - 1) : row],
      count: sessions,
      remedy: [
        advice(
          outside
            ? `Block ${subject.source} on the firewall; better, let nobody on the Internet reach a port where users log on, or only through what limits guessing.`
            : `Find out what ${subject.source} is. If many share it, look at their own address behind it; else take the computer off the network and examine it.`,
        ),
        showFailedLogons(session.server || null, Date.parse(session.startedAt)),
        advice(SUB_STATUS),
        advice('See that the accounts which exist among the names have strong passwords, and that none of them was let in.'),
      ],
      confidence: {
        level: outside ? 'high' : 'medium',
        because: `${refused.length} names failed and ${entered.length} ${entered.length === 1 ? 'was' : 'were'} let in`,
      },
    };
  },
};

/** Names that differ by capitals alone are one. */
function distinct<T extends { readonly user: string }>(logons: readonly T[]): T[] {
  const seen = new Set<string>();
  return logons.filter(({ user }) => {
    const name = user.toLowerCase();
    return seen.has(name) ? false : seen.add(name) !== undefined;
  });
}

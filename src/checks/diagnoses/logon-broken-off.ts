/** The client began a logon and did not end it: it cancelled, left, or fell silent. */

import type { SessionDiagnosis } from '../diagnosis.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { seconds } from '../evidence/sentence.ts';
import { delivered, greeted, loggingOn, logonOf, QUIT, refusedLogon, secured, tarpitted } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { replySection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';

const opened = `${greeted('app-01')}\n${secured('app-01')}`;
const CANCELLED = tarpitted('501 5.5.4 Authentication cancelled');

export const logonBrokenOff: SessionDiagnosis = {
  kind: 'session',
  id: 'logon-broken-off',
  title: 'The client breaks its logon off',
  why: 'Software that chose a method for which it has no credentials stops half way, and then sends nothing, or without a logon.',
  severity: 'medium',
  references: [replySection('C5'), section('7.4')],
  signs: ['authentication-cancelled', 'inactivity-timeout', 'end'],
  examples: {
    fires: [
      {
        about: 'it cancels NTLM',
        sessions: [{ rows: `${greeted('app-01')}\n< AUTH NTLM\n> 334 <authentication response>\n${CANCELLED}\n${QUIT}` }],
        says: ['NTLM', /asterisk/, /method LOGIN/],
      },
      {
        about: 'it leaves after the question for the password',
        sessions: [{ rows: `${opened}\n${loggingOn}\n@30000 - | Remote(ConnectionReset)` }],
        says: [/30\.0 seconds/, 'LOGIN'],
      },
      {
        about: 'it cancels, and MAIL is refused for that',
        sessions: [
          {
            connector: 'EX01\\Client Frontend EX01',
            to: '10.0.0.5:587',
            rows: `${opened}\n< AUTH NTLM\n> 334 <authentication response>\n${CANCELLED}\n< MAIL FROM:<app@contoso.example>\n> 530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM\n- | Local`,
            rowsA: `${opened}\n< AUTH NTLM\n> 334 \n${CANCELLED}\n< MAIL FROM:<app@contoso.example>\n> 530 5.7.1 Client was not authenticated\n- | Local`,
          },
        ],
      },
      {
        about: 'it says nothing more until the server gives up',
        sessions: [{ rows: `${opened}\n${loggingOn}\n@300000 > 451 4.7.0 Timeout waiting for client input\n- | Local` }],
        says: [/5 minutes/],
      },
    ],
    silent: [
      { about: 'the logon succeeds', sessions: [{ rows: `${opened}\n${logonOf('app')}\n${delivered()}\n${QUIT}` }] },
      {
        about: 'the server refuses it',
        sessions: [
          {
            rows: `${opened}\n${loggingOn}\n* | Inbound AUTH LOGIN failed because of LogonDenied\n${refusedLogon}\n- | Remote(SocketError)`,
          },
        ],
      },
      {
        about: 'it leaves after MAIL',
        sessions: [
          {
            rows: `${greeted('app-01')}\n< MAIL FROM:<a@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n- | Remote(ConnectionReset)`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'send') return undefined;
    const begun = session.events
      .map((event, index) => ({ event, index }))
      .filter(({ event }) => event.event === '<' && /^\s*AUTH\b/i.test(event.data))
      .at(-1);
    if (!begun) return undefined;
    const mechanism = (begun.event.data.trim().split(/\s+/)[1] ?? '').toUpperCase();
    const behind = session.events.slice(begun.index + 1);
    const cancelled = sign.kind === 'refusal' && sign.found?.entry.id === 'authentication-cancelled';
    const left = sign.kind === 'end' && sign.step === 'auth';
    // A command after AUTH: the silence has nothing to do with the logon.
    const silent = sign.kind === 'refusal' && !cancelled && behind.every(({ event }) => event !== '<');
    if (!cancelled && !left && !(silent && session.authResult === 'none')) return undefined;
    const asked = behind.filter(({ event, data }) => event === '>' && data.startsWith('334')).length;
    const method = mechanism || 'AUTH';
    return {
      cause: cancelled
        ? `The client began a logon with ${method} and answered the server with an asterisk: it cancelled. Software does that which has no credentials for the method, or which the answer of the server does not suit.`
        : `The client began a logon with ${method}${asked > 0 ? `, was asked ${asked === 1 ? 'once' : asked === 2 ? 'twice' : `${asked} times`}` : ''}, and ${left ? `left ${seconds(sign.after)} later` : `said nothing more for ${seconds(silenceBefore(session.events, sign.row?.index))}`}. The server had refused nothing.`,
      evidence: rowAt(session, begun.index),
      remedy: remedyFor(method),
      confidence: {
        level: cancelled ? 'high' : 'medium',
        because: cancelled ? 'the reply says so' : 'the server waited for an answer to its question',
      },
      unknown: cancelled ? [] : ['Why the client stopped is not in the log of the server: its own log or message tells.'],
    };
  },
};

function silenceBefore(events: readonly { readonly at: string }[], index: number | undefined): number {
  const [before, reply] = [events[(index ?? 0) - 1], events[index ?? 0]];
  return before && reply ? Date.parse(reply.at) - Date.parse(before.at) : 0;
}

const remedyFor = (method: string): Remedy[] => [
  advice(
    method === 'NTLM' || method === 'GSSAPI'
      ? `Set the device to the method LOGIN with STARTTLS on port 587, and enter user and password: ${method} needs a Windows account and software that knows it.`
      : 'Enter user and password on the device anew: an empty or unreadable password makes software stop here.',
  ),
  advice('Where no logon is needed, as on a relay connector, empty both fields or switch SMTP authentication off.'),
  advice('If it goes on, switch the log of the device or application on: it says what it did not like.'),
];

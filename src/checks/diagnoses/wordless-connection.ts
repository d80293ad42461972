/** Connects to a port of users, and nothing that it says ends a line: mostly TLS from the first octet on. */

import type { CaseDiagnosis } from '../diagnosis.ts';
import { portOf } from '../evidence/client-place.ts';
import { seconds } from '../evidence/sentence.ts';
import { delivered, greeted, logonOf, QUIT, secured } from '../examples/example-sessions.ts';
import { replySection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';

const AT_587 = { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587' };
const waiting = (ms: number, end = 'Remote(ConnectionReset)'): string => `+\n> {banner}\n@${ms} - | ${end}`;

export const wordlessConnection: CaseDiagnosis = {
  kind: 'case',
  id: 'wordless-connection',
  title: 'Connects, waits and says nothing, as "SSL" does',
  why: 'The beginning of a TLS handshake has no line end: the server waits for a command, the device for an answer, and the log stays empty.',
  severity: 'medium',
  references: [replySection('C3'), section('7.3')],
  rootOf: [],
  examples: {
    fires: [
      {
        about: 'a device set to SSL on port 587 that waits half a minute',
        sessions: [
          { ...AT_587, rows: waiting(30_000) },
          { ...AT_587, rows: waiting(30_000) },
        ],
        says: [/2 sessions/, '30.0 seconds', /STARTTLS/],
      },
      {
        about: 'it waits until the server gives up',
        sessions: [{ ...AT_587, rows: '+\n> {banner}\n@300000 > 451 4.7.0 Timeout waiting for client input\n- | Local' }],
        says: [/5 minutes/],
      },
    ],
    silent: [
      {
        about: 'a balancer that looks whether the port is open',
        sessions: [{ ...AT_587, rows: waiting(40, 'Remote(SocketError)') }],
      },
      { about: 'port 25', sessions: [{ rows: waiting(30_000) }] },
      {
        about: 'a client that also logs on there',
        sessions: [
          { ...AT_587, rows: waiting(30_000) },
          { ...AT_587, rows: `${greeted('app-01')}\n${secured('app-01')}\n${logonOf('app')}\n${delivered()}\n${QUIT}` },
        ],
      },
    ],
  },
  diagnose({ circumstances, subject }) {
    if (subject.kind !== 'client') return undefined;
    const found = circumstances.wordless();
    if (!found || found.others > 0) return undefined;
    const { sessions, latest } = found;
    const lasted = Date.parse(latest.endedAt) - Date.parse(latest.startedAt);
    const port = portOf(latest);
    return {
      what: `${sessions.toLocaleString('en-US')} ${sessions === 1 ? 'session' : 'sessions'} on port ${port} got the greeting and said nothing; the last stayed for ${seconds(lasted)}.`,
      cause: `The client connects to port ${port} and waits there, and the log shows no command of it. So does a device that is set to "SSL" (implicit TLS): it sends the beginning of a handshake, which has no line end, and waits for an answer, while Exchange waits for a line. A monitor that keeps connections open looks the same.`,
      session: latest,
      rows: [latest.events.length - 1],
      count: sessions,
      remedy: [
        advice(
          `Set the device to STARTTLS (also called "TLS" or "explicit TLS") instead of "SSL"${port === 465 ? ', and to port 587: at Exchange port 465 belongs to the Hub and does not speak TLS at once either' : `, on port ${port}`}.`,
        ),
        advice('If it is a monitor, nothing has to be done.'),
      ],
      confidence: { level: 'low', because: 'a log without a command does not tell what was sent' },
      unknown: ['What the client sent is not in the log: a network trace shows it in its first packet.'],
    };
  },
};

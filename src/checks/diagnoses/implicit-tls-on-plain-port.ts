/** The client speaks TLS from the first octet on; Exchange does that on no port. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { portOf } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { delivered, greeted, QUIT, secured, tarpitted } from '../examples/example-sessions.ts';
import { replySection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';

const UNKNOWN = tarpitted('500 5.3.3 Unrecognized command');
/** As far as the log shows it: a handshake record, its version, and what a line of it holds before the first line end. */
const HELLO = '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001?\u0003\u0003aQ';
const BINARY = `+\n> {banner}\n< ${HELLO}\n${UNKNOWN}`;

export const implicitTlsOnPlainPort: SessionDiagnosis = {
  kind: 'session',
  id: 'implicit-tls-on-plain-port',
  title: 'The device begins with TLS at once, which Exchange does nowhere',
  why: '"SSL" in a device mostly means TLS from the first octet on; Exchange waits for a plain EHLO on every port, 465 and 587 too.',
  severity: 'high',
  references: [replySection('C3'), section('7.3')],
  signs: ['unrecognized-command', 'command-too-long', 'too-many-errors', 'inactivity-timeout', 'hello-missing'],
  examples: {
    fires: [
      {
        about: 'a device set to SSL on port 587',
        sessions: [
          { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587', rows: `${BINARY}\n- | Remote(ConnectionReset)` },
        ],
        says: [/first octet/, /STARTTLS/, 'port 587'],
      },
      {
        about: "port 465, which is the Hub's own",
        sessions: [
          {
            connector: 'EX01\\Client Proxy EX01',
            to: '10.0.0.5:465',
            service: 'Hub',
            rows: `${BINARY}\n< ?,\n${UNKNOWN}\n- | Remote(SocketError)`,
          },
        ],
        says: [/465/, /587/],
      },
    ],
    silent: [
      { about: 'STARTTLS', sessions: [{ rows: `${greeted('app-01')}\n${secured('app-01')}\n${delivered()}\n${QUIT}` }] },
      {
        about: 'a command in letters that is not known',
        sessions: [{ rows: `+\n> {banner}\n< GET / HTTP/1.1\n${UNKNOWN}\n- | Remote(SocketError)` }],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'send') return undefined;
    const hello = session.events.findIndex(({ event, data }) => event === '<' && isClientHello(data));
    if (hello < 0 || (sign.row && sign.row.index < hello)) return undefined;
    const before = session.events.slice(0, hello).some(({ event }) => event === '<');
    if (before) return undefined;
    const port = portOf(session);
    return {
      cause: `The client began with a TLS handshake as the very first octet, where Exchange waits for EHLO in plain letters: the server took it for a command that it does not know. The device is set to "SSL" (also called "SSL/TLS" or "implicit TLS")${port === 465 ? '. Port 465 makes no difference: at Exchange it belongs to the Hub, for what front ends hand over, and does not speak TLS at once either' : `, which Exchange offers on no port, port ${port} neither`}.`,
      evidence: rowAt(session, hello),
      remedy: [
        advice(
          `Set the device to STARTTLS (also called "TLS" or "explicit TLS") instead of "SSL"${port === 465 ? ', and to port 587 or 25' : `, on port ${port}`}.`,
        ),
        advice(portAdvice(session)),
      ],
      confidence: { level: 'high', because: 'the row begins as a TLS handshake does' },
    };
  },
};

/** A handshake record of SSL 3 or TLS; signs above 127 may have been written as others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it begins with
const isClientHello = (data: string): boolean => /^\u0016\u0003[\u0000-\u0004]/.test(data);

const portAdvice = (session: ExaminedSession): string =>
  portOf(session) === 25
    ? 'Where no encryption is needed, switch it off: port 25 takes plain sessions as well.'
    : 'Port 587 is for devices that log on; without a logon, use port 25.';

/** The client says what SMTP does not know, or in the wrong order; or something on the way has changed what it says. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { type RefusalSign, type Root, replyIdOf, type Sign } from '../evidence/sign.ts';
import { greeted, mailFrom, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import { type Evidence, propertyEvidence } from '../finding.ts';
import { replySection, section, TELNET_TEST } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';
import { quotation } from '../words/quotation.ts';

const UNRECOGNIZED = '500 5.3.3 Unrecognized command';

export const protocolError: SessionDiagnosis = {
  kind: 'session',
  id: 'protocol-error',
  title: 'Its commands are not SMTP',
  why: 'A server cannot serve a client that does not keep to the protocol; after a few errors it hangs up.',
  severity: 'medium',
  references: [TELNET_TEST, section('7.8'), section('7.9'), replySection('C3')],
  signs: [
    'unrecognized-command',
    'command-not-implemented',
    'command-not-allowed',
    'bad-sequence',
    'invalid-arguments',
    'unrecognized-parameter',
    'command-too-long',
    'too-many-errors',
    'sender-already-specified',
    'unsupported-body-type',
    'mail-option-not-authorized',
    'internal-extension-not-authorized',
    'mail-missing',
    'recipient-missing',
  ],
  examples: {
    fires: [
      {
        about: 'a firewall overwrites the commands',
        sessions: [
          {
            rows: `+\n> {banner}\n< XXXX crm.contoso.example\n${tarpitted(UNRECOGNIZED)}\n< HELO crm.contoso.example\n> 250 ex01.contoso.example Hello [10.0.20.12]\n< MAIL FROM:<a@contoso.example> XXXXXXXX\n${tarpitted('501 5.5.4 Invalid arguments')}\n${QUIT}`,
          },
        ],
        says: [/firewall/, 'no inspect esmtp', '"XXXX crm.contoso.example"'],
      },
      {
        about: 'a firewall on the way out shows a banner of asterisks',
        sessions: [
          {
            direction: 'send',
            from: '203.0.113.25',
            rows: `* | attempting to connect\n+\n< 220 ${'*'.repeat(40)}\n> EHLO ex01.contoso.example\n< 500 5.3.3 Unrecognized command\n> HELO ex01.contoso.example\n< 250 mx.fabrikam.example Hello\n> MAIL FROM:<a@contoso.example> SIZE=900\n< 501 5.5.4 Invalid arguments\n> QUIT\n< 221 Bye\n- | Local`,
          },
        ],
        says: ['asterisks', 'no inspect esmtp'],
      },
      {
        about: 'a browser or scanner that speaks HTTP',
        sessions: [
          {
            rows: `+\n> {banner}\n< GET / HTTP/1.1\n${tarpitted(UNRECOGNIZED)}\n< Host: ex01\n${tarpitted(UNRECOGNIZED)}\n- | Remote(SocketError)`,
          },
        ],
        says: ['HTTP'],
      },
      {
        about: 'wrong commands until the server hangs up',
        sessions: [
          {
            rows: `${greeted('job')}\n${Array.from({ length: 5 }, () => `< SEND mail\n${tarpitted(UNRECOGNIZED)}`).join('\n')}\n< SEND mail\n> 421 4.7.0 Too many errors on this connection, closing transmission channel\n- | Local`,
          },
        ],
        says: ['"SEND mail"', '5 times', 'Too many errors'],
      },
      {
        about: 'MAIL without FROM',
        sessions: [
          { rows: `${greeted('job')}\n< MAIL TO:<a@contoso.example>\n${tarpitted('501 5.5.4 Unrecognized parameter')}\n${QUIT}` },
        ],
        says: ['MAIL FROM:<sender>'],
      },
      {
        about: 'a second message begun before the first has ended',
        sessions: [
          {
            rows: `${greeted('job')}\n${mailFrom()}\n< MAIL FROM:<b@contoso.example>\n${tarpitted('503 5.5.2 Sender already specified')}\n${QUIT}`,
          },
        ],
        says: ['RSET'],
      },
      {
        about: 'DATA without any recipient',
        sessions: [{ rows: `${greeted('job')}\n${mailFrom()}\n< DATA\n${tarpitted('503 5.5.2 Need rcpt command')}\n${QUIT}` }],
        says: ['no recipient'],
      },
    ],
    silent: [
      {
        about: 'all recipients were refused, and it goes on regardless',
        sessions: [
          {
            rows: `${greeted('job')}\n${mailFrom()}\n< RCPT TO:<x@fabrikam.example>\n${tarpitted('550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain')}\n< DATA\n${tarpitted('503 5.5.2 Need rcpt command')}\n${QUIT}`,
          },
        ],
      },
      {
        about: 'STARTTLS that is not offered',
        sessions: [{ rows: `${greeted('job', 'SIZE 37748736, PIPELINING')}\n< STARTTLS\n${tarpitted(UNRECOGNIZED)}\n${QUIT}` }],
      },
      {
        about: 'a TLS handshake on a plain port',
        sessions: [
          {
            rows: `+\n> {banner}\n< \u0016\u0003\u0001\u0002\u0000\u0001\n${tarpitted(UNRECOGNIZED)}\n- | Remote(ConnectionReset)`,
          },
        ],
      },
      { about: 'all in order', sessions: [{ rows: workingSession('job') }] },
    ],
  },
  diagnose(root, { session }, theCase) {
    const { sign } = root;
    if (sign.kind !== 'refusal') return undefined;
    const inspected = byFirewall(session);
    if (inspected) return inspected;
    if (session.direction === 'send') return undefined;
    const said = sign.command?.event.data ?? '';
    // TLS from the first octet, and STARTTLS or AUTH that are not offered, are diagnoses of their own.
    if (/[\p{Cc}\ufffd]/u.test(said.slice(0, 8).replaceAll('\t', ' ')) || ['starttls', 'auth'].includes(sign.refusal.command))
      return undefined;
    return byOtherProtocol(session, sign) ?? byCommands(root, sign, session, theCase);
  },
};

// --- something on the way -------------------------------------------------------------------------------------------

const SWITCH_OFF = [
  advice(
    'Switch off the inspection of SMTP on the firewall between the two: "no inspect esmtp" on Cisco ASA, "no fixup protocol smtp 25" on PIX; others call it SMTP proxy, helper or application layer gateway.',
  ),
  advice('Or let the connection pass by a way without it, to see whether it is the reason.'),
];

function byFirewall(session: ExaminedSession): Diagnosed | undefined {
  const theirs = session.direction === 'receive' ? '<' : '>';
  const masked = session.events.flatMap(({ event, data }, index) =>
    event === theirs && /(?:^|\s)X{4,}(?:\s|$)/.test(data) && session.direction === 'receive' ? [index] : [],
  );
  const banner =
    session.direction === 'send'
      ? session.events.findIndex(({ event, data }) => event === '<' && /^220[ -].*\*{6,}/.test(data))
      : -1;
  const extension =
    session.direction === 'send'
      ? session.events.findIndex(({ event, data }) => event === '<' && /^250[ -].*\bX{3,}[A-Z]\b/.test(data))
      : -1;
  const places = [...masked.slice(0, 2), ...(banner < 0 ? [] : [banner]), ...(extension < 0 ? [] : [extension])];
  if (places.length === 0) return undefined;
  const first = quotation(session.events[places[0]!]!.data);
  return {
    cause:
      session.direction === 'receive'
        ? `A firewall between the client and the server inspects SMTP and overwrites what it does not know: ${first} arrived, which no software says of itself.`
        : `A firewall between this server and the next hop inspects SMTP: ${banner >= 0 ? 'the greeting arrived as asterisks' : `the answer to EHLO arrived as ${first}`}, and commands are overwritten on their way in the same manner.`,
    evidence: places.flatMap((place) => rowAt(session, place)),
    remedy: SWITCH_OFF,
    confidence: { level: 'high', because: 'the overwritten words are in the rows' },
  };
}

function byOtherProtocol(session: ExaminedSession, sign: RefusalSign): Diagnosed | undefined {
  const said = session.events.filter(({ event }) => event === '<').map(({ data }) => data);
  const http = said.find((data) => /^(?:GET|POST|HEAD|OPTIONS|PUT|CONNECT) \S+(?: HTTP\/|$)/.test(data));
  if (!http || sign.refusal.command !== 'other') return undefined;
  return {
    severity: 'low',
    cause: `The client speaks HTTP (${quotation(http)}): it is no mail client, but a browser, a scanner of the network, or monitoring that was set to the wrong port.`,
    remedy: [
      advice('If it is yours, correct the port or the kind of check there; a check of SMTP waits for 220 and says QUIT.'),
      advice('If it is not, nothing is lost by the refusal; a firewall can keep it away.'),
    ],
    confidence: { level: 'high', because: 'the rows show it' },
  };
}

// --- the client itself ------------------------------------------------------------------------------------------------

function byCommands(
  root: Root,
  sign: RefusalSign,
  session: ExaminedSession,
  theCase: Parameters<typeof configuredConnector>[0],
): Diagnosed {
  const errors = [sign, ...root.consequences].filter((one): one is RefusalSign => isError(one));
  const hungUp = [sign, ...root.consequences].some((one) => replyIdOf(one) === 'too-many-errors');
  const configured = configuredConnector(theCase, session);
  const served = session.messagesAccepted > 0;
  return {
    ...(served ? { severity: 'low' as const } : {}),
    cause: [
      wordsOf(sign),
      errors.length > 1 || hungUp ? `Refused were ${commandsOf(errors)}.` : '',
      hungUp
        ? `Too many errors made the server hang up (MaxProtocolErrors${typeof configured?.properties.MaxProtocolErrors === 'number' ? ` ${configured.properties.MaxProtocolErrors}` : ', 5 unless it was changed'}).`
        : '',
      served ? 'Its messages were taken all the same.' : '',
    ]
      .filter(Boolean)
      .join(' '),
    evidence: [
      ...errors.slice(0, 2).flatMap((one): Evidence[] => (one.command ? rowAt(session, one.command.index) : [])),
      ...(hungUp && configured ? propertyEvidence(configured, 'MaxProtocolErrors') : []),
    ],
    remedy: remedyOf(sign),
    confidence: sign.command
      ? { level: 'high', because: 'the commands are in the rows' }
      : { level: 'medium', because: 'the reply says it' },
  };
}

const isError = (sign: Sign): boolean => sign.kind === 'refusal' && replyIdOf(sign) !== 'too-many-errors';

/** `"SEND mail" 5 times and "HALLO" once`. */
function commandsOf(errors: readonly RefusalSign[]): string {
  const times = new Map<string, number>();
  for (const { command, refusal } of errors) {
    const words = quotation(command?.event.data || refusal.text);
    times.set(words, (times.get(words) ?? 0) + 1);
  }
  return (
    enumerate([...times].map(([words, n]) => `${words} ${n === 1 ? 'once' : n === 2 ? 'twice' : `${count(n, 'time')}`}`)) ||
    'several commands'
  );
}

function wordsOf(sign: RefusalSign): string {
  const said = sign.command ? quotation(sign.command.event.data) : 'a command that is not in the log';
  switch (replyIdOf(sign)) {
    case 'command-too-long':
      return 'The client sent a line of more than 32,768 characters where a command is expected, as it happens where the text of a message is sent without DATA.';
    case 'unrecognized-parameter':
      return `The client said ${said}: the word FROM: or TO: is missing or misspelt in it.`;
    case 'invalid-arguments':
      return `The client said ${said}: what stands behind the command or the address is not known, or not offered on this connector.`;
    case 'sender-already-specified':
      return `The client began a second message (${said}) before the first was ended or taken back with RSET.`;
    case 'recipient-missing':
      return `The client said ${said}, and no recipient had been named.`;
    case 'mail-missing':
      return `The client said ${said}, and no message had been begun with MAIL FROM.`;
    case 'unsupported-body-type':
      return `The client said ${said}, and BODY= has a value that the connector does not offer.`;
    case 'mail-option-not-authorized':
    case 'internal-extension-not-authorized':
      return `The client said ${said}, which only Exchange servers of the own organisation may say.`;
    case 'bad-sequence':
      return `The client said ${said} at a point where it does not belong.`;
    case 'command-not-implemented':
      return `The client said ${said}, which the server knows and does not do.`;
    default:
      return `The client said ${said}, which is no command that the server takes.`;
  }
}

function remedyOf(sign: RefusalSign) {
  switch (replyIdOf(sign)) {
    case 'unrecognized-parameter':
      return [
        advice(
          'In a script write MAIL FROM:<sender> and RCPT TO:<recipient>; a program for mail that does otherwise has to be updated.',
        ),
      ];
    case 'sender-already-specified':
      return [advice('Update the software: after a refusal it has to send RSET before the next message.')];
    case 'recipient-missing':
    case 'mail-missing':
      return [advice('Look at what the application was given: most likely its list of recipients, or its sender, was empty.')];
    case 'internal-extension-not-authorized':
    case 'mail-option-not-authorized':
      return [
        advice(
          'If the client is an Exchange server, it landed on the wrong connector: take its address out of the ranges of relay connectors ("relaylens match" shows which takes it).',
        ),
        advice('If it is an application, switch that option off there.'),
      ];
    default:
      return [
        advice(
          'Update the software of the device or application; if it is a script, use a library for mail instead of a socket.',
        ),
        advice('If nobody knows the client, it may be a scanner of the network that tries what the server does.'),
      ];
  }
}

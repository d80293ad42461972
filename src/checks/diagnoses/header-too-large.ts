/** The header lines of the message are longer than the connector takes. */

import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { delivered, greeted, mailFrom, QUIT, tarpitted } from '../examples/example-sessions.ts';
import { propertyEvidence } from '../finding.ts';
import { replySection, SIZE_LIMITS, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { exactByteCount } from '../words/byte-count.ts';

const CONTEXT = /^(?:AccumulatedMessageSize|HeaderSize): (\d+) > MaxHeaderSize: (\d+)/;
const TOO_LARGE = '552 5.3.4 Header size exceeds fixed maximum size';
const atEnd = (rows: string, reply = TOO_LARGE): string =>
  `${greeted('app')}\n${mailFrom('app@contoso.example')}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n${rows}\n${tarpitted(reply)}\n${QUIT}`;

export const headerTooLarge: SessionDiagnosis = {
  kind: 'session',
  id: 'header-too-large',
  title: 'The header of the message is too big',
  why: 'The limit of the header is small, so that a message with thousands of header lines cannot wear the server out.',
  severity: 'medium',
  references: [SIZE_LIMITS, section('1.1'), replySection('C8')],
  signs: ['header-too-large'],
  examples: {
    fires: [
      {
        about: 'with the numbers',
        sessions: [{ rows: atEnd('* | HeaderSize: 301000 > MaxHeaderSize: 262144') }],
        says: ['293.9 KB (301,000 bytes)', '256 KB', '-MaxHeaderSize "512KB"'],
      },
      { about: 'the reply alone', sessions: [{ rows: atEnd('') }], says: ['one recipient'] },
    ],
    silent: [
      {
        about: 'the whole message is too big',
        sessions: [
          {
            rows: atEnd(
              '* | AccumulatedMessageSize: 37748801 > MessageSizeLimit: 37748736',
              '552 5.3.4 Message size exceeds fixed maximum message size',
            ),
          },
        ],
      },
      { about: 'it is taken', sessions: [{ rows: `${greeted('app')}\n${delivered()}\n${QUIT}` }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const context = sign.contexts.find(({ event }) => CONTEXT.test(event.context));
    const [, size, limit] = context ? CONTEXT.exec(context.event.context)!.map(Number) : [];
    const recipients = session.transactions.at(-1)?.recipients.length ?? 0;
    const connector = connectorOf(theCase, session);
    const configured = configuredConnector(theCase, session);
    return {
      cause: `The lines before the text of the message (To, Received and all others)${size ? ` are ${exactByteCount(size)} long, and ${landedOn(session)} takes ${exactByteCount(limit!)}` : ` are longer than ${landedOn(session)} takes`}. The envelope had ${recipients === 1 ? 'one recipient' : `${recipients} recipients`}${recipients > 100 ? ', and all of them may stand in the To line' : ', so the application writes very long lines of its own, or the message has gone round in circles'}.`,
      evidence: [
        ...(context ? rowAt(session, context.index) : []),
        ...(configured ? propertyEvidence(configured, 'MaxHeaderSize') : []),
      ],
      remedy: [
        advice(
          'Let the application write shorter header lines: no lists of recipients in To or Cc (Bcc leaves no line), no data in X- lines.',
        ),
        advice('If the message has hundreds of Received lines, it goes round in circles: find the loop first.'),
        ...(connector
          ? [
              advice('Or let the connector take more:'),
              setConnector(connector, { MaxHeaderSize: roomyHeader(size ?? 0, limit ?? configured?.properties.MaxHeaderSize) }),
            ]
          : []),
      ],
      confidence: context
        ? { level: 'high', because: 'the row shows both numbers' }
        : { level: 'medium', because: 'the reply says it' },
    };
  },
};

/** More than the message has and than is taken now, in steps of 64 KB; never less than 512 KB. */
function roomyHeader(size: number, limit: number | 'Unlimited' | undefined): string {
  const wanted = Math.max(size * 1.2, typeof limit === 'number' ? limit * 1.5 : 0);
  return `${Math.max(512, Math.ceil(wanted / 65_536) * 64)}KB`;
}

/** The message has more recipients than the connector takes at once. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { DEFAULT_FRONTEND, greeted, mailFrom, QUIT, workingSession } from '../examples/example-sessions.ts';
import { propertyEvidence } from '../finding.ts';
import { RATE_LIMITS, replySection, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';

const TOO_MANY = '452 4.5.3 Too many recipients';
const taken = (n: number): string =>
  Array.from({ length: n }, (_, index) => `< RCPT TO:<r${index}@contoso.example>\n> 250 2.1.5 Recipient OK`).join('\n');
const refused = `< RCPT TO:<x@contoso.example>\n> ${TOO_MANY}\n< RCPT TO:<y@contoso.example>\n> ${TOO_MANY}`;
const CONTENT = '< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued}';

export const tooManyRecipients: SessionDiagnosis = {
  kind: 'session',
  id: 'too-many-recipients',
  title: 'One message has too many recipients',
  why: 'Who does not send the rest in another message loses it: those accepted before get the mail, the others do not.',
  severity: 'medium',
  references: [RATE_LIMITS, section('6'), replySection('C7')],
  signs: ['too-many-recipients'],
  examples: {
    fires: [
      {
        about: 'the first ones get it, the others do not',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, MaxRecipientsPerMessage: 5 }] },
        sessions: [
          { rows: `${greeted('crm')}\n${mailFrom('crm@contoso.example')}\n${taken(5)}\n${refused}\n${CONTENT}\n${QUIT}` },
        ],
        says: ['5 recipients were accepted', 'the other 2 are missing', 'MaxRecipientsPerMessage'],
      },
      {
        about: 'the client gives up altogether',
        sessions: [{ rows: `${greeted('crm')}\n${mailFrom('crm@contoso.example')}\n${taken(3)}\n${refused}\n${QUIT}` }],
        says: ['gave up'],
      },
      {
        about: 'it sends the rest in the same session',
        sessions: [
          {
            rows: `${greeted('mta')}\n${mailFrom('list@contoso.example')}\n${taken(3)}\n${refused}\n${CONTENT}\n${mailFrom('list@contoso.example')}\n< RCPT TO:<x@contoso.example>\n> 250 2.1.5 Recipient OK\n< RCPT TO:<y@contoso.example>\n> 250 2.1.5 Recipient OK\n${CONTENT}\n${QUIT}`,
          },
        ],
        says: ['nothing was lost'],
      },
    ],
    silent: [
      { about: 'all are taken', sessions: [{ rows: workingSession('crm') }] },
      {
        about: 'no room on the server',
        sessions: [
          { rows: `${greeted('crm')}\n< MAIL FROM:<a@contoso.example>\n> 452 4.3.1 Insufficient system resources\n${QUIT}` },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const message = session.transactions.find(({ recipients }) => recipients.some(({ reply }) => reply?.startsWith('452 4.5.3')));
    if (!message) return undefined;
    const accepted = message.recipients.filter((one) => one.accepted).length;
    const rest = message.recipients.filter(({ reply }) => reply?.startsWith('452 4.5.3')).map(({ address }) => address);
    const later = sentLater(session, message, rest);
    const configured = configuredConnector(theCase, session);
    const connector = connectorOf(theCase, session);
    const limit = configured?.properties.MaxRecipientsPerMessage ?? accepted;
    return {
      ...(later ? { severity: 'info' as const } : {}),
      cause: [
        `${count(accepted, 'recipient')} ${accepted === 1 ? 'was' : 'were'} accepted, then ${landedOn(session)} had as many as one message may have there.`,
        later
          ? 'The client sent the rest in another message, so nothing was lost.'
          : message.state === 'accepted'
            ? `The message went to those; the other ${rest.length} are missing unless the client sends them later.`
            : `The client gave up, and nobody got the message.`,
      ].join(' '),
      evidence: configured ? propertyEvidence(configured, 'MaxRecipientsPerMessage') : [],
      remedy: later
        ? [advice('Nothing has to be done: 452 asks a mail server to send the rest by itself, and this one does.')]
        : [
            advice(
              `Let the application send its message to at most ${limit} recipients at a time, or to a distribution group, which counts as one.`,
            ),
            ...(connector
              ? [
                  advice(
                    'Or let the connector take more; the organisation takes 500 a message unless it was changed (MaxRecipientEnvelopeLimit):',
                  ),
                  setConnector(connector, { MaxRecipientsPerMessage: roomyLimit(accepted + rest.length) }),
                ]
              : []),
          ],
      confidence: configured
        ? { level: 'high', because: 'the rows and the configuration say it' }
        : { level: 'high', because: 'the rows count them' },
    };
  },
};

type Message = ExaminedSession['transactions'][number];

const sentLater = ({ transactions }: ExaminedSession, message: Message, rest: readonly string[]): boolean =>
  rest.every((address) =>
    transactions.some(
      (one) =>
        one !== message &&
        one.state === 'accepted' &&
        one.recipients.some((other) => other.accepted && other.address === address),
    ),
  );

/** The next full hundred above, and 500 at least, which is what the organisation takes. */
const roomyLimit = (wanted: number): number => Math.max(500, Math.ceil(wanted / 100) * 100);

/** The message is bigger than the connector, the Hub or the organisation takes. */
import { literal } from '../../powershell/quoting.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { replyIdOf } from '../evidence/sign.ts';
import { type SizeExcess, sizeExcess } from '../evidence/size-excess.ts';
import { DEFAULT_FRONTEND, delivered, greeted, mailFrom, QUIT, tarpitted } from '../examples/example-sessions.ts';
import { propertyEvidence, type Remedy } from '../finding.ts';
import { logSection, replySection, SIZE_LIMITS } from '../references.ts';
import { advice, powershell, setConnector } from '../remedies/commands.ts';
import { asFile, byteCount, exactByteCount, roomFor } from '../words/byte-count.ts';

const TOO_LARGE = '552 5.3.4 Message size exceeds fixed maximum message size';
const RCPT = '< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>';
const atEnd = (rows: string): string => `${greeted('mfp-02')}\n${mailFrom()}\n${RCPT}\n${rows}\n${tarpitted(TOO_LARGE)}\n${QUIT}`;

export const messageTooLarge: SessionDiagnosis = {
  kind: 'session',
  id: 'message-too-large',
  title: 'The message is too big',
  why: 'Several limits hold one after the other (connector, Hub, organisation, recipient), and the smallest decides.',
  severity: 'medium',
  references: [SIZE_LIMITS, logSection('7.10'), replySection('C6'), replySection('C8')],
  signs: ['announced-size-exceeded', 'message-too-large'],
  examples: {
    fires: [
      {
        about: 'announced, and refused at once',
        sessions: [
          { rows: `${greeted('mfp-02')}\n< MAIL FROM:<scan@contoso.example> SIZE=50541363\n${tarpitted(TOO_LARGE)}\n${QUIT}` },
        ],
        says: ['announced 48.2 MB (50,541,363 bytes)', '36 MB', '-MaxMessageSize "55MB"', 'Get-TransportConfig'],
      },
      {
        about: 'counted while it came, with the limit of the connector known',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, MaxMessageSize: 37748736 }] },
        sessions: [{ rows: atEnd('@9000 * | AccumulatedMessageSize: 37748801 > MessageSizeLimit: 37748736') }],
        says: ['announced no size', '26.3 MB', 'Set-ReceiveConnector -Identity "EX01\\Default Frontend EX01"'],
      },
      {
        about: 'the limit is smaller than the connector offers',
        sessions: [{ rows: atEnd('@2000 * | AccumulatedMessageSize: 14680064 > MessageSizeLimit: 10485760') }],
        says: ['10 MB', 'less than the 36 MB', 'Set-TransportConfig -MaxReceiveSize "20MB"'],
      },
      {
        about: 'the Hub refused what the front end took',
        sessions: [{ rows: atEnd(`@2000 * | Message or connection acked with status Fail and response ${TOO_LARGE}`) }],
        says: ['behind it'],
      },
    ],
    silent: [
      {
        about: 'the header is what is too big',
        sessions: [
          {
            rows: `${greeted('app')}\n${mailFrom()}\n${RCPT}\n* | HeaderSize: 262200 > MaxHeaderSize: 262144\n${tarpitted('552 5.3.4 Header size exceeds fixed maximum size')}\n${QUIT}`,
          },
        ],
      },
      { about: 'it is taken', sessions: [{ rows: `${greeted('mfp-02')}\n${delivered('anna@contoso.example')}\n${QUIT}` }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const excess = sizeExcess(sign, session, theCase);
    const configured = configuredConnector(theCase, session);
    const { offer, context } = excess;
    return {
      cause: [
        sizeWords(excess),
        limitWords(excess, session),
        replyIdOf(sign) === 'message-too-large' && !announced(session) && offer >= 0
          ? 'The client announced no size, so that the whole message was sent before it could be refused.'
          : '',
      ]
        .filter(Boolean)
        .join(' '),
      evidence: [
        ...(context ? rowAt(session, context.index) : []),
        ...(sign.refusal.command === 'mail' && sign.command ? rowAt(session, sign.command.index) : []),
        ...(offer >= 0 ? rowAt(session, offer) : []),
        ...(configured ? propertyEvidence(configured, 'MaxMessageSize') : []),
      ],
      remedy: remedyOf(excess, session, theCase),
      confidence:
        excess.size !== undefined && excess.limit !== undefined
          ? { level: 'high', because: 'the rows show the size and the limit' }
          : { level: 'medium', because: 'the reply says it' },
      unknown: unknownOf(excess),
    };
  },
};

const announced = ({ events }: ExaminedSession): boolean => events.some(({ data }) => /^\s*MAIL\b.*\sSIZE=[1-9]/i.test(data));

function sizeWords({ size, sizeIs }: SizeExcess): string {
  if (size === undefined) return 'The message is bigger than it may be; how big it is, the rows do not tell.';
  return sizeIs === 'announced'
    ? `The client announced ${exactByteCount(size)}.`
    : `The message had come to ${exactByteCount(size)} when the limit was passed.`;
}

function limitWords({ limit, owner, size, offer }: SizeExcess, session: ExaminedSession): string {
  const on = landedOn(session);
  const files =
    limit === undefined
      ? ''
      : `, which is about ${byteCount(asFile(limit))} of files: they grow by a third when they are sent by mail`;
  const limitText =
    limit === undefined
      ? ''
      : size !== undefined && byteCount(size) === byteCount(limit)
        ? exactByteCount(limit)
        : byteCount(limit);
  switch (owner) {
    case 'connector':
      return limit === undefined ? `The limit is that of ${on}.` : `${on} takes ${limitText}${files}.`;
    case 'behind':
      return limit === undefined || (size !== undefined && size <= limit)
        ? `${on} would take it; the limit is one behind it, that of the Hub or of the organisation (10 MB unless it was changed).`
        : `The limit is ${limitText}${files}. That is less than ${offer >= 0 ? `the ${offeredWords(session, offer)} that` : 'what'} ${on} offers, so it is the limit of the Hub or of the organisation (10 MB unless it was changed).`;
    case 'unknown':
      return `Whether the limit is that of ${on} or one behind it, the rows do not tell.`;
  }
}

const offeredWords = ({ events }: ExaminedSession, offer: number): string =>
  byteCount(Number(/\bSIZE (\d+)/.exec(events[offer]!.data)![1]));

function remedyOf({ size, limit, owner }: SizeExcess, session: ExaminedSession, theCase: Case): Remedy[] {
  const connector = connectorOf(theCase, session);
  const room = roomFor(Math.max(size ?? 0, limit ?? 0, 10 * 1024 * 1024));
  const device = advice(
    'On the device: a lower resolution, black and white, PDF with high compression, or several messages; for an application: a link instead of the file.',
  );
  const organisation = [
    powershell('Get-TransportConfig | Format-List MaxReceiveSize, MaxSendSize'),
    ...(size === undefined
      ? [advice('Raise a limit that is smaller than the message; how big that is, the application or a saved copy shows.')]
      : [
          advice('Only if what is shown is smaller:'),
          powershell(`Set-TransportConfig -MaxReceiveSize "${room}" -MaxSendSize "${room}"`),
        ]),
  ];
  const hub = powershell(
    `Get-ReceiveConnector -Server ${literal(session.server || '<server>')} | Format-Table Name, TransportRole, MaxMessageSize`,
  );
  if (owner === 'behind')
    return [device, advice('Or raise the limits behind the connector, if mail of this size is wanted:'), hub, ...organisation];
  return [
    device,
    ...(connector
      ? [
          advice('Or raise the limit of the connector, if mail of this size is wanted; it holds for all of its clients:'),
          setConnector(connector, { MaxMessageSize: room }),
        ]
      : []),
    advice(
      'The connectors of the Hub and the organisation (10 MB unless it was changed) must take as much, or the message comes back later:',
    ),
    hub,
    ...organisation,
  ];
}

function unknownOf({ owner, size, limit }: SizeExcess): string[] {
  if (owner === 'behind')
    return [
      'Whether the Hub or the organisation refused it is not in the log of the front end: compare the two commands that begin with Get.',
    ];
  return size === undefined || limit === undefined
    ? ['Size and limit are not both in the rows: import Get-ReceiveConnector with "relaylens config import" for the limit.']
    : [];
}

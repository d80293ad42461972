/** More messages in a minute than the connector takes from one user or address. */
import { partsOf, type ReceiveConnector } from '../../connector/connector.ts';
import { serverOf } from '../../connector/organisation.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { loggedOnUser } from '../evidence/logged-on-user.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { DEFAULT_FRONTEND, delivered, greeted, workingSession } from '../examples/example-sessions.ts';
import { propertyEvidence, type Remedy } from '../finding.ts';
import { RATE_LIMITS, replySection, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';
import { shortened } from '../words/quotation.ts';

const EXCEEDED = '421 4.4.2 Message submission rate for this client has exceeded the configured limit';
const burst = (n: number): string =>
  `${greeted('git')}\n${Array.from({ length: n }, () => delivered('dev@contoso.example', 'git@contoso.example')).join('\n')}\n< MAIL FROM:<git@contoso.example>\n> ${EXCEEDED}\n- | Local`;

export const messageRateExceeded: SessionDiagnosis = {
  kind: 'session',
  id: 'message-rate-exceeded',
  title: 'More messages a minute than the connector takes',
  why: 'The connection is closed, and what the client does not try again is lost; on the connectors for users 5 messages a minute are taken.',
  severity: 'medium',
  references: [RATE_LIMITS, section('3'), replySection('C6')],
  signs: ['submission-rate-exceeded'],
  examples: {
    fires: [
      {
        about: 'the sixth message on port 587',
        sessions: [{ to: '10.0.0.5:587', connector: 'EX01\\Client Frontend EX01', rows: burst(5) }],
        says: ['6th message within a minute', 'Client Proxy EX01', '-MessageRateLimit'],
      },
      {
        about: 'with the limit known, which counts by address',
        configuration: {
          connectors: [
            { ...DEFAULT_FRONTEND, id: 'EX01\\Apps', from: '10.0.20.12', MessageRateLimit: 2, MessageRateSource: 'IPAddress' },
          ],
        },
        sessions: [{ connector: 'EX01\\Apps', rows: burst(2) }],
        says: ['2 messages a minute from one address', 'Set-ReceiveConnector -Identity "EX01\\Apps"'],
      },
      {
        about: 'few are seen, so that others must count along',
        sessions: [{ to: '10.0.0.5:587', connector: 'EX01\\Client Frontend EX01', rows: burst(1) }],
        says: ['not in the rows'],
      },
    ],
    silent: [
      {
        about: 'too many connections, not messages',
        sessions: [
          {
            rows: '+\n> 421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel\n- | Local',
          },
        ],
      },
      { about: 'all is taken', sessions: [{ rows: workingSession('git') }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const at = Date.parse(sign.refusal.at);
    const inMinute = theCase.circumstances.messagesInMinute(session.server, at);
    const configured = configuredConnector(theCase, session);
    const { MessageRateLimit: limit, MessageRateSource: source } = configured?.properties ?? {};
    const forUsers = /^Client (?:Frontend|Proxy) /i.test(partsOf(session.connector).name);
    const assumed = typeof limit === 'number' ? limit : forUsers ? 5 : undefined;
    const user = loggedOnUser(session, theCase);
    const few = assumed !== undefined && inMinute <= assumed;
    return {
      cause: [
        few
          ? `Only ${count(inMinute, 'message')} of the client within the minute before ${inMinute === 1 ? 'is' : 'are'} in the logs, and yet it was over the limit.`
          : `It was the ${ordinal(inMinute)} message within a minute${user ? ` (of ${shortened(user.user)})` : ''}.`,
        typeof limit === 'number'
          ? `${landedOn(session)} takes ${count(limit, 'message')} a minute ${perWhat(source)}.`
          : forUsers
            ? `${landedOn(session)} takes 5 messages a minute of one user, unless it was changed.`
            : `${landedOn(session)} has a MessageRateLimit, which setup does not give to connectors on port 25.`,
      ].join(' '),
      evidence: [
        ...(configured ? propertyEvidence(configured, 'MessageRateLimit', 'MessageRateSource') : []),
        ...(user?.evidence ?? []),
      ],
      remedy: [
        advice(
          `Let the application send more slowly, or one message to several recipients, and try again after 421${assumed ? ` (${assumed} a minute are taken)` : ''}.`,
        ),
        ...raise(session, theCase, inMinute),
        ...(forUsers
          ? [
              advice(
                'Or let it send on port 25 through a relay connector of its own, where no rate is limited unless you say so.',
              ),
            ]
          : []),
      ],
      confidence: few
        ? { level: 'medium', because: 'the reply says it, though few messages are seen' }
        : { level: 'high', because: 'the messages of that minute are in the rows' },
      unknown: few
        ? [
            `Who else counts along is not in the rows${source === 'IPAddress' ? ': other connectors or servers do not, but sessions whose log is missing do' : ': the same user may send from other addresses, or through connectors without logging'}.`,
          ]
        : [],
    };
  },
};

/** The default connectors of port 587 and behind them have to agree: mail passes both. */
function raise(session: ExaminedSession, theCase: Case, inMinute: number): Remedy[] {
  const connector = connectorOf(theCase, session);
  if (!connector) return [];
  const now = connector.properties.MessageRateLimit;
  const limit = Math.max(100, Math.ceil(inMinute / 50) * 50, typeof now === 'number' ? now * 2 : 0);
  const pair = partner(connector, theCase);
  return [
    advice(
      pair
        ? 'Or raise the limit, on both connectors through which the mail goes; a stolen password can then send as much:'
        : 'Or raise the limit of the connector:',
    ),
    setConnector(connector, { MessageRateLimit: limit }),
    ...(pair ? [setConnector(pair, { MessageRateLimit: limit })] : []),
  ];
}

function partner(connector: ReceiveConnector, { organisation }: Case): ReceiveConnector | undefined {
  const match = /^Client (Frontend|Proxy) (.+)$/i.exec(connector.name);
  if (!match) return undefined;
  const name = `Client ${/frontend/i.test(match[1]!) ? 'Proxy' : 'Frontend'} ${match[2]}`;
  const configured = serverOf(organisation, connector.server)?.connectors.find(
    (one) => one.name.toLowerCase() === name.toLowerCase(),
  );
  return configured ?? { ...connector, name };
}

function perWhat(source: string | undefined): string {
  switch (source) {
    case 'User':
      return 'of one user';
    case 'All':
      return 'of one user, and as many from one address';
    default:
      return 'from one address, whoever stands behind it';
  }
}

function ordinal(n: number): string {
  const ending = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n.toLocaleString('en-US')}${ending}`;
}

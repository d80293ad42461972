/** The client fell silent until the server gave up: after which step, and who may have swallowed what it said. */
import { timespanText } from '../../connector/property-text.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { momentWords, type Silence, silenceBefore } from '../evidence/silence.ts';
import { greeted, mailFrom, QUIT, workingSession } from '../examples/example-sessions.ts';
import { propertyEvidence, type Remedy } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { durationWords } from '../words/duration.ts';

const TIMEOUT = '451 4.7.0 Timeout waiting for client input';
const MINUTES_5 = 300_000;

export const idleTimeout: SessionDiagnosis = {
  kind: 'session',
  id: 'idle-timeout',
  title: 'The client fell silent until the server gave up',
  why: 'A connector ends a session in which nothing comes for some minutes; whatever the client meant to send then is lost or sent again.',
  severity: 'medium',
  references: [RECEIVE_CONNECTORS, replySection('C3')],
  signs: ['inactivity-timeout'],
  examples: {
    fires: [
      {
        about: 'in the middle of the message: something swallows the data',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${mailFrom('scan@contoso.example', ' SIZE=5242880')}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n@300000 > ${TIMEOUT}\n- | Local`,
          },
        ],
        says: [/in the middle of the message/, /5 minutes/, /firewall|virus/, /5\.0 MB/],
      },
      {
        about: 'between two commands',
        sessions: [{ rows: `${greeted('app')}\n${mailFrom()}\n@300000 > ${TIMEOUT}\n- | Local` }],
        says: [
          /after MAIL FROM/,
          'Set-ReceiveConnector -Identity "EX01\\Default Frontend EX01" -ConnectionInactivityTimeout "00:10:00" -ConnectionTimeout "00:20:00"',
        ],
      },
      {
        about: 'a shorter time is set on the connector',
        configuration: {
          connectors: [
            { id: 'EX01\\Default Frontend EX01', ConnectionInactivityTimeout: 60_000, PermissionGroups: ['AnonymousUsers'] },
          ],
        },
        sessions: [{ rows: `${greeted('app')}\n${mailFrom()}\n@60000 > ${TIMEOUT}\n- | Local` }],
        says: [/1 minute/, '-ConnectionInactivityTimeout "00:05:00"'],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ rows: workingSession('MFP-02') }] },
      {
        about: 'the mail was delivered before it fell silent',
        sessions: [{ rows: `${workingSession('app').replace(`\n${QUIT}`, '')}\n@300000 > ${TIMEOUT}\n- | Local` }],
      },
      {
        about: 'it was refused, and then stopped talking',
        sessions: [
          {
            rows: `${greeted('app')}\n${mailFrom()}\n< RCPT TO:<a@fabrikam.example>\n> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\n@300000 > ${TIMEOUT}\n- | Local`,
          },
        ],
      },
      {
        about: 'the client itself went',
        sessions: [{ rows: `${greeted('app')}\n${mailFrom()}\n@300000 - | Remote(ConnectionReset)` }],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase): Diagnosed | undefined {
    if (session.direction === 'send' || !sign.row) return undefined;
    const silence = silenceBefore(session, sign.row.index);
    const connector = configuredConnector(theCase, session);
    const limit = connector?.properties.ConnectionInactivityTimeout;
    const declared = declaredSize(session.events.map(({ data }) => data));
    return {
      cause: [
        `The client said nothing for ${durationWords(silence.lasted)} ${momentWords(silence)}, and ${landedOn(session)} ends a silent session${limit === undefined ? ' (ConnectionInactivityTimeout: 5 minutes unless it was changed)' : ` after ${timespanText(limit)} (ConnectionInactivityTimeout)`}.`,
        meaningOf(silence, declared),
      ].join(' '),
      evidence: [
        ...(silence.command ? rowAt(session, silence.command.index) : []),
        ...(connector ? propertyEvidence(connector, 'ConnectionInactivityTimeout') : []),
      ],
      remedy: [...ownRemedy(silence), ...raise(connectorOf(theCase, session), limit, silence)],
      confidence: {
        level: silence.moment === 'content' ? 'medium' : 'high',
        because:
          silence.moment === 'content'
            ? 'the log shows that no content came to an end, not what became of it'
            : 'the silence stands in the log',
      },
      unknown:
        silence.moment === 'content'
          ? [
              'Whether the client stopped or its data was lost on the way is not in the log of the server: a trace of the network on both sides shows it.',
            ]
          : [],
    };
  },
};

const declaredSize = (rows: readonly string[]): number | undefined => {
  const size = rows.map((data) => /^MAIL FROM:.* SIZE=(\d{1,15})/i.exec(data)?.[1]).findLast((one) => one !== undefined);
  return size === undefined ? undefined : Number(size);
};

function meaningOf(silence: Silence, declared: number | undefined): string {
  switch (silence.moment) {
    case 'content':
      return `The content never came to its end${declared ? `, of a message announced with ${(declared / 1_048_576).toFixed(1)} MB` : ''}: a firewall or a virus scanner on the way swallowed it, the packets are too large for the way (MTU), or the client broke down.`;
    case 'logon':
      return 'It was asked for user or password and did not answer: it does not understand the question, or has none set.';
    case 'idle':
    case 'answer':
    case 'command':
      return 'It keeps the session open and works on something else, or it waits for something that never comes.';
  }
}

function ownRemedy({ moment }: Silence): Remedy[] {
  switch (moment) {
    case 'content':
      return [
        advice('Take the inspection of SMTP off on the firewall and the virus scanner between the two, and try again.'),
        advice(
          'Send a small message from the same device: if that arrives and a large one does not, look at the MTU and at the inspecting device.',
        ),
      ];
    case 'logon':
      return [advice('Enter user and password on the device, or switch its SMTP authentication off where no logon is needed.')];
    case 'idle':
    case 'answer':
    case 'command':
      return [advice('Let the client open its session only when the message is ready, and close it with QUIT.')];
  }
}

/** More time helps only who is slow, not whose data is lost. */
function raise(connector: ReturnType<typeof connectorOf>, limit: number | undefined, { moment }: Silence): Remedy[] {
  if (!connector || moment === 'content') return [];
  const idle = limit !== undefined && limit < MINUTES_5 ? MINUTES_5 : 2 * MINUTES_5;
  // Exchange takes it only below the time that a whole session may last: ten minutes unless it was changed.
  const whole = connector.properties.ConnectionTimeout ?? 2 * MINUTES_5;
  return [
    advice('If the client cannot do better, give it more time:'),
    setConnector(connector, {
      ConnectionInactivityTimeout: timespanText(idle),
      ...(whole > idle ? {} : { ConnectionTimeout: timespanText(2 * idle) }),
    }),
  ];
}

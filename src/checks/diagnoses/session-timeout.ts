/** A session that is kept open longer than the connector allows: it ends at the next command, to the second. */
import { timespanText } from '../../connector/property-text.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { delivered, greeted, mailFrom, workingSession } from '../examples/example-sessions.ts';
import { propertyEvidence } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { durationWords } from '../words/duration.ts';
import { count } from '../words/enumeration.ts';

const TOO_OLD = '421 4.4.1 Connection timed out';
const MINUTES_10 = 600_000;
const HOUR = 3_600_000;

export const sessionTimeout: SessionDiagnosis = {
  kind: 'session',
  id: 'session-timeout',
  title: 'The session lasted longer than a session may',
  why: 'A connector ends every session after a fixed time, however busy it is; a job that sends everything over one connection breaks off in the middle.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, replySection('C3'), replySection('D')],
  signs: ['session-too-old'],
  examples: {
    fires: [
      {
        about: 'a job that sends for ten minutes over one connection',
        sessions: [
          {
            rows: `${greeted('batch')}\n${delivered('ops@contoso.example')}\n@299000 < NOOP\n> 250 2.0.0 OK\n@299500 ${delivered('all@contoso.example')}\n@4000 < MAIL FROM:<batch@contoso.example>\n> ${TOO_OLD}\n- | Local`,
          },
        ],
        says: [/10 minutes/, /2 messages/, '-ConnectionTimeout "01:00:00"'],
      },
      {
        about: 'nothing sent yet, and the limit is known',
        configuration: {
          connectors: [{ id: 'EX01\\Default Frontend EX01', ConnectionTimeout: 300_000, PermissionGroups: ['AnonymousUsers'] }],
        },
        sessions: [
          { rows: `${greeted('batch')}\n@150000 ${mailFrom()}\n@152000 < RCPT TO:<a@contoso.example>\n> ${TOO_OLD}\n- | Local` },
        ],
        says: [/00:05:00/, '-ConnectionTimeout "00:10:00"'],
      },
    ],
    silent: [
      { about: 'a short session', sessions: [{ rows: workingSession('batch') }] },
      {
        about: 'all was delivered before',
        sessions: [{ rows: `${greeted('batch')}\n${delivered('ops@contoso.example')}\n@600000 < NOOP\n> ${TOO_OLD}\n- | Local` }],
      },
      {
        about: 'it fell silent',
        sessions: [{ rows: `${greeted('app')}\n${mailFrom()}\n@300000 > 451 4.7.0 Timeout waiting for client input\n- | Local` }],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || !sign.row) return undefined;
    const lasted = Date.parse(sign.row.event.at) - Date.parse(session.startedAt);
    const configured = configuredConnector(theCase, session);
    const limit = configured?.properties.ConnectionTimeout;
    const connector = connectorOf(theCase, session);
    const sent = session.messagesAccepted;
    return {
      cause: [
        `The session had lasted ${durationWords(lasted)} when the client sent its next command, and ${landedOn(session)} ends each session after ${limit === undefined ? 'its ConnectionTimeout (10 minutes unless it was changed, 5 on an Edge server)' : `${timespanText(limit)} (ConnectionTimeout)`}.`,
        sent > 0
          ? `${count(sent, 'message')} had been accepted in it; what was to follow was not sent.`
          : 'No message had been accepted in it.',
      ].join(' '),
      evidence: [...rowAt(session, 0), ...(configured ? propertyEvidence(configured, 'ConnectionTimeout') : [])],
      remedy: [
        advice('Let the job open a new connection for each batch, and close it with QUIT.'),
        ...delaysOf(session.tarpitMs),
        ...(connector
          ? [
              advice(
                'If it cannot, give the sessions of the connector more time; each of them holds a connection of the server that long:',
              ),
              setConnector(connector, {
                ConnectionTimeout: timespanText(limit !== undefined && limit < MINUTES_10 ? MINUTES_10 : HOUR),
              }),
            ]
          : []),
      ],
      confidence: {
        level: limit === undefined || lasted >= limit ? 'high' : 'medium',
        because:
          limit === undefined
            ? 'the reply says it, and the session was that long'
            : lasted >= limit
              ? 'the configuration has the very limit'
              : 'the session was shorter than the limit of the configuration that was imported',
      },
    };
  },
};

/** Ten minutes go by sooner where each command waits five seconds. */
const delaysOf = (tarpitMs: number) =>
  tarpitMs < 30_000
    ? []
    : [
        advice(
          `${durationWords(tarpitMs)} of it went by in delays of the server (tarpit), which keep-alives and errors bring about: switch NOOP and needless RSET off in the client.`,
        ),
      ];

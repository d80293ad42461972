/** More connections at a time than the connector takes, from one address or from all. */
import type { ReceiveConnector } from '../../connector/connector.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { replyIdOf } from '../evidence/sign.ts';
import { DEFAULT_FRONTEND, greeted, mailFrom, QUIT, workingSession } from '../examples/example-sessions.ts';
import { propertyEvidence } from '../finding.ts';
import { RATE_LIMITS, replySection, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';

const OF_SOURCE = '421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel';
const OF_ALL = '421 4.3.2 The maximum number of concurrent server connections has exceeded a limit, closing transmission channel';
const AT = '2026-11-02T08:00:30.000Z';
const turnedAway = (reply: string) => ({ at: AT, rows: `+\n> ${reply}\n- | Local` });
/** Held open over that time. */
const held = (n: number, from = '10.0.20.12') =>
  Array.from({ length: n }, () => ({
    from,
    at: '2026-11-02T08:00:00.000Z',
    rows: `${greeted('mon')}\n@120000 < QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local`,
  }));

/** What the cmdlet gives a connector. */
const PER_SOURCE = 20;
const OF_THE_REST = 2;
const ALL = 5000;
const UNLIMITED = Number.MAX_SAFE_INTEGER;

export const connectionLimit: SessionDiagnosis = {
  kind: 'session',
  id: 'connection-limit',
  title: 'Too many connections at a time',
  why: 'The server closes the connection before its greeting; what the client does not try again is lost.',
  severity: 'high',
  references: [RATE_LIMITS, section('2.4'), replySection('C2')],
  signs: ['source-connections-exceeded', 'server-connections-exceeded'],
  examples: {
    fires: [
      {
        about: 'one client holds twenty open',
        sessions: [...held(20), turnedAway(OF_SOURCE)],
        says: ['had 20 others open', '-MaxInboundConnectionPerSource 100 -MaxInboundConnectionPercentagePerSource 10'],
      },
      {
        about: 'a small connector, of which one client gets two percent',
        configuration: {
          connectors: [
            {
              ...DEFAULT_FRONTEND,
              MaxInboundConnection: 100,
              MaxInboundConnectionPerSource: 20,
              MaxInboundConnectionPercentagePerSource: 2,
            },
          ],
        },
        sessions: [...held(2), turnedAway(OF_SOURCE)],
        says: ['2 percent of the connections that are still free', 'no more than 2'],
      },
      {
        about: 'few are in the logs',
        sessions: [turnedAway(OF_SOURCE)],
        says: ['ProtocolLoggingLevel'],
      },
      {
        about: 'the limit of all clients together',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, MaxInboundConnection: 3 }] },
        sessions: [...held(2, '10.0.30.7'), turnedAway(OF_ALL)],
        who: '10.0.20.12',
        says: ['3 connections of all clients together', 'MaxInboundConnection'],
      },
    ],
    silent: [
      {
        about: 'no connector takes the client',
        sessions: [{ connector: '', rows: '+\n> 421 4.3.2 Service not available\n- | Local' }],
      },
      { about: 'too many messages, not connections', sessions: [{ rows: `${greeted('a')}\n${mailFrom()}\n${QUIT}` }] },
      { about: 'all is taken', sessions: [{ rows: workingSession('mon') }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const at = Date.parse(sign.refusal.at);
    const own = Math.max(0, theCase.circumstances.parallelSessions(session.server, at) - 1);
    const all = Math.max(0, theCase.circumstances.parallelSessionsOfAll(session.server, at) - 1);
    const configured = configuredConnector(theCase, session);
    const connector = connectorOf(theCase, session);
    const seen = { own, all, on: landedOn(session) };
    const limits = limitsOf(configured);
    if (limits.all === UNLIMITED && limits.perSource === UNLIMITED)
      return {
        cause: `By the configuration that was imported ${seen.on} has no such limit: it was exported at another time than this happened.`,
        evidence: configured ? propertyEvidence(configured, 'MaxInboundConnection', 'MaxInboundConnectionPerSource') : [],
        remedy: [advice('Export the configuration again, import it, and ask again.')],
        confidence: { level: 'low', because: 'the log and the configuration contradict each other' },
      };
    return replyIdOf(sign) === 'server-connections-exceeded'
      ? ofAll(seen, connector, configured)
      : ofSource(seen, connector, configured);
  },
};

interface Seen {
  readonly own: number;
  readonly all: number;
  readonly on: string;
}

const NOT_LOGGED =
  'Connections that no log shows count as well: those of connectors without logging (ProtocolLoggingLevel None) and those that say nothing yet.';

function ofSource(
  { own, all, on }: Seen,
  connector: ReceiveConnector | undefined,
  configured: ReceiveConnector | undefined,
): Diagnosed {
  const limits = limitsOf(configured);
  const share = Math.ceil(((limits.all - all) * limits.percentage) / 100);
  const bySource = limits.perSource <= share;
  const limit = Math.min(limits.perSource, Math.max(share, 1));
  const enough = own >= limit;
  return {
    cause: [
      `The client had ${own === 1 ? 'one other' : own === 0 ? 'no others' : `${own} others`} open at that moment.`,
      bySource
        ? `${on} takes ${count(limits.perSource, 'connection')} from one address at a time${configured ? '' : ', unless it was changed'}.`
        : `One address gets no more than ${limits.percentage} percent of the connections that are still free on ${on} (MaxInboundConnection ${limits.all}), here no more than ${limit}.`,
      enough ? 'Either it does more side by side than it needs, or it does not close its connections.' : '',
    ]
      .filter(Boolean)
      .join(' '),
    evidence: configured
      ? propertyEvidence(
          configured,
          'MaxInboundConnection',
          'MaxInboundConnectionPerSource',
          'MaxInboundConnectionPercentagePerSource',
        )
      : [],
    remedy: [
      advice('Let the client send over fewer connections, and close each with QUIT when its messages are sent.'),
      ...(connector
        ? [
            advice(
              'Or let the connector take more from one address; from an address that you do not know that helps an attacker too:',
            ),
            setConnector(connector, {
              ...(limits.perSource < UNLIMITED
                ? { MaxInboundConnectionPerSource: Math.max(100, own * 2, limits.perSource * 2) }
                : {}),
              MaxInboundConnectionPercentagePerSource: Math.min(100, Math.max(10, limits.percentage * 2)),
              ...(limits.all < 1000 ? { MaxInboundConnection: 5000 } : {}),
            }),
          ]
        : []),
    ],
    confidence: enough
      ? { level: 'high', because: 'the sessions that were open are in the logs' }
      : { level: 'medium', because: 'the reply says it, though few open sessions are in the logs' },
    unknown: enough ? [] : [NOT_LOGGED],
  };
}

function ofAll(
  { all, own, on }: Seen,
  connector: ReceiveConnector | undefined,
  configured: ReceiveConnector | undefined,
): Diagnosed {
  const limits = limitsOf(configured);
  const most = own * 2 >= all && own > 1;
  return {
    cause: `${on} takes ${count(limits.all, 'connection')} of all clients together${configured ? '' : ', unless it was changed'}; ${count(all, 'other session')} of the server ${all === 1 ? 'was' : 'were'} under way at that moment${most ? `, ${own} of them this client's` : ''}. ${most ? 'This client itself takes the room away.' : 'This client is one of those who suffer, not the reason.'}`,
    evidence: configured ? propertyEvidence(configured, 'MaxInboundConnection') : [],
    remedy: [
      advice('Find out who keeps so many connections open: "relaylens sources" counts the sessions of each client.'),
      ...(connector
        ? [
            advice('If they are all wanted, let the connector take more:'),
            setConnector(connector, { MaxInboundConnection: Math.max(5000, limits.all * 2) }),
          ]
        : []),
    ],
    confidence: { level: 'high', because: 'the reply says it' },
    unknown: all + 1 < limits.all ? [NOT_LOGGED] : [],
  };
}

function limitsOf(configured: ReceiveConnector | undefined): { all: number; perSource: number; percentage: number } {
  const {
    MaxInboundConnection: all = ALL,
    MaxInboundConnectionPerSource: perSource = PER_SOURCE,
    MaxInboundConnectionPercentagePerSource: percentage = OF_THE_REST,
  } = configured?.properties ?? {};
  const number = (limit: number | 'Unlimited'): number => (limit === 'Unlimited' ? UNLIMITED : limit);
  return { all: number(all), perSource: number(perSource), percentage };
}

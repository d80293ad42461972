/** No receive connector takes the client's address where it came to: the server turns it away before the greeting. */
import { isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import type { Candidate } from '../../connector/explanation.ts';
import { matchClient } from '../../connector/matching.ts';
import { type ServerConfiguration, serverOf } from '../../connector/organisation.ts';
import { holds, parseAddress } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { addClient, addingHelps, landedOn, portOf } from '../evidence/client-place.ts';
import { othersRefused, othersWords } from '../evidence/other-clients.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { namedConnector } from '../evidence/session-connector.ts';
import { DEFAULT_FRONTEND, RELAY_CONNECTOR, TURNED_AWAY, workingSession } from '../examples/example-sessions.ts';
import type { Evidence, Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { RECEIVE_CONNECTORS, replySection, section } from '../references.ts';
import { advice, powershell, setConnector } from '../remedies/commands.ts';
import { filled } from '../remedies/filled-remedy.ts';
import { relaysPerhaps } from '../remedies/safe-change.ts';
import { enumerate } from '../words/enumeration.ts';

const OFFICE = { ...DEFAULT_FRONTEND, from: '10.0.0.0-10.0.19.255' } as const;

export const noConnector: SessionDiagnosis = {
  kind: 'session',
  id: 'no-connector',
  title: 'No receive connector takes its address',
  why: 'A client whose address is in the remote IP ranges of no connector is turned away before the greeting, whatever it wants.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, section('2.2'), replySection('C2')],
  signs: ['no-connector-for-client'],
  examples: {
    fires: [
      {
        about: 'an address just outside the ranges of every connector',
        configuration: { connectors: [OFFICE, RELAY_CONNECTOR] },
        sessions: [
          { connector: '', from: '10.0.20.77', rows: TURNED_AWAY },
          { from: '10.0.20.11', connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-01') },
        ],
        says: [/10\.0\.20\.10-10\.0\.20\.11/, /may relay/, 'Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01"'],
      },
      {
        about: 'the connector that holds it is disabled',
        configuration: { connectors: [OFFICE, { ...RELAY_CONNECTOR, Enabled: false }] },
        sessions: [{ connector: '', from: '10.0.20.11', rows: TURNED_AWAY }],
        says: ['Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -Enabled $true'],
      },
      {
        about: 'no configuration, but a neighbour that is taken',
        sessions: [
          { from: '10.0.20.11', connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-01') },
          { connector: '', from: '10.0.20.12', rows: TURNED_AWAY },
        ],
        who: '10.0.20.12',
        says: ['"Anon Relay EX01"', 'Get-ReceiveConnector -Server "EX01"', /config import/],
      },
      {
        about: 'nothing is known but the refusal, of two clients',
        sessions: [
          { connector: '', from: '192.168.77.20', rows: TURNED_AWAY },
          { connector: '', from: '192.168.77.21', rows: TURNED_AWAY },
        ],
        who: '192.168.77.20',
        says: [/1 other client/, /match 192\.168\.77\.20/],
      },
    ],
    silent: [
      { about: 'a connector took it, and the service is stopped', sessions: [{ rows: TURNED_AWAY }] },
      {
        about: 'a connector took it, and the component is inactive',
        sessions: [{ rows: '+\n> 421 4.3.2 Service not active\n- | Local' }],
      },
      { about: 'it is taken', sessions: [{ rows: workingSession('MFP-02') }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || session.connector !== '') return undefined;
    const others = othersRefused(theCase, session, sign);
    return byConfiguration(session, theCase, others) ?? byLog(session, theCase, others);
  },
};

/** `10.0.20.12 at 10.0.0.5:25`. */
const placeOf = ({ source, remoteEndpoint, localEndpoint, server }: ExaminedSession): string =>
  `${source ?? remoteEndpoint} at ${localEndpoint || 'its address'}${server === '' ? '' : ` of ${server}`}`;

// --- by the configuration -----------------------------------------------------------------------------------------

function byConfiguration(session: ExaminedSession, theCase: Case, others: number): Diagnosed | undefined {
  const server = serverIn(theCase, session);
  const remote = parseAddress(session.source ?? '');
  if (!server || !remote) return undefined;
  const local = parseAddress(parseEndpoint(session.localEndpoint).address);
  const { match } = matchClient(server.connectors, { remote, port: portOf(session), ...(local ? { local } : {}) });
  const { winner, candidates } = match.explanation;
  if (winner)
    return {
      cause: `By the configuration that was imported "${winner.connector.name}" takes ${placeOf(session)}, and yet no connector did: it was exported at another time than this happened, or the change has not reached the service.`,
      remedy: [
        advice('Export the configuration again, import it, and ask again.'),
        powershell('Restart-Service MSExchangeFrontEndTransport'),
      ],
      confidence: { level: 'low', because: 'the log and the configuration contradict each other' },
    };
  const assumed = session.server === '';
  const near = candidates.filter(({ obstacle }) => ['range', 'disabled', 'family', 'binding'].includes(obstacle ?? ''));
  // One that holds the address and is only switched off was meant for it, however near others come.
  const off = near.find(({ obstacle, range }) => obstacle === 'disabled' && range !== undefined && holds(range, remote));
  const nearest = off ?? near[0];
  return {
    cause: [
      `No connector takes ${placeOf(session)}.`,
      nearest ? `Nearest is "${nearest.connector.name}": ${nearest.because}.` : 'None of them listens there for such clients.',
      othersWords(others, session),
    ].join(' '),
    evidence: near.slice(0, 3).flatMap(rangesOf),
    remedy: nearest ? remedyOf(session, server, theCase, nearest, near) : [newConnector(session, server.server)],
    unknown: assumed
      ? [`The log does not name its server: ${server.server} is taken for it, the only one that was imported.`]
      : [],
    confidence: assumed
      ? { level: 'medium', because: 'the log has no connector, and does not name its server' }
      : session.attribution?.configurationIsLater
        ? { level: 'medium', because: 'the configuration that was imported is later than the session' }
        : { level: 'high', because: 'the log has no connector, and the configuration has none for the address' },
  };
}

/** Of the log, or the only one that was imported. */
function serverIn({ organisation }: Case, session: ExaminedSession): ServerConfiguration | undefined {
  if (session.server !== '') return serverOf(organisation, session.server);
  return organisation.servers.length === 1 ? organisation.servers[0] : undefined;
}

const rangesOf = ({ connector }: Candidate): Evidence[] => [
  {
    kind: 'property',
    connector: `${connector.server}\\${connector.name}`,
    property: 'RemoteIPRanges',
    value: enumerate(connector.remoteIPRanges.map(({ text }) => text)),
  },
];

function remedyOf(
  session: ExaminedSession,
  server: ServerConfiguration,
  theCase: Case,
  nearest: Candidate,
  near: readonly Candidate[],
): Remedy[] {
  const client = session.source!;
  const { organisation } = theCase;
  switch (nearest.obstacle) {
    case 'disabled':
      return [
        advice(`If "${nearest.connector.name}" was not switched off on purpose, switch it on again:`),
        setConnector(nearest.connector, { Enabled: true }),
      ];
    case 'family':
      return [
        advice(
          'Let the client come by the other version of IP (take the record of the address that it used out of DNS), or give the connector a binding and a range of this one:',
        ),
        setConnector(nearest.connector, {
          Bindings: { add: [client.includes(':') ? `[::]:${portOf(session)}` : `0.0.0.0:${portOf(session)}`] },
          RemoteIPRanges: { add: [client] },
        }),
      ];
    case 'binding':
      return [
        advice(
          `"${nearest.connector.name}" is bound to other addresses of the server: let the client connect to one of those, or add the binding:`,
        ),
        setConnector(nearest.connector, { Bindings: { add: [session.localEndpoint] } }),
      ];
    default:
      break;
  }
  const helps = near.filter(({ connector }) => isEnabled(connector) && addingHelps(server, connector, client, portOf(session)));
  const plain = helps.find(({ connector }) => !relaysPerhaps(organisation, connector))?.connector;
  const relay = helps.find(({ connector }) => relaysPerhaps(organisation, connector))?.connector;
  return [
    ...(isPublic(client)
      ? [advice(`${client} is a public address: if nobody expects mail from it here, it was rightly turned away.`)]
      : []),
    ...(plain
      ? [advice(`If it may send to your own domains, add it to "${plain.name}", which does not relay:`), addClient(plain, client)]
      : []),
    ...(relay && !isPublic(client)
      ? [advice(`If it may send to the outside, add it to "${relay.name}", whose clients may relay:`), addClient(relay, client)]
      : []),
    ...(plain || relay ? [] : [newConnector(session, server.server)]),
  ];
}

const newConnector = ({ source }: ExaminedSession, server: string): Remedy =>
  advice(
    `Give the client a connector of its own: "relaylens connectors new 'Devices' --server ${server} --ranges ${source ?? '<address>'}" prints the commands.`,
  );

// --- by the log ---------------------------------------------------------------------------------------------------

function byLog(session: ExaminedSession, theCase: Case, others: number): Diagnosed {
  const client = session.source ?? '<address>';
  const neighbour = theCase.twins.find(
    (twin) => twin.connector !== '' && twin.server === session.server && portOf(twin) === portOf(session),
  );
  const before = theCase.lastGood?.server === session.server && theCase.lastGood.connector !== '' ? theCase.lastGood : undefined;
  const known = before ?? neighbour;
  const good = known?.events.findIndex(({ event }) => event === '+') ?? -1;
  return {
    cause: [
      `The session has no connector: none has a range that holds ${placeOf(session)}.`,
      before ? `Before, ${landedOn(before)} took it there.` : '',
      !before && neighbour ? `Its neighbour ${neighbour.source} is taken by ${landedOn(neighbour)}.` : '',
      othersWords(others, session),
    ]
      .filter(Boolean)
      .join(' '),
    evidence: known && good >= 0 ? rowAt(known, good) : [],
    remedy: [
      powershell(
        session.server === ''
          ? 'Get-ReceiveConnector | Format-Table Identity, Enabled, Bindings, RemoteIPRanges'
          : filled('Get-ReceiveConnector -Server {server} | Format-Table Name, Enabled, Bindings, RemoteIPRanges', {
              server: session.server,
            }),
      ),
      ...(known
        ? [advice(`If the client belongs to those of ${landedOn(known)}, add it there:`), addClient(sketched(known), client)]
        : [
            advice(
              `Import that list ("relaylens config import"); "relaylens match ${client}" then shows which connector comes nearest. If the client may send at all, add its address to the connector that is meant for it.`,
            ),
          ]),
    ],
    confidence: { level: 'high', because: 'the row of the log has no connector' },
    unknown: [
      'Which ranges the connectors have is not in the logs: import Get-ReceiveConnector with "relaylens config import", and the nearest connector is named.',
    ],
  };
}

const sketched = (session: ExaminedSession): ReceiveConnector => namedConnector(session);

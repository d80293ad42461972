/** The front end could not hand the message over to a Hub behind it; its send log says why. */
import { partsOf, type ReceiveConnector } from '../../connector/connector.ts';
import { matchClient } from '../../connector/matching.ts';
import { serverOf } from '../../connector/organisation.ts';
import { parseAddress } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { ReplyId } from '../../smtp/reply-catalogue.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { thumbprintOf } from '../evidence/change.ts';
import { type HandOver, handOverOf } from '../evidence/hand-over.ts';
import { nextHopName, nextHopPort } from '../evidence/next-hop.ts';
import { othersRefused, othersWords } from '../evidence/other-clients.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { replyIdOf, type Sign } from '../evidence/sign.ts';
import { connectFailure } from '../evidence/winsock.ts';
import { DEFAULT_FRONTEND, greeted, mailFrom, QUIT, secured, workingSession } from '../examples/example-sessions.ts';
import type { Evidence, Remedy, Severity } from '../finding.ts';
import { replySection, TRANSPORT_PORTS } from '../references.ts';
import { advice, powershell, setConnector } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';

const PRX = (number: number): string => `451 4.7.0 Temporary server error. Please try again later. PRX${number} `;
const refused = (reply: string, context = ''): string =>
  `${greeted('MFP-02')}\n${mailFrom()}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n${context}@600 > ${reply}\n${QUIT}`;
const acked = (response: string): string => `@300 * | Message or connection acked with status Retry and response ${response}\n`;
const OWN = '08DE19A1B2C3D401';
const SEND = {
  from: '10.0.0.5',
  port: 2525,
  direction: 'send',
  connector: 'Inbound Proxy Internal Send Connector',
  at: '2026-11-02T08:00:00.200Z',
} as const;
const toHub = (rows: string): string =>
  `* SendRoutingHeaders | Set Session Permissions\n* | attempting to connect\n+\n< 220 ex01.contoso.example Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 09:02:00 +0100\n* | Proxying inbound session with session id ${OWN}\n> EHLO ex01.contoso.example\n${rows}\n- | Local`;

export const hubUnreachable: SessionDiagnosis = {
  kind: 'session',
  id: 'hub-unreachable',
  title: 'The front end cannot hand mail over to a Hub',
  why: 'The front end keeps no mail: what it cannot hand over to a transport service at once, it puts off, for every client and every message.',
  severity: 'critical',
  references: [TRANSPORT_PORTS, replySection('C9')],
  signs: [
    'hub-unknown',
    'hub-not-obtained',
    'hub-name-unresolved',
    'hub-unreachable',
    'hub-protocol-error',
    'hub-connection-broken',
    'hand-over-shutting-down',
    'hand-over-discarded',
    'hand-over-connections-exceeded',
    'internal-destination-unreachable',
    'no-recipient-succeeded',
    'client-proxy-failed',
    'authentication-temporarily-failed',
    'authentication-temporarily-impossible',
  ],
  examples: {
    fires: [
      {
        about: 'PRX3, and the send log says that the connection was refused',
        sessions: [
          { rows: refused(PRX(3), acked('421 4.2.1 Unable to connect')) },
          {
            ...SEND,
            rows: '* SendRoutingHeaders | Set Session Permissions\n* | attempting to connect\n@90 * | Failed to connect. Winsock error code: 10061, Win32 error code: 10061, Destination domain: ex01.contoso.example, Error Message: No connection could be made because the target machine actively refused it 10.0.0.5:2525.',
          },
        ],
        who: '10.0.20.12',
        says: [/10061/, 'Test-NetConnection "10.0.0.5" -Port 2525', /MSExchangeTransport/],
      },
      {
        about: 'PRX1: no Hub is active',
        sessions: [{ rows: refused(PRX(1), '* | No destinations could be obtained to proxy to\n') }],
        says: ['Set-ServerComponentState "EX01" -Component HubTransport -State Active'],
      },
      {
        about: 'PRX2: DNS',
        sessions: [{ rows: refused(PRX(2)) }],
        says: [/internal DNS servers/, /Get-DnsClientServerAddress/],
      },
      {
        about: 'PRX4, and another connector of the Hub takes the front end',
        configuration: {
          connectors: [
            DEFAULT_FRONTEND,
            {
              id: 'EX01\\Default EX01',
              on: '0.0.0.0:2525',
              TransportRole: 'HubTransport',
              AuthMechanism: ['Tls', 'ExchangeServer'],
            },
            { id: 'EX01\\Apps', on: '0.0.0.0:2525', from: '10.0.0.0/24', TransportRole: 'HubTransport', AuthMechanism: ['Tls'] },
          ],
        },
        sessions: [
          { rows: refused(PRX(4), acked('451 5.7.3 Cannot achieve Exchange Server authentication')) },
          { ...SEND, rows: toHub('< {hello SIZE, PIPELINING, STARTTLS}') },
        ],
        who: '10.0.20.12',
        says: [/"Apps" takes the front end/, 'Set-ReceiveConnector -Identity "EX01\\Apps" -RemoteIPRanges'],
      },
      {
        about: 'PRX4: the Hub is under back pressure',
        sessions: [
          { rows: refused(PRX(4), acked('452 4.3.1 Insufficient system resources')) },
          { ...SEND, rows: toHub('< 452 4.3.1 Insufficient system resources') },
        ],
        who: '10.0.20.12',
        says: [/452 4\.3\.1/, /back pressure/],
      },
      {
        about: 'PRX5: the certificate cannot be used',
        sessions: [
          { rows: refused(PRX(5), acked('454 4.7.0 Temporary authentication failure')) },
          {
            ...SEND,
            rows: toHub(
              '< {hello SIZE, X-ANONYMOUSTLS}\n> X-ANONYMOUSTLS\n< 220 2.0.0 SMTP server ready\n* {certificate}\n* {failed-tls UnknownCredentials}',
            ),
          },
        ],
        who: '10.0.20.12',
        says: [/UnknownCredentials/, 'Enable-ExchangeCertificate -Server "EX01" -Thumbprint "A1B2C3D4'],
      },
      {
        about: 'a session that had logged on',
        sessions: [
          {
            connector: 'EX01\\Client Frontend EX01',
            to: '10.0.0.5:587',
            rows: `${greeted('crm')}\n${secured('crm')}\n< AUTH LOGIN\n> 334 <authentication response>\n* crm@contoso.example | authenticated\n* | Setting up client proxy session failed with error: 421 4.2.1 Unable to connect\n> 454 4.7.0 Temporary authentication failure\n${QUIT}`,
          },
        ],
        says: [/logon was right/, /-Port 465/],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ rows: workingSession('MFP-02') }] },
      {
        about: 'the Hub refuses the message itself',
        sessions: [
          {
            rows: refused(
              '550 5.7.1 Message rejected as spam by Content Filtering.',
              '* | Message or connection acked with status Fail and response 550 5.7.1 Message rejected as spam by Content Filtering.\n',
            ),
          },
        ],
      },
      { about: 'the front end itself is short', sessions: [{ rows: refused('452 4.3.1 Insufficient system resources') }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send') return undefined;
    const id = stateOf(sign);
    if (!id) return undefined;
    const over = handOverOf(theCase, session, sign);
    const thief = id === 'hub-protocol-error' ? takerOfFrontEnd(theCase, session, over) : undefined;
    const others = othersRefused(theCase, session, sign);
    return {
      ...(SEVERITY[id] ? { severity: SEVERITY[id] } : {}),
      cause: [
        CAUSES[id]?.(session) ?? 'The front end could not hand the message over.',
        over.response && !notConnected(over)
          ? `${over.send ? `The session with ${nextHopName(over.send)} met` : 'The front end notes'}: ${over.response}${/[.!?]$/.test(over.response) ? '' : '.'}`
          : '',
        over.error && notConnected(over) ? `The send log: ${connectFailure(over.error.event.context).words}.` : '',
        thief ? `By the configuration "${thief.name}" takes the front end there, which does not know Exchange servers.` : '',
        responseWords(over.response),
        others > 0 ? othersWords(others, session) : '',
        'The mail is not lost: the client is told to send again.',
      ]
        .filter(Boolean)
        .join(' '),
      evidence: [
        ...(over.acknowledgement ? rowAt(session, over.acknowledgement.index) : []),
        ...(over.send && over.error ? rowAt(over.send, over.error.index) : []),
        ...(thief ? rangesOf(thief) : []),
      ],
      remedy: thief ? freeTheHub(thief, session) : remedyOf(id, session, over),
      confidence: confidenceOf(over),
      unknown:
        over.error || over.response || id === 'hub-unknown' || id === 'hub-not-obtained'
          ? []
          : [
              'What went wrong between the servers is in the send log of the front end: read FrontEnd\\ProtocolLog\\SmtpSend of the same server too (its connectors log only if their protocol logging is on).',
            ],
    };
  },
};

/** A logon that was right and whose session could not be passed on, whatever the reply; other replies to AUTH are none of this. */
function stateOf(sign: Sign): ReplyId | undefined {
  const id = replyIdOf(sign);
  if (sign.kind !== 'refusal' || sign.refusal.command !== 'auth') return id;
  const failed = sign.contexts.some(({ event }) => /^Setting up client proxy session failed/.test(event.context));
  return failed ? 'client-proxy-failed' : undefined;
}

/** What passes by itself, or concerns one message, is no breakdown. */
const SEVERITY: Readonly<Partial<Record<ReplyId, Severity>>> = {
  'hand-over-shutting-down': 'medium',
  'hand-over-discarded': 'high',
  'no-recipient-succeeded': 'high',
};

const CAUSES: Readonly<Partial<Record<ReplyId, (session: ExaminedSession) => string>>> = {
  'hub-unknown': (session) =>
    `The front end of ${nameOf(session)} knows no transport service that is active (PRX1): HubTransport is switched off there and everywhere in the site, or its service is stopped.`,
  'hub-not-obtained': (session) =>
    `Nobody told the front end of ${nameOf(session)} where to hand the message over: no transport service is active, or the agent that chooses one failed.`,
  'hub-name-unresolved': (session) =>
    `The front end of ${nameOf(session)} did not find the address of the Hub in DNS (PRX2): mostly a network card of the server asks a DNS server outside, which does not know internal names.`,
  'hub-unreachable': (session) => `The front end of ${nameOf(session)} could not connect to the Hub (PRX3).`,
  'internal-destination-unreachable': (session) => `${nameOf(session)} could not connect to the Exchange server that it needs.`,
  'hub-protocol-error': () =>
    'The Hub was reached and answered the front end with an error (PRX4), or the two did not recognise each other as Exchange servers.',
  'hub-connection-broken': () => 'The connection from the front end to the Hub broke, or its encryption failed (PRX5).',
  'hand-over-shutting-down': (session) => `The front end transport service of ${nameOf(session)} was just being stopped (PRX6).`,
  'hand-over-discarded': () => 'The Hub gave up while the message was still coming in, and the front end threw the rest away.',
  'hand-over-connections-exceeded': () =>
    'So many hand-overs to the Hub are under way that the front end takes no more clients (PRX7): the transport service behind it is too slow or down.',
  'no-recipient-succeeded': () => 'The Hub took none of the recipients.',
  'client-proxy-failed': () =>
    'The logon was right, but the front end could not pass the session on to the server with the mailbox (port 465 there).',
};

const nameOf = (session: ExaminedSession): string => serverOfSession(session) ?? 'the server';

const notConnected = ({ error }: HandOver): boolean => error !== null && /^Failed to connect/.test(error.event.context);

/** What the answer of the Hub means, where it is one of those that are met there. */
function responseWords(response: string | null): string {
  if (response === null) return '';
  if (/^452 4\.3\.1/.test(response)) return 'The Hub is under back pressure: disk space or memory runs out there.';
  if (/^421 4\.3\.2 Service not available/.test(response)) return 'No connector of the Hub takes the address of the front end.';
  if (/^421 4\.3\.2 Service not active/.test(response)) return 'The Hub is in maintenance.';
  if (/^421 4\.3\.2 The maximum/.test(response)) return 'The Hub has too many connections.';
  if (/Cannot achieve Exchange Server authentication|504 5\.7\.1|451 4\.5\.0 Require/.test(response))
    return 'The connector of the Hub that answered does not take the front end for an Exchange server.';
  if (/UnknownCredentials|NoCredentials/.test(response))
    return 'The internal transport certificate is missing, or its private key cannot be read.';
  return '';
}

function confidenceOf({ error, named, response }: HandOver) {
  if (error && named) return { level: 'high', because: 'the send log of the front end shows the error' } as const;
  if (error) return { level: 'medium', because: 'the send log shows an error at that time, which names no client' } as const;
  return response
    ? ({ level: 'medium', because: 'the front end quotes the error' } as const)
    : ({ level: 'medium', because: 'the reply says it' } as const);
}

// --- another connector in the way ---------------------------------------------------------------------------------

/** The connector of the Hub that takes the front end and is not meant for it. */
function takerOfFrontEnd({ organisation }: Case, session: ExaminedSession, { send }: HandOver): ReceiveConnector | undefined {
  const { server: ofName } = partsOf(session.connector);
  const server = serverOf(organisation, session.server || ofName);
  const local = parseAddress(parseEndpoint(send?.localEndpoint ?? session.localEndpoint).address);
  const remote = parseAddress(parseEndpoint(send?.remoteEndpoint ?? session.localEndpoint).address);
  // Only where front end and Hub are one server is the configuration that of the Hub for sure.
  if (!server || !local || !remote || local.value !== remote.value) return undefined;
  const { match } = matchClient(server.connectors, { remote: local, port: 2525, role: 'HubTransport', local: remote });
  const taker = match.explanation.winner?.connector;
  return taker?.properties.AuthMechanism && !taker.properties.AuthMechanism.includes('ExchangeServer') ? taker : undefined;
}

const rangesOf = ({ server, name, remoteIPRanges }: ReceiveConnector): Evidence[] => [
  {
    kind: 'property',
    connector: `${server}\\${name}`,
    property: 'RemoteIPRanges',
    value: enumerate(remoteIPRanges.map(({ text }) => text)),
  },
];

function freeTheHub(thief: ReceiveConnector, session: ExaminedSession): Remedy[] {
  const own = parseEndpoint(session.localEndpoint).address;
  return [
    advice(
      `Take the addresses of the Exchange servers out of "${thief.name}", or give it another port: 2525 belongs to the servers among themselves. Its ranges are replaced as a whole; name those of its real clients, without ${own}:`,
    ),
    setConnector(thief, { RemoteIPRanges: ['<address of a client>', '<address of another>'] }),
  ];
}

// --- remedies -----------------------------------------------------------------------------------------------------

function remedyOf(id: ReplyId, session: ExaminedSession, over: HandOver): Remedy[] {
  const server = serverOfSession(session);
  const destination = over.send ? parseEndpoint(over.send.remoteEndpoint).address : server;
  const port = over.send ? nextHopPort(over.send) : id === 'client-proxy-failed' ? 465 : 2525;
  const thumbprint = over.send ? thumbprintOf(over.send) : null;
  const command = (text: string): Remedy => serverCommand(text, { server, destination, thumbprint });
  const reach = [
    command(`Test-NetConnection {destination} -Port ${port}`),
    command('Get-Service MSExchangeTransport -ComputerName {destination}'),
    powershell('Start-Service MSExchangeTransport'),
    advice(
      'If a firewall stands between the servers, let everything through: Exchange needs it, and inspection of SMTP breaks it.',
    ),
  ];
  const recognise = [
    command(
      'Get-ReceiveConnector -Server {destination} | Format-Table Name, TransportRole, Bindings, RemoteIPRanges, AuthMechanism, PermissionGroups',
    ),
    advice(
      'On port 2525 the connector "Default <server>" has to take the servers: AuthMechanism with ExchangeServer, PermissionGroups with ExchangeServers, and no other connector with a smaller range that holds their addresses.',
    ),
  ];
  const certificate = [
    command('Get-TransportService {server} | Format-List InternalTransportCertificateThumbprint'),
    command('Enable-ExchangeCertificate -Server {server} -Thumbprint {thumbprint} -Services SMTP'),
    advice('Answer yes when it asks whether the default certificate is to be overwritten, and restart both transport services.'),
  ];
  const pressure = [
    advice('Make room on the Hub: the drive of the queue database, or memory.'),
    command(
      "Get-WinEvent -ComputerName {destination} -FilterHashtable @{LogName='Application'; ID=15004,15005,15006,15007} -MaxEvents 20",
    ),
  ];
  const activate = [
    command('Get-ServerComponentState {server} -Component HubTransport'),
    command('Set-ServerComponentState {server} -Component HubTransport -State Active -Requester Maintenance'),
    command('Get-Service MSExchangeTransport -ComputerName {server}'),
    powershell('Start-Service MSExchangeTransport'),
  ];
  const response = over.response ?? '';
  if (/^452 4\.3\.1/.test(response)) return pressure;
  if (/^421 4\.3\.2 Service not active/.test(response)) return activate;
  if (/Failed to connect|Unable to connect/.test(response)) return reach;
  switch (id) {
    case 'hub-unknown':
    case 'hub-not-obtained':
      return activate;
    case 'hub-name-unresolved':
      return [
        command('Resolve-DnsName {server}'),
        powershell('Get-DnsClientServerAddress -AddressFamily IPv4'),
        advice(
          'Enter only internal DNS servers, on every network card of the server, and restart the front end transport service.',
        ),
        command('Get-FrontendTransportService {server} | Format-List *DNS*'),
      ];
    case 'hub-protocol-error':
      return /TLS|Credentials|certificate/i.test(response) ? [...certificate, ...recognise] : [...recognise, ...certificate];
    case 'hub-connection-broken':
      return [...certificate, ...reach.slice(0, 2)];
    case 'hand-over-shutting-down':
      return [
        advice('Let the client send again; if it goes on, look why the service is stopped:'),
        command('Get-Service MSExchangeFrontEndTransport -ComputerName {server}'),
      ];
    case 'hand-over-connections-exceeded':
      return [command('Get-Queue -Server {server} | Sort-Object MessageCount -Descending'), ...activate.slice(2)];
    case 'no-recipient-succeeded':
      return [
        advice(
          response === ''
            ? 'The receive log of the Hub has its replies to RCPT TO: solve what they say.'
            : 'Solve what the Hub says about the recipients; its receive log has a reply for each.',
        ),
      ];
    default:
      return reach;
  }
}

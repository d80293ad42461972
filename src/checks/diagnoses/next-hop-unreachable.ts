/** The server could not connect to the next hop: the number of Windows says how it failed. */
import { parseEndpoint } from '../../net/endpoint.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { isInternalHop, nextHopPort } from '../evidence/next-hop.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { seconds } from '../evidence/sentence.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { type ConnectFailure, connectFailure } from '../evidence/winsock.ts';
import { passedOn, unconnected } from '../examples/example-next-hops.ts';
import type { Remedy } from '../finding.ts';
import { replySection, SEND_CONNECTORS, TRANSPORT_PORTS } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';

const hop = { from: '203.0.113.9', direction: 'send', service: 'Hub' } as const;

export const nextHopUnreachable: SessionDiagnosis = {
  kind: 'session',
  id: 'next-hop-unreachable',
  title: 'The next hop cannot be reached',
  why: 'Mail that was accepted waits in the queue until the connection is made, and comes back to its sender after two days.',
  severity: 'high',
  references: [SEND_CONNECTORS, TRANSPORT_PORTS, replySection('C11')],
  signs: ['send-connect-failed', 'next-hop-unreachable'],
  examples: {
    fires: [
      {
        about: 'no answer at all',
        sessions: [{ ...hop, rows: unconnected(10060) }],
        says: [/nothing answered/, 'Test-NetConnection "203.0.113.9" -Port 25', 'Get-SendConnector "Internet"'],
      },
      { about: 'refused at once', sessions: [{ ...hop, rows: unconnected(10061) }], says: [/refused at once/, /smart host/] },
      { about: 'no way there', sessions: [{ ...hop, rows: unconnected(10065) }], says: [/no way to that network/] },
      {
        about: 'one of several: the next one takes the mail',
        sessions: [
          { ...hop, at: '2026-11-02T08:00:00.000Z', rows: unconnected(10060) },
          { ...hop, from: '203.0.113.10', at: '2026-11-02T08:00:21.100Z', rows: passedOn('08DE19A1B2C3D3FF') },
        ],
        says: [/203\.0\.113\.10 took mail for fabrikam\.example/, /nothing is lost/],
      },
      {
        about: 'the Hub, from the front end',
        sessions: [
          {
            ...hop,
            from: '10.0.0.6',
            port: 2525,
            service: 'FrontEnd',
            connector: 'Inbound Proxy Internal Send Connector',
            rows: unconnected(10061, '10.0.0.6:2525'),
          },
        ],
        says: [/transport service/, 'Get-Service MSExchangeTransport -ComputerName "10.0.0.6"'],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ ...hop, rows: passedOn('08DE19A1B2C3D3FF') }] },
      {
        about: 'the connection stands, and the next hop refuses',
        sessions: [{ ...hop, rows: '* | attempting to connect\n+\n< 554 5.7.1 No service for you\n- | Remote' }],
      },
    ],
  },
  diagnose({ sign }, { session }, { circumstances }) {
    if (session.direction === 'receive' || (sign.kind !== 'refusal' && sign.kind !== 'row')) return undefined;
    const said = sign.kind === 'row' ? sign.row.event.context : sign.refusal.text;
    const failure = connectFailure(said);
    const internal = isInternalHop(session);
    const domain = /Destination domain: ([^\s,]+)/.exec(said)?.[1];
    const other = internal || domain === undefined ? null : circumstances.tookOver(session, domain);
    const where = `${parseEndpoint(session.remoteEndpoint).address} on port ${nextHopPort(session)}`;
    return {
      ...(internal ? { severity: 'critical' as const } : other ? { severity: 'low' as const } : {}),
      cause: `${serverOfSession(session) ?? 'The server'} tried to reach ${where}${internal ? ', another transport service of the organisation' : ` by the send connector "${session.connector}"`}: ${failure.words}.${other ? ` ${relief(session, other, domain!)}` : ''}`,
      evidence: other ? rowAt(other, other.events.length - 1) : [],
      remedy: internal ? withinOrganisation(session) : outside(session, failure),
      confidence: { level: 'high', because: 'the log has the error of Windows' },
      unknown:
        failure.kind === 'refused' || failure.kind === 'unanswered'
          ? [
              'Whether a firewall on the way or the next hop itself is the reason only a test from the server, and the operator of the other side, can say.',
            ]
          : [],
    };
  },
};

/** A domain has several mail exchangers, a connector several smart hosts: they are tried one after the other. */
function relief(session: ExaminedSession, other: ExaminedSession, domain: string): string {
  const later = seconds(Date.parse(other.startedAt) - Date.parse(session.endedAt));
  return `${parseEndpoint(other.remoteEndpoint).address} took mail for ${domain} by the same connector ${later} later: nothing is lost while it does, and messages only wait for the attempt that fails.`;
}

const command = (session: ExaminedSession, text: string): Remedy =>
  serverCommand(text, {
    destination: parseEndpoint(session.remoteEndpoint).address,
    server: serverOfSession(session),
    sendConnector: session.connector || null,
  });

function withinOrganisation(session: ExaminedSession): Remedy[] {
  return [
    command(session, `Test-NetConnection {destination} -Port ${nextHopPort(session)}`),
    command(session, 'Get-Service MSExchangeTransport -ComputerName {destination}'),
    powershell('Start-Service MSExchangeTransport'),
    advice('If a firewall stands between the servers, let everything through, without inspection of SMTP.'),
  ];
}

function outside(session: ExaminedSession, { kind }: ConnectFailure): Remedy[] {
  const test = command(session, `Test-NetConnection {destination} -Port ${nextHopPort(session)}`);
  const show = command(
    session,
    'Get-SendConnector {sendConnector} | Format-List AddressSpaces, SmartHosts, Port, SourceTransportServers, SourceIPAddress',
  );
  const retry = command(session, 'Get-Queue -Server {server} -Filter "Status -eq \'Retry\'" | Retry-Queue');
  const again = advice('When the way is open, let the queue try at once:');
  switch (kind) {
    case 'refused':
      return [
        test,
        show,
        advice(
          'If that address is a smart host: see that its service runs and listens on that port, and that the connector names the right one.',
        ),
        again,
        retry,
      ];
    case 'no-route':
      return [
        command(session, 'Test-NetConnection {destination} -DiagnoseRouting'),
        advice(
          'Give the server a route to that network (gateway, line, VPN); for an IPv6 address without IPv6 outside, let the connector use IPv4.',
        ),
        again,
        retry,
      ];
    case 'local':
      return [
        advice(
          'Look at the firewall and the virus scanner of the server itself (some block port 25 for all but known processes), and at the source address of the connector.',
        ),
        show,
        test,
      ];
    case 'name':
      return [show, advice('Correct the name of the smart host, or the DNS servers that the server asks.'), again, retry];
    case 'unanswered':
    case 'reset':
    case 'other':
      return [
        test,
        advice(
          'Open that port from the server to the next hop, at the firewall of the site and at the provider: many providers block port 25, and want their smart host to be used.',
        ),
        show,
        again,
        retry,
      ];
  }
}

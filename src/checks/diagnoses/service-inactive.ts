/** The transport service of the server is switched off or going down: everybody is turned away, not this client alone. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, portOf } from '../evidence/client-place.ts';
import { othersRefused, othersWords } from '../evidence/other-clients.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { commandOf, replyIdOf, type Sign } from '../evidence/sign.ts';
import { DEFAULT_FRONTEND, greeted, mailFrom, QUIT, TURNED_AWAY, workingSession } from '../examples/example-sessions.ts';
import { type Evidence, propertyEvidence, type Remedy } from '../finding.ts';
import { COMPONENT_STATES, replySection } from '../references.ts';
import { advice, powershell, setConnector } from '../remedies/commands.ts';

const NOT_ACTIVE = '421 4.3.2 Service not active';

export const serviceInactive: SessionDiagnosis = {
  kind: 'session',
  id: 'service-inactive',
  title: 'The transport service is not active',
  why: 'A server in maintenance, or whose service is being stopped, turns every client away; a client that knows one server only cannot go round it.',
  severity: 'high',
  references: [COMPONENT_STATES, replySection('C2')],
  signs: ['service-not-active', 'no-connector-for-client', 'network-messages-not-accepted'],
  examples: {
    fires: [
      {
        about: 'maintenance, and others are turned away too',
        sessions: [{ from: '10.0.20.11', rows: `+\n> ${NOT_ACTIVE}\n- | Local` }, { rows: `+\n> ${NOT_ACTIVE}\n- | Local` }],
        who: '10.0.20.12',
        says: [/1 other client/, 'Get-ServerComponentState "EX01"', '-Component ServerWideOffline -State Active'],
      },
      {
        about: 'a connector took it, and the service is going down',
        sessions: [{ rows: TURNED_AWAY }],
        says: [/being stopped/, 'Get-Service MSExchangeFrontEndTransport'],
      },
      {
        about: 'in the middle of a session',
        sessions: [{ rows: `${greeted('MFP-02')}\n< MAIL FROM:<scan@contoso.example>\n> ${NOT_ACTIVE}\n- | Local` }],
        says: [/went inactive while the session ran/],
      },
      {
        about: 'a connector of the Hub on the port of the front end',
        configuration: {
          connectors: [DEFAULT_FRONTEND, { id: 'EX01\\Scanners', from: '10.0.20.0/24', TransportRole: 'HubTransport' }],
        },
        sessions: [{ connector: 'EX01\\Scanners', rows: `+\n> ${NOT_ACTIVE}\n- | Local` }],
        says: ['Set-ReceiveConnector -Identity "EX01\\Scanners" -TransportRole FrontendTransport', /both transport services/],
      },
      {
        about: 'an agent wants the session to end',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${mailFrom()}\n< RCPT TO:<anna@contoso.example>\n> 421 4.3.2 System not accepting network messages\n- | Local`,
          },
        ],
        says: ['Get-TransportAgent'],
      },
    ],
    silent: [
      { about: 'no connector took it', sessions: [{ connector: '', rows: TURNED_AWAY }] },
      { about: 'it works', sessions: [{ rows: workingSession('MFP-02') }] },
      {
        about: 'too many connections of one address',
        sessions: [
          {
            rows: '+\n> 421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel\n- | Local',
          },
        ],
      },
      {
        about: 'too many errors',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n< XYZ\n> 500 5.3.3 Unrecognized command\n> 421 4.7.0 Too many errors on this connection, closing transmission channel\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || session.connector === '') return undefined;
    const others = othersRefused(theCase, session, sign);
    const connector = configuredConnector(theCase, session);
    const ofHub = connector?.properties.TransportRole === 'HubTransport' && portOf(session) === 25;
    const since = commandOf(sign) === 'connect' ? '' : ' It went inactive while the session ran.';
    return {
      ...(others === 0 && theCase.lastSuccess !== null && theCase.lastSuccess > Date.parse(session.startedAt)
        ? { severity: 'medium' as const }
        : {}),
      cause: `${ofHub ? `"${connector.name}" belongs to the Hub (TransportRole HubTransport) and listens on port 25 beside the front end: the Hub has answered, and it does not take clients there.` : causeOf(sign, session)}${since} ${othersWords(others, session)}`,
      evidence: ofHub ? propertyEvidence(connector, 'TransportRole') : ([] as Evidence[]),
      remedy: ofHub
        ? [
            setConnector(connector, { TransportRole: 'FrontendTransport' }),
            advice('After a connector has changed its role, both transport services have to be restarted:'),
            powershell('Restart-Service MSExchangeTransport, MSExchangeFrontEndTransport'),
          ]
        : remedyOf(sign, session),
      confidence: ofHub
        ? { level: 'medium', because: 'the configuration says whose connector it is, not why it answered so' }
        : replyIdOf(sign) === 'service-not-active'
          ? { level: 'high', because: 'the reply says it' }
          : { level: 'medium', because: 'a connector took the session, so that it is not a missing one' },
      unknown: ofHub
        ? []
        : [
            'Who switched the service off is not in the protocol log: Get-ServerComponentState shows the requester, the event log the restarts.',
          ],
    };
  },
};

const nameOf = (session: ExaminedSession): string => serverOfSession(session) ?? 'The server';

function causeOf(sign: Sign, session: ExaminedSession): string {
  switch (replyIdOf(sign)) {
    case 'service-not-active':
      return `${nameOf(session)} is in maintenance, or its ${componentOf(session)} was switched off: it listens, and takes no mail.`;
    case 'network-messages-not-accepted':
      return `Something inside ${nameOf(session)} asked for the end of the session: the service is being stopped, or a transport agent wanted it.`;
    default:
      return `"${session.connector}" took the session, so the address is not the reason: the service of ${nameOf(session)} is being stopped, or its component is inactive.`;
  }
}

const componentOf = ({ service }: ExaminedSession): 'FrontendTransport' | 'HubTransport' =>
  service === 'Hub' ? 'HubTransport' : 'FrontendTransport';

function remedyOf(sign: Sign, session: ExaminedSession): Remedy[] {
  const server = serverOfSession(session);
  const service = session.service === 'Hub' ? 'MSExchangeTransport' : 'MSExchangeFrontEndTransport';
  const command = (text: string): Remedy => serverCommand(text, { server });
  if (replyIdOf(sign) === 'network-messages-not-accepted')
    return [
      command(`Get-Service ${service} -ComputerName {server}`),
      powershell(
        session.service === 'Hub'
          ? 'Get-TransportAgent'
          : 'Get-TransportAgent -TransportService FrontEnd | Format-Table Identity, Enabled',
      ),
      advice('If the service was not just being stopped, switch off the agent that was installed last, and restart the service.'),
    ];
  return [
    command('Get-ServerComponentState {server} | Where-Object { $_.State -ne "Active" }'),
    command(`Get-Service ${service} -ComputerName {server}`),
    advice('If the maintenance is over, switch the components on again; Requester has to be the one that switched them off:'),
    command('Set-ServerComponentState {server} -Component ServerWideOffline -State Active -Requester Maintenance'),
    command(`Set-ServerComponentState {server} -Component ${componentOf(session)} -State Active -Requester Maintenance`),
    advice('Until then: give the device a name behind which more than one server stands, or take this one out of the balancer.'),
  ];
}

/** The send connector is to log on to the next hop, and the logon failed or is not offered. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { isInternalHop, nextHopName, repliedTo } from '../evidence/next-hop.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { commandOf } from '../evidence/sign.ts';
import { dialled, passedOn, refusedRecipient, SEND_QUIT } from '../examples/example-next-hops.ts';
import type { Remedy } from '../finding.ts';
import { replySection, SEND_CONNECTORS, SET_SEND_CONNECTOR } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';

const hop = { from: '203.0.113.9', direction: 'send', service: 'Hub', connector: 'Smart host' } as const;

export const nextHopLogonFailed: SessionDiagnosis = {
  kind: 'session',
  id: 'next-hop-logon-failed',
  title: 'The logon to the next hop fails',
  why: 'A smart host that wants a logon takes nothing before it; all mail for it waits in the queue.',
  severity: 'high',
  references: [SEND_CONNECTORS, SET_SEND_CONNECTOR, replySection('C11')],
  signs: [
    'send-logon-failed',
    'send-authentication-without-tls',
    'send-basic-authentication-without-tls',
    'send-authentication-not-offered',
    'refusal',
  ],
  examples: {
    fires: [
      {
        about: 'the smart host refuses user and password',
        sessions: [
          {
            ...hop,
            rows: `${dialled('220 smtp.provider.example ESMTP', 'SIZE, AUTH LOGIN PLAIN')}\n> AUTH LOGIN\n< 334 <authentication information>\n> <Binary Data>\n< 535 5.7.8 Error: authentication failed\n${SEND_QUIT}`,
          },
        ],
        says: ['Set-SendConnector "Smart host" -AuthenticationCredential (Get-Credential)', /smtp\.provider\.example/],
      },
      {
        about: 'only the row of the own server',
        sessions: [{ ...hop, rows: `${dialled()}\n* | Outbound Authentication failed with LogonDenied\n- | Local` }],
        says: [/LogonDenied/],
      },
      {
        about: 'between Exchange servers',
        sessions: [
          {
            ...hop,
            from: '10.0.0.6',
            connector: 'Intra-Organization SMTP Send Connector',
            rows: `${dialled('220 ex02.contoso.example Microsoft ESMTP MAIL Service ready')}\n* | Outbound Exchange Authentication failed with LogonDenied\n- | Local`,
          },
        ],
        says: [/Test-ComputerSecureChannel/, /clock/],
      },
      {
        about: 'between Exchange servers, in another language, told by what they offer each other',
        sessions: [
          {
            ...hop,
            from: '10.0.0.6',
            connector: '组织内 SMTP 发送连接器',
            rows: `${dialled('220 ex02.contoso.example Microsoft ESMTP MAIL Service ready', 'SIZE, AUTH NTLM LOGIN, X-EXPS EXCHANGEAUTH GSSAPI NTLM, X-EXCHANGEAUTH SHA256')}\n* | Outbound Authentication failed with LogonDenied\n- | Local`,
          },
        ],
        says: [/that it is an Exchange server/],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ ...hop, rows: passedOn('08DE19A1B2C3D3FF') }] },
      {
        about: 'the recipient is refused',
        sessions: [
          { ...hop, rows: refusedRecipient('08DE19A1B2C3D3FF', '554 5.7.1 <partner@fabrikam.example>: Relay access denied') },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'receive' || (sign.kind !== 'refusal' && sign.kind !== 'row')) return undefined;
    const said = sign.kind === 'refusal' ? repliedTo(session, sign.refusal.text) : undefined;
    const id = (said?.found ?? sign.found)?.entry.id;
    const kind = kindOf(id, commandOf(sign));
    if (!kind) return undefined;
    const hopName = nextHopName(session);
    const internal = isInternalHop(session) || (sign.kind === 'row' && /Exchange Auth/.test(sign.row.event.context));
    const status = sign.kind === 'row' ? (sign.found.values.status ?? '') : '';
    const offers = session.events.findIndex(({ event, data }) => event === '<' && /^250[ -].*\bAUTH\b/.test(data));
    return {
      cause: internal
        ? `${nameOf(session)} could not prove to ${hopName} that it is an Exchange server${status ? ` (${status})` : ''}: Kerberos, the clocks, a service principal name or the trust between the two is not in order.`
        : causeOf(kind, session, hopName, status),
      evidence: offers < 0 ? [] : rowAt(session, offers),
      remedy: internal ? between(session) : remedyOf(kind, session),
      confidence: { level: 'high', because: sign.kind === 'row' ? 'the log names the error' : 'the reply says it' },
    };
  },
};

type Kind = 'denied' | 'needs-tls' | 'not-offered';

function kindOf(id: string | undefined, command: string): Kind | undefined {
  switch (id) {
    case 'send-logon-failed':
      return 'denied';
    case 'send-authentication-without-tls':
    case 'send-basic-authentication-without-tls':
      return 'needs-tls';
    case 'send-authentication-not-offered':
      return 'not-offered';
    default:
      return command === 'auth' ? 'denied' : undefined;
  }
}

const nameOf = (session: ExaminedSession): string => serverOfSession(session) ?? 'The server';

function causeOf(kind: Kind, session: ExaminedSession, hopName: string, status: string): string {
  switch (kind) {
    case 'denied':
      return `${hopName} did not take the logon of the send connector "${session.connector}"${status ? ` (${status})` : ''}: user or password are wrong or expired there, or the account may not send by SMTP.`;
    case 'needs-tls':
      return `The send connector "${session.connector}" gives its password away over an encrypted connection only, and ${hopName} offers none: it has no STARTTLS, or a firewall takes it away.`;
    case 'not-offered':
      return `The send connector "${session.connector}" is to log on, and ${hopName} offers no logon: it knows its clients by their address.`;
  }
}

const command = (session: ExaminedSession, text: string): Remedy =>
  serverCommand(text, { sendConnector: session.connector || null, server: serverOfSession(session) });

function remedyOf(kind: Kind, session: ExaminedSession): Remedy[] {
  const show = command(
    session,
    'Get-SendConnector {sendConnector} | Format-List SmartHosts, Port, SmartHostAuthMechanism, RequireTLS',
  );
  switch (kind) {
    case 'denied':
      return [
        show,
        advice('Try user and password by hand at the smart host, then enter them anew:'),
        command(session, 'Set-SendConnector {sendConnector} -AuthenticationCredential (Get-Credential)'),
      ];
    case 'needs-tls':
      return [
        show,
        advice(
          'Ask the operator of the smart host for STARTTLS and its port (often 587), and switch the inspection of SMTP off on the way.',
        ),
        advice('If it knows the server by its address anyway, no logon is needed:'),
        command(session, 'Set-SendConnector {sendConnector} -SmartHostAuthMechanism None'),
      ];
    case 'not-offered':
      return [
        show,
        advice('If the operator says that no logon is needed:'),
        command(session, 'Set-SendConnector {sendConnector} -SmartHostAuthMechanism None'),
      ];
  }
}

function between(session: ExaminedSession): Remedy[] {
  return [
    powershell('Test-ComputerSecureChannel'),
    command(
      session,
      "Get-WinEvent -ComputerName {server} -FilterHashtable @{LogName='Application'; ID=1035,2017,12014} -MaxEvents 20",
    ),
    advice(
      'Set the clocks of both servers right (five minutes are too much), and look for service principal names that exist twice (setspn -X).',
    ),
    advice(
      'See which connector of the other server took the session: one made for relaying, whose ranges hold this server, does not know Exchange servers.',
    ),
  ];
}

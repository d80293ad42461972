/** The session with the next hop was to be encrypted and could not be: handshake, certificate, or no STARTTLS offered. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import { type ReplyId, replyById } from '../../smtp/reply-catalogue.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { thumbprintOf } from '../evidence/change.ts';
import { nextHopName, repliedTo, shownCertificateName } from '../evidence/next-hop.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { dialled, passedOn, refusedRecipient, SEND_QUIT } from '../examples/example-next-hops.ts';
import type { Remedy } from '../finding.ts';
import { replySection, SEND_CONNECTORS, SET_SEND_CONNECTOR } from '../references.ts';
import { advice } from '../remedies/commands.ts';

const hop = { from: '203.0.113.9', direction: 'send', service: 'Hub' } as const;
const STARTED = `${dialled()}\n> STARTTLS\n< 220 2.0.0 Ready`;
const MISSING = '454 4.7.5 The certificate specified in TlsCertificateName of the SendConnector could not be found.';

export const nextHopTlsFailed: SessionDiagnosis = {
  kind: 'session',
  id: 'next-hop-tls-failed',
  title: 'No encrypted connection to the next hop',
  why: 'Where the send connector or the partner insists on encryption, mail waits until both sides agree on it.',
  severity: 'high',
  references: [SEND_CONNECTORS, SET_SEND_CONNECTOR, replySection('C11')],
  signs: [
    'send-tls-negotiation-failed',
    'send-tls-not-offered',
    'send-starttls-required',
    'send-tls-authentication-failed',
    'server-certificate-invalid',
    'send-certificate-missing',
    'tls-domain-missing',
    'tls-domain-unused',
    'refusal',
  ],
  examples: {
    fires: [
      {
        about: 'the own private key cannot be read',
        sessions: [{ ...hop, rows: `${STARTED}\n* {certificate}\n* {failed-tls UnknownCredentials}\n- | Local` }],
        says: [/private key/, /NETWORK SERVICE/, /Enable-ExchangeCertificate -Server \$env:COMPUTERNAME -Thumbprint "A1B2C3D4/],
      },
      {
        about: 'no version in common',
        sessions: [{ ...hop, rows: `${STARTED}\n* {failed-tls AlgorithmMismatch}\n- | Local` }],
        says: [/TLS 1\.2/],
      },
      {
        about: 'the certificate of the other side is for another name',
        sessions: [
          {
            ...hop,
            rows: `${STARTED}\n* {tls 1_2}\n* | Outbound TLS authentication failed for auth level DomainValidation with error SubjectMismatch\n- | Local`,
          },
        ],
        says: [/SubjectMismatch/, /TlsDomain/],
      },
      {
        about: 'RequireTLS, and no STARTTLS offered',
        sessions: [
          {
            ...hop,
            rows: `${dialled('220 mx.fabrikam.example ESMTP', 'SIZE 52428800')}\n* | Connector is configured to send mail only over TLS connections and remote doesn't support TLS\n${SEND_QUIT}`,
          },
        ],
        says: [/does not offer STARTTLS/, 'Set-SendConnector "Internet" -RequireTLS $false', /unencrypted/],
      },
      {
        about: 'the connector names a certificate that is gone, quoted by the front end',
        sessions: [
          {
            ...hop,
            from: '10.0.0.5',
            rows: refusedRecipient('08DE19A1B2C3D3FF', `450 4.7.0 Proxy session setup failed on Frontend with  '${MISSING}'`),
          },
        ],
        says: [/was renewed/, 'Get-SendConnector "Internet" | Format-List TlsCertificateName'],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ ...hop, rows: passedOn('08DE19A1B2C3D3FF') }] },
      {
        about: 'the recipient is refused',
        sessions: [
          { ...hop, rows: refusedRecipient('08DE19A1B2C3D3FF', '550 5.1.1 <a@b>: Recipient address rejected: User unknown') },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'receive' || (sign.kind !== 'refusal' && sign.kind !== 'row')) return undefined;
    const said = sign.kind === 'refusal' ? repliedTo(session, sign.refusal.text) : undefined;
    const found = said?.found ?? sign.found;
    const branch = found && branchOf(found.entry.id, session, found.values.status ?? '');
    if (!branch) return undefined;
    const shown = session.events.findIndex(({ event, context }) => event === '*' && /^Sending certificate/.test(context));
    return {
      cause: `${said && said.wrappings.length > 0 ? `The front end quotes the error: ${said.text} ` : ''}${branch.cause}`,
      evidence: shown < 0 ? [] : rowAt(session, shown),
      remedy: branch.remedy,
      confidence: {
        level: branch.sure,
        because: branch.sure === 'high' ? 'the log names the error' : 'the status is one of several that this has',
      },
    };
  },
};

interface Branch {
  readonly cause: string;
  readonly remedy: readonly Remedy[];
  readonly sure: 'high' | 'medium';
}

function branchOf(id: ReplyId, session: ExaminedSession, status: string): Branch | undefined {
  const hopName = nextHopName(session);
  const command = (text: string): Remedy =>
    serverCommand(text, {
      server: serverOfSession(session),
      sendConnector: session.connector || null,
      thumbprint: thumbprintOf(session),
      destination: session.remoteEndpoint.replace(/:\d+$/, ''),
    });
  const settings = command('Get-SendConnector {sendConnector} | Format-List Fqdn, Tls*, RequireTLS, IgnoreSTARTTLS');
  const certificates = command(
    'Get-ExchangeCertificate -Server {server} | Format-List Issuer, Subject, NotAfter, Services, Thumbprint',
  );
  switch (id) {
    case 'send-tls-negotiation-failed':
      return handshake(hopName, status, session, command);
    case 'send-tls-not-offered':
    case 'send-starttls-required':
      return {
        cause: `The send connector "${session.connector}" insists on encryption (RequireTLS), and ${hopName} does not offer STARTTLS in its answer to EHLO: it has none, or a firewall takes it away.`,
        remedy: [
          advice(
            'Ask the operator of the other side for STARTTLS; if it offers it, switch the inspection of SMTP off on the way.',
          ),
          advice('Only if mail may travel there unencrypted, where others can read it:'),
          command('Set-SendConnector {sendConnector} -RequireTLS $false'),
        ],
        sure: 'high',
      };
    case 'send-tls-authentication-failed':
    case 'server-certificate-invalid':
      return {
        cause: `${hopName} showed a certificate that the send connector "${session.connector}" does not take${status ? ` (${status})` : ''}: ${certificateWords(status)}.`,
        remedy: [
          settings,
          advice(
            'If the certificate of the other side is right, set TlsDomain to a name that is in it; if not, its operator has to mend it.',
          ),
          advice(
            'With TlsAuthLevel EncryptionOnly mail is still encrypted, but nobody checks any more who is at the other end: take that only for a partner whose way is safe.',
          ),
        ],
        sure: 'high',
      };
    case 'send-certificate-missing':
      return {
        cause: `The send connector "${session.connector}" names a certificate that ${serverOfSession(session) ?? 'the server'} does not have: mostly it was renewed, and the connector still has the name of the old one.`,
        remedy: [
          command('Get-SendConnector {sendConnector} | Format-List TlsCertificateName'),
          certificates,
          command(
            "Get-ExchangeCertificate -Server {server} -Thumbprint {thumbprint} | ForEach-Object { Set-SendConnector {sendConnector} -TlsCertificateName ('<i>' + $_.Issuer + '<s>' + $_.Subject) }",
          ),
          advice('The new certificate has to be on every source server of the connector.'),
        ],
        sure: 'high',
      };
    case 'tls-domain-missing':
    case 'tls-domain-unused':
      return {
        cause: `The settings of the send connector "${session.connector}" contradict each other: TlsDomain and TlsAuthLevel DomainValidation belong together.`,
        remedy: [settings, ...replyById(id).remedy.map(({ text }) => command(text))],
        sure: 'high',
      };
    default:
      return undefined;
  }
}

function certificateWords(status: string): string {
  switch (status) {
    case 'SubjectMismatch':
      return 'it is for another name than the connector expects';
    case 'UntrustedRoot':
      return 'its issuer is not trusted on this server';
    case 'CertExpired':
      return 'it is out of date';
    default:
      return 'untrusted, expired, or for another name';
  }
}

function handshake(hopName: string, status: string, session: ExaminedSession, command: (text: string) => Remedy): Branch {
  const own = shownCertificateName(session);
  const schannel = command(
    "Get-WinEvent -ComputerName {server} -FilterHashtable @{LogName='System'; ProviderName='Schannel'} -MaxEvents 20",
  );
  if (/UnknownCredentials|NoCredentials/.test(status))
    return {
      cause: `The handshake with ${hopName} failed on the own side (${status}): the certificate${own ? ` of ${own}` : ''} is missing, or its private key cannot be read.`,
      remedy: [
        command('Get-ExchangeCertificate -Server {server} | Format-List Subject, HasPrivateKey, NotAfter, Services, Thumbprint'),
        command('Enable-ExchangeCertificate -Server {server} -Thumbprint {thumbprint} -Services SMTP'),
        advice(
          'Give NETWORK SERVICE the right to read the private key (certificates of the computer, Manage Private Keys), and restart the transport service.',
        ),
        schannel,
      ],
      sure: 'high',
    };
  const versions = /AlgorithmMismatch|IllegalMessage|Unsupported|ProtocolVersion/i.test(status);
  return {
    cause: `${hopName} agreed to STARTTLS, and the handshake failed (${status || 'without a reason'}): ${versions ? 'the two have no version of TLS or cipher in common' : 'the other side broke it off, or something on the way did'}.`,
    remedy: [
      schannel,
      advice('Switch TLS 1.2 on for the server (Schannel and .NET), and ask the other side which versions and ciphers it takes.'),
      advice('Until then, and only if mail may travel there unencrypted, where others can read it:'),
      command('Set-SendConnector {sendConnector} -IgnoreSTARTTLS $true'),
    ],
    sure: versions ? 'high' : 'medium',
  };
}

/** Another Exchange server could not prove who it is: mostly a relay connector took its session. */
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { formatRange, holds, parseAddress, sizeOf } from '../../net/address-range.ts';
import { literal } from '../../powershell/quoting.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, configuredSurety, isDefault, landedOn } from '../evidence/client-place.ts';
import { type Offer, offerBefore, offerRow } from '../evidence/offer.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { enableCertificate, serverName, showCertificates } from '../evidence/server-certificate.ts';
import type { RefusalSign } from '../evidence/sign.ts';
import {
  DEFAULT_FRONTEND,
  deniedLogon,
  greeted,
  QUIT,
  RELAY_CONNECTOR,
  tarpitted,
  workingSession,
} from '../examples/example-sessions.ts';
import { type Evidence, propertyEvidence, type Remedy } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection, section } from '../references.ts';
import { advice, powershell, removeRanges } from '../remedies/commands.ts';
import { showConnector } from '../remedies/permission-group-change.ts';
import { enumerate } from '../words/enumeration.ts';

const IMPOSSIBLE = '451 5.7.3 Cannot achieve Exchange Server authentication';
const WIDE = { ...RELAY_CONNECTOR, from: '10.0.20.11 10.0.0.0/24' } as const;
const landed = (from: string) => ({ from, connector: 'EX01\\Anon Relay EX01' });
const asking = (reply: string): string =>
  `${greeted('ex02.contoso.example', 'SIZE 37748736, PIPELINING, STARTTLS, 8BITMIME')}\n< MAIL FROM:<a@contoso.example>\n${tarpitted(reply)}\n${QUIT}`;

export const exchangeAuthenticationFailed: SessionDiagnosis = {
  kind: 'session',
  id: 'exchange-authentication-failed',
  title: 'Another Exchange server cannot prove who it is',
  why: 'A relay connector whose ranges hold the addresses of Exchange servers takes their sessions and cannot authenticate them: mail between the servers stays in the queue.',
  severity: 'critical',
  references: [RECEIVE_CONNECTORS, section('2.2'), replySection('C4')],
  signs: [
    'exchange-authentication-impossible',
    'internal-certificate-missing',
    'authentication-temporarily-failed',
    'authentication-failed',
    'logon-denied',
    'unrecognized-authentication-type',
    'unrecognized-command',
  ],
  examples: {
    fires: [
      {
        about: 'its address is among the ranges of a relay connector',
        configuration: { connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, from: '10.0.20.11 10.0.0.6' }] },
        sessions: [{ ...landed('10.0.0.6'), rows: asking(IMPOSSIBLE) }],
        says: ['ExchangeServer', 'Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -RemoteIPRanges @{Remove="10.0.0.6"}'],
      },
      {
        about: 'a wide range of a relay connector holds it',
        configuration: { connectors: [DEFAULT_FRONTEND, WIDE] },
        sessions: [{ ...landed('10.0.0.6'), rows: asking(IMPOSSIBLE) }],
        says: ['10.0.0.0/24', /devices/],
      },
      {
        about: 'X-EXPS where nothing of the kind is offered, nothing imported',
        sessions: [
          {
            ...landed('10.0.0.6'),
            rows: `${greeted('ex02.contoso.example', 'SIZE 37748736, STARTTLS')}\n< X-EXPS GSSAPI\n${tarpitted('504 5.7.4 Unrecognized authentication type')}\n${QUIT}`,
          },
        ],
        says: [/X-EXPS/, '"Anon Relay EX01"'],
      },
      {
        about: 'the right connector, and Kerberos fails',
        sessions: [
          {
            from: '10.0.0.6',
            rows: `${greeted('ex02.contoso.example', 'SIZE 37748736, X-ANONYMOUSTLS, AUTH NTLM, X-EXPS GSSAPI NTLM')}\n< X-EXPS GSSAPI\n> 334 <authentication response>\n> 454 4.7.0 Temporary authentication failure\n${QUIT}`,
          },
        ],
        says: [/clocks/, '1035'],
      },
      {
        about: 'the internal transport certificate is gone',
        sessions: [
          {
            from: '10.0.0.6',
            rows: asking('451 5.7.3 Cannot load Internal Transport Certificate. Exchange Server authentication failed.'),
          },
        ],
        says: ['InternalTransportCertificateThumbprint'],
      },
    ],
    silent: [
      { about: 'a device with a wrong password', sessions: [{ rows: `${greeted('MFP-02')}\n${deniedLogon('scan')}\n${QUIT}` }] },
      { about: 'a device on the relay connector', sessions: [{ ...landed('10.0.20.11'), rows: workingSession('MFP-01') }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const id = sign.found?.entry.id;
    if (id === 'internal-certificate-missing') return certificateGone(session);
    const amongServers = /^\s*X-(?:EXPS|ANONYMOUSTLS)\b/i.test(sign.command?.event.data ?? '');
    if (id !== 'exchange-authentication-impossible' && !amongServers) return undefined;
    const connector = configuredConnector(theCase, session);
    const offer = offerBefore(session, sign.row?.index ?? session.events.length);
    const evidence = [
      ...(offer ? offerRow(session, offer, /X-EXPS/) : []),
      ...(connector ? propertyEvidence(connector, 'AuthMechanism', 'PermissionGroups') : []),
    ];
    const lacks = connector?.properties.AuthMechanism && !connector.properties.AuthMechanism.includes('ExchangeServer');
    if (lacks) return onForeignConnector(session, connector, evidence);
    if (offer && !offer.exchange && !connector) return perhapsForeign(session, offer, evidence);
    return trustFails(session, sign, evidence);
  },
};

const opening = ({ source, helo }: ExaminedSession): string =>
  `The Exchange server ${[helo, source ? `(${source})` : ''].filter(Boolean).join(' ')} could not authenticate`;

function onForeignConnector(session: ExaminedSession, connector: ReceiveConnector, evidence: readonly Evidence[]): Diagnosed {
  const client = session.source === null ? undefined : parseAddress(session.source);
  const around = client ? connector.remoteIPRanges.filter((range) => holds(range, client)) : [];
  const exact = around.filter((range) => sizeOf(range) === 1n);
  const wide = around.filter((range) => sizeOf(range) > 1n);
  return {
    cause: `${opening(session)}: ${landedOn(session)} took its session, because ${around.length > 0 ? `${enumerate(around.map(({ text }) => text))} among its ranges holds the server's address` : 'its ranges hold the address of the server'}, and ExchangeServer is missing in its AuthMechanism.`,
    evidence: [
      ...evidence,
      ...around.map(
        (range): Evidence => ({
          kind: 'property',
          connector: identityOf(connector),
          property: 'RemoteIPRanges',
          value: range.text,
        }),
      ),
    ],
    remedy: [
      ...(exact.length > 0 ? removeRanges(connector, exact) : []),
      ...(wide.length > 0
        ? [
            advice(
              `${enumerate(wide.map(formatRange))} is wider than the devices that need it: put their addresses in its place, so that no Exchange server is held any more ("relaylens sources" lists who really comes).`,
            ),
          ]
        : []),
      advice(
        'Then the session falls to the default connector, which authenticates Exchange servers; do not add ExchangeServer to the relay connector.',
      ),
    ],
    confidence: configuredSurety(session, 'the same says the configuration'),
  };
}

function perhapsForeign(session: ExaminedSession, { masked }: Offer, evidence: readonly Evidence[]): Diagnosed {
  const custom = !isDefault(session) && session.connector !== '';
  return {
    cause: `${opening(session)}: the answer of ${landedOn(session)} to EHLO offers neither X-EXPS nor X-ANONYMOUSTLS, with which Exchange servers do that. ${
      masked
        ? 'A word of the answer is a row of X: something on the way inspects SMTP and writes over what it does not know.'
        : custom
          ? 'That connector was made for other clients, and most likely one of its ranges holds the address of the server.'
          : 'Something on the way may have taken the words out of the answer.'
    }`,
    evidence,
    remedy: [
      ...showConnector(session, 'AuthMechanism', 'RemoteIPRanges'),
      ...(custom ? [removeAddress(session)] : []),
      advice('Where a wide range holds the server, put the addresses of the devices in its place.'),
      advice('Do not inspect SMTP between Exchange servers (on Cisco: "fixup" or "inspect esmtp").'),
    ],
    confidence: { level: 'medium', because: 'the answer to EHLO says it' },
    unknown: ['Which ranges the connector has is not in the logs: import Get-ReceiveConnector with "relaylens config import".'],
  };
}

const removeAddress = (session: ExaminedSession): Remedy =>
  powershell(
    `Set-ReceiveConnector -Identity ${literal(session.connector.includes('\\') ? session.connector : `${serverName(session)}\\${session.connector}`)} -RemoteIPRanges @{Remove=${literal(session.source ?? '')}}`,
  );

function trustFails(session: ExaminedSession, sign: RefusalSign, evidence: readonly Evidence[]): Diagnosed {
  return {
    cause: `${opening(session)}, although ${landedOn(session)} knows how Exchange servers do that (${sign.refusal.text}). Mostly the clocks of the two differ by more than five minutes, a service principal name is missing, or no domain controller answers.`,
    evidence: [
      ...evidence,
      ...sign.contexts.filter(({ event }) => event.context !== '').flatMap(({ index }) => rowAt(session, index)),
    ],
    remedy: [
      powershell(
        `Get-WinEvent -ComputerName ${literal(serverName(session))} -FilterHashtable @{LogName='Application'; ID=1035, 1022, 2017} -MaxEvents 10 | Format-List TimeCreated, Id, Message`,
      ),
      powershell('Test-ComputerSecureChannel -Verbose'),
      advice('Set the clocks of both servers and of the domain controllers right.'),
      advice(
        'See that SMTP between the servers is not inspected or changed on the way, and that both are members of the group "Exchange Servers".',
      ),
    ],
    confidence: { level: 'medium', because: 'the event log of the server has to say which of them it is' },
  };
}

function certificateGone(session: ExaminedSession): Diagnosed {
  return {
    cause:
      'The server has lost its internal transport certificate, with which Exchange servers recognise each other: it was deleted, or its private key cannot be read. Mail from all other servers stays in their queues.',
    remedy: [
      powershell(
        `Get-TransportService -Identity ${literal(serverName(session))} | Format-List InternalTransportCertificateThumbprint`,
      ),
      showCertificates(session),
      advice(
        'Let SMTP use a valid certificate of the server, and answer yes when it asks whether the default certificate is to be overwritten:',
      ),
      enableCertificate(session, '<thumbprint of the certificate>'),
      powershell(`Restart-Service MSExchangeTransport`),
    ],
    confidence: { level: 'high', because: 'the reply says so' },
  };
}

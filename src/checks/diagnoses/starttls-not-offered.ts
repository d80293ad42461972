/** The client asks for TLS, and the server does not have it to give. */
import type { ReceiveConnector } from '../../connector/connector.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, configuredSurety, landedOn } from '../evidence/client-place.ts';
import { offerBefore, offerRow, offersOf } from '../evidence/offer.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { enableCertificate, showCertificateEvents, showCertificates } from '../evidence/server-certificate.ts';
import type { RefusalSign } from '../evidence/sign.ts';
import { DEFAULT_FRONTEND, delivered, greeted, QUIT, RELAY_CONNECTOR, secured, tarpitted } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { exportedEvidence, showConnector } from '../remedies/permission-group-change.ts';
import { moment } from '../words/moment.ts';

const UNKNOWN = tarpitted('500 5.3.3 Unrecognized command');
const WITHOUT = 'SIZE 37748736, PIPELINING, AUTH NTLM, 8BITMIME';
const refused = `${greeted('app-01', WITHOUT)}\n< STARTTLS\n${UNKNOWN}\n${QUIT}`;

export const starttlsNotOffered: SessionDiagnosis = {
  kind: 'session',
  id: 'starttls-not-offered',
  title: 'The client wants TLS, and the server does not offer it',
  why: 'A connector offers STARTTLS only with Tls in its AuthMechanism and a certificate that it can use; clients that insist on TLS send nothing then.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, section('7.2'), replySection('C4')],
  signs: ['unrecognized-command', 'security-subsystem-failed', 'tls-rate-exceeded'],
  examples: {
    fires: [
      {
        about: 'Tls is missing in AuthMechanism',
        configuration: { connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, AuthMechanism: [] }] },
        sessions: [{ from: '10.0.20.11', connector: 'EX01\\Anon Relay EX01', rows: refused }],
        says: [/Tls is missing/, 'Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -AuthMechanism Tls'],
      },
      {
        about: 'Tls is there: the certificate is not',
        configuration: { connectors: [DEFAULT_FRONTEND] },
        sessions: [{ rows: refused }],
        says: [/no certificate/, 'Get-ExchangeCertificate', 'ex01.contoso.example'],
      },
      {
        about: 'it was offered the day before',
        sessions: [
          { at: '2026-11-01T08:00:00.000Z', rows: `${greeted('app-01')}\n${secured('app-01')}\n${delivered()}\n${QUIT}` },
          { at: '2026-11-02T08:00:00.000Z', rows: refused },
        ],
        says: ['2026-11-01 08:00 UTC', /certificate/],
      },
      {
        about: 'a firewall has written over the answer',
        sessions: [{ rows: `${greeted('app-01', 'SIZE 37748736, XXXXXXXA, AUTH NTLM')}\n< STARTTLS\n${UNKNOWN}\n${QUIT}` }],
        says: [/inspect/],
      },
      {
        about: 'the server cannot use its certificate',
        sessions: [
          {
            rows: `${greeted('app-01')}\n< STARTTLS\n${tarpitted('554 5.7.3 Unable to initialize security subsystem')}\n${QUIT}`,
          },
        ],
        says: [/private key/, 'Enable-ExchangeCertificate'],
      },
      {
        about: 'LOGIN is refused for want of TLS: a consequence',
        sessions: [
          {
            rows: `${greeted('app-01', WITHOUT)}\n< STARTTLS\n${UNKNOWN}\n< AUTH LOGIN\n${tarpitted('504 5.7.4 Unrecognized authentication type')}\n${QUIT}`,
          },
        ],
        says: [/import/],
      },
    ],
    silent: [
      { about: 'TLS is started', sessions: [{ rows: `${greeted('app-01')}\n${secured('app-01')}\n${delivered()}\n${QUIT}` }] },
      {
        about: 'another command is not known',
        sessions: [{ rows: `${greeted('app-01')}\n< XCLIENT NAME=a\n${UNKNOWN}\n${QUIT}` }],
      },
      {
        about: 'the handshake fails',
        sessions: [
          {
            rows: `${greeted('app-01')}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {failed-tls AlgorithmMismatch}\n- | Local`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal' || sign.refusal.command !== 'starttls') return undefined;
    if (!/^\s*STARTTLS\b/i.test(sign.command?.event.data ?? 'STARTTLS')) return undefined;
    switch (sign.found?.entry.id) {
      case 'security-subsystem-failed':
        return ownKey(session);
      case 'tls-rate-exceeded':
        return tooMany(session, sign, theCase);
      case 'unrecognized-command':
        return notOffered(session, sign, theCase);
      default:
        return undefined;
    }
  },
};

function ownKey(session: ExaminedSession): Diagnosed {
  return {
    severity: 'critical',
    cause:
      'The server offers TLS and cannot use its own certificate: it has expired, is gone, or the service may not read its private key. That strikes every client that wants TLS, not this device alone.',
    remedy: [
      showCertificates(session),
      showCertificateEvents(session),
      advice(
        'Renew the certificate, or import it together with its private key (NETWORK SERVICE must be able to read it), and let SMTP use it:',
      ),
      enableCertificate(session),
    ],
    confidence: { level: 'high', because: 'the reply says that the server could not begin TLS' },
  };
}

function tooMany(session: ExaminedSession, sign: RefusalSign, { circumstances }: Case): Diagnosed {
  const parallel = circumstances.parallelSessionsOfAll(session.server, Date.parse(sign.refusal.at));
  return {
    severity: 'medium',
    cause: `The server had to do more TLS handshakes at that moment than it wants to; ${parallel.toLocaleString('en-US')} ${parallel === 1 ? 'session was' : 'sessions were'} under way. The client is to try again, which it may.`,
    remedy: [
      advice(
        'Let clients that send much keep a session open for several messages, instead of a new one with a new handshake for each.',
      ),
    ],
    confidence: { level: 'high', because: 'the reply says so' },
  };
}

function notOffered(session: ExaminedSession, sign: RefusalSign, theCase: Case): Diagnosed | undefined {
  const offer = offerBefore(session, sign.row?.index ?? session.events.length);
  if (offer?.startTls || offer?.secured) return undefined;
  const connector = configuredConnector(theCase, session);
  const before = earlierOffer(session, theCase);
  const evidence = [
    ...(offer ? offerRow(session, offer, /\bSTARTTLS\b/) : []),
    ...(before ? before.rows : []),
    ...(connector ? exportedEvidence(connector, 'AuthMechanism', 'Fqdn', 'TlsCertificateName') : []),
  ];
  const opening = `The client asked for TLS, and ${landedOn(session)} does not offer it${offer ? ': STARTTLS is missing in its answer to EHLO' : ''}.`;
  if (offer?.masked)
    return {
      cause: `${opening} A word of that answer is a row of X: something on the way that inspects SMTP writes over what it does not know, STARTTLS among it.`,
      evidence,
      remedy: [
        advice('Switch the inspection of SMTP off on the firewall between the two (on Cisco: "fixup" or "inspect esmtp").'),
        ...otherWays(),
      ],
      confidence: { level: 'medium', because: 'the answer to EHLO was written over' },
    };
  const mechanisms = connector?.properties.AuthMechanism;
  if (connector && mechanisms && !mechanisms.includes('Tls'))
    return {
      cause: `${opening} Tls is missing in the AuthMechanism of the connector.`,
      evidence,
      remedy: [...addTls(connector), ...otherWays()],
      confidence: configuredSurety(session, 'so says the configuration'),
    };
  const name = nameOf(session, connector);
  const withoutCertificate = `Then it finds no certificate that it can use: none${name ? ` for ${name}` : ''} is enabled for SMTP, it has expired, or its chain is broken.`;
  return {
    severity: 'high',
    cause: [
      opening,
      before ? `On ${moment(before.at)} it still offered it.` : '',
      mechanisms
        ? `Tls is switched on in its AuthMechanism. ${withoutCertificate}`
        : before
          ? `Unless somebody took Tls out of its AuthMechanism since: ${lower(withoutCertificate)}`
          : `Either Tls is missing in the AuthMechanism of the connector, or it finds no certificate that it can use${name ? ` for ${name}` : ''}.`,
    ]
      .filter(Boolean)
      .join(' '),
    evidence,
    remedy: [
      ...showConnector(session, 'AuthMechanism', 'Fqdn', 'TlsCertificateName'),
      showCertificates(session),
      showCertificateEvents(session),
      advice('Where the certificate is missing or has expired, renew or import it, and let SMTP use it:'),
      enableCertificate(session),
      ...otherWays(),
    ],
    confidence: mechanisms
      ? configuredSurety(session, 'only the certificate can be missing by the configuration')
      : { level: 'medium', because: 'the answer to EHLO says it' },
    unknown: mechanisms
      ? []
      : [
          'Whether Tls or the certificate is missing is not in the logs: import Get-ReceiveConnector with "relaylens config import".',
        ],
  };
}

const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

const addTls = (connector: ReceiveConnector): Remedy[] => [
  setConnector(connector, { AuthMechanism: [...(connector.properties.AuthMechanism ?? []), 'Tls'] }),
];

const otherWays = (): Remedy[] => [
  advice('Or switch TLS off in the device, if it may send in the clear inside your network; a password must not go that way.'),
];

/** The name under which the connector looks for a certificate. */
function nameOf(session: ExaminedSession, connector: ReceiveConnector | undefined): string | undefined {
  const { TlsCertificateName, Fqdn } = connector?.properties ?? {};
  if (TlsCertificateName) return `the TlsCertificateName of the connector (${TlsCertificateName})`;
  if (Fqdn) return Fqdn;
  const banner = session.events.find(({ event, data }) => event === '>' && data.startsWith('220'));
  return /^220[ -](\S+\.\S+) /.exec(banner?.data ?? '')?.[1];
}

/** The last session on this connector that was offered TLS. */
function earlierOffer(session: ExaminedSession, { lastGood, turn, twins }: Case) {
  for (const one of [lastGood, turn?.good, ...twins]) {
    if (!one || one.connector !== session.connector || Date.parse(one.startedAt) >= Date.parse(session.startedAt)) continue;
    const offer = offersOf(one).find(({ startTls }) => startTls);
    if (offer) {
      const row = offer.rows.find((index) => /\bSTARTTLS\b/.test(one.events[index]?.data ?? '')) ?? offer.rows[0]!;
      return { at: Date.parse(one.startedAt), rows: rowAt(one, row) };
    }
  }
  return undefined;
}

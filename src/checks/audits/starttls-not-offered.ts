/** A16 by the logs: a connector that should offer STARTTLS and does not, because its certificate does not fit. */
import { isEnabled, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { serverOf } from '../../connector/organisation.ts';
import type { AuditFacts } from '../../queries/audit/audit-facts.ts';
import type { PlainConnector } from '../../queries/audit/behaviour/behaviours.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { Audit } from '../audit.ts';
import { sightings } from '../evidence/audited-clients.ts';
import { offerRow, offersOf } from '../evidence/offer.ts';
import { enableCertificate, showCertificateEvents, showCertificates } from '../evidence/server-certificate.ts';
import { DEFAULT_FRONTEND, delivered, greeted, QUIT, RELAY_CONNECTOR, secured, tarpitted } from '../examples/example-sessions.ts';
import { aboutConnector, type Finding } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { exportedEvidence } from '../remedies/permission-group-change.ts';
import { count } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

const UNKNOWN = tarpitted('500 5.3.3 Unrecognized command');
const WITHOUT = 'SIZE 37748736, PIPELINING, AUTH NTLM, 8BITMIME';
const asked = `${greeted('app-01', WITHOUT)}\n< STARTTLS\n${UNKNOWN}\n${QUIT}`;
const plain = (extensions?: string) => `${greeted('app-01', extensions)}\n${delivered()}\n${QUIT}`;
const safe = `${greeted('app-01')}\n${secured('app-01')}\n${delivered()}\n${QUIT}`;
const CONFIGURED = { connectors: [DEFAULT_FRONTEND] };

export const starttlsNotOffered: Audit = {
  id: 'starttls-not-offered',
  title: 'STARTTLS is configured and not offered',
  why: 'Without a certificate that fits, the connector leaves STARTTLS out without a word: mail and passwords then go in the clear, or not at all.',
  severity: 'medium',
  references: [RECEIVE_CONNECTORS, section('5.5 (A16)'), replySection('C4')],
  needs: ['connectors'],
  falsePositives: [
    'A firewall on the way takes STARTTLS out of the answer; then the log still shows that the server said it.',
    'The certificate was put right since, and nobody has asked for TLS again.',
  ],
  examples: {
    fires: [
      {
        about: 'a client asked for it in vain',
        configuration: CONFIGURED,
        sessions: [{ rows: asked }],
        says: [/1 session/, 'Get-ExchangeCertificate', '12014', 'ex01.contoso.example'],
      },
      {
        about: 'nobody asked, and the answer to EHLO does not have it',
        configuration: CONFIGURED,
        sessions: [{ rows: plain(WITHOUT) }],
        says: [/STARTTLS is missing/],
      },
      {
        about: 'it was there before',
        configuration: CONFIGURED,
        sessions: [
          { at: '2026-11-01T08:00:00.000Z', rows: safe },
          { at: '2026-11-02T08:00:00.000Z', rows: asked },
        ],
        says: ['2026-11-01 08:00 UTC', '"severity":"high"'],
      },
    ],
    silent: [
      { about: 'TLS is used', configuration: CONFIGURED, sessions: [{ rows: safe }] },
      { about: 'nobody uses it, and it is offered', configuration: CONFIGURED, sessions: [{ rows: plain() }] },
      {
        about: 'Tls is not switched on: the diagnosis of the client tells of it',
        configuration: { connectors: [{ ...RELAY_CONNECTOR, AuthMechanism: [] }] },
        sessions: [{ from: '10.0.20.11', connector: RELAY_CONNECTOR.id, rows: asked }],
      },
      {
        about: 'put right since',
        configuration: CONFIGURED,
        sessions: [
          { at: '2026-11-01T08:00:00.000Z', rows: asked },
          { at: '2026-11-02T08:00:00.000Z', rows: safe },
        ],
      },
      {
        about: 'a client that says HELO is offered nothing',
        configuration: CONFIGURED,
        sessions: [
          { rows: `+\n> {banner}\n< HELO app-01\n> 250 ex01.contoso.example Hello [10.0.20.12]\n${delivered()}\n${QUIT}` },
        ],
      },
      {
        about: 'something on the way has written over the answer',
        configuration: CONFIGURED,
        sessions: [{ rows: `${greeted('app-01', 'SIZE 37748736, XXXXXXXA, AUTH NTLM')}\n< STARTTLS\n${UNKNOWN}\n${QUIT}` }],
      },
    ],
  },
  find: (facts) =>
    facts.behaviours.plainConnectors.flatMap((place) => {
      const connector = configured(facts, place);
      const { shown, refused, secured: safely } = place;
      if (!connector || !shown || !isEnabled(connector)) return [];
      if (!connector.properties.AuthMechanism?.includes('Tls')) return [];
      if (refused && safely && safely.last > refused.last) return [];
      const offer = offersOf(shown).find((one) => !one.secured);
      return offer && !offer.startTls && !offer.masked ? [missing(connector, place, shown, offer)] : [];
    }),
};

const configured = ({ organisation }: AuditFacts, { server, connector }: PlainConnector): ReceiveConnector | undefined =>
  serverOf(organisation, server)?.connectors.find(({ name }) => sameName(name.trim(), connector));

function missing(
  connector: ReceiveConnector,
  { refused, refusedSources, secured: safely, sessions }: PlainConnector,
  shown: ExaminedSession,
  offer: ReturnType<typeof offersOf>[number],
): Finding {
  const { TlsCertificateName, Fqdn } = connector.properties;
  const fitting = TlsCertificateName
    ? ` for its TlsCertificateName (${TlsCertificateName})`
    : ` for ${Fqdn ?? nameInBanner(shown) ?? 'its Fqdn'}`;
  const finding = aboutConnector(starttlsNotOffered, connector, {
    severity: safely ? 'high' : 'medium',
    what: `"${connector.name}" does not offer TLS, although Tls is switched on in its AuthMechanism: STARTTLS is missing in its answer to EHLO${refused ? `, and ${count(refused.count, 'session')} of ${count(refusedSources, 'client')} asked for it in vain` : ''}.`,
    cause: `It finds no certificate that it can use: none${fitting} is enabled for SMTP, it has expired, or its chain is broken. Exchange says so as event 12014.${safely ? ` On ${moment(safely.last)} a client still had TLS there.` : ''}`,
    evidence: [
      ...offerRow(shown, offer, /\bSTARTTLS\b/),
      ...(refused ? [] : [{ kind: 'count', note: `${count(sessions, 'session')}, none of them with TLS` } as const]),
      ...exportedEvidence(connector, 'AuthMechanism', 'Fqdn', 'TlsCertificateName'),
    ],
    remedy: [
      showCertificates(shown),
      showCertificateEvents(shown),
      advice('Where the certificate is missing or has expired, renew or import it, and let SMTP use it:'),
      enableCertificate(shown),
    ],
    confidence: { level: 'high', because: 'the configuration has Tls, and the answer of the server does not' },
  });
  return refused ? { ...finding, seen: sightings(refused) } : finding;
}

const nameInBanner = ({ events }: ExaminedSession): string | undefined =>
  /^220[ -](\S+\.\S+) /.exec(events.find(({ event, data }) => event === '>' && data.startsWith('220'))?.data ?? '')?.[1];

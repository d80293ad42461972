/** The connector takes mail over encrypted sessions only, and the client did not start TLS. */
import { literal } from '../../powershell/quoting.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { offerBefore, offerRow } from '../evidence/offer.ts';
import { enableCertificate, showCertificateEvents, showCertificates } from '../evidence/server-certificate.ts';
import { DEFAULT_FRONTEND, delivered, greeted, QUIT, secured, tarpitted, workingSession } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection, section } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { connectorIdentity, exportedEvidence, showConnector } from '../remedies/permission-group-change.ts';

const REQUIRED = tarpitted('451 5.7.3 STARTTLS is required to send mail');
const refused = `< MAIL FROM:<scan@contoso.example>\n${REQUIRED}\n- | Local`;
const STRICT = { ...DEFAULT_FRONTEND, RequireTLS: true } as const;

export const starttlsRequired: SessionDiagnosis = {
  kind: 'session',
  id: 'starttls-required',
  title: 'The connector demands TLS, and the session has none',
  why: 'With RequireTLS a connector refuses MAIL FROM of every session that is not encrypted; the reply is temporary, so senders repeat it for days.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, replySection('C4'), section('7.5')],
  signs: ['starttls-required', 'starttls-first'],
  examples: {
    fires: [
      {
        about: 'STARTTLS is offered, and the client does not ask for it',
        configuration: { connectors: [STRICT] },
        sessions: [{ rows: `${greeted('MFP-02')}\n${refused}` }],
        says: [/Switch STARTTLS on/, 'Set-ReceiveConnector -Identity "EX01\\Default Frontend EX01" -RequireTLS $false', /clear/],
      },
      {
        about: 'the server demands what it does not offer',
        sessions: [{ rows: `${greeted('MFP-02', 'SIZE 37748736, PIPELINING, AUTH NTLM')}\n${refused}` }],
        says: [/does not offer STARTTLS/, 'Get-ExchangeCertificate'],
      },
      {
        about: 'the client says HELO, which knows no TLS',
        sessions: [{ rows: `+\n> {banner}\n< HELO MFP-02\n> 250 ex01.contoso.example Hello [10.0.20.12]\n${refused}` }],
        says: [/HELO/],
      },
      {
        about: 'in the words of a command that needs TLS',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n< MAIL FROM:<scan@contoso.example>\n${tarpitted('530 5.7.0 Must issue a STARTTLS command first')}\n${QUIT}`,
          },
        ],
        says: [/Switch STARTTLS on/],
      },
    ],
    silent: [
      {
        about: 'TLS is started',
        configuration: { connectors: [STRICT] },
        sessions: [{ rows: `${greeted('MFP-02')}\n${secured('MFP-02')}\n${delivered()}\n${QUIT}` }],
      },
      { about: 'nothing is demanded', sessions: [{ rows: workingSession('MFP-02') }] },
      {
        about: 'STARTTLS was tried and refused: that is the root',
        sessions: [
          {
            rows: `${greeted('MFP-02', 'SIZE 37748736')}\n< STARTTLS\n${tarpitted('500 5.3.3 Unrecognized command')}\n${refused}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const connector = configuredConnector(theCase, session);
    const offer = offerBefore(session, sign.row?.index ?? session.events.length);
    const evidence = [
      ...(offer ? offerRow(session, offer, /\bSTARTTLS\b/) : []),
      ...(connector ? exportedEvidence(connector, 'RequireTLS', 'AuthMechanism', 'TlsCertificateName') : []),
    ];
    const demands = `${landedOn(session)} takes mail over encrypted sessions only (RequireTLS)`;
    if (offer && !offer.secured && !offer.startTls)
      return {
        severity: 'critical',
        cause: `${demands}, and yet its answer to EHLO does not offer STARTTLS: nobody can send through it. It offers none where it has no certificate to use, or where something on the way takes the word out of the answer.`,
        evidence,
        remedy: [
          showCertificates(session),
          ...showConnector(session, 'AuthMechanism', 'Fqdn', 'TlsCertificateName', 'RequireTLS'),
          showCertificateEvents(session),
          advice(
            'Give the server a valid certificate with the name of the connector (Fqdn or TlsCertificateName), and let SMTP use it:',
          ),
          enableCertificate(session),
        ],
        confidence: { level: 'high', because: 'the answer to EHLO has no STARTTLS in it' },
      };
    const hello = session.events.find(({ event, data }) => event === '<' && /^\s*HELO\b/i.test(data));
    return {
      cause: `${demands}. ${
        offer?.startTls
          ? 'It offers STARTTLS, and the client never asked for it.'
          : !offer && hello
            ? 'The client says HELO, and TLS exists only after EHLO.'
            : 'The client did not start TLS.'
      }`,
      evidence,
      remedy: [...(hello && !offer ? [advice('Let the device say EHLO instead of HELO.')] : []), ...remedyFor(session)],
      confidence:
        connector?.properties.RequireTLS === false
          ? { level: 'medium', because: 'the reply says so, and the configuration that was imported does not demand TLS' }
          : { level: 'high', because: 'the reply says so, and no STARTTLS stands in the session' },
    };
  },
};

function remedyFor(session: ExaminedSession): Remedy[] {
  const identity = connectorIdentity(session);
  return [
    advice('Switch STARTTLS on in the device (also called "TLS" or "explicit TLS"; not "SSL").'),
    ...(identity === null
      ? []
      : [
          advice(
            'Where the device cannot, and the connector does not have to demand it, take the demand away. Given up by that: its clients may send in the clear:',
          ),
          powershell(`Set-ReceiveConnector -Identity ${literal(identity)} -RequireTLS $false`),
        ]),
  ];
}

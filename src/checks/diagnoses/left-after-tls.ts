/** The handshake succeeds, and the client hangs up without another word: mostly it does not like the certificate. */
import type { CaseDiagnosis } from '../diagnosis.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { seconds } from '../evidence/sentence.ts';
import { isInvalidAt, showCertificates, shownCertificate } from '../evidence/server-certificate.ts';
import { delivered, greeted, QUIT, secured, workingSession } from '../examples/example-sessions.ts';
import { logSection, replySection } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { showConnector } from '../remedies/permission-group-change.ts';
import { enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

const negotiated = `${greeted('app-01')}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n@0 * {certificate}\n@40 * {tls 1_2}`;
const leaving = `${negotiated}\n@15 - | Remote(ConnectionReset)`;

/** Sessions after which a broken line is no explanation any more. */
const REPEATED = 3;

export const leftAfterTls: CaseDiagnosis = {
  kind: 'case',
  id: 'left-after-tls',
  title: 'Leaves as soon as TLS is negotiated',
  why: 'Some programs look at the name in a certificate only when the handshake is over: the log shows a success, and no mail comes.',
  severity: 'medium',
  references: [replySection('C4'), logSection('4.1')],
  rootOf: [],
  examples: {
    fires: [
      {
        about: 'an application that does not find the name it was set to',
        sessions: [{ rows: leaving }, { rows: leaving }, { rows: leaving }],
        says: [/3 sessions/, 'mail.contoso.example', /CertificateDomains/, /monitor/],
      },
      {
        about: 'it then sends without TLS',
        sessions: [{ rows: leaving }, { rows: workingSession('app-01') }],
        says: [/without TLS/],
      },
    ],
    silent: [
      {
        about: 'a monitor that takes its leave',
        sessions: [{ rows: `${greeted('app-01')}\n${secured('app-01')}\n${QUIT}` }],
      },
      {
        about: 'it says hello inside TLS, and then leaves',
        sessions: [{ rows: `${greeted('app-01')}\n${secured('app-01')}\n@15 - | Remote(ConnectionReset)` }],
      },
      {
        about: 'it says hello inside TLS at other times',
        sessions: [{ rows: `${greeted('app-01')}\n${secured('app-01')}\n@15 - | Remote(ConnectionReset)` }, { rows: leaving }],
      },
      {
        about: 'its mail comes over TLS at other times',
        sessions: [{ rows: leaving }, { rows: `${greeted('app-01')}\n${secured('app-01')}\n${delivered()}\n${QUIT}` }],
      },
    ],
  },
  diagnose({ circumstances, subject, lastGood }) {
    if (subject.kind !== 'client') return undefined;
    const found = circumstances.leftAfterTls();
    if (!found || found.others > 0) return undefined;
    const { sessions, latest } = found;
    const certificate = shownCertificate(latest);
    const invalid = certificate && isInvalidAt(certificate, Date.parse(latest.startedAt)) === true;
    const names = certificate?.names ?? [];
    const plain = lastGood?.tls === 'none' && lastGood.direction === 'receive' ? lastGood : undefined;
    return {
      what: `${sessions.toLocaleString('en-US')} ${sessions === 1 ? 'session' : 'sessions'} negotiated ${latest.tls} and broke off there, without EHLO; the last after ${seconds(Date.parse(latest.endedAt) - Date.parse(latest.startedAt))}.`,
      cause: [
        invalid
          ? `The certificate that the server showed was valid from ${moment(certificate.notBefore!)} to ${moment(certificate.notAfter!)}, and so not then: a client that checks it leaves.`
          : 'So does a client that looks at the certificate when the handshake is over, and does not find the name that it was set to connect to, or does not trust the issuer. A monitor that only reads the certificate looks the same.',
        names.length > 0 ? `The certificate holds ${enumerate(names, 4)}.` : '',
        plain ? `On ${moment(Date.parse(plain.startedAt))} its mail was accepted without TLS.` : '',
      ]
        .filter(Boolean)
        .join(' '),
      session: latest,
      rows: [latest.events.length - 1],
      evidence: certificate ? rowAt(latest, certificate.index) : [],
      count: sessions,
      remedy: [
        ...(invalid ? [] : [advice('If it is a monitor, nothing has to be done.')]),
        advice(
          `Set the device to connect to a name that the certificate holds${names.length > 0 ? ` (${enumerate(names, 4)})` : ''}, not to an address or a short name, and let it trust the issuer.`,
        ),
        ...showConnector(latest, 'Fqdn', 'TlsCertificateName'),
        showCertificates(latest),
      ],
      confidence: invalid
        ? { level: 'high', because: 'the row of the certificate says until when it is valid' }
        : {
            level: plain && sessions >= REPEATED ? 'medium' : 'low',
            because: 'who hangs up does not say why',
          },
      unknown: ['What the client did not like is not in this log: its own log tells.'],
    };
  },
};

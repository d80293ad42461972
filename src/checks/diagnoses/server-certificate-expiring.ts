/** The certificate that the server shows has expired, will soon, or was changed when the handshakes began to fail. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { CaseDiagnosis } from '../diagnosis.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import {
  enableCertificate,
  isInvalidAt,
  type ShownCertificate,
  serverName,
  showCertificates,
  shownCertificate,
} from '../evidence/server-certificate.ts';
import { delivered, greeted, QUIT, secured, workingSession } from '../examples/example-sessions.ts';
import { logSection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { showConnector } from '../remedies/permission-group-change.ts';
import { moment } from '../words/moment.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
const WEEK_DAYS = 7;

const OLD_THUMBPRINT = '0F1E2D3C4B5A69788796A5B4C3D2E1F001122334';
const certificateRow = (until: string, thumbprint = OLD_THUMBPRINT): string =>
  `* ${` CN=mail.contoso.example CN=Contoso Issuing CA 3, O=Contoso, C=DE 5F0C3AC188DE4F169A3F8A2D6CC1D0FF ${thumbprint} 2025-11-01T00:00:00.000Z ${until} mail.contoso.example`} | Sending certificate Subject Issuer name Serial number Thumbprint Not before Not after Subject alternate names`;
const certificateRowsA = `* | Sending certificate\n* CN=mail.contoso.example | Certificate subject\n* CN=Contoso Issuing CA 3 | Certificate issuer name\n* 5F0C | Certificate serial number\n* ${OLD_THUMBPRINT} | Certificate thumbprint\n* mail.contoso.example | Certificate alternate names`;
const encrypted = (certificate: string): string =>
  `${greeted('app-01')}\n${secured('app-01').replace('* {certificate}', certificate)}\n${delivered()}\n${QUIT}`;
const failing = (certificate: string, error = 'ConnectionReset'): string =>
  `${greeted('app-01')}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n@0 ${certificate}\n@40 * {failed-tls ${error}}\n- | Local`;

export const serverCertificateExpiring: CaseDiagnosis = {
  kind: 'case',
  id: 'server-certificate-expiring',
  title: 'The certificate of the server has expired or changed, or will expire',
  why: 'When the certificate expires or is replaced, every client that checks it hangs up, and nothing in its reply says why.',
  severity: 'low',
  references: [logSection('4.1'), section('7.3'), 'https://learn.microsoft.com/exchange/architecture/client-access/certificates'],
  rootOf: ['tls-handshake-failed', 'starttls-not-offered'],
  examples: {
    fires: [
      {
        about: 'it had expired when the client hung up',
        only: 'B',
        sessions: [{ rows: failing(certificateRow('2026-11-01T00:00:00.000Z')) }],
        says: ['2026-11-01 00:00 UTC', /expired/, 'Enable-ExchangeCertificate'],
      },
      {
        about: 'it was replaced when it began to fail',
        sessions: [
          {
            at: '2026-11-01T08:00:00.000Z',
            rows: encrypted(certificateRow('2026-12-24T00:00:00.000Z')),
            rowsA: encrypted(certificateRowsA),
          },
          { at: '2026-11-02T08:00:00.000Z', rows: failing('* {certificate}') },
        ],
        says: [OLD_THUMBPRINT, 'A1B2C3D4E5F60718293A4B5C6D7E8F9001122334', /replaced/],
      },
      {
        about: 'it ran out, and the server offers no TLS any more',
        only: 'B',
        sessions: [
          { at: '2026-11-01T08:00:00.000Z', rows: encrypted(certificateRow('2026-11-01T12:00:00.000Z')) },
          {
            at: '2026-11-02T08:00:00.000Z',
            rows: `${greeted('app-01', 'SIZE 37748736, AUTH NTLM')}\n< STARTTLS\n> 500 5.3.3 Unrecognized command\n${QUIT}`,
          },
        ],
        says: ['2026-11-01 12:00 UTC', /no TLS any more/],
      },
      {
        about: 'all goes well, for eighteen days more',
        only: 'B',
        sessions: [{ rows: encrypted(certificateRow('2026-11-20T12:00:00.000Z')) }],
        says: ['18 days', '2026-11-20 12:00 UTC'],
      },
    ],
    silent: [
      {
        about: 'it holds for months',
        sessions: [{ rows: `${greeted('app-01')}\n${secured('app-01')}\n${delivered()}\n${QUIT}` }],
      },
      { about: 'no TLS', sessions: [{ rows: workingSession('app-01') }] },
      {
        about: 'the old device finds no common version, whatever the certificate',
        sessions: [
          {
            at: '2026-11-01T08:00:00.000Z',
            rows: encrypted(certificateRow('2026-12-24T00:00:00.000Z')),
            rowsA: encrypted(certificateRowsA),
          },
          { at: '2026-11-02T08:00:00.000Z', rows: failing('* {certificate}', 'AlgorithmMismatch') },
        ],
      },
      { about: 'the log does not say until when', only: 'A', sessions: [{ rows: failing('* {certificate}') }] },
    ],
  },
  diagnose(theCase, verdicts) {
    const seen = seenIn(theCase);
    const [latest] = seen;
    if (!latest) return undefined;
    const fails = verdicts.includes('tls-handshake-failed');
    if (verdicts.includes('starttls-not-offered')) return ranOut(latest, theCase);
    return expired(latest, fails) ?? (fails ? replaced(theCase) : soon(latest));
  },
};

interface Seen {
  readonly session: ExaminedSession;
  readonly at: number;
  readonly certificate: ShownCertificate;
}

/** Of the client's own sessions, the latest first. */
function seenIn({ failing, lastGood, turn }: Case): Seen[] {
  const sessions = [...failing.map(({ session }) => session), lastGood, turn?.good, turn?.bad];
  return sessions
    .flatMap((session): Seen[] => {
      if (!session || session.direction === 'send') return [];
      const certificate = shownCertificate(session);
      return certificate ? [{ session, at: Date.parse(session.startedAt), certificate }] : [];
    })
    .sort((a, b) => b.at - a.at);
}

const renewal = (session: ExaminedSession) => [
  showCertificates(session),
  advice('Renew the certificate with the same names, and let SMTP use the new one:'),
  enableCertificate(session),
  advice('Where a connector names its certificate (TlsCertificateName), set that anew if issuer or subject have changed:'),
  ...showConnector(session, 'Fqdn', 'TlsCertificateName'),
];

function expired({ session, at, certificate }: Seen, fails: boolean) {
  if (!isInvalidAt(certificate, at)) return undefined;
  const early = at < certificate.notBefore!;
  return {
    severity: fails ? ('critical' as const) : ('high' as const),
    what: `${serverName(session)} showed a certificate that ${early ? `holds only from ${moment(certificate.notBefore!)} on` : `had expired on ${moment(certificate.notAfter!)}`}.`,
    cause: `${early ? 'The certificate was not valid yet' : 'The certificate had expired'} when the session took place (${moment(at)}; thumbprint ${certificate.thumbprint}). ${
      fails
        ? 'Clients that check it hang up in the handshake, as this one did.'
        : 'This client does not mind; others that check it hang up.'
    }`,
    session,
    rows: [certificate.index],
    count: 1,
    remedy: renewal(session),
    confidence: { level: 'high' as const, because: 'the row of the certificate says until when it is valid' },
  };
}

/** Between a session with the certificate and those in which the server has no TLS to offer, its last day passed. */
function ranOut({ session, at, certificate }: Seen, { failing }: Case) {
  const { notAfter } = certificate;
  const without = failing.map((group) => Date.parse(group.session.startedAt)).filter((time) => time > at);
  if (notAfter === null || without.length === 0 || notAfter > Math.max(...without)) return undefined;
  return {
    severity: 'critical' as const,
    what: `The certificate of ${serverName(session)} expired on ${moment(notAfter)}, and the server offers no TLS any more.`,
    cause: `On ${moment(at)} the server still showed this certificate (thumbprint ${certificate.thumbprint}). It expired on ${moment(notAfter)}; without a certificate that is valid the server does not offer STARTTLS.`,
    session,
    rows: [certificate.index],
    remedy: renewal(session),
    confidence: {
      level: 'medium' as const,
      because: 'its last day lies between the session that had TLS and those that have not',
    },
  };
}

function soon({ session, at, certificate }: Seen) {
  if (certificate.notAfter === null) return undefined;
  const days = Math.floor((certificate.notAfter - at) / DAY_MS);
  if (days > SOON_DAYS) return undefined;
  return {
    severity: days <= WEEK_DAYS ? ('medium' as const) : ('low' as const),
    what: `The certificate of ${serverName(session)} expires on ${moment(certificate.notAfter)}.`,
    cause: `At the last session looked at it was valid for ${days === 1 ? '1 day' : `${days} days`} more (thumbprint ${certificate.thumbprint}). From then on clients that check it hang up in the handshake. It fails nothing yet.`,
    session,
    rows: [certificate.index],
    count: 1,
    remedy: renewal(session),
    confidence: { level: 'high' as const, because: 'the row of the certificate says until when it is valid' },
  };
}

/** Another certificate at the last success than at the first failure, where the failure is one that a certificate can make. */
function replaced({ turn, failing }: Case) {
  if (!turn || turn.good.server !== turn.bad.server) return undefined;
  const bad = [turn.bad, ...failing.map(({ session }) => session)].find(brokenByClient);
  const [before, now] = [shownCertificate(turn.good), bad && shownCertificate(bad)];
  if (!bad || !before || !now || before.thumbprint === now.thumbprint) return undefined;
  const at = Date.parse(turn.good.startedAt);
  return {
    severity: 'high' as const,
    what: `${serverName(bad)} has shown another certificate since the handshakes fail.`,
    cause: `Until ${moment(at)} the server showed the certificate ${before.thumbprint}, and the handshake succeeded; since ${moment(Date.parse(bad.startedAt))} it shows ${now.thumbprint}, and the client hangs up. Most likely the certificate was replaced between, and the client does not trust the new one, or misses a name in it.`,
    session: bad,
    rows: [now.index],
    evidence: rowAt(turn.good, before.index),
    remedy: [
      showCertificates(bad),
      advice(
        'Compare issuer and names of the two. Let the device trust the issuer of the new one (import its root and the issuers between), or set it to a name that the new one holds.',
      ),
      advice('If the wrong certificate was given to SMTP, let it use the right one:'),
      enableCertificate(bad, '<thumbprint of the right certificate>'),
      ...showConnector(bad, 'Fqdn', 'TlsCertificateName'),
    ],
    confidence: { level: 'medium' as const, because: 'the failures began with the other certificate' },
  };
}

/** Left in the handshake, or said that it does not trust. */
const brokenByClient = ({ events, disconnect, tls }: ExaminedSession): boolean => {
  const error = events.map(({ context }) => /^TLS negotiation failed with error (\S+)/.exec(context)?.[1]).find(Boolean);
  if (error) return /Socket|Connection|Aborted|TimedOut|Untrusted|Cert|WrongPrincipal/i.test(error);
  return (
    tls === 'none' &&
    (disconnect ?? '').startsWith('Remote') &&
    events.some(({ event, data }) => event === '<' && /^\s*STARTTLS\b/i.test(data))
  );
};

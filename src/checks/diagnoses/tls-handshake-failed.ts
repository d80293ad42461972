/** STARTTLS was granted, and the handshake came to nothing: version, cipher, certificate, or the server's own key. */
import type { Case, ExaminedSession, FailureGroup } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { landedOn } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { seconds } from '../evidence/sentence.ts';
import {
  enableCertificate,
  isInvalidAt,
  type ShownCertificate,
  showCertificates,
  shownCertificate,
  showSchannel,
} from '../evidence/server-certificate.ts';
import type { Sign } from '../evidence/sign.ts';
import { delivered, greeted, QUIT, RELAY_CONNECTOR, secured, tarpitted, workingSession } from '../examples/example-sessions.ts';
import type { Evidence, Remedy } from '../finding.ts';
import { logSection, replySection } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { showConnector } from '../remedies/permission-group-change.ts';
import { connectorWithoutTls, DEVICE_TLS } from '../remedies/plain-connector.ts';
import { enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

const asked = (name: string): string => `${greeted(name)}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n@0 * {certificate}`;
const failing = (name: string, error: string): string => `${asked(name)}\n@30 * {failed-tls ${error}}\n- | Local`;
const encrypted = (name: string, version: string): string =>
  `${greeted(name)}\n${secured(name, version)}\n${delivered()}\n${QUIT}`;

export const tlsHandshakeFailed: SessionDiagnosis = {
  kind: 'session',
  id: 'tls-handshake-failed',
  title: 'The TLS handshake fails',
  why: 'No reply tells the client what is wrong: old devices, untrusted certificates and broken keys look alike to their users.',
  severity: 'high',
  references: [
    replySection('C4'),
    logSection('4.1'),
    'https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings',
  ],
  signs: ['tls-negotiation-failed', 'end'],
  examples: {
    fires: [
      {
        about: 'no common version, while a twin speaks TLS 1.2',
        sessions: [{ rows: failing('MFP-02', 'AlgorithmMismatch') }, { from: '10.0.20.11', rows: encrypted('MFP-01', '1_2') }],
        says: ['AlgorithmMismatch', '10.0.20.11', 'TLS1.2', /New-ReceiveConnector/],
      },
      {
        about: 'it has a range of its own, which has to leave before it gets another connector',
        configuration: { connectors: [{ ...RELAY_CONNECTOR, from: '10.0.20.11 10.0.20.12' }] },
        sessions: [{ connector: 'EX01\\Anon Relay EX01', rows: failing('MFP-02', 'AlgorithmMismatch') }],
        says: ['Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -RemoteIPRanges @{Remove="10.0.20.12"}'],
      },
      {
        about: 'it spoke TLS 1.0 until the server was changed',
        sessions: [
          { at: '2026-11-01T08:00:00.000Z', rows: encrypted('MFP-02', '1_0') },
          { at: '2026-11-02T08:00:00.000Z', rows: failing('MFP-02', 'AlgorithmMismatch') },
        ],
        says: ['TLS1.0', '2026-11-01 08:00 UTC', /no longer/],
      },
      {
        about: 'the server cannot use its own key',
        sessions: [{ rows: failing('MFP-02', 'UnknownCredentials') }],
        says: [/private key/, 'Get-ExchangeCertificate -Server "EX01"'],
      },
      {
        about: 'the client hangs up when it has seen the certificate',
        sessions: [{ rows: `${asked('app-01')}\n@45 - | Remote(ConnectionReset)` }],
        says: ['mail.contoso.example', /trust/],
      },
      {
        about: 'the same, as the server tells it',
        sessions: [{ rows: failing('app-01', 'ConnectionReset') }],
        says: ['mail.contoso.example', /trust/],
      },
      {
        about: 'it works without TLS',
        sessions: [{ rows: failing('app-01', 'SocketError') }, { rows: workingSession('app-01') }],
        says: [/without TLS/],
      },
      {
        about: 'mail is refused for want of TLS: a consequence',
        sessions: [
          {
            rows: `${asked('app-01')}\n* {failed-tls SocketError}\n< MAIL FROM:<a@contoso.example>\n${tarpitted('451 5.7.3 STARTTLS is required to send mail')}\n- | Local`,
          },
        ],
      },
    ],
    silent: [
      { about: 'the handshake succeeds', sessions: [{ rows: encrypted('app-01', '1_2') }] },
      {
        about: 'the client leaves inside TLS',
        sessions: [
          {
            rows: `${greeted('app-01')}\n${secured('app-01')}\n< MAIL FROM:<a@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n- | Remote(ConnectionReset)`,
          },
        ],
      },
      {
        about: 'STARTTLS is refused',
        sessions: [
          { rows: `${greeted('app-01', 'SIZE 37748736')}\n< STARTTLS\n${tarpitted('500 5.3.3 Unrecognized command')}\n${QUIT}` },
        ],
      },
    ],
  },
  diagnose({ sign }, group, theCase) {
    const { session } = group;
    if (session.direction === 'send' || sign.kind === 'refusal') return undefined;
    if (sign.kind === 'end' && sign.step !== 'handshake') return undefined;
    const certificate = shownCertificate(session);
    const status = statusOf(sign, session);
    const evidence = certificate ? rowAt(session, certificate.index) : [];
    const expired = certificate && isInvalidAt(certificate, Date.parse(session.startedAt));
    if (KEY.has(status)) return ownKey(status, session, evidence);
    if (certificate && expired) return outOfDate(certificate, session, evidence);
    if (VERSION.has(status)) return noCommonVersion(status, session, theCase, evidence);
    return distrust(status, sign, group, theCase, certificate, evidence);
  },
};

/** The server's own key cannot be used. */
const KEY = new Set(['UnknownCredentials', 'NoCredentials', 'CredentialsNotAvailable']);
/** No version or cipher in common. */
const VERSION = new Set(['AlgorithmMismatch', 'IllegalMessage', 'Unsupported', 'UnsupportedFunction']);

/** `AlgorithmMismatch`; at the end of a session why it ended. */
function statusOf(sign: Sign, session: ExaminedSession): string {
  if (sign.kind === 'row') return /failed with error (\S+)/.exec(sign.row.event.context)?.[1] ?? 'fatal exception';
  return session.disconnect ?? '';
}

function ownKey(status: string, session: ExaminedSession, evidence: readonly Evidence[]): Diagnosed {
  return {
    severity: 'critical',
    cause: `The server could not use the private key of its own certificate (${status}): it is missing, or the service may not read it. That strikes every client that starts TLS on ${landedOn(session)}, not this one alone.`,
    evidence,
    remedy: [
      showCertificates(session),
      showSchannel(session),
      advice(
        'Import the certificate together with its private key (HasPrivateKey must be True, and NETWORK SERVICE must be able to read it), and let SMTP use it:',
      ),
      enableCertificate(session),
    ],
    confidence: { level: 'high', because: `${status} is said of the server's own key` },
  };
}

function outOfDate(certificate: ShownCertificate, session: ExaminedSession, evidence: readonly Evidence[]): Diagnosed {
  const valid = `from ${moment(certificate.notBefore!)} to ${moment(certificate.notAfter!)}`;
  return {
    severity: 'critical',
    cause: `The certificate that the server showed was valid ${valid}, and so not when the session took place. Clients that check it hang up.`,
    evidence,
    remedy: [
      showCertificates(session),
      advice('Renew the certificate, and let SMTP use the new one:'),
      enableCertificate(session),
    ],
    confidence: { level: 'high', because: 'the row of the certificate says until when it is valid' },
  };
}

const OLD = /^(?:SSL|PCT|TLS1\.[01]$)/;

function noCommonVersion(status: string, session: ExaminedSession, theCase: Case, evidence: readonly Evidence[]): Diagnosed {
  const before = [theCase.lastGood, theCase.turn?.good].find((one) => one && one.tls !== 'none' && one.direction === 'receive');
  const twin = theCase.twins.find(({ tls, server }) => tls !== 'none' && server === session.server);
  const since = before && Date.parse(before.startedAt) < Date.parse(session.startedAt) ? before : undefined;
  const changed = since !== undefined && OLD.test(since.tls);
  return {
    cause: [
      `Client and server found no version of TLS or no cipher that both can do (${status}).`,
      changed
        ? `On ${moment(Date.parse(since.startedAt))} the two still agreed on ${since.tls}: most likely the server no longer takes that old version.`
        : since
          ? `On ${moment(Date.parse(since.startedAt))} the two still agreed on ${since.tls}: since then versions or ciphers were changed on one side.`
          : 'Mostly that is an old device that knows TLS 1.0 at best.',
      twin ? `Its twin ${twin.source} negotiates ${twin.tls} with the same server, so the server is in order.` : '',
      withoutTls(theCase),
    ]
      .filter(Boolean)
      .join(' '),
    evidence: [...evidence, ...[since, twin].flatMap((one) => (one ? negotiatedRow(one) : []))],
    remedy: [
      DEVICE_TLS,
      showSchannel(session),
      ...(theCase.lastGood?.tls === 'none' ? [TLS_OFF] : []),
      advice(
        'Do not switch TLS 1.0 or 1.1 on again for the whole server because of one device: all its clients would be weaker.',
      ),
      ...connectorWithoutTls(session, theCase),
    ],
    confidence:
      changed || twin
        ? {
            level: 'high',
            because: changed ? 'an old version of TLS worked before' : 'a client like it agrees with the same server',
          }
        : { level: 'medium', because: `${status} is said where nothing is in common` },
    unknown: ['Which versions the client offered is not in this log: Schannel events 36874 and 36871 of that time tell.'],
  };
}

function distrust(
  status: string,
  sign: Sign,
  { session, sessions }: FailureGroup,
  theCase: Case,
  certificate: ShownCertificate | undefined,
  evidence: readonly Evidence[],
): Diagnosed {
  const hungUp = /Socket|Connection|Remote|Aborted|TimedOut|Shutdown/.test(status) || sign.kind === 'end';
  const told = !hungUp && /Untrusted|Cert|Revo|WrongPrincipal|SubjectMismatch|BadBinding/i.test(status);
  const gap = sign.kind === 'end' ? sign.after : gapBefore(session, sign.row!.index);
  const names = certificate?.names ?? [];
  const changed = changedCertificate(session, certificate, theCase);
  const twin = theCase.twins.find(({ tls, server }) => tls !== 'none' && server === session.server);
  const parts = [
    hungUp
      ? `The client hung up in the middle of the TLS handshake${certificate ? `, ${seconds(gap)} after the server had begun to show its certificate` : ''}${sessions > 1 ? `; ${sessions.toLocaleString('en-US')} sessions ended so` : ''}.`
      : told
        ? `One side did not trust the certificate of the other (${status}); devices show none of their own, so it is mostly that of the server.`
        : `The handshake broke off (${status}).`,
    hungUp
      ? 'Mostly it does not trust that certificate, or does not find the name in it that it was set to connect to; a version of TLS that it does not know ends the same way.'
      : '',
    names.length > 0 ? `The certificate holds ${enumerate(names, 4)}.` : '',
    changed ?? '',
    twin ? `Its twin ${twin.source} negotiates ${twin.tls} with the same server.` : '',
    withoutTls(theCase),
  ];
  return {
    cause: parts.filter(Boolean).join(' '),
    evidence: [...evidence, ...(twin ? negotiatedRow(twin) : [])],
    remedy: [
      advice(
        `Set the device to connect to a name that the certificate holds${names.length > 0 ? ` (${enumerate(names, 4)})` : ''}, not to an address or a short name.`,
      ),
      advice(
        'Let the device trust the issuer: import the certificate of the root, and of the issuers between, there. Switching its check of certificates off helps too, and gives up that it knows to whom it sends.',
      ),
      ...showConnector(session, 'Fqdn', 'TlsCertificateName'),
      showCertificates(session),
      DEVICE_TLS,
      ...(theCase.lastGood?.tls === 'none' ? [TLS_OFF] : []),
    ],
    confidence: hungUp
      ? {
          level: changed || (certificate && sessions >= REPEATED) ? 'medium' : 'low',
          because:
            sessions >= REPEATED
              ? 'the client hangs up there again and again, and does not say why'
              : 'who hangs up does not say why',
        }
      : { level: told ? 'medium' : 'low', because: `the log names only ${status}` },
    unknown: [
      'What the client did not like is not in this log: its own log, or a Schannel event 36887 with the number of its alert (48 unknown issuer, 45 expired, 42 and 46 other faults of the certificate, 70 version) tells.',
      ...(certificate && certificate.notAfter === null
        ? ['Until when the certificate is valid is not in logs of 2013 and before: Get-ExchangeCertificate tells.']
        : []),
    ],
  };
}

/** Sessions after which a broken line is no explanation any more. */
const REPEATED = 3;

const TLS_OFF: Remedy = advice(
  'Or switch TLS off in the device, as in its session that worked; given up is the encryption on the way to the server.',
);

function withoutTls({ lastGood }: Case): string {
  return lastGood?.tls === 'none' && lastGood.direction === 'receive'
    ? `On ${moment(Date.parse(lastGood.startedAt))} its mail was accepted without TLS.`
    : '';
}

/** A sentence where the last success saw another certificate. */
function changedCertificate(
  session: ExaminedSession,
  now: ShownCertificate | undefined,
  { turn, lastGood }: Case,
): string | undefined {
  const good = [turn?.good, lastGood].find((one) => one && one.server === session.server && shownCertificate(one));
  const before = good && shownCertificate(good);
  if (!good || !before || !now || before.thumbprint === now.thumbprint) return undefined;
  return Date.parse(good.startedAt) < Date.parse(session.startedAt)
    ? `On ${moment(Date.parse(good.startedAt))}, when it worked, the server showed another certificate (${before.thumbprint}).`
    : undefined;
}

function gapBefore({ events }: ExaminedSession, index: number): number {
  const [before, own] = [events[index - 1], events[index]];
  return before && own ? Date.parse(own.at) - Date.parse(before.at) : 0;
}

function negotiatedRow(session: ExaminedSession): Evidence[] {
  const index = session.events.findIndex(({ context }) => /^TLS protocol \S+ negotiation succeeded/.test(context));
  return index < 0 ? [] : rowAt(session, index);
}

/** The certificate that a server showed, as its rows tell it, and the commands that show and change it. */
import { partsOf } from '../../connector/connector.ts';
import { literal } from '../../powershell/quoting.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { Remedy } from '../finding.ts';
import { powershell } from '../remedies/commands.ts';

export interface ShownCertificate {
  /** Place of the row with the thumbprint. */
  readonly index: number;
  /** Forty hexadecimal digits, capitals. */
  readonly thumbprint: string;
  /** Milliseconds UTC; null where the log does not say (2013 and before). */
  readonly notBefore: number | null;
  readonly notAfter: number | null;
  /** Alternate names; empty where the log does not say. */
  readonly names: readonly string[];
}

const WHOLE = /\b([0-9A-F]{40}) (\d{4}-\d\d-\d\dT\S+Z) (\d{4}-\d\d-\d\dT\S+Z)(?: (.*))?$/i;

/** Of the server whose log it is; on a send log that is not the next hop's. undefined: no TLS, or the rows are missing. */
export function shownCertificate({ events }: ExaminedSession): ShownCertificate | undefined {
  const start = events.findIndex(({ event, context }) => event === '*' && /^Sending certificate/i.test(context));
  if (start < 0) return undefined;
  const whole = WHOLE.exec(events[start]!.data);
  if (whole)
    return {
      index: start,
      thumbprint: whole[1]!.toUpperCase(),
      notBefore: timeOf(whole[2]!),
      notAfter: timeOf(whole[3]!),
      names: namesIn(whole[4] ?? ''),
    };
  const rows = events.slice(start + 1, start + 6);
  const place = rows.findIndex(({ context }) => context === 'Certificate thumbprint');
  const thumbprint = /^[0-9A-F]{40}$/i.exec(rows[place]?.data.trim() ?? '')?.[0];
  if (thumbprint === undefined) return undefined;
  return {
    index: start + 1 + place,
    thumbprint: thumbprint.toUpperCase(),
    notBefore: null,
    notAfter: null,
    names: namesIn(rows.find(({ context }) => context === 'Certificate alternate names')?.data ?? ''),
  };
}

const namesIn = (text: string): string[] =>
  text
    .split(';')
    .map((name) => name.trim())
    .filter(Boolean);

function timeOf(text: string): number | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** True where the certificate had run out, or did not hold yet, when the session began; undefined where the log does not say. */
export function isInvalidAt({ notBefore, notAfter }: ShownCertificate, at: number): boolean | undefined {
  return notBefore === null || notAfter === null ? undefined : at > notAfter || at < notBefore;
}

export const serverName = (session: ExaminedSession): string => session.server || partsOf(session.connector).server || '<server>';

export const showCertificates = (session: ExaminedSession): Remedy =>
  powershell(
    `Get-ExchangeCertificate -Server ${literal(serverName(session))} | Format-List Subject, CertificateDomains, NotAfter, Status, Services, Thumbprint, HasPrivateKey`,
  );

/** Lets SMTP use a certificate; the thumbprint of a new one is not known here. */
export const enableCertificate = (session: ExaminedSession, thumbprint = '<thumbprint of the new certificate>'): Remedy =>
  powershell(
    `Enable-ExchangeCertificate -Server ${literal(serverName(session))} -Thumbprint ${literal(thumbprint)} -Services SMTP`,
  );

/** Whose keys and protocols Windows could not use: Schannel says it in the system log. */
export const showSchannel = (session: ExaminedSession): Remedy =>
  powershell(
    `Get-WinEvent -ComputerName ${literal(serverName(session))} -FilterHashtable @{LogName='System'; ProviderName='Schannel'} -MaxEvents 20 | Format-List TimeCreated, Id, Message`,
  );

/** Exchange's own words about certificates that it looked for and did not find. */
export const showCertificateEvents = (session: ExaminedSession): Remedy =>
  powershell(
    `Get-WinEvent -ComputerName ${literal(serverName(session))} -FilterHashtable @{LogName='Application'; ID=12014, 12015, 12016, 12017, 12018} -MaxEvents 10 | Format-List TimeCreated, Id, Message`,
  );

/** What the two dialects of the log make of one thing: a reply of several lines, a certificate. */
import type { Dialect } from './fields.ts';

/**
 * The data of the rows of a reply. A: a row a line, `250-` before all but the last. B: one row, the code, two spaces,
 * the lines joined by one. A reply of one line is the same in both.
 */
export function replyData(code: number, lines: readonly string[], dialect: Dialect): string[] {
  if (lines.length === 1) return [`${code} ${lines[0]}`];
  if (dialect === 'B') return [`${code}  ${lines.join(' ')}`];
  return lines.map((line, index) => `${code}${index === lines.length - 1 ? ' ' : '-'}${line}`);
}

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly thumbprint: string;
  /** Milliseconds UTC. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly alternateNames: readonly string[];
}

/** Data and context of the rows of a certificate that the server presents (`Sending`) or was shown (`Remote`). */
export function certificateRows(
  side: 'Sending' | 'Remote',
  certificate: Certificate,
  dialect: Dialect,
): { data: string; context: string }[] {
  const { subject, issuer, serialNumber, thumbprint } = certificate;
  const names = certificate.alternateNames.join(';');
  if (dialect === 'A')
    return [
      { data: '', context: `${side} certificate` },
      { data: subject, context: 'Certificate subject' },
      { data: issuer, context: 'Certificate issuer name' },
      { data: serialNumber, context: 'Certificate serial number' },
      { data: thumbprint, context: 'Certificate thumbprint' },
      { data: names, context: 'Certificate alternate names' },
    ];
  const [from, to] = [certificate.notBefore, certificate.notAfter].map((at) => new Date(at).toISOString());
  return [
    {
      data: ` ${subject} ${issuer} ${serialNumber} ${thumbprint} ${from} ${to} ${names}`,
      context: `${side} certificate Subject Issuer name Serial number Thumbprint Not before Not after Subject alternate names`,
    },
  ];
}

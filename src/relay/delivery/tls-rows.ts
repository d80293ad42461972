/** What the send log says of a TLS session. */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { type Certificate, certificateRows } from '../../protocol-log/dialect.ts';
import type { Dialect } from '../../protocol-log/fields.ts';

/** nodemailer's errors: its own code, that of the system where there was one, and the reply that led to it. */
export type ConnectionError = Error & {
  readonly code?: string | number | undefined;
  readonly originalCode?: string | number | undefined;
  readonly response?: string | undefined;
};

interface InformationRow {
  readonly data: string;
  readonly context: string;
}

/** The certificate of the remote server, and what was negotiated. */
export function tlsRows(socket: TLSSocket, dialect: Dialect): InformationRow[] {
  const x509 = socket.getPeerX509Certificate();
  const certificate = x509 && certificateOf(x509);
  const rows: InformationRow[] = certificate ? certificateRows('Remote', certificate, dialect) : [];
  rows.push({ data: '', context: negotiated(socket) });
  if (certificate && dialect === 'A')
    rows.push({ data: '', context: 'Received certificate' }, { data: certificate.thumbprint, context: 'Certificate thumbprint' });
  return rows;
}

/** `error` of the certificate's verification, as Exchange names the states of a chain. */
export function chainStatus(error: Error | string | null | undefined): string {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
  if (code.includes('ALTNAME')) return 'SubjectMismatch';
  if (code.includes('EXPIRED')) return 'CertExpired';
  if (code.includes('REVOKED')) return 'CertificateRevoked';
  return 'UntrustedRoot';
}

/** Why a handshake failed, as Schannel or .NET would name it. */
export function handshakeError(error: ConnectionError): string {
  const text = `${error.originalCode ?? ''} ${error.code ?? ''} ${error.message}`;
  if (/ETIMEDOUT/.test(text)) return 'TimedOut';
  if (/ECONNRESET/.test(text)) return 'ConnectionReset';
  if (/EPIPE|ECONNABORTED/.test(text)) return 'ConnectionAborted';
  if (/closed unexpectedly/.test(text)) return 'SocketError';
  if (/handshake.failure|no.shared|unsupported.protocol|protocol.version|insufficient.security/i.test(text))
    return 'AlgorithmMismatch';
  return 'InvalidToken';
}

function negotiated(socket: TLSSocket): string {
  const { name = '' } = socket.getCipher() ?? {};
  const protocol = (socket.getProtocol() ?? '').replace(/^TLSv1(?:\.(\d))?$/, (_, minor) => `SP_PROT_TLS1_${minor ?? 0}_CLIENT`);
  const strength = /128/.test(name) ? 128 : 256;
  const bulk = /CHACHA/i.test(name) ? 'CALG_CHACHA20' : `CALG_AES_${strength}`;
  const hash = /SHA384/i.test(name) ? 'CALG_SHA_384' : /SHA256|^TLS_/i.test(name) ? 'CALG_SHA_256' : 'CALG_SHA1';
  const key = socket.getEphemeralKeyInfo() as { readonly type?: string; readonly size?: number } | null;
  const exchange = key?.type === 'DH' ? 'CALG_DH_EPHEM' : key?.type === 'ECDH' ? 'CALG_ECDH_EPHEM' : 'CALG_RSA_KEYX';
  return `TLS protocol ${protocol} negotiation succeeded using bulk encryption algorithm ${bulk} with strength ${strength} bits, MAC hash algorithm ${hash} with strength 0 bits and key exchange algorithm ${exchange} with strength ${key?.size ?? 2048} bits`;
}

function certificateOf(x509: X509Certificate): Certificate {
  return {
    subject: distinguishedName(x509.subject),
    issuer: distinguishedName(x509.issuer),
    serialNumber: x509.serialNumber,
    thumbprint: x509.fingerprint.replaceAll(':', ''),
    notBefore: Date.parse(x509.validFrom),
    notAfter: Date.parse(x509.validTo),
    alternateNames: (x509.subjectAltName ?? '').split(', ').flatMap((name) => /^DNS:(.+)$/.exec(name)?.[1] ?? []),
  };
}

/** OpenSSL lists the parts from the root, a line each; Windows from the leaf, in one line. */
const distinguishedName = (name: string | undefined): string => (name ?? '').split('\n').reverse().join(', ');

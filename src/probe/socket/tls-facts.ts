/** What Node knows of a TLS session, as plain values. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateFacts, TlsFacts } from '../certificate.ts';

/** A chain longer than this is no chain. */
const LONGEST_CHAIN = 10;

/** `host`: as it was asked for, a name or an address. */
export function tlsFactsOf(socket: TLSSocket, host: string): TlsFacts {
  const chain = chainOf(socket);
  const [own] = chain;
  const error = socket.authorizationError as Error | string | null | undefined;
  return {
    protocol: (socket.getProtocol() ?? 'unknown').replace(/^TLSv1(?:\.(\d))?$/, (_, minor) => `TLS1.${minor ?? 0}`),
    cipher: socket.getCipher()?.name ?? 'unknown',
    chain: chain.map(factsOf),
    matchesHost: own !== undefined && (isIP(host) > 0 ? own.checkIP(host) : own.checkHost(host)) !== undefined,
    distrust: socket.authorized || !error ? null : ((error as NodeJS.ErrnoException).code ?? String(error)),
  };
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw && chain.length < LONGEST_CHAIN) {
    chain.push(new X509Certificate(next.raw));
    // A root has itself as its issuer.
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}

function factsOf(x509: X509Certificate): CertificateFacts {
  return {
    subject: distinguishedName(x509.subject),
    issuer: distinguishedName(x509.issuer),
    names: (x509.subjectAltName ?? '').split(', ').flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []),
    notBefore: Date.parse(x509.validFrom),
    notAfter: Date.parse(x509.validTo),
    thumbprint: x509.fingerprint.replaceAll(':', ''),
    isSelfSigned: x509.subject === x509.issuer,
  };
}

/** OpenSSL lists the parts from the root, a line each; Windows from the leaf, in one line. */
const distinguishedName = (name: string | undefined): string => (name ?? '').split('\n').reverse().join(', ');

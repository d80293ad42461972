/** What TLS came to, and what somebody who checks certificates would say to them. Pure. */

/** One certificate of a chain. Times are milliseconds UTC. */
export interface CertificateFacts {
  /** As Windows writes it: `CN=mail.contoso.example, O=Contoso`. */
  readonly subject: string;
  readonly issuer: string;
  /** Subject alternative names: host names and addresses. */
  readonly names: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly thumbprint: string;
  readonly isSelfSigned: boolean;
}

/** A TLS session. */
export interface TlsFacts {
  /** `TLS1.0` … `TLS1.3`. */
  readonly protocol: string;
  readonly cipher: string;
  /** The server's own first, then those that it sent along. */
  readonly chain: readonly CertificateFacts[];
  /** The server's certificate is for the name or address that was asked for. */
  readonly matchesHost: boolean;
  /** Why the chain is not trusted here, as OpenSSL names it; null where it is. */
  readonly distrust: string | null;
}

/** Something about a TLS session. `isRefusal`: who checks certificates goes no further. */
export interface TlsFinding {
  readonly kind:
    | 'expired'
    | 'not-yet-valid'
    | 'expires-soon'
    | 'self-signed'
    | 'untrusted'
    | 'other-name'
    | 'issuer-expired'
    | 'old-protocol'
    | 'no-certificate';
  readonly isRefusal: boolean;
  readonly text: string;
}

const DAY_MS = 86_400_000;
/** A certificate that ends within it should be renewed now. */
const SOON_MS = 30 * DAY_MS;

/** `host`: as it was asked for. `at`: milliseconds UTC. The gravest first. */
export function judgeTls({ protocol, chain, matchesHost, distrust }: TlsFacts, host: string, at: number): TlsFinding[] {
  const found: TlsFinding[] = [];
  const add = (kind: TlsFinding['kind'], isRefusal: boolean, text: string): void => void found.push({ kind, isRefusal, text });
  const [own, ...others] = chain;
  if (!own) add('no-certificate', true, 'The server showed no certificate.');
  else {
    if (own.notAfter < at) add('expired', true, `The certificate expired on ${dayOf(own.notAfter)}.`);
    else if (own.notBefore > at) add('not-yet-valid', true, `The certificate is valid from ${dayOf(own.notBefore)} on only.`);
    if (!matchesHost)
      add(
        'other-name',
        true,
        `The certificate is not for ${host}: it is for ${own.names.length > 0 ? listed(own.names) : own.subject}.`,
      );
    if (own.isSelfSigned) add('self-signed', true, 'The certificate is signed by itself: nobody vouches for it.');
    else if (distrust !== null && !isAboutTime(distrust)) add('untrusted', true, distrustInWords(distrust, own));
    const lapsed = others.find(({ notAfter }) => notAfter < at);
    if (lapsed) add('issuer-expired', true, `A certificate above it, ${lapsed.subject}, expired on ${dayOf(lapsed.notAfter)}.`);
    else if (distrust !== null && isAboutTime(distrust) && found.length === 0)
      add('issuer-expired', true, `A certificate above it is out of date (${distrust}).`);
    if (own.notAfter >= at && own.notAfter - at <= SOON_MS)
      add('expires-soon', false, `The certificate expires on ${dayOf(own.notAfter)}, ${remaining(own.notAfter - at)}.`);
  }
  if (/^(SSL|TLS1\.[01]$)/.test(protocol))
    add('old-protocol', true, `${protocol} is what both agreed on: clients of today want TLS 1.2 at least.`);
  return found;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

function remaining(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return days === 0 ? 'in less than a day' : days === 1 ? 'in 1 day' : `in ${days} days`;
}

/** Names beyond these say nothing more. */
const SHOWN_NAMES = 5;

const listed = (names: readonly string[]): string =>
  `${names.slice(0, SHOWN_NAMES).join(', ')}${names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : ''}`;

const isAboutTime = (code: string): boolean => /EXPIRED|NOT_YET_VALID/.test(code);

function distrustInWords(code: string, { issuer }: CertificateFacts): string {
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `The certificate is signed by ${issuer}, which is not among the public authorities, or the server did not send what stands between. Where that is the organisation's own authority, its clients may trust it.`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return `The chain ends in a root that is not among the public authorities. Where that is the organisation's own authority, its clients may trust it.`;
    case 'CERT_REVOKED':
      return 'The certificate was revoked.';
    default:
      return `The chain of the certificate is not trusted here (${code}).`;
  }
}

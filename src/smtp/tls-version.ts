/**
 * The protocol version of a `TLS protocol X negotiation succeeded` row, as relaylens names it everywhere.
 *
 * `SP_PROT_TLS1_2_SERVER` is `TLS1.2`; SSL and PCT keep their names. A build that does not know a version prints
 * Schannel's number instead of a name (TLS 1.3 is 4096 on the server side, 8192 on the client side): that stays
 * `unknown(n)`, because the log names no version.
 */
export function tlsVersion(protocol: string): string {
  const named = /^SP_PROT_(TLS|SSL|PCT)(\d)(?:_(\d))?/.exec(protocol);
  if (!named) return `unknown(${protocol})`;
  const [, family, major, minor] = named;
  return family === 'TLS' ? `TLS${major}.${minor ?? '0'}` : `${family}${major}`;
}

/** `unknown`: the log gives a number instead of a version. */
export type TlsAge = 'none' | 'old' | 'new' | 'unknown';

/** `TLS1.2` and later are new; SSL, PCT, TLS 1.0 and 1.1 are old. */
export function tlsAge(version: string): TlsAge {
  if (version === 'none') return 'none';
  const known = /^(TLS|SSL|PCT)(\d)\.?(\d)?/.exec(version);
  if (!known) return 'unknown';
  const [, family, major, minor = '0'] = known;
  return family === 'TLS' && Number(major) * 10 + Number(minor) >= 12 ? 'new' : 'old';
}

/** What speaks on a port that does not speak SMTP. */

/**
 * `tls`: TLS from the first octet on; `greeting` is what came inside, null for nothing. `late`: SMTP, greeted after the time
 * was over. `other`: by its first words.
 */
export type Foreign =
  | { readonly kind: 'tls'; readonly greeting: string | null }
  | { readonly kind: 'late'; readonly greeting: string }
  | { readonly kind: 'other'; readonly name: string }
  | { readonly kind: 'unknown' };

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/^(HTTP\/\d|<!DOCTYPE|<html)/i, 'HTTP: this is a web server'],
  [/^SSH-/, 'SSH'],
  [/^\+OK\b/, 'POP3: mail is fetched there, not sent'],
  [/^\* (OK|BYE|PREAUTH)\b/, 'IMAP: mail is fetched there, not sent'],
  [/^\xff[\xfb-\xfe]/, 'Telnet'],
  [/^RFB \d/, 'VNC'],
];

const ALERT_OR_HANDSHAKE: ReadonlySet<string> = new Set(['\u0015\u0003', '\u0016\u0003']);

/** By what came instead of a reply. */
export function foreignOf(first: string): Foreign {
  if (ALERT_OR_HANDSHAKE.has(first.slice(0, 2))) return { kind: 'tls', greeting: null };
  if (/^[245]\d\d[ -]/.test(first)) return { kind: 'late', greeting: first };
  const name = SIGNS.find(([pattern]) => pattern.test(first))?.[1];
  return name === undefined ? { kind: 'unknown' } : { kind: 'other', name };
}

/** What EHLO offers, and what that means for a device. */
import { parseAddress } from '../net/address-range.ts';
import type { Reply } from './line.ts';

/** The answer to EHLO or HELO, read. */
export interface Offer {
  /** Name of the server in its first line. */
  readonly server: string;
  /** `Hello [ip]`: the address from which the server sees the client; null where it does not say. */
  readonly seenAs: string | null;
  readonly startTls: boolean;
  /** Mechanisms of AUTH, in capitals. */
  readonly auth: readonly string[];
  /** Octets that a message may have; null where there is no limit, or none is said. */
  readonly size: number | null;
  readonly anonymousTls: boolean;
  /** All keywords, in capitals. */
  readonly keywords: readonly string[];
}

/** Of a reply with code 250. */
export function readOffer({ lines: [first = '', ...rest] }: Pick<Reply, 'lines'>): Offer {
  const seen = /\bHello \[([^\]\s]{1,60})\]/.exec(first)?.[1];
  const extensions = rest.map((line) => line.trim().split(/\s+/));
  const find = (keyword: string): readonly string[] | undefined =>
    extensions.find(([name = '']) => name.toUpperCase() === keyword)?.slice(1);
  const size = Number(find('SIZE')?.[0] ?? 0);
  // Old servers say AUTH= as well, for old clients.
  const auth =
    find('AUTH') ?? extensions.flatMap(([name = '', ...more]) => (/^AUTH=/i.test(name) ? [name.slice(5), ...more] : []));
  return {
    server: /^\S{1,255}/.exec(first)?.[0] ?? '',
    seenAs: seen !== undefined && parseAddress(seen) ? seen : null,
    startTls: find('STARTTLS') !== undefined,
    auth: auth.map((one) => one.toUpperCase()),
    size: Number.isSafeInteger(size) && size > 0 ? size : null,
    anonymousTls: find('X-ANONYMOUSTLS') !== undefined,
    keywords: extensions.map(([name = '']) => name.toUpperCase()),
  };
}

/** The two answers to EHLO of a conversation; `after` is null where there was no TLS. */
export interface Offers {
  readonly before: Offer;
  readonly after: Offer | null;
}

/** Sentences. `extended`: EHLO was accepted, not HELO. */
export function offersInWords({ before, after }: Offers, extended: boolean): string[] {
  if (!extended) return ['EHLO was refused and HELO accepted: there is neither STARTTLS nor a logon on such a server.'];
  const said: string[] = [];
  if (before.startTls) said.push('STARTTLS is offered.');
  else said.push('STARTTLS is not offered: the connector has no Tls in its AuthMechanism, or no certificate fits its name.');
  said.push(logonInWords(before, after));
  if (before.anonymousTls)
    said.push('X-ANONYMOUSTLS is offered: an Exchange server, on a connector that also takes other Exchange servers.');
  const size = (after ?? before).size;
  if (size !== null) said.push(`Messages may have up to ${megabytes(size)}, as they are sent: attachments grow by a third.`);
  return said;
}

function logonInWords(before: Offer, after: Offer | null): string {
  const [clear, secure] = [before.auth, after?.auth ?? []];
  const all = [...new Set([...clear, ...secure])];
  if (clear.includes('LOGIN')) return `AUTH LOGIN is offered${before.startTls ? ', even without TLS' : ', and without TLS'}.`;
  if (secure.includes('LOGIN')) return 'Logging on with AUTH LOGIN is offered only after STARTTLS.';
  const others = all.length > 0 ? ` (${all.join(', ')} ${all.length > 1 ? 'are' : 'is'})` : '';
  const unknown = before.startTls && after === null ? '; it may be after STARTTLS, which was not started' : '';
  return `AUTH LOGIN is not offered${others}${unknown}.`;
}

const megabytes = (octets: number): string =>
  octets >= 1024 * 1024 ? `${Math.round((octets / 1024 / 1024) * 10) / 10} MB` : `${Math.ceil(octets / 1024)} KB`;

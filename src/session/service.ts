import { parseEndpoint } from '../net/endpoint.ts';
import type { Service } from '../protocol-log/fields.ts';
import type { Session } from './session.ts';

/**
 * The transport service of a session whose log does not stand in its service's folder: from the names and ports of
 * the product's own connectors. null where that does not tell.
 */
export function guessService(session: Session, logVersion: string | null): Service | null {
  const name = session.connector.slice(session.connector.indexOf('\\') + 1);
  if (session.direction === 'send') {
    if (/^((Inbound|Outbound) Proxy (Internal|External)|Client Proxy) Send Connector$/.test(name)) return 'FrontEnd';
    if (session.links.some((link) => link.kind === 'proxying')) return 'FrontEnd';
    return /^(Intra-Organization SMTP|Shadow Redundancy) Send Connector$/.test(name) ? 'Hub' : null;
  }
  if (/^(Default|Client|Outbound Proxy) Frontend\b/.test(name) || session.outcome === 'proxied') return 'FrontEnd';
  if (/^Default internal receive connector\b/.test(name)) return 'Edge';
  if (session.links.some((link) => link.kind === 'xproxyfrom' || link.kind === 'xproxy')) return 'Hub';
  switch (parseEndpoint(session.localEndpoint).port) {
    case 2525:
    case 465:
      return 'Hub';
    case 475:
      return 'Mailbox';
    case 25:
    case 587:
    case 717:
      // Before 2013 there is no front end: the Hub listens itself (log version 14 is Exchange 2010, 8 is 2007).
      return logVersion && /^(8|14)\./.test(logVersion) ? 'Hub' : 'FrontEnd';
    default:
      return null;
  }
}

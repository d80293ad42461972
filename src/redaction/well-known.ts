/** Names that are the same in every organisation: the reader needs them, and they tell nothing. */
import { isHealthSender } from '../session/health-probe.ts';

/** Send connectors of the product itself. */
const SEND_CONNECTORS = new Set([
  'inbound proxy internal send connector',
  'intra-organization smtp send connector',
  'client proxy send connector',
  'outbound proxy send connector',
  'mailbox transport submission',
  'mailbox transport delivery',
]);

/** What setup calls the receive connectors of a server, before the server's name. */
const RECEIVE_CONNECTORS = new Set([
  'default',
  'default frontend',
  'client',
  'client frontend',
  'client proxy',
  'outbound proxy frontend',
  'default internal receive connector',
]);

/** `plain`: the name without the server's. */
export const isProductConnector = (name: string, plain: string): boolean =>
  SEND_CONNECTORS.has(name.trim().toLowerCase()) || RECEIVE_CONNECTORS.has(plain.trim().toLowerCase());

/** Local parts that mean the same everywhere, and the mailboxes of the product itself. */
export const isWellKnownMailbox = (local: string): boolean =>
  /^(postmaster|abuse|mailer-daemon|MicrosoftExchange[0-9a-f]{32})$/i.test(local) || isHealthSender(`${local}@x`);

/** Domains under which Microsoft's own hosts stand; a tenant's name is the label before some of them. */
const MICROSOFT = [
  'mail.protection.outlook.com',
  'mail.eo.outlook.com',
  'onmicrosoft.com',
  'mail.onmicrosoft.com',
  'sharepoint.com',
];
const MICROSOFT_OWN = [
  'outlook.com',
  'office365.com',
  'office.com',
  'microsoft.com',
  'windows.net',
  'microsoftonline.com',
  'exchangelabs.com',
];

/** Of a host of Microsoft the tail that stays: all of it, or what follows the tenant; undefined for any other host. */
export function microsoftTail(host: string): string | undefined {
  const name = host.toLowerCase();
  const tenants = MICROSOFT.filter((suffix) => name === suffix || name.endsWith(`.${suffix}`)).sort(
    (a, b) => b.length - a.length,
  )[0];
  if (tenants !== undefined) return host.slice(host.length - tenants.length);
  return MICROSOFT_OWN.some((suffix) => name === suffix || name.endsWith(`.${suffix}`)) ? host : undefined;
}

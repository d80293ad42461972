/**
 * Permission groups, the principals behind them, and the rights they give on a connector.
 * Source: reference of the receive connectors, sections 4.2 and 4.4, established for Exchange 2013 CU23.
 */
import type { Permission } from '../smtp/permission.ts';
import type { PermissionGroup } from './properties.ts';

/** Whom a session acts for, as far as its rights depend on it. */
export type Principal =
  | 'anonymous'
  | 'authenticated-user'
  | 'exchange-server'
  | 'externally-secured'
  | 'legacy-server'
  | 'partner';

const SECURED: readonly Permission[] = [
  'SMTPSubmit',
  'SMTPAcceptAnyRecipient',
  'SMTPAcceptAuthenticationFlag',
  'SMTPAcceptAnySender',
  'SMTPAcceptAuthoritativeDomainSender',
  'BypassAntiSpam',
  'BypassMessageSizeLimit',
  'SMTPAcceptEXCH50',
  'AcceptRoutingHeaders',
];

/** What a group gives, principal by principal. `Custom` is no group: it says that the rights differ from these. */
export const GROUP_RIGHTS: Readonly<
  Record<Exclude<PermissionGroup, 'None' | 'Custom'>, Partial<Record<Principal, readonly Permission[]>>>
> = {
  AnonymousUsers: {
    anonymous: ['SMTPSubmit', 'SMTPAcceptAnySender', 'SMTPAcceptAuthoritativeDomainSender', 'AcceptRoutingHeaders'],
  },
  ExchangeUsers: { 'authenticated-user': ['SMTPSubmit', 'SMTPAcceptAnyRecipient', 'BypassAntiSpam', 'AcceptRoutingHeaders'] },
  ExchangeServers: {
    'externally-secured': SECURED,
    'exchange-server': [
      ...SECURED,
      'AcceptForestHeaders',
      'AcceptOrganizationHeaders',
      'SMTPAcceptXShadow',
      'SMTPAcceptXProxyFrom',
    ],
  },
  ExchangeLegacyServers: { 'legacy-server': SECURED },
  Partners: { partner: ['SMTPSubmit', 'AcceptRoutingHeaders'] },
};

/** The account of `ms-Exch-SMTP-Accept-Any-Recipient` in the commands; on localised Windows it has another name. */
export const ANONYMOUS_ACCOUNT = 'NT AUTHORITY\\ANONYMOUS LOGON';
export const ANONYMOUS_SID = 'S-1-5-7';
export const RELAY_RIGHT = 'ms-Exch-SMTP-Accept-Any-Recipient';

/** AD extended rights and what the log calls them. */
const AD_RIGHTS: Readonly<Record<string, Permission>> = {
  'ms-exch-smtp-submit': 'SMTPSubmit',
  'ms-exch-smtp-submit-for-mls': 'SMTPSubmitForMLS',
  'ms-exch-smtp-accept-any-recipient': 'SMTPAcceptAnyRecipient',
  'ms-exch-smtp-accept-authentication-flag': 'SMTPAcceptAuthenticationFlag',
  'ms-exch-smtp-accept-any-sender': 'SMTPAcceptAnySender',
  'ms-exch-smtp-accept-authoritative-domain-sender': 'SMTPAcceptAuthoritativeDomainSender',
  'ms-exch-bypass-anti-spam': 'BypassAntiSpam',
  'ms-exch-bypass-message-size-limit': 'BypassMessageSizeLimit',
  'ms-exch-send-exch50': 'SMTPSendEXCH50',
  'ms-exch-accept-exch50': 'SMTPAcceptEXCH50',
  'ms-exch-accept-headers-routing': 'AcceptRoutingHeaders',
  'ms-exch-accept-headers-forest': 'AcceptForestHeaders',
  'ms-exch-accept-headers-organization': 'AcceptOrganizationHeaders',
  'ms-exch-send-headers-routing': 'SendRoutingHeaders',
  'ms-exch-send-headers-forest': 'SendForestHeaders',
  'ms-exch-send-headers-organization': 'SendOrganizationHeaders',
  'send-as': 'SendAs',
  'ms-exch-smtp-send-xshadow': 'SMTPSendXShadow',
  'ms-exch-smtp-accept-xshadow': 'SMTPAcceptXShadow',
  'ms-exch-smtp-accept-xproxyfrom': 'SMTPAcceptXProxyFrom',
};

/** undefined for a right that has no part in SMTP. */
export const permissionOfRight = (right: string): Permission | undefined => AD_RIGHTS[right.trim().toLowerCase()];

const ACCOUNTS: readonly (readonly [RegExp, Principal])[] = [
  [/^S-1-5-7$|anonym|anónim|anônim|аноним|匿名|익명/i, 'anonymous'],
  [
    /^S-1-5-11$|authenticated users|authentifizierte benutzer|utilisateurs authentifiés|usuarios autentificados|utenti autenticati/i,
    'authenticated-user',
  ],
  [/\\Externally Secured Servers$/i, 'externally-secured'],
  [/\\(Hub Transport Servers|Edge Transport Servers|Exchange Servers)$/i, 'exchange-server'],
  [/\\Partner Servers$/i, 'partner'],
  [/\\ExchangeLegacyInterop$/i, 'legacy-server'],
];

/** The principal behind an account name, localised or a SID; undefined for an account or group of the organisation's own. */
export function principalOf(account: string): Principal | undefined {
  return ACCOUNTS.find(([pattern]) => pattern.test(account.trim()))?.[1];
}

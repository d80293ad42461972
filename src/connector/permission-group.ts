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
export const AUTHENTICATED_SID = 'S-1-5-11';
export const RELAY_RIGHT = 'ms-Exch-SMTP-Accept-Any-Recipient';

/** AD extended rights and what the log calls them. */
const AD_RIGHTS: Readonly<Record<string, Permission>> = {
  'ms-Exch-SMTP-Submit': 'SMTPSubmit',
  'ms-Exch-SMTP-Submit-For-MLS': 'SMTPSubmitForMLS',
  'ms-Exch-SMTP-Accept-Any-Recipient': 'SMTPAcceptAnyRecipient',
  'ms-Exch-SMTP-Accept-Authentication-Flag': 'SMTPAcceptAuthenticationFlag',
  'ms-Exch-SMTP-Accept-Any-Sender': 'SMTPAcceptAnySender',
  'ms-Exch-SMTP-Accept-Authoritative-Domain-Sender': 'SMTPAcceptAuthoritativeDomainSender',
  'ms-Exch-Bypass-Anti-Spam': 'BypassAntiSpam',
  'ms-Exch-Bypass-Message-Size-Limit': 'BypassMessageSizeLimit',
  'ms-Exch-Send-Exch50': 'SMTPSendEXCH50',
  'ms-Exch-Accept-Exch50': 'SMTPAcceptEXCH50',
  'ms-Exch-Accept-Headers-Routing': 'AcceptRoutingHeaders',
  'ms-Exch-Accept-Headers-Forest': 'AcceptForestHeaders',
  'ms-Exch-Accept-Headers-Organization': 'AcceptOrganizationHeaders',
  'ms-Exch-Send-Headers-Routing': 'SendRoutingHeaders',
  'ms-Exch-Send-Headers-Forest': 'SendForestHeaders',
  'ms-Exch-Send-Headers-Organization': 'SendOrganizationHeaders',
  'Send-As': 'SendAs',
  'ms-Exch-SMTP-Send-XShadow': 'SMTPSendXShadow',
  'ms-Exch-SMTP-Accept-XShadow': 'SMTPAcceptXShadow',
  'ms-Exch-SMTP-Accept-XProxyFrom': 'SMTPAcceptXProxyFrom',
};

const BY_RIGHT = new Map(Object.entries(AD_RIGHTS).map(([right, permission]) => [right.toLowerCase(), permission]));

/** undefined for a right that has no part in SMTP. */
export const permissionOfRight = (right: string): Permission | undefined => BY_RIGHT.get(right.trim().toLowerCase());

/** The rights that have a part in SMTP, by their names in the directory. */
export const SMTP_RIGHTS: readonly string[] = Object.keys(AD_RIGHTS);

/** The authority of both accounts, as Windows calls it in its languages. */
const NT_AUTHORITIES = namesOf(
  'NT AUTHORITY',
  'NT-AUTORITÄT',
  'AUTORITE NT',
  'AUTORIDAD NT',
  'AUTORIDADE NT',
  'AUTORITA NT',
  'NT-AUTORITEIT',
  'NT INSTANS',
  'NT-INSTANS',
  'NT-AUTORITET',
  'NT-MYNDIGHET',
  'NT-MYNDIGHED',
  'NT-HALLINTA',
  'ZARZĄDZANIE NT',
);

/** The name of a domain holds no blank, so that this is no domain: `NT` with one more word, also in Cyrillic. */
const NT_WORDS = /^(?:(?:NT|НТ) \p{L}+|\p{L}+ (?:NT|НТ))$/u;

/** S-1-5-7. */
const ANONYMOUS_NAMES = namesOf(
  'ANONYMOUS LOGON',
  'ANONYMOUS-ANMELDUNG',
  'OUVERTURE DE SESSION ANONYME',
  'CONNEXION ANONYME',
  'INICIO DE SESIÓN ANÓNIMO',
  'ACCESSO ANONIMO',
  'LOGON ANÔNIMO',
  'INÍCIO DE SESSÃO ANÓNIMO',
  'ANONIEME AANMELDING',
  'ANONYM INLOGGNING',
  'ANONYMT LOGON',
  'ANONYM PÅLOGGING',
  'ANONYYMI KIRJAUTUMINEN',
  'ANONYYMI SISÄÄNKIRJAUTUMINEN',
  'LOGOWANIE ANONIMOWE',
  'ANONYMNÍ PŘIHLÁŠENÍ',
  'NÉVTELEN BEJELENTKEZÉS',
  'ANONİM OTURUM AÇMA',
  'ΑΝΏΝΥΜΗ ΣΎΝΔΕΣΗ',
  'АНОНИМНЫЙ ВХОД',
  '匿名登录',
  '匿名登入',
  '匿名ログオン',
  '익명 로그온',
);

/** S-1-5-11. */
const AUTHENTICATED_NAMES = namesOf(
  'Authenticated Users',
  'Authentifizierte Benutzer',
  'Utilisateurs authentifiés',
  'Usuarios autentificados',
  'Usuarios autenticados',
  'Utenti autenticati',
  'Usuários autenticados',
  'Utilizadores autenticados',
  'Geverifieerde gebruikers',
  'Autentiserade användare',
  'Godkendte brugere',
  'Godkjente brukere',
  'Todennetut käyttäjät',
  'Użytkownicy uwierzytelnieni',
  'Ověření uživatelé',
  'Hitelesített felhasználók',
  'Kimliği Doğrulanmış Kullanıcılar',
  'Επαληθευμένοι χρήστες',
  'Прошедшие проверку',
);

const ACCOUNTS: readonly (readonly [RegExp, Principal])[] = [
  [/^MS Exchange\\Externally Secured Servers$/i, 'externally-secured'],
  [/^MS Exchange\\(Hub Transport Servers|Edge Transport Servers)$|\\Exchange Servers$/i, 'exchange-server'],
  [/^MS Exchange\\Partner Servers$/i, 'partner'],
  [/\\ExchangeLegacyInterop$/i, 'legacy-server'],
];

/**
 * The principal behind an account name, localised or a SID; undefined for an account or group of the organisation's own,
 * even where its name holds the words of a well-known one.
 */
export function principalOf(account: string): Principal | undefined {
  const whole = account.trim();
  return wellKnown(whole) ?? ACCOUNTS.find(([pattern]) => pattern.test(whole))?.[1];
}

function wellKnown(account: string): Principal | undefined {
  const name = folded(account);
  if (name === ANONYMOUS_SID) return 'anonymous';
  if (name === AUTHENTICATED_SID) return 'authenticated-user';
  const slash = name.indexOf('\\');
  const authority = name.slice(0, Math.max(slash, 0));
  const own = name.slice(slash + 1);
  const byAuthority = NT_AUTHORITIES.has(authority) || NT_WORDS.test(authority);
  if (slash >= 0 && !byAuthority) return undefined;
  // Some tools shorten it; without the authority the word alone could be anybody.
  if (ANONYMOUS_NAMES.has(own) || (byAuthority && own === 'ANONYMOUS')) return 'anonymous';
  return AUTHENTICATED_NAMES.has(own) ? 'authenticated-user' : undefined;
}

function namesOf(...names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(folded));
}

/** Without case and accents, which exports in an old code page lose. */
function folded(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').toUpperCase();
}

/**
 * The properties of a receive connector, declared once: types, the readers of exports, comparison, and the commands that
 * recreate a connector all follow from here. Names, types and defaults are Exchange's own (`Get-ReceiveConnector`):
 * reference of the receive connectors, sections 1.1 and 1.2.
 */

export const AUTH_MECHANISMS = {
  None: 0,
  Tls: 1,
  Integrated: 2,
  BasicAuth: 4,
  BasicAuthRequireTLS: 8,
  ExchangeServer: 16,
  ExternalAuthoritative: 32,
} as const;
export type AuthMechanism = keyof typeof AUTH_MECHANISMS;

export const PERMISSION_GROUPS = {
  None: 0,
  AnonymousUsers: 1,
  ExchangeUsers: 2,
  ExchangeServers: 4,
  ExchangeLegacyServers: 8,
  Partners: 16,
  Custom: 32,
} as const;
export type PermissionGroup = keyof typeof PERMISSION_GROUPS;

export const TRANSPORT_ROLES = {
  None: 0,
  Cafe: 1,
  Mailbox: 2,
  ClientAccess: 4,
  UnifiedMessaging: 16,
  HubTransport: 32,
  Edge: 64,
  FrontendTransport: 16384,
} as const;
export type TransportRole = keyof typeof TRANSPORT_ROLES;

const LOGGING_LEVELS = { None: 0, Verbose: 1 } as const;
const RATE_SOURCES = { None: 0, IPAddress: 1, User: 2, All: 3 } as const;
const SIZE_MODES = { Disabled: 0, Enabled: 1, EnabledWithoutValue: 2 } as const;
const EXTENDED_PROTECTION = { None: 0, Allow: 1, Require: 2 } as const;

type Names = Readonly<Record<string, number>>;

/**
 * `size` in bytes, `timespan` in milliseconds, `limit` a count; `size` and `limit` may be `Unlimited`. `flags`: several of
 * the names, none of them written as an empty list. `written: false` marks what the cmdlets do not take, or what belongs
 * to one server alone.
 */
export type PropertyType =
  | { readonly kind: 'boolean' | 'integer' | 'limit' | 'size' | 'timespan' | 'text' | 'texts'; readonly written?: false }
  | { readonly kind: 'choice' | 'flags'; readonly names: Names; readonly written?: false };

const boolean = { kind: 'boolean' } as const;
const integer = { kind: 'integer' } as const;
const limit = { kind: 'limit' } as const;
const size = { kind: 'size' } as const;
const timespan = { kind: 'timespan' } as const;
const text = { kind: 'text' } as const;

/** Without identity, bindings and remote IP ranges, which every connector has. In the order of Exchange's own list. */
export const PROPERTIES = {
  AuthMechanism: { kind: 'flags', names: AUTH_MECHANISMS },
  Banner: text,
  BinaryMimeEnabled: boolean,
  ChunkingEnabled: boolean,
  DefaultDomain: text,
  DeliveryStatusNotificationEnabled: boolean,
  EightBitMimeEnabled: boolean,
  SmtpUtf8Enabled: boolean,
  BareLinefeedRejectionEnabled: boolean,
  DomainSecureEnabled: boolean,
  EnhancedStatusCodesEnabled: boolean,
  LongAddressesEnabled: boolean,
  OrarEnabled: boolean,
  SuppressXAnonymousTls: boolean,
  ProxyEnabled: { kind: 'boolean', written: false },
  AdvertiseClientSettings: boolean,
  Fqdn: text,
  ServiceDiscoveryFqdn: text,
  TlsCertificateName: text,
  Comment: text,
  Enabled: boolean,
  ConnectionTimeout: timespan,
  ConnectionInactivityTimeout: timespan,
  MessageRateLimit: limit,
  MessageRateSource: { kind: 'choice', names: RATE_SOURCES },
  MaxInboundConnection: limit,
  MaxInboundConnectionPerSource: limit,
  MaxInboundConnectionPercentagePerSource: integer,
  MaxHeaderSize: size,
  MaxHopCount: integer,
  MaxLocalHopCount: integer,
  MaxLogonFailures: integer,
  MaxMessageSize: size,
  MaxProtocolErrors: limit,
  MaxRecipientsPerMessage: integer,
  PermissionGroups: { kind: 'flags', names: PERMISSION_GROUPS },
  PipeliningEnabled: boolean,
  ProtocolLoggingLevel: { kind: 'choice', names: LOGGING_LEVELS },
  RequireEHLODomain: boolean,
  RequireTLS: boolean,
  EnableAuthGSSAPI: boolean,
  ExtendedProtectionPolicy: { kind: 'choice', names: EXTENDED_PROTECTION },
  LiveCredentialEnabled: { kind: 'boolean', written: false },
  TlsDomainCapabilities: { kind: 'texts' },
  TransportRole: { kind: 'choice', names: TRANSPORT_ROLES },
  RejectReservedTopLevelRecipientDomains: boolean,
  RejectReservedSecondLevelRecipientDomains: boolean,
  RejectSingleLabelRecipientDomains: boolean,
  AcceptConsumerMail: { kind: 'boolean', written: false },
  SizeEnabled: { kind: 'choice', names: SIZE_MODES },
  TarpitInterval: timespan,
  AuthTarpitInterval: timespan,
  MaxAcknowledgementDelay: timespan,
} as const satisfies Readonly<Record<string, PropertyType>>;

export type PropertyName = keyof typeof PROPERTIES;
export const PROPERTY_NAMES = Object.keys(PROPERTIES) as readonly PropertyName[];

type ValueOf<T> = T extends { readonly kind: 'boolean' }
  ? boolean
  : T extends { readonly kind: 'integer' | 'timespan' }
    ? number
    : T extends { readonly kind: 'limit' | 'size' }
      ? number | 'Unlimited'
      : T extends { readonly kind: 'texts' }
        ? readonly string[]
        : T extends { readonly kind: 'choice'; readonly names: infer N }
          ? keyof N
          : T extends { readonly kind: 'flags'; readonly names: infer N }
            ? readonly Exclude<keyof N, 'None'>[]
            : string;

/** Values by Exchange's names; a property that the export did not hold is absent, which is not the same as empty. */
export type Properties = { readonly [P in PropertyName]?: ValueOf<(typeof PROPERTIES)[P]> };

export type PropertyValue = boolean | number | string | readonly string[];

/** Names of a flags number in the order of their bits; undefined where a bit has no name. */
export function flagNames(value: number, names: Names): string[] | undefined {
  const known = Object.entries(names).filter(([, bit]) => bit !== 0 && (value & bit) === bit);
  return known.reduce((sum, [, bit]) => sum | bit, 0) === value ? known.map(([name]) => name) : undefined;
}

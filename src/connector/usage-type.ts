/**
 * What New-ReceiveConnector gives a connector that it is told nothing else about. Source: reference of the receive
 * connectors, sections 1.1 and 4.1; which parameters it takes: its documentation.
 */
import type { ReceiveConnector } from './connector.ts';
import type { Properties, PropertyName } from './properties.ts';

export const EXCHANGE_VERSIONS = ['2013', '2016', '2019'] as const;
export type ExchangeVersion = (typeof EXCHANGE_VERSIONS)[number];

/** Defaults changed once, with Exchange 2016. */
export type VersionFamily = '2013' | '2016+';

export const familyOf = (version: ExchangeVersion): VersionFamily => (version === '2013' ? '2013' : '2016+');

export const USAGES = ['Client', 'Custom', 'Internal', 'Internet', 'Partner'] as const;
export type Usage = (typeof USAGES)[number];

const KB = 1024;
const MB = 1024 * KB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Without AuthMechanism, PermissionGroups, which follow from the usage, and Fqdn, which is that of the server. */
export function cmdletDefaults(family: VersionFamily): Properties {
  const newer = family === '2016+';
  return {
    Banner: '',
    BinaryMimeEnabled: true,
    ChunkingEnabled: true,
    DefaultDomain: '',
    DeliveryStatusNotificationEnabled: true,
    EightBitMimeEnabled: true,
    SmtpUtf8Enabled: newer,
    BareLinefeedRejectionEnabled: false,
    DomainSecureEnabled: false,
    EnhancedStatusCodesEnabled: true,
    LongAddressesEnabled: false,
    OrarEnabled: false,
    SuppressXAnonymousTls: false,
    ProxyEnabled: false,
    AdvertiseClientSettings: false,
    ServiceDiscoveryFqdn: '',
    TlsCertificateName: '',
    Comment: '',
    Enabled: true,
    ConnectionTimeout: 10 * MINUTE,
    ConnectionInactivityTimeout: 5 * MINUTE,
    MessageRateLimit: 'Unlimited',
    MessageRateSource: 'IPAddress',
    MaxInboundConnection: 5000,
    MaxInboundConnectionPerSource: 20,
    MaxInboundConnectionPercentagePerSource: 2,
    MaxHeaderSize: (newer ? 256 : 128) * KB,
    MaxHopCount: 60,
    MaxLocalHopCount: newer ? 5 : 12,
    MaxLogonFailures: 3,
    MaxMessageSize: 36 * MB,
    MaxProtocolErrors: 5,
    MaxRecipientsPerMessage: 200,
    PipeliningEnabled: true,
    ProtocolLoggingLevel: 'None',
    RequireEHLODomain: false,
    RequireTLS: false,
    EnableAuthGSSAPI: false,
    ExtendedProtectionPolicy: 'None',
    LiveCredentialEnabled: false,
    TlsDomainCapabilities: [],
    TransportRole: 'HubTransport',
    SizeEnabled: 'Enabled',
    TarpitInterval: 5 * SECOND,
    MaxAcknowledgementDelay: 30 * SECOND,
    ...(newer && {
      RejectReservedTopLevelRecipientDomains: false,
      RejectReservedSecondLevelRecipientDomains: false,
      RejectSingleLabelRecipientDomains: false,
      AcceptConsumerMail: false,
      AuthTarpitInterval: 5 * SECOND,
    }),
  };
}

const ALL_AUTHENTICATION = ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS', 'ExchangeServer'] as const;

const BY_USAGE: Readonly<Record<Usage | 'none', Properties>> = {
  none: {
    AuthMechanism: ALL_AUTHENTICATION,
    PermissionGroups: ['ExchangeUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
  },
  Client: {
    AuthMechanism: ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS'],
    PermissionGroups: ['ExchangeUsers'],
  },
  Custom: { AuthMechanism: ['Tls'], PermissionGroups: [] },
  Internal: {
    AuthMechanism: ['Tls', 'ExchangeServer'],
    PermissionGroups: ['ExchangeServers', 'ExchangeLegacyServers'],
    SizeEnabled: 'EnabledWithoutValue',
    MaxInboundConnectionPercentagePerSource: 100,
  },
  Internet: { AuthMechanism: ['Tls'], PermissionGroups: ['AnonymousUsers'] },
  Partner: { AuthMechanism: ['Tls'], PermissionGroups: ['Partners'], DomainSecureEnabled: true },
};

/** Everything that New-ReceiveConnector gives for a usage on a Mailbox server; undefined: no usage was named. */
export function usageProperties(usage: Usage | undefined, family: VersionFamily): Properties {
  return { ...cmdletDefaults(family), ...BY_USAGE[usage ?? 'none'] };
}

/** The bindings that the cmdlet gives and does not let one choose; undefined where they must be named. */
export const USAGE_BINDING: Readonly<Partial<Record<Usage, string>>> = { Client: '0.0.0.0:587', Internal: '0.0.0.0:25' };

/** The ranges that the cmdlet gives and does not let one choose; undefined where they must be named. */
export const USAGE_RANGE: Readonly<Partial<Record<Usage, string>>> = { Internet: '0.0.0.0-255.255.255.255' };

/** Set-ReceiveConnector takes them, New-ReceiveConnector does not. */
export const ONLY_SET: readonly PropertyName[] = ['BareLinefeedRejectionEnabled', 'SmtpUtf8Enabled'];

/** The cmdlets of Exchange 2013 have no such parameter. */
export const SINCE_2016: readonly PropertyName[] = [
  'SmtpUtf8Enabled',
  'RejectReservedTopLevelRecipientDomains',
  'RejectReservedSecondLevelRecipientDomains',
  'RejectSingleLabelRecipientDomains',
  'AuthTarpitInterval',
];

/** What no export of Exchange 2013 holds: of SmtpUtf8Enabled it has the property, and only no parameter. */
const UNKNOWN_TO_2013: readonly PropertyName[] = [
  'RejectReservedTopLevelRecipientDomains',
  'RejectReservedSecondLevelRecipientDomains',
  'RejectSingleLabelRecipientDomains',
  'AcceptConsumerMail',
  'AuthTarpitInterval',
];

/** Defaults of which documentation, builds and real servers say different things: better written than trusted. */
export const UNCERTAIN_DEFAULTS: readonly PropertyName[] = ['MaxHeaderSize', 'MaxHopCount', 'MaxLocalHopCount', 'MaxMessageSize'];

/** From the properties that came with 2016; 2019 does not differ from it here. */
export function versionOf(connectors: readonly ReceiveConnector[]): ExchangeVersion {
  const isNew = ({ properties }: ReceiveConnector): boolean =>
    properties.SmtpUtf8Enabled === true || UNKNOWN_TO_2013.some((name) => properties[name] !== undefined);
  return connectors.length === 0 || connectors.some(isNew) ? '2016' : '2013';
}

/**
 * What the cmdlets refuse on one connector. Source: reference of the receive connectors, sections 1.1 and 4.5,
 * established for Exchange 2013 CU23. A property that is not known is given the benefit of the doubt.
 */
import type { Address } from '../net/address-range.ts';
import { identityOf, type ReceiveConnector } from './connector.ts';
import { PROPERTIES, type PropertyName } from './properties.ts';

export interface Refusal {
  /** Stable id. */
  readonly rule: string;
  /** Empty where it is not about properties. */
  readonly properties: readonly PropertyName[];
  /** In plain words, one sentence. */
  readonly because: string;
  /** The product's own message; null where it is not known. */
  readonly exchangeSays: string | null;
}

export interface RefusalContext {
  /** undefined: a name whose first label is the server's is taken for it. */
  readonly serverFqdn?: string;
}

type Rule = readonly [
  rule: string,
  properties: readonly PropertyName[],
  holds: (connector: ReceiveConnector, context: RefusalContext) => boolean,
  because: string,
  exchangeSays?: string | ((connector: ReceiveConnector, context: RefusalContext) => string),
];

const auth = ({ properties }: ReceiveConnector) => properties.AuthMechanism;
const has = (connector: ReceiveConnector, mechanism: NonNullable<ReturnType<typeof auth>>[number]): boolean =>
  auth(connector)?.includes(mechanism) ?? false;
const lacks = (connector: ReceiveConnector, mechanism: NonNullable<ReturnType<typeof auth>>[number]): boolean =>
  auth(connector) !== undefined && !has(connector, mechanism);

const RULES: readonly Rule[] = [
  [
    'basic-auth-require-tls-without-tls',
    ['AuthMechanism'],
    (one) => has(one, 'BasicAuthRequireTLS') && lacks(one, 'Tls'),
    'BasicAuthRequireTLS offers passwords only after STARTTLS, which needs Tls among the mechanisms',
    'If BasicAuthRequireTLS is set, TLS must also be set…',
  ],
  [
    'basic-auth-require-tls-without-basic-auth',
    ['AuthMechanism'],
    (one) => has(one, 'BasicAuthRequireTLS') && lacks(one, 'BasicAuth'),
    'BasicAuthRequireTLS only restricts BasicAuth, which is not among the mechanisms',
    '…BasicAuth must also be set as an authentication mechanism.',
  ],
  [
    'require-tls-without-tls',
    ['RequireTLS', 'AuthMechanism'],
    (one) => one.properties.RequireTLS === true && lacks(one, 'Tls'),
    'the connector requires TLS and does not offer it: Tls is not among the mechanisms',
    'If RequireTLS is set, TLS must also be set as an authentication mechanism.',
  ],
  [
    'external-authoritative-with-other-authentication',
    ['AuthMechanism'],
    (one) =>
      has(one, 'ExternalAuthoritative') &&
      (['BasicAuth', 'BasicAuthRequireTLS', 'ExchangeServer', 'Integrated'] as const).some((other) => has(one, other)),
    'an externally secured connector takes every client as authenticated, so that only Tls can stand beside it',
    'ExternalAuthoritative cannot be set with BasicAuth, BasicAuthRequireTLS, ExchangeServer, or Integrated authentication mechanisms.',
  ],
  [
    'external-authoritative-without-exchange-servers',
    ['AuthMechanism', 'PermissionGroups'],
    (one) =>
      has(one, 'ExternalAuthoritative') &&
      one.properties.PermissionGroups !== undefined &&
      !one.properties.PermissionGroups.includes('ExchangeServers'),
    'an externally secured client gets the rights of the group ExchangeServers, which the connector does not have',
    'You must set the value for the PermissionGroups parameter to ExchangeServers when you set the AuthMechanism parameter to a value of ExternalAuthoritative.',
  ],
  [
    'domain-secure-without-tls',
    ['DomainSecureEnabled', 'AuthMechanism'],
    (one) => one.properties.DomainSecureEnabled === true && lacks(one, 'Tls'),
    'domain security is mutual TLS, and Tls is not among the mechanisms',
  ],
  [
    'domain-secure-with-external-authoritative',
    ['DomainSecureEnabled', 'AuthMechanism'],
    (one) => one.properties.DomainSecureEnabled === true && has(one, 'ExternalAuthoritative'),
    'domain security checks certificates, and an externally secured connector checks nothing',
  ],
  [
    'inactivity-longer-than-connection',
    ['ConnectionInactivityTimeout', 'ConnectionTimeout'],
    ({ properties }) =>
      properties.ConnectionInactivityTimeout !== undefined &&
      properties.ConnectionTimeout !== undefined &&
      properties.ConnectionInactivityTimeout > properties.ConnectionTimeout,
    'a connection may be idle for longer than it may last',
  ],
  [
    'extended-protection-without-require-tls',
    ['ExtendedProtectionPolicy', 'RequireTLS'],
    ({ properties }) =>
      properties.ExtendedProtectionPolicy !== undefined &&
      properties.ExtendedProtectionPolicy !== 'None' &&
      properties.RequireTLS === false,
    'extended protection binds the authentication to the TLS channel, which the connector does not require',
  ],
  [
    'exchange-server-authentication-with-foreign-fqdn',
    ['AuthMechanism', 'Fqdn'],
    (one, context) => has(one, 'ExchangeServer') && !isOwnName(one, context),
    'other Exchange servers authenticate to the name of this server, and Fqdn is another name',
    ({ server }, { serverFqdn }) =>
      `If the AuthMechanism attribute on a Receive connector contains the value ExchangeServer, you must set the FQDN parameter on the Receive connector to one of the following values: the FQDN of the transport server "${serverFqdn ?? server}", the NetBIOS name of the transport server "${server}", or $null.`,
  ],
  [
    'legacy-servers-on-edge',
    ['PermissionGroups'],
    (one) => isEdge(one) && (one.properties.PermissionGroups?.includes('ExchangeLegacyServers') ?? false),
    'an Edge Transport server knows no ExchangeLegacyServers',
  ],
  [
    'long-addresses-on-edge',
    ['LongAddressesEnabled'],
    (one) => isEdge(one) && one.properties.LongAddressesEnabled === true,
    'an Edge Transport server takes no long addresses',
  ],
  [
    'suppressed-anonymous-tls-on-edge',
    ['SuppressXAnonymousTls'],
    (one) => isEdge(one) && one.properties.SuppressXAnonymousTls === true,
    'an Edge Transport server cannot do without X-ANONYMOUSTLS',
  ],
  [
    'binary-mime-without-chunking',
    ['BinaryMimeEnabled', 'ChunkingEnabled'],
    ({ properties }) => properties.BinaryMimeEnabled === true && properties.ChunkingEnabled === false,
    'BINARYMIME is sent in chunks, and chunking is off',
  ],
  [
    'client-settings-without-exchange-users',
    ['AdvertiseClientSettings', 'PermissionGroups'],
    ({ properties }) =>
      properties.AdvertiseClientSettings === true &&
      properties.PermissionGroups !== undefined &&
      !properties.PermissionGroups.includes('ExchangeUsers'),
    'users would be shown a connector that takes no users',
  ],
  [
    'banner-not-220',
    ['Banner'],
    ({ properties }) => !isGreeting(properties.Banner ?? ''),
    'the banner is no 220 reply of at most 50 lines with 2,000 characters each',
  ],
  [
    'transport-role-without-connectors',
    ['TransportRole'],
    ({ properties }) =>
      properties.TransportRole !== undefined &&
      !(['FrontendTransport', 'HubTransport', 'Edge'] as const).some((role) => role === properties.TransportRole),
    'only FrontendTransport, HubTransport and Edge have receive connectors',
  ],
  [
    'binding-to-many-hosts',
    [],
    ({ bindings }) => bindings.some(({ address }) => isMulticast(address)),
    'a binding is the address of one host, and this one is a multicast or broadcast address',
  ],
  ['name-with-backslash', [], ({ name }) => name.includes('\\'), 'a backslash divides server and name'],
  ['name-too-long', [], ({ name }) => name.length > 64, 'a name has at most 64 characters'],
];

const MINUTE = 60_000;
const LIMITS: Readonly<Partial<Record<PropertyName, readonly [least: number, most: number]>>> = {
  MaxInboundConnectionPercentagePerSource: [1, 100],
  MaxHopCount: [1, 500],
  MaxLocalHopCount: [0, 50],
  MaxLogonFailures: [0, 10],
  MaxMessageSize: [64 * 1024, 2 ** 31],
  MaxRecipientsPerMessage: [1, 512_000],
  TarpitInterval: [0, 10 * MINUTE],
};

/** Every rule that the connector breaks; of an export that is not from a directory edited by hand: none. */
export function refusalsOf(connector: ReceiveConnector, context: RefusalContext = {}): Refusal[] {
  const broken = RULES.filter(([, , holds]) => holds(connector, context)).map(
    ([rule, properties, , because, says]): Refusal => ({
      rule,
      properties,
      because,
      exchangeSays: typeof says === 'function' ? says(connector, context) : (says ?? null),
    }),
  );
  for (const [name, [least, most]] of Object.entries(LIMITS) as [PropertyName, readonly [number, number]][]) {
    const value = connector.properties[name];
    if (typeof value === 'number' && (value < least || value > most))
      broken.push({
        rule: 'value-out-of-range',
        properties: [name],
        because: `${name} lies between ${least} and ${most}${unitOf(name)}, and is ${value}`,
        exchangeSays: null,
      });
  }
  return broken;
}

/** Also what is refused in a command only: an export may well hold the permission group Custom. */
export function refusalsOfRequest(connector: ReceiveConnector, context: RefusalContext = {}): Refusal[] {
  const refusals = refusalsOf(connector, context);
  if (connector.properties.PermissionGroups?.includes('Custom'))
    refusals.push({
      rule: 'custom-permission-group',
      properties: ['PermissionGroups'],
      because: 'Custom is no group: Exchange shows it where rights were added by hand, and nobody can set it',
      exchangeSays: null,
    });
  if (connector.name.trim() === '')
    refusals.push({ rule: 'name-missing', properties: [], because: 'the connector has no name', exchangeSays: null });
  if (connector.bindings.length === 0 || connector.remoteIPRanges.length === 0)
    refusals.push({
      rule: 'bindings-or-ranges-missing',
      properties: [],
      because: `${identityOf(connector)} has no ${connector.bindings.length === 0 ? 'bindings' : 'remote IP ranges'}`,
      exchangeSays: 'Provide values for the Bindings and RemoteIPRanges parameters.',
    });
  return refusals;
}

function unitOf(name: PropertyName): string {
  const { kind } = PROPERTIES[name];
  return kind === 'size' ? ' bytes' : kind === 'timespan' ? ' ms' : '';
}

function isOwnName({ server, properties }: ReceiveConnector, { serverFqdn }: RefusalContext): boolean {
  const fqdn = properties.Fqdn?.toLowerCase() ?? '';
  if (fqdn === '' || fqdn === server.toLowerCase()) return true;
  return serverFqdn === undefined ? fqdn.startsWith(`${server.toLowerCase()}.`) : fqdn === serverFqdn.toLowerCase();
}

const isEdge = ({ properties }: ReceiveConnector): boolean => properties.TransportRole === 'Edge';

/** With the broadcast address of IPv4. */
const isMulticast = ({ family, value }: Address): boolean =>
  family === 'ipv4' ? value >> 28n === 0xen || value === 0xffff_ffffn : value >> 120n === 0xffn;

function isGreeting(banner: string): boolean {
  if (banner === '') return true;
  const lines = banner.split(/\r?\n/);
  return (
    lines.length <= 50 &&
    lines.every((line, index) => line.length <= 2000 && (index === lines.length - 1 ? /^220( |$)/ : /^220-/).test(line))
  );
}

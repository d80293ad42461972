/**
 * What EHLO offers, line by line in the product's order, each line by its own condition.
 * Source: reference of the receive connectors, section 7.2, and real sessions.
 */
import type { ListeningRole } from '../../connector/connector.ts';
import type { Properties } from '../../connector/properties.ts';

export interface ExtensionSettings {
  readonly properties: Properties;
  readonly role: ListeningRole;
  readonly version: '2013' | '2016+';
  /** A certificate is there to start TLS with. */
  readonly hasCertificate: boolean;
  readonly tlsActive: boolean;
  /** TLS as between Exchange servers. */
  readonly tlsIsAnonymous?: boolean;
  /** A client asks, through a front end: what servers use among themselves is not for it. */
  readonly forProxiedClient?: boolean;
}

const DEFAULT_MAX_MESSAGE_SIZE = 36 * 1024 * 1024;

/** Without the greeting line. A property that is not configured has the default of the cmdlet. */
export function extensions(settings: ExtensionSettings): string[] {
  const { properties, role, tlsActive } = settings;
  const mechanisms = new Set(properties.AuthMechanism ?? ['Tls']);
  const exchangeServer = mechanisms.has('ExchangeServer') && !settings.forProxiedClient;
  const hub = role === 'HubTransport';
  return lines(
    sizeLine(properties),
    properties.PipeliningEnabled !== false && 'PIPELINING',
    properties.DeliveryStatusNotificationEnabled !== false && 'DSN',
    properties.EnhancedStatusCodesEnabled !== false && 'ENHANCEDSTATUSCODES',
    offersStartTls(settings) && 'STARTTLS',
    exchangeServer && properties.SuppressXAnonymousTls !== true && !tlsActive && 'X-ANONYMOUSTLS',
    authLine(settings),
    exchangeServer && `X-EXPS ${exchangeMechanisms(settings).join(' ')}`,
    exchangeServer && settings.tlsIsAnonymous === true && 'X-EXCHANGEAUTH SHA256',
    properties.EightBitMimeEnabled !== false && '8BITMIME',
    properties.BinaryMimeEnabled !== false && 'BINARYMIME',
    properties.ChunkingEnabled !== false && 'CHUNKING',
    hub && exchangeServer && 'XEXCH50',
    offersUnicode(settings) && 'SMTPUTF8',
    exchangeServer && 'XRDST',
    hub && exchangeServer && 'XSHADOW',
    hub && exchangeServer && 'XPROXY',
    hub && exchangeServer && 'XPROXYFROM',
  );
}

export function offersStartTls({ properties, hasCertificate, tlsActive }: ExtensionSettings): boolean {
  return (properties.AuthMechanism ?? ['Tls']).includes('Tls') && hasCertificate && !tlsActive;
}

/** Off in 2013 unless switched on, the other way round from 2016 on. */
export function offersUnicode({ properties, version }: Pick<ExtensionSettings, 'properties' | 'version'>): boolean {
  return properties.SmtpUtf8Enabled ?? version === '2016+';
}

/** The mechanisms of `AUTH`, in the product's order; PLAIN is never among them. */
export function authMechanisms({
  properties,
  tlsActive,
}: Pick<ExtensionSettings, 'properties' | 'tlsActive'>): readonly ('GSSAPI' | 'NTLM' | 'LOGIN')[] {
  const mechanisms = new Set(properties.AuthMechanism ?? []);
  const integrated = mechanisms.has('Integrated');
  const basic = mechanisms.has('BasicAuth') && (tlsActive || !mechanisms.has('BasicAuthRequireTLS'));
  return [
    ...(integrated && properties.EnableAuthGSSAPI ? (['GSSAPI'] as const) : []),
    ...(integrated ? (['NTLM'] as const) : []),
    ...(basic ? (['LOGIN'] as const) : []),
  ];
}

/** The mechanisms of `X-EXPS`, in the product's order; none where the connector does not know Exchange servers. */
export function exchangeMechanisms({
  properties,
  role,
  version,
  tlsIsAnonymous,
}: Pick<ExtensionSettings, 'properties' | 'role' | 'version' | 'tlsIsAnonymous'>): readonly (
  | 'EXCHANGEAUTH'
  | 'GSSAPI'
  | 'NTLM'
)[] {
  if (!(properties.AuthMechanism ?? ['Tls']).includes('ExchangeServer')) return [];
  return [
    ...(tlsIsAnonymous ? (['EXCHANGEAUTH'] as const) : []),
    ...(role === 'HubTransport' || version === '2016+' ? (['GSSAPI'] as const) : []),
    'NTLM',
  ];
}

function authLine(settings: ExtensionSettings): string | false {
  const offered = authMechanisms(settings);
  return offered.length > 0 && `AUTH ${offered.join(' ')}`;
}

function sizeLine(properties: Properties): string | false {
  switch (properties.SizeEnabled ?? 'Enabled') {
    case 'Disabled':
      return false;
    case 'EnabledWithoutValue':
      return 'SIZE';
    case 'Enabled': {
      const limit = properties.MaxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE;
      return limit === 'Unlimited' ? 'SIZE' : `SIZE ${limit}`;
    }
  }
}

const lines = (...all: (string | false)[]): string[] => all.filter((line) => line !== false);

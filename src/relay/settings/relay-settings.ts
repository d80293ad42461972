/** The relay's configuration once it has been read: checked, complete, and without a file left to open but certificates. */
import type { AcceptedDomain } from '../../connector/accepted-domain.ts';
import type { ReceiveConnector } from '../../connector/connector.ts';
import type { RightEntry } from '../../connector/right.ts';
import type { FaultRule } from '../machine/faults.ts';
import type { BackPressure, ExchangeVersion } from '../machine/settings.ts';
import type { PasswordHash } from './password-hash.ts';

/** The transport service that listens: front end, or hub (ports 2525, 465; 25 on a server without front end). */
export type ServiceName = 'FrontEnd' | 'Hub';

export interface ListenEndpoint {
  /** IP address, without brackets. */
  readonly address: string;
  /** 0 where the system is to choose one. */
  readonly port: number;
}

export interface ListenSettings {
  /** Where the socket really listens. */
  readonly on: ListenEndpoint;
  /** The endpoint of the server that it stands for; undefined: itself. */
  readonly as: ListenEndpoint | undefined;
  /** Whoever connects here is taken for this address; undefined: for what `clients` says, or itself. */
  readonly from: string | undefined;
  readonly service: ServiceName;
}

/** `self-signed`: made at the first start and kept in the data folder. Paths are absolute. */
export type CertificateSettings =
  | { readonly kind: 'self-signed' }
  | { readonly kind: 'none' }
  | { readonly kind: 'files'; readonly certificate: string; readonly key: string };

export interface TlsSettings {
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** In OpenSSL's words; undefined: its own default, with old ciphers where an old version is allowed. */
  readonly ciphers: string | undefined;
  /** Milliseconds that a handshake may take. */
  readonly handshakeTimeout: number;
}

export const TLS_VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

export interface ServerSettings {
  readonly server: string;
  readonly fqdn: string;
  readonly exchange: ExchangeVersion;
  readonly connectors: readonly ReceiveConnector[];
  /** By identity of the connector in lower case; without an entry, the permission groups say all. */
  readonly rights: ReadonlyMap<string, readonly RightEntry[]>;
  readonly acceptedDomains: readonly AcceptedDomain[];
  /** By name in lower case. */
  readonly users: ReadonlyMap<string, PasswordHash>;
  readonly certificate: CertificateSettings;
  readonly tls: TlsSettings;
  readonly listen: readonly ListenSettings[];
  /** Address that really connects, in its shortest form, to the one that it is taken for. */
  readonly clients: ReadonlyMap<string, string>;
  /** A hub service stands behind the front end. */
  readonly hub: boolean;
  readonly backPressure: BackPressure;
  /** In maintenance: every connection is turned away. */
  readonly inactive: boolean;
  /** IANA name. */
  readonly timeZone: string;
  readonly decimalMark: '.' | ',';
  readonly faults: readonly FaultRule[];
}

export type DeliverySettings = { readonly kind: 'sink' } | MaildirSettings | SmartHostSettings;

export interface MaildirSettings {
  readonly kind: 'maildir';
  /** Absolute path. */
  readonly folder: string;
  /** `one`: a single Maildir for everybody; `recipient`: one for each, below domain and name. */
  readonly layout: 'one' | 'recipient';
}

export interface SmartHostSettings {
  readonly kind: 'smart-host';
  readonly host: string;
  readonly port: number;
  /** `opportunistic`: STARTTLS where it is offered; `required`: or no delivery; `none`: never. */
  readonly tls: 'opportunistic' | 'required' | 'none';
  /** The host's certificate has to be valid and its own. */
  readonly verify: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Name of the send connector in the log. */
  readonly connector: string;
  /** Milliseconds before the second try, the third …; the last one stands for all that follow. */
  readonly retryIntervals: readonly number[];
  /** Milliseconds after which a message is given up. */
  readonly expiry: number;
  readonly connections: number;
  /** A fault on demand: no connection, or none for so many times, as if the host refused them. */
  readonly down: boolean | number;
}

/** As the properties of Set-FrontendTransportService have it. */
export interface LogSettings {
  /** Absolute path; logs of a server stand below, in its name and the product's folders. */
  readonly folder: string;
  /** Milliseconds; 0: kept for ever. */
  readonly maxAge: number;
  /** Octets, of one log folder; `Unlimited`: no matter how much. */
  readonly maxDirectorySize: number | 'Unlimited';
  readonly maxFileSize: number | 'Unlimited';
  /** Milliseconds after which a row is on disk at the latest. */
  readonly flushInterval: number;
}

/** What the process grants its clients, whatever the connectors say. */
export interface ProcessLimits {
  /** Connections at one time, over all listeners. */
  readonly connections: number;
  /** Octets that one connection may have waiting, either way. */
  readonly memoryPerConnection: number;
  /** Logons that are checked at the same time. */
  readonly parallelLogons: number;
}

export interface RelaySettings {
  readonly servers: readonly ServerSettings[];
  readonly delivery: DeliverySettings;
  readonly logs: LogSettings;
  /** Folder of the spool and of certificates made here: absolute path. */
  readonly data: string;
  readonly limits: ProcessLimits;
}

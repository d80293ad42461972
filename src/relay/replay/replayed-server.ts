/** A server of a configuration, as the session machine is told about it. */
import { AcceptedDomains } from '../../connector/accepted-domain.ts';
import { identityOf, type ListeningRole, type ReceiveConnector, roleOf, sameName } from '../../connector/connector.ts';
import { mayRelay } from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf, type ServerConfiguration } from '../../connector/organisation.ts';
import { ANONYMOUS_ACCOUNT, RELAY_RIGHT } from '../../connector/permission-group.ts';
import type { RightEntry } from '../../connector/right.ts';
import { type Entry, SelectionTable } from '../../connector/selection.ts';
import type { Address } from '../../net/address-range.ts';
import type { Certificate } from '../../protocol-log/dialect.ts';
import type { Service } from '../../protocol-log/fields.ts';
import type { Faults } from '../machine/faults.ts';
import type { ExchangeVersion, ServiceSettings } from '../machine/settings.ts';
import { ReplayLimits } from './circumstances.ts';

/** Which connectors listen for a session; undefined for a service whose connectors are no configuration (Mailbox). */
export function roleOfSession(service: Service | null, logged: ReceiveConnector | undefined): ListeningRole | undefined {
  if (service === 'FrontEnd') return 'FrontendTransport';
  if (service === 'Hub' || service === 'Edge') return 'HubTransport';
  return service === null ? ((logged && roleOf(logged)) ?? 'FrontendTransport') : undefined;
}

const RELAYS: readonly RightEntry[] = [{ user: ANONYMOUS_ACCOUNT, deny: false, inherited: false, rights: [RELAY_RIGHT] }];

/** No handshake takes place: any certificate will do. */
const CERTIFICATE: Certificate = {
  subject: 'CN=replay',
  issuer: 'CN=replay',
  serialNumber: '00',
  thumbprint: '00',
  notBefore: 0,
  notAfter: 0,
  alternateNames: [],
};

/** What one session knows of the server besides its configuration. */
export interface SessionCircumstances {
  readonly version: ExchangeVersion;
  readonly role: ListeningRole;
  /** Name of the server as its banner said it. */
  readonly fqdn: string | undefined;
  readonly hasCertificate: boolean;
  readonly faults: Faults;
  readonly acceptedDomains: AcceptedDomains;
}

/** Answers for all sessions of one server; its tables are made once. */
export class ReplayedServer {
  readonly configuration: ServerConfiguration;
  readonly acceptedDomains: AcceptedDomains | undefined;
  readonly #rights = new Map<ReceiveConnector, readonly RightEntry[] | null>();
  readonly #tables = new Map<ListeningRole, SelectionTable>();
  readonly #guessed = new Set<ReceiveConnector>();
  readonly #connectors: readonly ReceiveConnector[];

  constructor(organisation: Organisation, configuration: ServerConfiguration) {
    this.configuration = configuration;
    this.acceptedDomains = organisation.acceptedDomains === null ? undefined : new AcceptedDomains(organisation.acceptedDomains);
    // The machine's rows are read again: a connector that does not log would leave none.
    this.#connectors = configuration.connectors.map((connector) => ({
      ...connector,
      properties: { ...connector.properties, ProtocolLoggingLevel: 'Verbose' },
    }));
    for (const connector of this.#connectors) {
      const rights = rightsOf(organisation, connector);
      const isLikely = rights === null && mayRelay(connector, rights) === 'likely';
      if (isLikely) this.#guessed.add(connector);
      this.#rights.set(connector, isLikely ? RELAYS : rights);
    }
  }

  /** By the name that stands behind the backslash; undefined for none. */
  connector(name: string): ReceiveConnector | undefined {
    return name === '' ? undefined : this.#connectors.find((one) => sameName(one.name.trim(), name));
  }

  /** Who takes the client. */
  select(role: ListeningRole, local: { readonly address: Address; readonly port: number }, remote: Address): Entry | undefined {
    return this.#table(role).select(local, remote);
  }

  /** Its rights were not imported, and that it may relay is only likely. */
  isGuessed(connector: ReceiveConnector): boolean {
    return this.#guessed.has(connector);
  }

  /** Rights as imported, else as is likely. */
  rightsOf(connector: ReceiveConnector): readonly RightEntry[] | null {
    return this.#rights.get(connector) ?? null;
  }

  /** The settings of a machine for one session. */
  service({ version, role, fqdn, hasCertificate, faults, acceptedDomains }: SessionCircumstances): ServiceSettings {
    return {
      server: this.configuration.server,
      fqdn: fqdn ?? this.configuration.server.toLowerCase(),
      version,
      role,
      table: this.#table(role),
      rightsOf: (connector) => this.rightsOf(connector),
      acceptedDomains,
      certificate: hasCertificate ? CERTIFICATE : undefined,
      limits: new ReplayLimits(),
      faults,
      backPressure: () => 'none',
      inactive: () => false,
      decimalMark: '.',
      formatDate: (at) =>
        new Date(at)
          .toUTCString()
          .replace(/ 0(\d) /, ' $1 ')
          .replace('GMT', '+0000'),
      newGuid: () => '00000000-0000-0000-0000-000000000000',
    };
  }

  #table(role: ListeningRole): SelectionTable {
    let table = this.#tables.get(role);
    if (!table) this.#tables.set(role, (table = new SelectionTable(this.#connectors, role)));
    return table;
  }
}

/** `SERVER\Name`, or null for none. */
export const identityOrNull = (connector: ReceiveConnector | undefined): string | null =>
  connector ? identityOf(connector) : null;

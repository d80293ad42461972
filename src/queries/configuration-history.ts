/** The configuration as it was valid at any time, from everything that was imported. */

import { type ConnectorRecord, connectorOf, type RightsRecord } from '../configuration/record.ts';
import type { AcceptedDomain } from '../connector/accepted-domain.ts';
import type { ReceiveConnector } from '../connector/connector.ts';
import { type Device, Devices } from '../connector/device.ts';
import type { Organisation } from '../connector/organisation.ts';
import type { RightEntry } from '../connector/right.ts';
import { type StoredConfiguration, storedConfigurations } from '../store/configuration-store.ts';
import type { Database } from '../store/database.ts';

export class ConfigurationHistory {
  readonly #stored: readonly StoredConfiguration[];
  /** When any part of the configuration changed, ascending. */
  readonly #changes: readonly number[];
  readonly #organisations = new Map<number, Organisation>();
  readonly #devices = new Map<Organisation, Devices>();
  readonly #contents = new Map<StoredConfiguration, unknown>();

  constructor(db: Database) {
    this.#stored = storedConfigurations(db);
    this.#changes = [...new Set(this.#stored.map(({ asOf }) => asOf))].sort((a, b) => a - b);
  }

  get isEmpty(): boolean {
    return this.#stored.length === 0;
  }

  /** When the accepted domains changed, ascending: none before the first. */
  get acceptedDomainChanges(): number[] {
    return this.#stored.filter(({ kind }) => kind === 'accepted-domains').map(({ asOf }) => asOf);
  }

  /** The latest of everything. */
  get latest(): Organisation {
    return this.at(Number.POSITIVE_INFINITY);
  }

  /** Every state there was, in order of time. */
  get all(): Organisation[] {
    return this.#changes.map((change) => this.at(change));
  }

  /**
   * Of each part what was exported last at or before the time; where all its exports are later, the first of them, which is
   * the best guess there is (`asOf` tells). The same value for times between which nothing changed.
   */
  at(time: number): Organisation {
    let index = 0;
    while (index < this.#changes.length && this.#changes[index]! <= time) index++;
    let organisation = this.#organisations.get(index);
    if (!organisation) this.#organisations.set(index, (organisation = this.#build(time)));
    return organisation;
  }

  /** When the latest export was made that is valid at the time; null where nothing was imported. */
  asOf(time: number): number | null {
    return this.#changes.findLast((change) => change <= time) ?? this.#changes[0] ?? null;
  }

  /** The names of the devices, as they were listed then. */
  devicesAt(time: number): Devices {
    const organisation = this.at(time);
    let devices = this.#devices.get(organisation);
    if (!devices) this.#devices.set(organisation, (devices = new Devices(organisation.devices)));
    return devices;
  }

  #build(time: number): Organisation {
    const valid = new Map<string, StoredConfiguration>();
    for (const one of this.#stored) {
      const key = `${one.kind}\0${one.scope.toLowerCase()}`;
      if (!valid.has(key) || one.asOf <= time) valid.set(key, one);
    }
    const all = [...valid.values()];
    const ofKind = (kind: StoredConfiguration['kind']): StoredConfiguration[] => all.filter((one) => one.kind === kind);
    const [domains] = ofKind('accepted-domains');
    const [devices] = ofKind('devices');
    return {
      servers: ofKind('connectors').map((one) => ({
        server: one.scope,
        asOf: one.asOf,
        connectors: this.#content(one, connectorsIn),
      })),
      rights: new Map(ofKind('rights').map((one) => [one.scope.toLowerCase(), this.#content(one, rightsIn)])),
      acceptedDomains: domains ? this.#content(domains, domainsIn) : null,
      devices: devices ? this.#content(devices, devicesIn) : [],
    };
  }

  /** Read once, however many times it is valid at. */
  #content<T>(stored: StoredConfiguration, read: (json: unknown) => T): T {
    let content = this.#contents.get(stored) as T | undefined;
    if (content === undefined) this.#contents.set(stored, (content = read(JSON.parse(stored.content))));
    return content;
  }
}

// What is stored has passed its schema.
const connectorsIn = (json: unknown): readonly ReceiveConnector[] => (json as readonly ConnectorRecord[]).map(connectorOf);
const rightsIn = (json: unknown): readonly RightEntry[] => (json as RightsRecord).entries;
const domainsIn = (json: unknown): readonly AcceptedDomain[] => json as readonly AcceptedDomain[];
const devicesIn = (json: unknown): readonly Device[] => json as readonly Device[];

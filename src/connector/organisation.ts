/** What was imported, as it was valid at one time. */
import type { AcceptedDomain } from './accepted-domain.ts';
import { identityOf, type ReceiveConnector, sameName } from './connector.ts';
import type { Device } from './device.ts';
import type { RightEntry } from './right.ts';

export interface ServerConfiguration {
  readonly server: string;
  /** Milliseconds UTC of the export. */
  readonly asOf: number;
  readonly connectors: readonly ReceiveConnector[];
}

export interface Organisation {
  /** By name. */
  readonly servers: readonly ServerConfiguration[];
  /** Entries of a connector by its identity in lower case; without an entry its rights were not imported. */
  readonly rights: ReadonlyMap<string, readonly RightEntry[]>;
  /** null: not imported. */
  readonly acceptedDomains: readonly AcceptedDomain[] | null;
  readonly devices: readonly Device[];
}

export function serverOf(organisation: Organisation, server: string): ServerConfiguration | undefined {
  return organisation.servers.find((one) => sameName(one.server, server));
}

export function rightsOf(organisation: Pick<Organisation, 'rights'>, connector: ReceiveConnector): readonly RightEntry[] | null {
  return organisation.rights.get(identityOf(connector).toLowerCase()) ?? null;
}

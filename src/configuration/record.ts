/**
 * The form in which a configuration is kept as JSON, and in which all sources of a configuration end. What is kept has passed
 * its schema (record-schema.ts) before.
 */
import type { AcceptedDomain } from '../connector/accepted-domain.ts';
import { type Binding, formatBinding, parseBinding } from '../connector/binding.ts';
import type { ReceiveConnector } from '../connector/connector.ts';
import type { Device } from '../connector/device.ts';
import type { Properties } from '../connector/properties.ts';
import { parseRemoteRange, type RemoteRange } from '../connector/remote-range.ts';
import type { RightEntry } from '../connector/right.ts';

/** A receive connector with its bindings and ranges as texts. */
export interface ConnectorRecord {
  readonly server: string;
  readonly name: string;
  /** `0.0.0.0:25`, `[::]:25`. */
  readonly bindings: readonly string[];
  /** As exported. */
  readonly remoteIPRanges: readonly string[];
  readonly properties: Properties;
  readonly others: Readonly<Record<string, string>>;
}

/** All extended rights that are set on one connector. */
export interface RightsRecord {
  readonly server: string;
  readonly connector: string;
  readonly entries: readonly RightEntry[];
}

/** What one or more exports hold. */
export interface ConfigurationRecord {
  readonly connectors: readonly ConnectorRecord[];
  readonly rights: readonly RightsRecord[];
  readonly acceptedDomains: readonly AcceptedDomain[];
  readonly devices: readonly Device[];
}

/** The connector of a record that has passed the schema. */
export function connectorOf({ bindings, remoteIPRanges, ...rest }: ConnectorRecord): ReceiveConnector {
  return {
    ...rest,
    bindings: bindings.map((text): Binding => parseBinding(text) ?? unchecked(text)),
    remoteIPRanges: remoteIPRanges.map((text): RemoteRange => parseRemoteRange(text) ?? unchecked(text)),
  };
}

function unchecked(text: string): never {
  throw new Error(`a connector record was not checked by its schema: ${text}`);
}

/** The inverse of `connectorOf`. */
export function recordOf({ bindings, remoteIPRanges, ...rest }: ReceiveConnector): ConnectorRecord {
  return { ...rest, bindings: bindings.map(formatBinding), remoteIPRanges: remoteIPRanges.map(({ text }) => text) };
}

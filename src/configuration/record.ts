/**
 * The form in which a configuration is kept as JSON, and in which all sources of a configuration end. The schema of the
 * properties follows from their declaration.
 */
import { z } from 'zod';
import { ACCEPTED_DOMAIN_TYPES, type AcceptedDomain, type AcceptedDomainType } from '../connector/accepted-domain.ts';
import { type Binding, formatBinding, parseBinding } from '../connector/binding.ts';
import type { ReceiveConnector } from '../connector/connector.ts';
import type { Device } from '../connector/device.ts';
import { PROPERTIES, PROPERTY_NAMES, type Properties, type PropertyType } from '../connector/properties.ts';
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

const name = z.string().min(1);

/** Sizes in bytes, spans in milliseconds, flags in the order of their bits; what an export did not hold is absent. */
const properties = z.object(
  Object.fromEntries(PROPERTY_NAMES.map((property) => [property, valueSchema(PROPERTIES[property]).exactOptional()])),
) as unknown as z.ZodType<Properties>;

function valueSchema(type: PropertyType): z.ZodType {
  switch (type.kind) {
    case 'boolean':
      return z.boolean();
    case 'integer':
      return z.int();
    case 'timespan':
      return z.int().nonnegative();
    case 'limit':
    case 'size':
      return z.union([z.int(), z.literal('Unlimited')]);
    case 'text':
      return z.string();
    case 'texts':
      return z.array(z.string());
    case 'choice':
      return z.enum(Object.keys(type.names));
    case 'flags':
      return flagsSchema(Object.keys(type.names).filter((flag) => type.names[flag] !== 0));
  }
}

function flagsSchema(flags: readonly string[]): z.ZodType {
  return z
    .array(z.enum(flags))
    .refine((given) => given.every((flag, at) => at === 0 || flags.indexOf(given[at - 1]!) < flags.indexOf(flag)), {
      error: 'flags stand once each, in the order of their bits',
    });
}

export const connectorRecord: z.ZodType<ConnectorRecord> = z.object({
  server: name,
  name,
  bindings: z.array(z.string().refine((text) => parseBinding(text) !== undefined, { error: 'no binding' })),
  remoteIPRanges: z.array(z.string().refine((text) => parseRemoteRange(text) !== undefined, { error: 'no range' })),
  properties,
  others: z.record(z.string(), z.string()),
});

export const rightsRecord: z.ZodType<RightsRecord> = z.object({
  server: name,
  connector: name,
  entries: z.array(z.object({ user: z.string(), deny: z.boolean(), inherited: z.boolean(), rights: z.array(z.string()) })),
});

export const acceptedDomainRecord: z.ZodType<AcceptedDomain> = z.object({
  name: z.string(),
  domainName: name,
  domainType: z.enum(Object.keys(ACCEPTED_DOMAIN_TYPES) as AcceptedDomainType[]),
  isDefault: z.boolean(),
});

export const deviceRecord: z.ZodType<Device> = z.object({
  match: name,
  name,
  owner: z.string().nullable(),
  site: z.string().nullable(),
  note: z.string().nullable(),
});

/** The one schema of everything that exports bring. */
export const configurationRecord: z.ZodType<ConfigurationRecord> = z.object({
  connectors: z.array(connectorRecord),
  rights: z.array(rightsRecord),
  acceptedDomains: z.array(acceptedDomainRecord),
  devices: z.array(deviceRecord),
});

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

/**
 * What a record of a configuration must hold to be kept. The schema of the properties follows from their declaration. It is
 * asked before anything is stored, so that who reads the store need not ask again.
 */
import { z } from 'zod';
import { ACCEPTED_DOMAIN_TYPES, type AcceptedDomain, type AcceptedDomainType } from '../connector/accepted-domain.ts';
import { parseBinding } from '../connector/binding.ts';
import type { Device } from '../connector/device.ts';
import { PROPERTIES, PROPERTY_NAMES, type Properties, type PropertyType } from '../connector/properties.ts';
import { parseRemoteRange } from '../connector/remote-range.ts';
import type { ConnectorRecord, RightsRecord } from './record.ts';
import type { Snapshot } from './snapshot.ts';

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

const connectorRecord: z.ZodType<ConnectorRecord> = z.object({
  server: name,
  name,
  bindings: z.array(z.string().refine((text) => parseBinding(text) !== undefined, { error: 'no binding' })),
  remoteIPRanges: z.array(z.string().refine((text) => parseRemoteRange(text) !== undefined, { error: 'no range' })),
  properties,
  others: z.record(z.string(), z.string()),
});

const rightsRecord: z.ZodType<RightsRecord> = z.object({
  server: name,
  connector: name,
  entries: z.array(z.object({ user: z.string(), deny: z.boolean(), inherited: z.boolean(), rights: z.array(z.string()) })),
});

const acceptedDomainRecord: z.ZodType<AcceptedDomain> = z.object({
  name: z.string(),
  domainName: name,
  domainType: z.enum(Object.keys(ACCEPTED_DOMAIN_TYPES) as AcceptedDomainType[]),
  isDefault: z.boolean(),
});

const deviceRecord: z.ZodType<Device> = z.object({
  match: name,
  name,
  owner: z.string().nullable(),
  site: z.string().nullable(),
  note: z.string().nullable(),
});

const SCHEMAS: Readonly<Record<Snapshot['kind'], z.ZodType>> = {
  connectors: z.array(connectorRecord),
  rights: rightsRecord,
  'accepted-domains': z.array(acceptedDomainRecord),
  devices: z.array(deviceRecord),
};

/** The content of a snapshot as it may be kept; throws a ZodError where a reader made something else of an export. */
export const checked = (kind: Snapshot['kind'], content: unknown): unknown => SCHEMAS[kind].parse(content);

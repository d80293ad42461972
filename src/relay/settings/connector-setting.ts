/** A receive connector as it stands in the configuration file: terse, with properties by Exchange's names. */
import { z } from 'zod';
import { propertyValue } from '../../configuration/property-value.ts';
import type { RawValue } from '../../configuration/raw-value.ts';
import { type Binding, parseBinding } from '../../connector/binding.ts';
import {
  PROPERTIES,
  PROPERTY_NAMES,
  type Properties,
  type PropertyName,
  type PropertyType,
  type PropertyValue,
} from '../../connector/properties.ts';
import { parseRemoteRange, type RemoteRange } from '../../connector/remote-range.ts';
import { USAGES, type Usage } from '../../connector/usage-type.ts';
import { MISSING } from './issue-line.ts';
import { serverName } from './scalars.ts';

/** How a connector lets anonymous clients send anywhere: by a right, or by trusting their network. */
export type RelayWay = 'anonymous' | 'externally-secured';

/** The connectors that setup makes, by their names without the server's. */
export const DEFAULT_NAMES = [
  'Default Frontend',
  'Client Frontend',
  'Outbound Proxy Frontend',
  'Default',
  'Client Proxy',
] as const;
export type DefaultName = (typeof DEFAULT_NAMES)[number];

export interface InlineConnector {
  readonly kind: 'inline';
  /** undefined only where `default` gives one. */
  readonly name: string | undefined;
  readonly default: DefaultName | undefined;
  readonly usage: Usage | undefined;
  readonly relay: RelayWay | undefined;
  readonly bindings: readonly Binding[] | undefined;
  readonly remoteIPRanges: readonly RemoteRange[] | undefined;
  readonly properties: Properties;
}

/** An export of Get-ReceiveConnector, beside the configuration file. */
export interface FileReference {
  readonly kind: 'file';
  readonly file: string;
}

const OWN_NAMES = ['name', 'default', 'usage', 'relay', 'bindings', 'remoteIPRanges'] as const;

const known = z.object({
  name: z.string().min(1).optional(),
  default: z.enum(DEFAULT_NAMES).optional(),
  usage: z.enum(USAGES).optional(),
  relay: z.enum(['anonymous', 'externally-secured']).optional(),
  bindings: listOf(parseBinding, 'is no binding, such as "0.0.0.0:25"'),
  remoteIPRanges: listOf(parseRemoteRange, 'is no range'),
});

/** One entry of `connectors`: a connector, or the file of an export. */
export const connectorSetting = z.record(z.string(), z.unknown()).transform((raw, context): InlineConnector | FileReference => {
  if ('file' in raw) {
    const more = Object.keys(raw).filter((key) => key !== 'file');
    for (const key of more)
      context.addIssue({ code: 'custom', path: [key], message: 'cannot stand beside "file"', params: { whole: true } });
    if (typeof raw.file !== 'string' || raw.file === '')
      context.addIssue({ code: 'custom', path: ['file'], message: 'is no name of a file' });
    return { kind: 'file', file: String(raw.file) };
  }
  const own = Object.fromEntries(OWN_NAMES.flatMap((key) => (key in raw ? [[key, raw[key]]] : [])));
  const parsed = known.safeParse(own);
  for (const issue of parsed.error?.issues ?? [])
    context.issues.push({ ...issue, path: [...issue.path], input: undefined } as never);
  const properties: Partial<Record<PropertyName, PropertyValue>> = {};
  for (const [key, value] of Object.entries(raw)) {
    if ((OWN_NAMES as readonly string[]).includes(key)) continue;
    if (key === 'Fqdn' && typeof value === 'string' && value !== '' && !serverName.safeParse(value).success) {
      context.addIssue({ code: 'custom', path: [key], message: 'is no name of a server' });
      continue;
    }
    const reading = isProperty(key) ? readProperty(PROPERTIES[key], value) : { complaint: strangerComplaint(key), whole: true };
    if ('value' in reading) properties[key as PropertyName] = reading.value;
    else
      context.addIssue({
        code: 'custom',
        path: [key],
        message: reading.complaint,
        params: { whole: 'whole' in reading },
      });
  }
  if (raw.name === undefined && raw.default === undefined) context.addIssue({ code: 'custom', path: ['name'], message: MISSING });
  for (const key of ['bindings', 'remoteIPRanges'] as const)
    if (raw[key] === undefined && raw.default === undefined) context.addIssue({ code: 'custom', path: [key], message: MISSING });
  if (raw.default !== undefined && raw.usage !== undefined)
    context.addIssue({ code: 'custom', path: ['usage'], message: 'cannot stand beside "default"', params: { whole: true } });
  if (!parsed.success) return z.NEVER;
  return { kind: 'inline', ...COMPLETE, ...parsed.data, properties: properties as Properties } as InlineConnector;
});

const COMPLETE = {
  name: undefined,
  default: undefined,
  usage: undefined,
  relay: undefined,
  bindings: undefined,
  remoteIPRanges: undefined,
};

/** One text, or several. */
function listOf<T>(parse: (text: string) => T | undefined, complaint: string) {
  const item = z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: complaint, input: text });
    return z.NEVER;
  });
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).min(1)).optional();
}

const isProperty = (key: string): key is PropertyName => Object.hasOwn(PROPERTIES, key);

function strangerComplaint(key: string): string {
  const all: readonly string[] = [...OWN_NAMES, ...PROPERTY_NAMES];
  const meant = all.find((one) => one.toLowerCase() === key.toLowerCase());
  return `no such property of a receive connector${meant ? `; ${meant} is meant` : ''}`;
}

function readProperty(type: PropertyType, value: unknown): { value: PropertyValue } | { complaint: string } {
  if (!isRaw(value)) return { complaint: COMPLAINTS[type.kind] ?? namesComplaint(type) };
  const reading = propertyValue(type, value);
  if ('value' in reading && (typeof reading.value !== 'number' || reading.value >= 0)) return { value: reading.value };
  // Nothing in the place of a text is an empty text, and no flags at all are none of them.
  if ('absent' in reading && type.kind === 'flags') return { value: [] };
  return { complaint: COMPLAINTS[type.kind] ?? namesComplaint(type) };
}

function isRaw(value: unknown): value is RawValue {
  const isPlain = (one: unknown): boolean => typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean';
  return isPlain(value) || (Array.isArray(value) && value.every(isPlain));
}

const COMPLAINTS: Readonly<Partial<Record<PropertyType['kind'], string>>> = {
  boolean: 'is neither true nor false',
  integer: 'is no number',
  limit: 'is neither a number nor "Unlimited"',
  size: 'is no size, such as "36 MB" or "Unlimited"',
  timespan: 'is no time span, such as "00:05:00"',
  text: 'is no text',
  texts: 'is no list of texts',
};

const namesComplaint = (type: PropertyType): string =>
  'names' in type ? `is none of ${Object.keys(type.names).join(', ')}` : 'is not understood';

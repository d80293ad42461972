/** Raw values of an export as values of the types that the properties declare. */
import { flagNames, type PropertyType, type PropertyValue } from '../connector/properties.ts';
import { parseByteSize } from './byte-size.ts';
import { type ListFault, listOf } from './listed-values.ts';
import { plainText, RawObject, type RawValue, shown, textOf } from './raw-value.ts';
import { parseTimeSpan } from './time-span.ts';

/** `absent`: the export holds nothing, as of a property that the server's version does not have. */
export type ValueReading =
  | { readonly value: PropertyValue }
  | { readonly absent: true }
  | { readonly fault: ListFault; readonly shown: string };

type Names = Readonly<Record<string, number>>;

export function propertyValue(type: PropertyType, raw: RawValue): ValueReading {
  if (type.kind === 'flags') return flags(type.names, raw);
  if (type.kind === 'texts') {
    const list = listOf(unpacked(raw), capabilityText);
    return 'fault' in list ? list : { value: list.items };
  }
  const value = scalar(type, unpacked(raw));
  if (value !== undefined) return { value };
  return plainText(raw) === '' ? { absent: true } : { fault: 'unreadable', shown: shown(raw) };
}

/** Enums of ConvertTo-Json may come as `{"value": 1}` or `{"Value": "Verbose"}`. */
function unpacked(raw: RawValue): RawValue {
  if (!(raw instanceof RawObject) || raw.text !== undefined || raw.has('IsUnlimited')) return raw;
  return raw.get('value') ?? raw;
}

function flags(names: Names, raw: RawValue): ValueReading {
  const bits = unpacked(raw);
  if (typeof bits === 'number') return namedFlags(flagNames(bits, names), raw);
  const list = listOf(bits);
  if ('fault' in list) return list;
  const [only] = list.items;
  if (only === undefined) return Array.isArray(bits) ? { value: [] } : { absent: true };
  if (list.items.length === 1 && /^\d{1,9}$/.test(only)) return namedFlags(flagNames(Number(only), names), raw);
  const given = new Set(list.items.map((item) => item.toLowerCase()));
  const known = Object.entries(names).filter(([name]) => given.delete(name.toLowerCase()));
  const sum = known.reduce((all, [, bit]) => all | bit, 0);
  return namedFlags(given.size > 0 ? undefined : flagNames(sum, names), raw);
}

const namedFlags = (names: readonly string[] | undefined, raw: RawValue): ValueReading =>
  names ? { value: names } : { fault: 'unreadable', shown: shown(raw) };

function scalar(type: PropertyType, raw: RawValue): PropertyValue | undefined {
  switch (type.kind) {
    case 'boolean':
      return booleanOf(raw);
    case 'integer':
      return integerOf(raw);
    case 'limit':
      return unlimitedOr(raw, integerOf);
    case 'size':
      return unlimitedOr(raw, sizeOf);
    case 'timespan':
      return timeSpanOf(raw);
    case 'text':
      return (certificateName(raw) ?? textOf(raw))?.replace(/\r\n?/g, '\n').trim();
    case 'choice':
      return choiceOf(type.names, raw);
    case 'texts':
    case 'flags':
      return undefined;
  }
}

/** `True`, `false`, `$true`, 1; a switch of PowerShell is an object, `{"IsPresent": false}`. */
export function booleanOf(raw: RawValue): boolean | undefined {
  if (typeof raw === 'boolean') return raw;
  if (raw instanceof RawObject && raw.text === undefined && raw.has('IsPresent')) return booleanOf(raw.get('IsPresent')!);
  const text = plainText(raw)?.replace(/^\$/, '').toLowerCase();
  if (text === 'true' || raw === 1) return true;
  return text === 'false' || raw === 0 ? false : undefined;
}

function integerOf(raw: RawValue): number | undefined {
  const text = plainText(raw) ?? '';
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function sizeOf(raw: RawValue): number | undefined {
  const text = plainText(raw);
  return text === undefined ? undefined : parseByteSize(text);
}

/** `Unlimited<T>` of Exchange: a text, or `{IsUnlimited, Value}`. */
function unlimitedOr(raw: RawValue, numberOf: (raw: RawValue) => number | undefined): number | 'Unlimited' | undefined {
  if (raw instanceof RawObject && raw.text === undefined) {
    if (booleanOf(raw.get('IsUnlimited') ?? null)) return 'Unlimited';
    return numberOf(raw.get('Value') ?? raw.get('Bytes') ?? raw);
  }
  return plainText(raw)?.toLowerCase() === 'unlimited' ? 'Unlimited' : numberOf(raw);
}

const TICKS_PER_MILLISECOND = 10_000;

function timeSpanOf(raw: RawValue): number | undefined {
  if (raw instanceof RawObject && raw.text === undefined) {
    const ticks = integerOf(raw.get('Ticks') ?? null);
    return ticks === undefined || ticks < 0 ? undefined : Math.round(ticks / TICKS_PER_MILLISECOND);
  }
  const text = plainText(raw);
  return text === undefined ? undefined : parseTimeSpan(text);
}

/** The object behind TlsCertificateName, as the text that Exchange prints for it. */
function certificateName(raw: RawValue): string | undefined {
  if (!(raw instanceof RawObject) || raw.text !== undefined) return undefined;
  const issuer = textOf(raw.get('CertificateIssuer') ?? null);
  const subject = textOf(raw.get('CertificateSubject') ?? null);
  return subject ? `${issuer && `<I>${issuer}`}<S>${subject}` : undefined;
}

/** Of TlsDomainCapabilities: a domain without what it is trusted with would say too little. */
function capabilityText(object: RawObject): string | undefined {
  if (object.text !== undefined || !object.has('Capabilities')) return textOf(object);
  const [domain, capabilities] = [textOf(object.get('Domain') ?? null), object.get('Capabilities')];
  return domain && typeof capabilities === 'string' ? `${domain}:${capabilities.replace(/\s+/g, '')}` : undefined;
}

/** Name of a choice, which may be given as its number. */
export function choiceOf<N extends Readonly<Record<string, number>>>(names: N, raw: RawValue): (keyof N & string) | undefined {
  const text = plainText(raw)?.toLowerCase();
  return Object.keys(names).find((name) => name.toLowerCase() === text || String(names[name]) === text);
}

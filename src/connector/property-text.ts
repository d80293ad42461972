/** Values of properties as Exchange prints them, and whether two of them are the same. */
import { PROPERTIES, type PropertyName, type PropertyType, type PropertyValue } from './properties.ts';

const typeOf = (name: PropertyName): PropertyType => PROPERTIES[name];

/** `True`, `Tls, Integrated`, `36 MB (37,748,736 bytes)`, `00:10:00`; nothing set is empty, no flag is `None`. */
export function propertyText(name: PropertyName, value: PropertyValue): string {
  const { kind } = typeOf(name);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number')
    return kind === 'size' ? sizeText(value) : kind === 'timespan' ? timespanText(value) : value.toString();
  if (typeof value === 'string') return value;
  return value.join(', ') || (kind === 'flags' ? 'None' : '');
}

/** `[d.]hh:mm:ss[.fff]`, which the cmdlets take too. */
export function timespanText(milliseconds: number): string {
  const two = (value: number): string => Math.trunc(value).toString().padStart(2, '0');
  const days = Math.trunc(milliseconds / 86_400_000);
  const rest = milliseconds % 1000;
  return `${days > 0 ? `${days}.` : ''}${two((milliseconds / 3_600_000) % 24)}:${two((milliseconds / 60_000) % 60)}:${two((milliseconds / 1000) % 60)}${rest > 0 ? `.${rest.toString().padStart(3, '0')}` : ''}`;
}

function sizeText(bytes: number): string {
  const exact = `${bytes.toLocaleString('en-US')} bytes`;
  const unit = [
    [2 ** 30, 'GB'],
    [2 ** 20, 'MB'],
    [2 ** 10, 'KB'],
  ].find(([size]) => bytes >= (size as number)) as [number, string] | undefined;
  return unit ? `${Number((bytes / unit[0]).toPrecision(4))} ${unit[1]} (${exact})` : `${bytes} B (${exact})`;
}

/** Lists are equal in any order; texts that name things in any case. */
export function sameValue(name: PropertyName, a: PropertyValue, b: PropertyValue): boolean {
  return canonical(name, a) === canonical(name, b);
}

const CASE_MATTERS: readonly PropertyName[] = ['Banner', 'Comment'];

function canonical(name: PropertyName, value: PropertyValue): string {
  const text = typeof value === 'object' ? JSON.stringify([...value].sort()) : String(value);
  return CASE_MATTERS.includes(name) ? text : text.toLowerCase();
}

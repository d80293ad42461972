/** Bindings and ranges that an export holds as nested objects of .NET, as the texts that Exchange prints for them. */
import { parseRange } from '../net/address-range.ts';
import { RawObject, type RawValue, textOf } from './raw-value.ts';

/** `Expression`, else the bounds: `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, `10.0.0.1`. */
export function rangeText(range: RawObject): string | undefined {
  const text = range.text ?? textOf(range.get('Expression') ?? null);
  if (text) return text;
  const lower = addressText(range.get('LowerBound'));
  const upper = addressText(range.get('UpperBound'));
  if (!lower || !upper) return textOf(range, ['Value']);
  const length = range.get('CIDRLength');
  const isCidr = [1, '1', 'CIDR'].includes(textOrNumber(range.get('RangeFormat')));
  if (isCidr && length !== undefined && length !== null) return `${lower}/${textOf(length)}`;
  return lower === upper ? lower : `${lower}-${upper}`;
}

/** `Expression`, else address and port: `0.0.0.0:25`, `[::]:25`. */
export function bindingText(binding: RawObject): string | undefined {
  const text = binding.text ?? textOf(binding.get('Expression') ?? null);
  if (text) return text;
  const address = addressText(binding.get('Address'));
  const port = textOf(binding.get('Port') ?? null);
  if (!address || !port) return textOf(binding, ['Value']);
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `10.0.0.9-10.0.0.1`: no range, but nearly one. */
export function isUpsideDown(text: string): boolean {
  const [first, last, more] = text.split('-');
  return (
    last !== undefined &&
    more === undefined &&
    parseRange(`${last.trim()}-${first!.trim()}`) !== undefined &&
    parseRange(text) === undefined
  );
}

const textOrNumber = (value: RawValue | undefined): string | number =>
  (typeof value === 'number' ? value : textOf(value ?? null)) ?? '';

/** .NET gives IPv4 also as a number, whose lowest byte is the first of the address. */
function addressText(value: RawValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= 0 && value < 2 ** 32
      ? [0, 8, 16, 24].map((shift) => (value >>> shift) & 255).join('.')
      : undefined;
  }
  if (!(value instanceof RawObject)) return textOf(value) || undefined;
  return value.text ?? (textOf(value.get('IPAddressToString') ?? null) || addressText(value.get('Address')));
}

/** Values of the configuration file that are texts with a form: addresses, ranges, sizes, spans of time. */
import { z } from 'zod';
import { parseByteSize } from '../../configuration/byte-size.ts';
import { parseTimeSpan } from '../../configuration/time-span.ts';
import { formatAddress, parseAddress, parseRange } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import { parsePasswordHash } from './password-hash.ts';
import type { ListenEndpoint } from './relay-settings.ts';

/** A text that `parse` understands; what it does not is refused as `"…" <complaint>`. */
export function textOf<T>(parse: (text: string) => T | undefined, complaint: string) {
  return z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: complaint, input: text });
    return z.NEVER;
  });
}

export const name = z.string().min(1);

/** Short, or with its domain. */
export const serverName = name.regex(/^[\w.-]+$/, { error: 'is no name of a server' });

/** Milliseconds of `00:00:05`. */
export const timeSpan = textOf(parseTimeSpan, 'is no time span, such as "00:00:05"');

/** Octets of `10 MB` or a number. */
export const byteSize = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  textOf(parseByteSize, 'is no size, such as "10 MB"'),
);

export const byteSizeOrUnlimited = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  textOf(
    (text) => (/^unlimited$/i.test(text) ? ('Unlimited' as const) : parseByteSize(text)),
    'is no size, such as "250 MB" or "Unlimited"',
  ),
);

/** In its shortest form. */
export const address = textOf(canonicalAddress, 'is no IP address');

export const range = textOf(parseRange, 'is no range');

export const endpoint = textOf(endpointOf, 'is no endpoint, such as "127.0.0.1:2525" or "[::1]:2525"');

export const passwordHash = textOf(parsePasswordHash, 'is no password hash: relaylens relay --hash-password prints one');

/** undefined for what is no address. */
export function canonicalAddress(text: string): string | undefined {
  const parsed = parseAddress(text);
  return parsed && formatAddress(parsed);
}

function endpointOf(text: string): ListenEndpoint | undefined {
  const { address: host, port } = parseEndpoint(text.trim());
  const own = canonicalAddress(host);
  return own === undefined || port === undefined || port > 65_535 ? undefined : { address: own, port };
}

/** Where in the world an address is: what an audit asks of a client before anything else. */
import { holds, parseAddress, parseRange } from '../net/address-range.ts';
import { NOT_PUBLIC } from './range-set.ts';

/** `private`: the organisation's own networks, and what else is not routed. `unknown`: the log hides the address. */
export type AddressSpace = 'public' | 'private' | 'link-local' | 'loopback' | 'unknown';

const LOOPBACK = ['127.0.0.0/8', '::1'].flatMap((text) => parseRange(text) ?? []);
const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'].flatMap((text) => parseRange(text) ?? []);

export function addressSpaceOf(text: string): AddressSpace {
  const address = parseAddress(text);
  if (!address) return 'unknown';
  if (LOOPBACK.some((range) => holds(range, address))) return 'loopback';
  if (LINK_LOCAL.some((range) => holds(range, address))) return 'link-local';
  return NOT_PUBLIC.some((range) => holds(range, address)) ? 'private' : 'public';
}

/** Which names HELO and EHLO may carry. Source: reference of the receive connectors, section 7.2 (Exchange 2013 CU23). */
import { parseAddress } from '../../net/address-range.ts';

const LABELS = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/i;
const UNICODE_LABELS = /^[\p{L}\p{M}\p{N}_-]{1,63}(\.[\p{L}\p{M}\p{N}_-]{1,63})*$/u;

/**
 * Labels of letters, digits, `-` and `_` with single dots between them; an address, bare or as a literal. No dot at either
 * end, no blank. Letters beyond ASCII only where SMTPUTF8 is on, and only in EHLO.
 */
export function isHelloName(name: string, { unicode }: { unicode: boolean }): boolean {
  if (name.length > 255) return false;
  const literal = /^\[(?:IPv6:)?([^\]]*)\]$/i.exec(name);
  if (literal) {
    const address = parseAddress(literal[1]!);
    return address !== undefined && (address.family === 'ipv6') === /^\[IPv6:/i.test(name);
  }
  return LABELS.test(name) || (unicode && UNICODE_LABELS.test(name)) || parseAddress(name) !== undefined;
}

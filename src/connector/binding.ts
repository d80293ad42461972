/**
 * Bindings: the local address and port at which a connector listens. Notations: reference of the receive connectors,
 * section 1.4, established for Exchange 2013 CU23.
 */
import { type Address, formatAddress, parseAddress } from '../net/address-range.ts';

export interface Binding {
  readonly address: Address;
  /** 0.0.0.0 or ::, which is every address of the server in that family. */
  readonly any: boolean;
  readonly port: number;
}

/**
 * The port stands behind the last colon; a colon with nothing behind it is tolerated where the rest still has a port
 * (`[::]:25:`). No address (`:25`) is 0.0.0.0. undefined for what is no binding.
 */
export function parseBinding(text: string): Binding | undefined {
  const plain = text.trim().replace(/(:\d+):$/, '$1');
  const colon = plain.lastIndexOf(':');
  if (colon < 0) return undefined;
  const port = plain.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return undefined;
  const address = parseAddress(plain.slice(0, colon) || '0.0.0.0');
  return address && { address, any: address.value === 0n, port: Number(port) };
}

/** `0.0.0.0:25`, `[::]:25`. */
export function formatBinding({ address, port }: Binding): string {
  return address.family === 'ipv4' ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`;
}

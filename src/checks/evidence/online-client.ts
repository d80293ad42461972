/** Clients that are servers of Exchange Online, which all tenants share. */
import { type AddressRange, parseRange } from '../../net/address-range.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import { overlap } from '../ranges/address-space.ts';

/** Published by Microsoft for mail to and from Exchange Online Protection. */
const EXCHANGE_ONLINE = [
  '40.92.0.0/15',
  '40.107.0.0/16',
  '52.100.0.0/14',
  '104.47.0.0/17',
  '2a01:111:f400::/48',
  '2a01:111:f403::/48',
].flatMap((text) => parseRange(text) ?? []);

/** True where the range has an address in common with the networks of Exchange Online. */
export const holdsExchangeOnline = (range: AddressRange): boolean => EXCHANGE_ONLINE.some((network) => overlap(network, range));

/** By the address, or by the name that its servers introduce themselves with. */
export function isOnlineClient({ source, helo }: Pick<ExaminedSession, 'source' | 'helo'>): boolean {
  const range = source === null ? undefined : parseRange(source);
  return (
    (range !== undefined && holdsExchangeOnline(range)) || /\.(?:outbound|prod)\.(?:protection\.)?outlook\.com$/i.test(helo ?? '')
  );
}

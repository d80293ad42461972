/** What an administrator should think over before running the commands. */
import type { ReceiveConnector } from '../connector/connector.ts';
import { publicPart, rangeTexts } from '../connector/range-set.ts';
import { countInWords, isWholeFamily, type RemoteRange, rangeInWords } from '../connector/remote-range.ts';
import { sizeOf } from '../net/address-range.ts';

/** Of ranges from which clients may relay without authentication. */
export function relayWarnings(ranges: readonly RemoteRange[]): string[] {
  return ranges.flatMap((range) => {
    if (isWholeFamily(range)) return [`an open relay: it takes ${rangeInWords(range)}, and all of them may relay.`];
    const open = publicPart(range);
    if (open.length > 0)
      return [
        `${range.text} holds public addresses (${rangeTexts(open).slice(0, 3).join(', ')}${open.length > 3 ? ', …' : ''}): strangers may relay from there.`,
      ];
    const size = sizeOf(range);
    // A subnet of IPv6 has 2^64 addresses, however few devices are in it.
    return size > (range.family === 'ipv4' ? 256n : 2n ** 64n)
      ? [
          `${range.text} lets ${countInWords(size)} relay. List the devices in the logs ("relaylens sources") and name those only.`,
        ]
      : [];
  });
}

/** Of where a new connector listens. */
export function placeWarnings({ bindings, remoteIPRanges, properties }: ReceiveConnector): string[] {
  const warnings: string[] = [];
  if (properties.TransportRole === 'HubTransport' && bindings.some(({ port }) => port === 25))
    warnings.push(
      'port 25 belongs to the front end where there is one: a connector of the Hub (TransportRole HubTransport) fights with it for the port, and one of the two services does not start.',
    );
  for (const family of ['ipv4', 'ipv6'] as const) {
    const listens = bindings.some(({ address }) => address.family === family);
    const takes = remoteIPRanges.some((range) => range.family === family);
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
    if (listens !== takes && bindings.length > 0 && remoteIPRanges.length > 0)
      warnings.push(
        listens
          ? `it listens on ${name} and takes no ${name} client: another connector takes those.`
          : `it has ${name} ranges and does not listen on ${name}: no client can come from them.`,
      );
  }
  return warnings;
}

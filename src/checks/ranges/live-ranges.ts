/** The ranges of a connector that can take a client at all: for each binding only the ranges of its own family count. */
import type { ReceiveConnector } from '../../connector/connector.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';

export function liveRanges({ bindings, remoteIPRanges }: ReceiveConnector): RemoteRange[] {
  const bound = new Set(bindings.map(({ address }) => address.family));
  return remoteIPRanges.filter(({ family }) => bound.has(family));
}

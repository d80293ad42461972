/** A proposed configuration: what is, with what exports or single changes put in its place. */

import { connectorOf } from '../../configuration/record.ts';
import type { Snapshot } from '../../configuration/snapshot.ts';
import { sameName } from '../../connector/connector.ts';
import { type Organisation, serverOf } from '../../connector/organisation.ts';
import { difference } from '../../connector/range-set.ts';
import { parseRemoteRange, type RemoteRange } from '../../connector/remote-range.ts';
import type { RightEntry } from '../../connector/right.ts';
import { formatRange } from '../../net/address-range.ts';

/** The parts of the exports, each in the place of what it describes: a server's connectors, a connector's rights, the domains. */
export function withSnapshots(base: Organisation, parts: readonly Snapshot[]): Organisation {
  let servers = [...base.servers];
  const rights = new Map<string, readonly RightEntry[]>(base.rights);
  let { acceptedDomains, devices } = base;
  for (const part of parts) {
    switch (part.kind) {
      case 'connectors':
        servers = [
          ...servers.filter(({ server }) => !sameName(server, part.scope)),
          { server: part.scope, asOf: part.asOf, connectors: part.content.map(connectorOf) },
        ];
        break;
      case 'rights':
        rights.set(part.scope.toLowerCase(), part.content.entries);
        break;
      case 'accepted-domains':
        acceptedDomains = part.content;
        break;
      case 'devices':
        devices = part.content;
    }
  }
  return { servers, rights, acceptedDomains, devices };
}

/** The ranges of one connector, replaced (`=`), added to (`+=`) or taken from (`-=`). */
export interface RangeChange {
  readonly server: string;
  readonly connector: string;
  readonly operation: '=' | '+=' | '-=';
  readonly ranges: readonly RemoteRange[];
}

/** `SERVER\Name=10.0.20.10-10.0.20.12,10.0.30.0/28`, also with `+=` and `-=`. undefined for what is none. */
export function parseRangeChange(text: string): RangeChange | undefined {
  const parts = /^([^\\]+)\\(.+?)\s*([+-]?=)([^=]+)$/.exec(text.trim());
  if (!parts) return undefined;
  const ranges = parts[4]!.split(/[,;]/).map((range) => parseRemoteRange(range));
  if (ranges.some((range) => range === undefined)) return undefined;
  return {
    server: parts[1]!.trim(),
    connector: parts[2]!.trim(),
    operation: parts[3] as RangeChange['operation'],
    ranges: ranges as RemoteRange[],
  };
}

/** undefined where there is no such connector. */
export function withRanges(base: Organisation, { server, connector, operation, ranges }: RangeChange): Organisation | undefined {
  const configuration = serverOf(base, server);
  if (!configuration?.connectors.some(({ name }) => sameName(name, connector))) return undefined;
  const changed = (before: readonly RemoteRange[]): readonly RemoteRange[] => {
    if (operation === '=') return ranges;
    if (operation === '+=') return [...before, ...ranges];
    // Ranges that lose nothing keep their notation, and their size with it.
    return before.flatMap((range) => {
      const left = difference([range], ranges);
      const isWhole = left.length === 1 && left[0]!.first === range.first && left[0]!.last === range.last;
      return isWhole ? [range] : left.map((one): RemoteRange => ({ ...one, text: formatRange(one) }));
    });
  };
  return {
    ...base,
    servers: base.servers.map((one) =>
      one === configuration
        ? {
            ...one,
            connectors: one.connectors.map((existing) =>
              sameName(existing.name, connector) ? { ...existing, remoteIPRanges: changed(existing.remoteIPRanges) } : existing,
            ),
          }
        : one,
    ),
  };
}

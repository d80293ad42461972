/** Who still uses a server, with what each of them needs to move to the others. */
import { partsOf, sameName } from '../../connector/connector.ts';
import type { Organisation } from '../../connector/organisation.ts';
import type { ServerUse, ServerUser } from '../../queries/usage/views/server-use.ts';
import type { Remedy } from '../finding.ts';
import { READABLE_RANGES, setConnector } from '../remedies/commands.ts';
import { type Move, movesOf } from './move.ts';

export interface MovingDevice extends ServerUser {
  /** One for each other server of which the connectors were imported. */
  readonly moves: readonly Move[];
}

/** What is to be done on one connector for all devices that need it. */
export interface ServerChange {
  readonly server: string;
  /** `SERVER\Name`; null where it is to be made. */
  readonly connector: string | null;
  readonly devices: readonly string[];
  readonly remedy: readonly Remedy[];
}

export interface Decommission extends Omit<ServerUse, 'devices'> {
  readonly devices: readonly MovingDevice[];
  /** Of devices that still use the server, those of silent ones after them. */
  readonly changes: readonly ServerChange[];
  /** Other servers of which the connectors were imported: where nothing was, nothing can be said of moving. */
  readonly targets: readonly string[];
  /** Of the configuration of the server itself, ISO; null: not imported. */
  readonly configuredAsOf: string | null;
}

export function decommission(use: ServerUse, organisation: Organisation): Decommission {
  const devices = use.devices.map((device): MovingDevice => {
    const { entrance, source, status } = device;
    const moves =
      entrance === null || status === 'behind-another-server' ? [] : movesOf(organisation, use.server, { source, ...entrance });
    return { ...device, moves };
  });
  const own = organisation.servers.find(({ server }) => sameName(server, use.server));
  return {
    ...use,
    devices,
    changes: changesOf(devices, organisation),
    targets: organisation.servers.map(({ server }) => server).filter((server) => !sameName(server, use.server)),
    configuredAsOf: own === undefined ? null : new Date(own.asOf).toISOString(),
  };
}

function changesOf(devices: readonly MovingDevice[], organisation: Organisation): ServerChange[] {
  const changes = new Map<string, { move: Move; sources: string[] }>();
  const ordered = [...devices].sort((a, b) => Number(a.status === 'silent') - Number(b.status === 'silent'));
  for (const { source, moves } of ordered)
    for (const move of moves) {
      if (move.state !== 'change') continue;
      // Ranges are put together; everything else is the same for all.
      const key = JSON.stringify([move.server, move.change, move.meant, move.change === 'add-range' ? '' : move.remedy]);
      const known = changes.get(key);
      if (known) known.sources.push(source);
      else changes.set(key, { move, sources: [source] });
    }
  return [...changes.values()].map(({ move, sources }) => ({
    server: move.server,
    connector: move.meant,
    devices: sources,
    remedy: move.change === 'add-range' ? rangesOf(organisation, move, sources) : move.remedy,
  }));
}

/** As many in one command as anybody reads. */
function rangesOf(organisation: Organisation, { meant, server }: Move, sources: readonly string[]): Remedy[] {
  const connector = organisation.servers
    .find((one) => sameName(one.server, server))!
    .connectors.find(({ name }) => sameName(name, partsOf(meant!).name))!;
  return Array.from({ length: Math.ceil(sources.length / READABLE_RANGES) }, (_, index) =>
    setConnector(connector, {
      RemoteIPRanges: { add: sources.slice(index * READABLE_RANGES, (index + 1) * READABLE_RANGES) },
    }),
  );
}

/** Clients like the one that fails, that do not: of the same subnet, with a hello name of the same kind. */
import { type Address, formatAddress, parseAddress } from '../../net/address-range.ts';
import type { Database } from '../../store/database.ts';

/** Neighbours that are looked at, nearest by address first; sessions of each, the latest first; twins that are given, one a server. */
const NEIGHBOURS = 32;
const LATEST = 20;
const TWINS = 4;

interface Neighbour {
  readonly id: number;
  readonly value: string;
  readonly distance: bigint;
}

interface Recent {
  readonly id: number;
  readonly outcome: string;
  readonly helo: string | null;
  readonly health: number;
  readonly started: number;
  readonly server: number;
}

/** Internal numbers of the latest session of each twin in which all of its mail was accepted, the likest first. */
export function twinsOf(db: Database, source: string, helloNames: readonly string[]): number[] {
  const own = parseAddress(source);
  if (!own) return [];
  const recent = db.prepare<[number], Recent>(
    `SELECT s.id, s.outcome, helo.value AS helo, s.health_probe AS health, s.started_at AS started, s.server_id AS server FROM session s LEFT JOIN text helo ON helo.id = s.helo_id
     WHERE s.source_id = ? AND s.direction = 'receive' ORDER BY s.id DESC LIMIT ${LATEST}`,
  );
  const kinds = new Set(helloNames.map(kindOfName));
  return neighboursOf(db, source, own)
    .flatMap(({ id, distance }) => {
      const sessions = recent.all(id).sort((a, b) => b.started - a.started);
      const good = sessions.filter(({ outcome, health }) => outcome === 'accepted' && health === 0);
      const oneEach = good.filter((session, index) => good.findIndex(({ server }) => server === session.server) === index);
      return oneEach.map((one) => ({ number: one.id, like: one.helo !== null && kinds.has(kindOfName(one.helo)), distance }));
    })
    .sort((a, b) => Number(b.like) - Number(a.like) || (a.distance < b.distance ? -1 : a.distance > b.distance ? 1 : 0))
    .slice(0, TWINS)
    .map(({ number }) => number);
}

/** `MFP-02` and `MFP-01` are of one kind, as are names of one host in different domains. */
export const kindOfName = (name: string): string => name.toLowerCase().split('.')[0]!.replace(/\d+/g, '#');

/** Clients of the same /24, or /64. */
function neighboursOf(db: Database, source: string, own: Address): Neighbour[] {
  const prefix = own.family === 'ipv4' ? formatAddress(own).replace(/\d+$/, '') : ipv6Prefix(source);
  if (prefix === undefined) return [];
  // What follows the last sign of the prefix in the order of text ends the stretch of the index.
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  const rows = db
    .prepare<[string, string], { id: number; value: string }>('SELECT id, value FROM text WHERE value >= ? AND value < ?')
    .all(prefix, end);
  return rows
    .flatMap((row) => {
      const address = row.value === source ? undefined : parseAddress(row.value);
      if (!address || address.family !== own.family) return [];
      const distance = address.value < own.value ? own.value - address.value : address.value - own.value;
      return [{ ...row, distance }];
    })
    .sort((a, b) => (a.distance < b.distance ? -1 : a.distance > b.distance ? 1 : 0))
    .slice(0, NEIGHBOURS);
}

/** The text up to the fourth colon; undefined where zeros are left out before it. */
function ipv6Prefix(source: string): string | undefined {
  const groups = source.split(':');
  const network = groups.slice(0, 4);
  if (groups.length > 5 && network.every((group) => group !== '')) return `${network.join(':')}:`;
  const gap = source.indexOf('::');
  return gap > 0 ? source.slice(0, gap + 2) : undefined;
}

/**
 * Why a connector takes a client, and why each other one does not: in words that a helpdesk understands. The selection
 * itself is `selection.ts`; a property test holds both to the same answer.
 */
import { type Address, formatAddress, holds, sizeOf } from '../net/address-range.ts';
import { type Binding, formatBinding } from './binding.ts';
import { belongsTo, isEnabled, type ListeningRole, quoted, type ReceiveConnector, roleOf } from './connector.ts';
import { countInWords, familyName, isWholeFamily, type RemoteRange, rangeInWords } from './remote-range.ts';
import type { Entry, LocalEndpoint, SelectionTable } from './selection.ts';

/**
 * What keeps a connector from a client. `size`: another range that holds the client is smaller; `tie`: as small, but
 * bound to the very address, or loaded first. In the order in which they are looked at.
 */
export type Obstacle = 'disabled' | 'role' | 'port' | 'family' | 'binding' | 'range' | 'size' | 'tie';

export interface Candidate {
  readonly connector: ReceiveConnector;
  readonly wins: boolean;
  /** undefined for the winner. */
  readonly obstacle: Obstacle | undefined;
  /** Of the entry by which it wins or would come nearest; undefined where none is of the client's family and port. */
  readonly binding: Binding | undefined;
  readonly range: RemoteRange | undefined;
  /** One sentence. */
  readonly because: string;
  /** `range`: how many addresses lie between the client and the range. */
  readonly missedBy?: bigint;
}

export interface Explanation {
  readonly winner: Entry | undefined;
  /** One sentence about the result. */
  readonly reason: string;
  /** Every connector of the server, the winner first, then by how near they come. */
  readonly candidates: readonly Candidate[];
  /** Others that the product would have to choose from at random. */
  readonly rivals: readonly ReceiveConnector[];
}

/** Where a connection is looked at. A local address of 0.0.0.0 or :: stands for one that is not known. */
export interface Circumstances {
  readonly connectors: readonly ReceiveConnector[];
  readonly role: ListeningRole;
  readonly local: LocalEndpoint;
  readonly remote: Address;
  readonly table: SelectionTable;
}

/** Every candidate is explained when they are asked for: in a large configuration that takes a while. */
export function explainSelection(circumstances: Circumstances): Explanation {
  const { connectors, local, remote, table } = circumstances;
  const winner = table.select(local, remote);
  const rivals = winner ? table.rivals(winner, remote) : [];
  let candidates: readonly Candidate[] | undefined;
  return {
    winner,
    rivals,
    reason: reasonOf(circumstances, winner, rivals),
    get candidates() {
      candidates ??= connectors
        .map((connector) => explainCandidate(circumstances, connector, winner, rivals))
        .sort((a, b) => Number(b.wins) - Number(a.wins) || nearness(b) - nearness(a) || byDistance(a, b));
      return candidates;
    },
  };
}

/** One connector, given who wins. */
export function explainCandidate(
  circumstances: Circumstances,
  connector: ReceiveConnector,
  winner: Entry | undefined,
  rivals: readonly ReceiveConnector[] = [],
): Candidate {
  return winner?.connector === connector ? win(circumstances, winner, rivals) : lose(circumstances, connector, winner);
}

const ORDER: readonly Obstacle[] = ['port', 'role', 'disabled', 'family', 'binding', 'range', 'size', 'tie'];
const nearness = ({ obstacle }: Candidate): number => (obstacle === undefined ? ORDER.length : ORDER.indexOf(obstacle));

function byDistance(a: Candidate, b: Candidate): number {
  const [left, right] = [a.missedBy ?? 0n, b.missedBy ?? 0n];
  return left < right ? -1 : left > right ? 1 : 0;
}

function reasonOf(
  { table, role, local, remote }: Circumstances,
  winner: Entry | undefined,
  rivals: readonly ReceiveConnector[],
): string {
  const client = formatAddress(remote);
  if (winner && rivals.length > 0)
    return `undefined: ${[winner.connector, ...rivals].map(quoted).join(' and ')} have ranges of the same size for ${client} at ${formatBinding(winner.binding)}, which Exchange refuses to configure; the first one loaded takes it`;
  if (winner) return `${quoted(winner.connector)} takes ${client}: ${winningWords(winner, remote)}`;
  if (local.address.family !== remote.family)
    return `${client} cannot have come to ${formatBinding({ ...local, any: false })}: IPv4 and IPv6 never meet`;
  if (!table.listensAt(local))
    return `nothing of the ${serviceOf(role)} listens at ${placeInWords(local)}: the connection itself fails, and nothing is logged`;
  return `no connector takes ${client} at ${placeInWords(local)}: the server answers 421 4.3.2 Service not available and logs the session without a connector`;
}

/** `port 25`, or `10.0.0.5:25` where the address is known. */
const placeInWords = (local: LocalEndpoint): string =>
  local.address.value === 0n ? `port ${local.port} (${familyName(local.address)})` : formatBinding({ ...local, any: false });

const serviceOf = (role: ListeningRole): string => (role === 'FrontendTransport' ? 'front end' : 'transport service (Hub)');

function winningWords({ range }: Entry, remote: Address): string {
  if (isWholeFamily(range)) return `its range, ${rangeInWords(range)}, holds it, and no smaller range does`;
  return sizeOf(range) === 1n
    ? `its remote IP ranges name the address ${formatAddress(remote)} itself`
    : `${rangeInWords(range)} is the smallest range that holds it`;
}

function win(circumstances: Circumstances, winner: Entry, rivals: readonly ReceiveConnector[]): Candidate {
  const { connectors, remote } = circumstances;
  const { connector, binding, range } = winner;
  const others = connectors
    .filter((one) => one !== connector)
    .flatMap((one) => entriesAt(circumstances, one).filter((entry) => holds(entry.range, remote)));
  const lies = `${formatAddress(remote)} lies in ${rangeInWords(range)}`;
  const equal = others.some((entry) => sizeOf(entry.range) === sizeOf(range));
  const because =
    rivals.length > 0
      ? `${lies}; ${rivals.map(quoted).join(' and ')} ${rivals.length === 1 ? 'has a range' : 'have ranges'} as small at the same binding: which of them takes it cannot be known`
      : others.length === 0
        ? `${lies}, and no other connector here takes it`
        : equal
          ? `${lies}; another range is as small, but this connector is bound to ${formatBinding(binding)}`
          : `${lies}, the smallest range that holds it`;
  return { connector, wins: true, obstacle: undefined, binding, range, because };
}

/** Entries that the lookup would meet for a client that connected to `local`. */
function entriesAt({ role, local, remote }: Circumstances, connector: ReceiveConnector): Entry[] {
  if (!isEnabled(connector) || !belongsTo(connector, role)) return [];
  return connector.bindings
    .filter(
      (binding) =>
        binding.port === local.port &&
        binding.address.family === remote.family &&
        (binding.any || binding.address.value === local.address.value),
    )
    .flatMap((binding) =>
      connector.remoteIPRanges.filter((range) => range.family === remote.family).map((range) => ({ connector, binding, range })),
    );
}

function lose({ role, local, remote }: Circumstances, connector: ReceiveConnector, winner: Entry | undefined): Candidate {
  const client = formatAddress(remote);
  const family = familyName(remote);
  const range = nearestRange(connector, remote);
  const say = (obstacle: Obstacle, because: string, more: Partial<Candidate> = {}): Candidate => ({
    connector,
    wins: false,
    obstacle,
    binding: undefined,
    range,
    because,
    ...more,
  });
  const onPort = connector.bindings.filter(({ port }) => port === local.port);
  if (onPort.length === 0) {
    const ports = [...new Set(connector.bindings.map(({ port }) => port))];
    return say('port', `it listens on port ${ports.join(', ') || '(none)'}, not on ${local.port}`);
  }
  const own = roleOf(connector);
  if (own !== undefined && own !== role)
    return say(
      'role',
      `it belongs to the ${serviceOf(own)} (TransportRole ${own}), and the client reached the ${serviceOf(role)}`,
    );
  if (local.address.family !== remote.family)
    return say('family', `${article(family)} client cannot come to an ${familyName(local.address)} address`);
  const ofFamily = onPort.filter(({ address }) => address.family === remote.family);
  const wouldTake = range !== undefined && holds(range, remote);
  if (!isEnabled(connector))
    return say(
      'disabled',
      wouldTake ? `it is disabled, although ${client} lies in its range ${rangeInWords(range)}` : 'it is disabled',
    );
  if (ofFamily.length === 0)
    return say('family', `it listens on ${onPort.map(formatBinding).join(', ')} only: ${article(family)} client cannot reach it`);
  if (range === undefined)
    return say(
      'family',
      `all its remote IP ranges are ${family === 'IPv6' ? 'IPv4' : 'IPv6'}: ${article(family)} client is in none of them`,
      { binding: ofFamily[0] },
    );
  const reached = ofFamily.filter((binding) => binding.any || binding.address.value === local.address.value);
  if (!holds(range, remote)) {
    const { words, distance } = howFar(range, remote);
    return say('range', `${client} is in none of its remote IP ranges; nearest is ${range.text}, ${words}`, {
      binding: reached[0] ?? ofFamily[0],
      missedBy: distance,
    });
  }
  if (reached.length === 0)
    return say(
      'binding',
      `its range ${rangeInWords(range)} holds ${client}, but it listens on ${ofFamily.map(formatBinding).join(', ')} only, and ${local.address.value === 0n ? 'to which address the client came is not known' : `the client came to ${formatBinding({ ...local, any: false })}`}`,
      {
        binding: ofFamily[0],
      },
    );
  const binding = reached.find(({ any }) => !any) ?? reached[0]!;
  if (winner && sizeOf(winner.range) < sizeOf(range))
    return say(
      'size',
      `its range ${rangeInWords(range)} holds ${client} too, but ${winner.range.text} of ${quoted(winner.connector)} is smaller (${countInWords(sizeOf(winner.range))}), and the smallest range wins`,
      {
        binding,
      },
    );
  return say(
    'tie',
    winner && !winner.binding.any && binding.any
      ? `its range ${rangeInWords(range)} is as small as that of ${quoted(winner.connector)}, but that one is bound to the very address ${formatBinding(winner.binding)}, this one to every address`
      : `its range ${rangeInWords(range)} is as small as that of ${winner ? quoted(winner.connector) : 'another one'}: which of the two is loaded first cannot be known`,
    { binding },
  );
}

const article = (family: 'IPv4' | 'IPv6'): string => `an ${family}`;

/** The smallest range that holds the address, else the nearest one of its family. */
function nearestRange({ remoteIPRanges }: ReceiveConnector, remote: Address): RemoteRange | undefined {
  let best: RemoteRange | undefined;
  let bestDistance = 0n;
  for (const range of remoteIPRanges) {
    if (range.family !== remote.family) continue;
    const distance = distanceTo(range, remote);
    // Of several that hold it the smallest decides; of several as far from it, the widest is likelier meant.
    const better = best !== undefined && distance === bestDistance && sizeOf(range) < sizeOf(best) === (distance === 0n);
    if (best === undefined || distance < bestDistance || better) {
      best = range;
      bestDistance = distance;
    }
  }
  return best;
}

/** 0 inside; else how many addresses behind the end, or before the start. */
function distanceTo({ first, last }: RemoteRange, { value }: Address): bigint {
  return value < first ? first - value : value > last ? value - last : 0n;
}

/** Distances are told while somebody could mean them; beyond, the range is just another one. */
const FAR = { ipv4: 1n << 16n, ipv6: 1n << 64n };

export const isFar = (distance: bigint, family: Address['family']): boolean => distance > FAR[family];

function howFar(range: RemoteRange, remote: Address): { words: string; distance: bigint } {
  const distance = distanceTo(range, remote);
  if (isFar(distance, remote.family)) return { distance, words: 'far from it' };
  const single = sizeOf(range) === 1n;
  const below = remote.value > range.last;
  if (single) return { distance, words: `${countInWords(distance)} ${below ? 'below' : 'above'}` };
  if (below)
    return { distance, words: `which ends ${distance === 1n ? 'one address too early' : `${countInWords(distance)} before it`}` };
  return { distance, words: `which begins ${distance === 1n ? 'one address too late' : `${countInWords(distance)} behind it`}` };
}

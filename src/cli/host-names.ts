/** `--resolve`: asks DNS what addresses are called, for a bounded time; what it answered is kept in the database. */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Database } from '../store/database.ts';
import { type HostNames, keepHostNames, knownHostNames } from '../store/host-name-table.ts';
import type { Io } from './io.ts';

/** Names of an address; rejects with `ENOTFOUND` or `ENODATA` where there are none. Gives up when the signal says so. */
export type ReverseLookup = (address: string, signal: AbortSignal) => Promise<readonly string[]>;

/** Milliseconds for all of them together, and how many are asked at once. */
const LIMIT_MS = 5_000;
const AT_ONCE = 32;

export interface Lookup {
  readonly names: HostNames;
  /** Addresses without an answer: DNS failed, or the time was over. */
  readonly unanswered: number;
}

/** Asks for each address; never rejects, and resolves when `limitMs` is over at the latest. */
export async function lookUp(
  addresses: readonly string[],
  ask: ReverseLookup,
  { limitMs = LIMIT_MS, atOnce = AT_ONCE }: { readonly limitMs?: number; readonly atOnce?: number } = {},
): Promise<Lookup> {
  const names = new Map<string, string | null>();
  const waiting = [...addresses];
  const stop = new AbortController();
  const worker = async (): Promise<void> => {
    for (let address = waiting.shift(); address !== undefined && !stop.signal.aborted; address = waiting.shift()) {
      const answer = await answerFor(address, ask, stop.signal);
      if (answer !== undefined && !stop.signal.aborted) names.set(address, answer);
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, worker)), over]);
  clearTimeout(timer);
  stop.abort();
  return { names, unanswered: addresses.length - names.size };
}

/** undefined: no answer. Of several names the first by the alphabet, so that it is always the same. */
async function answerFor(address: string, ask: ReverseLookup, signal: AbortSignal): Promise<string | null | undefined> {
  try {
    const [name] = (await ask(address, signal)).map((one) => one.replace(/\.$/, '')).sort();
    return name || null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOTFOUND' || code === 'ENODATA' ? null : undefined;
  }
}

/** The resolver that this machine is set up with. */
function machineLookup(): ReverseLookup {
  const resolver = new Resolver({ timeout: 1500, tries: 2 });
  let isHeard = false;
  return (address, signal) => {
    if (!isHeard) signal.addEventListener('abort', () => resolver.cancel());
    isHeard = true;
    return resolver.reverse(address);
  };
}

/** Names for these addresses, from the database where it has them. What is missing is said on standard error. */
export async function hostNames(
  io: Io,
  { path, db }: { readonly path: string; readonly db: Database },
  addresses: readonly string[],
): Promise<HostNames> {
  const wanted = [...new Set(addresses)].filter((address) => isIP(address) !== 0);
  const known = knownHostNames(db, wanted, io.now());
  const { names, unanswered } = await lookUp(
    wanted.filter((address) => !known.has(address)),
    io.reverseLookup ?? machineLookup(),
  );
  if (unanswered > 0)
    io.err(`--resolve: DNS gave no answer for ${unanswered} of ${wanted.length} addresses in time; their names are left out\n`);
  if (names.size === 0) return known;
  // Only what is kept is shown: --redact knows the names that the database has.
  if (!keepHostNames(path, names, io.now())) {
    io.err('--resolve: the database cannot be written now; new names from DNS are left out\n');
    return known;
  }
  return new Map([...known, ...names]);
}

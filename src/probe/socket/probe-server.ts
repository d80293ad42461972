/** A probe over the network: finds the address, connects, conducts the conversation, and looks closer where there is no SMTP. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../../relay/log/clock.ts';
import type { TlsFacts } from '../certificate.ts';
import { conduct } from '../conduct.ts';
import type { Dialogue } from '../dialogue.ts';
import { type Foreign, foreignOf } from '../foreign.ts';
import { ConversationOver, type LineFault, type Reply, rawLines, type SmtpLine } from '../line.ts';
import type { ProbeOrder, TlsVersion } from '../order.ts';
import { type Patience, SmtpClient, type Way } from './smtp-client.ts';
import { tlsFactsOf } from './tls-facts.ts';

/** Where to, and how. */
export interface ProbeTarget {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** 0: both families. */
  readonly family: 0 | 4 | 6;
  readonly localAddress?: string;
  readonly tlsMin: TlsVersion;
  readonly tlsMax: TlsVersion;
  /** Milliseconds for one reply. */
  readonly stepMs: number;
}

/** Time, and how names are looked up. */
export interface ProbeEnvironment {
  readonly clock: Clock;
  /** Addresses of a name, in the order of preference; rejects with the resolver's code. */
  readonly lookup?: (host: string, family: 0 | 4 | 6) => Promise<readonly string[]>;
}

/** A connection that was tried; without a fault it stood. */
export interface Attempt {
  readonly address: string;
  readonly fault: LineFault | null;
}

/** What came of it. */
export interface ProbeRun {
  readonly addresses: readonly string[];
  /** Code of the resolver; null where there are addresses. */
  readonly lookupFault: string | null;
  readonly attempts: readonly Attempt[];
  /** null: no connection. */
  readonly connection: Connection | null;
}

/** Who spoke with whom, and what. */
export interface Connection {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly dialogue: Dialogue;
  /** What speaks there; null where it is SMTP. */
  readonly foreign: Foreign | null;
}

/** Replies that a conversation has besides those to its recipients. */
const STEPS_BESIDE_RECIPIENTS = 10;

/** Never throws for what the network or the server does. */
export async function probeServer(target: ProbeTarget, order: ProbeOrder, environment: ProbeEnvironment): Promise<ProbeRun> {
  const { host, family, stepMs } = target;
  let addresses: readonly string[];
  try {
    addresses = isIP(host) > 0 ? [host] : await (environment.lookup ?? systemLookup)(host, family);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { addresses: [], lookupFault: code, attempts: [], connection: null };
  }
  const patience: Patience = {
    clock: environment.clock,
    stepMs,
    overallMs: stepMs * (STEPS_BESIDE_RECIPIENTS + order.recipients.length),
  };
  const attempts: Attempt[] = [];
  for (const address of firstOfEachFamily(addresses)) {
    const way = wayTo(target, address);
    let client: SmtpClient;
    try {
      client = await SmtpClient.connect(way, patience);
    } catch (error) {
      attempts.push({ address, fault: faultOf(error) });
      continue;
    }
    attempts.push({ address, fault: null });
    const connection = await converse(client, target, way, order, patience);
    return { addresses, lookupFault: null, attempts, connection };
  }
  return { addresses, lookupFault: addresses.length === 0 ? 'ENODATA' : null, attempts, connection: null };
}

async function converse(
  client: SmtpClient,
  target: ProbeTarget,
  way: Way,
  order: ProbeOrder,
  patience: Patience,
): Promise<Connection> {
  const { localAddress = '', localPort = 0 } = client.socket;
  try {
    const dialogue = await conduct(new SocketLine(client, target, patience), order);
    const foreign =
      dialogue.answers.length === 0 && dialogue.fault ? await lookCloser(client, target, way, dialogue.fault, patience) : null;
    return { localAddress: plainAddress(localAddress), localPort, remoteAddress: way.host, dialogue, foreign };
  } finally {
    client.hangUp();
  }
}

/** Whoever speaks something else answers soon. */
const SECOND_LOOK_MS = 5_000;

/** There was no banner: something else may speak here. */
async function lookCloser(
  client: SmtpClient,
  target: ProbeTarget,
  way: Way,
  fault: LineFault,
  patience: Patience,
): Promise<Foreign> {
  const short = { ...patience, stepMs: Math.min(patience.stepMs, SECOND_LOOK_MS) };
  // Some only answer when they are spoken to, as web servers do.
  const said = fault.kind === 'not-smtp' ? fault.first : fault.kind === 'timed-out' ? await firstWords(client, short) : undefined;
  const foreign = foreignOf(said ?? '');
  if (foreign.kind === 'other' || foreign.kind === 'late' || (foreign.kind === 'unknown' && fault.kind === 'not-smtp'))
    return foreign;
  return (await greetingOverTls(target, way, short)) ?? foreign;
}

async function firstWords(client: SmtpClient, patience: Patience): Promise<string | undefined> {
  try {
    client.write('EHLO probe');
    return rawLines(await client.read(patience.stepMs))[0];
  } catch (error) {
    const fault = faultOf(error);
    return fault.kind === 'not-smtp' ? fault.first : undefined;
  }
}

/** undefined: TLS is not spoken there either. */
async function greetingOverTls(target: ProbeTarget, way: Way, patience: Patience): Promise<Foreign | undefined> {
  let secure: SmtpClient;
  try {
    secure = await SmtpClient.connectSecurely(way, tlsOptions({ ...target, tlsMin: 'TLSv1', tlsMax: 'TLSv1.3' }), patience);
  } catch {
    return undefined;
  }
  try {
    return { kind: 'tls', greeting: rawLines(await secure.read())[0] ?? null };
  } catch {
    return { kind: 'tls', greeting: null };
  } finally {
    secure.hangUp();
  }
}

/** The client, as a conversation wants its line. */
class SocketLine implements SmtpLine {
  readonly #client: SmtpClient;
  readonly #target: ProbeTarget;
  readonly #clock: Clock;

  constructor(client: SmtpClient, target: ProbeTarget, { clock }: Patience) {
    this.#client = client;
    this.#target = target;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  read(): Promise<Reply> {
    return this.#client.read();
  }

  write(...lines: readonly string[]): void {
    this.#client.write(...lines);
  }

  async startTls(): Promise<TlsFacts> {
    return tlsFactsOf(await this.#client.startTls(tlsOptions(this.#target)), this.#target.host);
  }
}

function tlsOptions({ host, tlsMin, tlsMax }: ProbeTarget): ConnectionOptions {
  // OpenSSL speaks the old versions on its lowest level of security only.
  const isOld = tlsMin === 'TLSv1' || tlsMin === 'TLSv1.1';
  return {
    minVersion: tlsMin,
    maxVersion: tlsMax,
    ...(isIP(host) === 0 && { servername: host }),
    ...(isOld && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
  };
}

const wayTo = ({ port, localAddress }: ProbeTarget, host: string): Way => ({
  host,
  port,
  ...(localAddress !== undefined && { localAddress }),
});

/** Two machines behind one name are one service; two families are two ways to it. */
function firstOfEachFamily(addresses: readonly string[]): string[] {
  const [first] = addresses;
  const other = addresses.find((address) => isIP(address) !== isIP(first!));
  return [...(first === undefined ? [] : [first]), ...(other === undefined ? [] : [other])];
}

const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const faultOf = (error: unknown): LineFault => {
  if (error instanceof ConversationOver) return error.fault;
  throw error;
};

async function systemLookup(host: string, family: 0 | 4 | 6): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, family, order: 'verbatim' });
  return found.map(({ address }) => address);
}

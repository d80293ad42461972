/** What is counted over several connections: those that are open, and messages in a minute. Time comes in, none is read. */
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';

const MINUTE_MS = 60_000;

/** Defaults of the cmdlet, for properties that are not configured. */
const MAX_CONNECTIONS = 5000;
const MAX_PER_SOURCE = 20;
const MAX_PERCENTAGE_PER_SOURCE = 2;

export type Admission = 'admitted' | 'server-limit' | 'source-limit';

export class Limits {
  readonly #open = new Map<string, { total: number; readonly bySource: Map<string, number> }>();
  readonly #messages = new Map<string, number[]>();

  /** Counts the connection where it is admitted; `release` gives it back. */
  admit(connector: ReceiveConnector, source: string): Admission {
    const { properties } = connector;
    const open = this.#openAt(connector);
    const total = numberOf(properties.MaxInboundConnection, MAX_CONNECTIONS);
    if (open.total >= total) return 'server-limit';
    const own = open.bySource.get(source) ?? 0;
    const percentage = properties.MaxInboundConnectionPercentagePerSource ?? MAX_PERCENTAGE_PER_SOURCE;
    const share = total === Number.POSITIVE_INFINITY ? total : Math.ceil(((total - open.total) * percentage) / 100);
    if (own >= Math.min(numberOf(properties.MaxInboundConnectionPerSource, MAX_PER_SOURCE), share)) return 'source-limit';
    open.total++;
    open.bySource.set(source, own + 1);
    return 'admitted';
  }

  release(connector: ReceiveConnector, source: string): void {
    const open = this.#openAt(connector);
    const own = open.bySource.get(source) ?? 0;
    if (own === 0) return;
    open.total--;
    if (own === 1) open.bySource.delete(source);
    else open.bySource.set(source, own - 1);
  }

  /** False where the message would be one too many of the last minute. */
  takeMessage(connector: ReceiveConnector, source: string, user: string | null, now: number): boolean {
    const limit = connector.properties.MessageRateLimit ?? 'Unlimited';
    const by = connector.properties.MessageRateSource ?? 'IPAddress';
    if (limit === 'Unlimited' || by === 'None') return true;
    const keys = [
      ...(by === 'User' || by === 'All' ? [user === null ? null : `user ${user.toLowerCase()}`] : []),
      ...(by === 'IPAddress' || by === 'All' ? [`ip ${source}`] : []),
    ];
    const counters = keys.filter((key) => key !== null).map((key) => this.#recent(`${identityOf(connector)} ${key}`, now));
    if (counters.some((times) => times.length >= limit)) return false;
    for (const times of counters) times.push(now);
    return true;
  }

  #openAt(connector: ReceiveConnector): { total: number; readonly bySource: Map<string, number> } {
    const key = identityOf(connector).toLowerCase();
    let open = this.#open.get(key);
    if (!open) this.#open.set(key, (open = { total: 0, bySource: new Map() }));
    return open;
  }

  #recent(key: string, now: number): number[] {
    const times = (this.#messages.get(key) ?? []).filter((at) => at > now - MINUTE_MS);
    this.#messages.set(key, times);
    // Keys of the past are given up now and then, so that addresses do not heap up.
    if (this.#messages.size > 10_000)
      for (const [old, list] of this.#messages)
        if ((list.at(-1) ?? 0) <= now - MINUTE_MS && old !== key) this.#messages.delete(old);
    return times;
  }
}

const numberOf = (limit: number | 'Unlimited' | undefined, otherwise: number): number =>
  limit === undefined ? otherwise : limit === 'Unlimited' ? Number.POSITIVE_INFINITY : limit;

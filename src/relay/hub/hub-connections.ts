/**
 * The connections of one front end to its Hub: those for messages are kept for the next message, of whichever session.
 * The rows of all of them come out of here, in order.
 */
import { parseEndpoint } from '../../net/endpoint.ts';
import type { ClientFacts } from '../machine/session-machine.ts';
import { HubConnection, type HubConnectionUser, type RowEffect } from './hub-connection.ts';
import type { HubSettings } from './hub-settings.ts';

/** How long a connection waits for its next message. */
const IDLE_MS = 120_000;
/** Younger than any Hub allows (ConnectionTimeout, 10 minutes), so that it is not told off for its age. */
const OLDEST_MS = 480_000;
/** The front end's own ports, one after the other. */
const PORTS = { first: 20_001, last: 64_999 };

export class HubConnections {
  readonly settings: HubSettings;
  readonly #idle: { readonly connection: HubConnection; readonly since: number }[] = [];
  readonly #rows: RowEffect[] = [];
  #port = PORTS.first;
  #isShutDown = false;

  constructor(settings: HubSettings) {
    this.settings = settings;
  }

  /** Rows since the last call. */
  drain(): RowEffect[] {
    return this.#rows.splice(0);
  }

  /** When `wake` is to be called, milliseconds UTC; undefined: not at all. */
  get wakeAt(): number | undefined {
    const times = this.#idle.flatMap(({ connection, since }) => [since + IDLE_MS, connection.wakeAt ?? Number.POSITIVE_INFINITY]);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  wake(now: number): void {
    for (const entry of [...this.#idle]) {
      if (now >= entry.since + IDLE_MS) this.#expire(entry.connection, now);
      else if (now >= (entry.connection.wakeAt ?? Number.POSITIVE_INFINITY)) entry.connection.wake(now);
    }
  }

  /** The services stop: nothing is handed over any more. */
  shutDown(now: number): void {
    this.#isShutDown = true;
    for (const { connection } of this.#idle.splice(0)) {
      connection.advance(now);
      connection.note('Server shutdown');
      connection.drop(now);
    }
  }

  get isShutDown(): boolean {
    return this.#isShutDown;
  }

  /** One that was used before, if any waits at this end of the server. */
  take(localEndpoint: string, user: HubConnectionUser, now: number): HubConnection | undefined {
    this.wake(now);
    const { address } = parseEndpoint(localEndpoint);
    const at = this.#idle.findLastIndex(({ connection }) => connection.address === address);
    if (at < 0) return undefined;
    const [entry] = this.#idle.splice(at, 1);
    entry?.connection.handTo(user, now);
    return entry?.connection;
  }

  /** A new one for messages; `open` connects it. */
  forMessages(localEndpoint: string, user: HubConnectionUser, now: number): HubConnection {
    return this.#make('message', this.settings.frontSessionId(), localEndpoint, '', user, now);
  }

  /** A new one for the session of a client that has logged on, whose own id it has. */
  forSession(client: ClientFacts, user: HubConnectionUser, now: number): HubConnection {
    const { sessionId, localEndpoint } = client;
    const purpose = `. Client proxy session for ${client.user ?? ''}. Proxied session id ${sessionId}`;
    return this.#make('session', sessionId, localEndpoint, purpose, user, now);
  }

  /** The user of a connection has done with it. */
  putBack(connection: HubConnection, now: number): void {
    if (connection.isOver) return;
    connection.advance(now);
    if (this.#isShutDown || now - connection.startedAt > OLDEST_MS) {
      connection.quit(now);
      return;
    }
    connection.note(`successfully added connection to cache. Current cache size is ${this.#idle.length + 1}`);
    this.#idle.push({ connection, since: now });
    // Between two messages the Hub wants nothing done.
    connection.handTo({ emit: () => {}, ready: () => {}, failed: () => this.#forget(connection) }, now);
  }

  #make(
    kind: 'message' | 'session',
    sessionId: string,
    localEndpoint: string,
    purpose: string,
    user: HubConnectionUser,
    now: number,
  ): HubConnection {
    const port = this.#port;
    this.#port = port === PORTS.last ? PORTS.first : port + 1;
    const { address } = parseEndpoint(localEndpoint);
    const emitRow = (row: RowEffect): void => void this.#rows.push(row);
    return new HubConnection(this.settings, { kind, sessionId, address, port, purpose }, emitRow, user, now);
  }

  #expire(connection: HubConnection, now: number): void {
    this.#forget(connection);
    connection.advance(now);
    connection.note('Connection being removed from Cache. Reason : Expired');
    connection.quit(now);
  }

  #forget(connection: HubConnection): void {
    const at = this.#idle.findIndex((entry) => entry.connection === connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

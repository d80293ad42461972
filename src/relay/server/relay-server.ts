/**
 * The relay as a whole: listeners, the services behind them, their logs and their delivery; started and stopped by one
 * call each. It prints nothing: what people should know goes to `warn`.
 */
import type { Socket } from 'node:net';
import { type Clock, systemClock } from '../log/clock.ts';
import type { ListenEndpoint, RelaySettings, ServerSettings, ServiceName } from '../settings/relay-settings.ts';
import { certificateOf, type ServerCertificate } from './certificate.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import type { RelayCounts } from './counts.ts';
import type { Delivery } from './delivery.ts';
import { ensureFolder } from './folder.ts';
import { Listener } from './listener.ts';
import { LogonChecker, LogonQueue } from './logon-checker.ts';
import { openDelivery } from './open-delivery.ts';
import { openService, type RelayService } from './relay-service.ts';
import { ServerLogs } from './server-logs.ts';
import { SessionIds } from './session-ids.ts';

export interface RelayEnvironment {
  /** One line, for people. */
  readonly warn: (line: string) => void;
  /** The machine's own without it. */
  readonly clock?: Clock;
  /**
   * Where the messages of a service go: a hub behind the front end hangs in here, and tests do. `own` opens what the
   * settings say, once for all services of the server. What comes of it is closed with the relay.
   */
  readonly openDelivery?: (place: DeliveryPlace, own: () => Promise<Delivery>) => Delivery | Promise<Delivery>;
}

/** For whom a delivery is opened. */
export interface DeliveryPlace {
  readonly server: ServerSettings;
  readonly service: ServiceName;
  readonly settings: RelaySettings;
  readonly sessionIds: SessionIds;
  readonly logs: ServerLogs;
  readonly clock: Clock;
  readonly warn: (line: string) => void;
}

export interface RelayEndpoint {
  readonly server: string;
  readonly service: ServiceName;
  /** Where it really listens. */
  readonly on: ListenEndpoint;
  /** The endpoint that it stands for. */
  readonly as: ListenEndpoint;
  /** Whom all who connect here are taken for; undefined: each for what `clients` says, or itself. */
  readonly from: string | undefined;
}

export interface Relay {
  readonly endpoints: readonly RelayEndpoint[];
  /** PEM of each server's certificate, for clients that want to trust it. */
  readonly certificates: ReadonlyMap<string, string>;
  /**
   * Takes no connection any more, ends sessions that are idle, waits up to `graceMs` (10 s) for messages under way, then
   * writes the logs to their end. A second call waits for the first.
   */
  stop(graceMs?: number): Promise<void>;
  counts(): Readonly<RelayCounts>;
  /** Rows of all logs that have come so far are on disk. */
  flush(): void;
}

const GRACE_MS = 10_000;
const SHOWN_DROPS_MS = 60_000;

/** A UserError where an endpoint, a certificate or a folder cannot be had; then nothing is left open. */
export async function startRelay(settings: RelaySettings, environment: RelayEnvironment): Promise<Relay> {
  const relay = new RelayServer(settings, environment);
  try {
    await relay.open();
  } catch (error) {
    await relay.stop(0);
    throw error;
  }
  return relay;
}

class RelayServer implements Relay {
  readonly #settings: RelaySettings;
  readonly #environment: RelayEnvironment;
  readonly #clock: Clock;
  readonly #sessionIds: SessionIds;
  readonly #listeners: { readonly server: string; readonly listener: Listener }[] = [];
  readonly #logs: ServerLogs[] = [];
  readonly #services: RelayService[] = [];
  readonly #deliveries = new Set<Delivery>();
  /** By server. */
  readonly #own = new Map<string, Promise<Delivery>>();
  readonly #certificates = new Map<string, string>();
  readonly #sockets = new Map<Socket, Connection>();
  readonly #sessions = new Set<Connection>();
  readonly #counts: RelayCounts = {
    connections: 0,
    sessions: 0,
    dropped: 0,
    messages: 0,
    octets: 0,
    waiting: 0,
    failed: 0,
    failures: 0,
  };
  #dropsShownAt = Number.NEGATIVE_INFINITY;
  #stopped: Promise<void> | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(settings: RelaySettings, environment: RelayEnvironment) {
    this.#settings = settings;
    this.#environment = environment;
    this.#clock = environment.clock ?? systemClock;
    this.#sessionIds = new SessionIds(this.#clock.now());
  }

  async open(): Promise<void> {
    ensureFolder(this.#settings.logs.folder, 'logs.folder');
    const queue = new LogonQueue(this.#settings.limits.parallelLogons);
    for (const server of this.#settings.servers) {
      const certificate = await certificateOf(server, this.#settings.data, this.#clock.now());
      if (certificate) this.#certificates.set(server.server, certificate.certificate);
      const logons = new LogonChecker(server.users, queue);
      const logs = new ServerLogs(server, this.#settings.logs, this.#clock, this.#environment.warn);
      this.#logs.push(logs);
      for (const service of new Set(server.listen.map((one) => one.service)))
        await this.#openService(server, service, { certificate, logons, logs });
    }
  }

  async #openService(
    server: ServerSettings,
    name: ServiceName,
    shared: { readonly certificate: ServerCertificate | undefined; readonly logons: LogonChecker; readonly logs: ServerLogs },
  ): Promise<void> {
    const clock = this.#clock;
    const sessionIds = this.#sessionIds;
    const { warn } = this.#environment;
    const place: DeliveryPlace = { server, service: name, settings: this.#settings, sessionIds, logs: shared.logs, clock, warn };
    const own = (): Promise<Delivery> => this.#ownDelivery(place);
    const delivery = await (this.#environment.openDelivery?.(place, own) ?? own());
    this.#deliveries.add(delivery);
    const memory = this.#settings.limits.memoryPerConnection;
    const opened = openService({ ...shared, server, name, delivery, sessionIds, clock, memory, counts: this.#counts, warn });
    this.#services.push(opened);
    for (const settings of server.listen.filter((one) => one.service === name)) {
      const listener: Listener = new Listener(settings, server.clients, (socket) => this.#accept(socket, listener, opened.host));
      await listener.open((error) => warn(`a listener of ${server.server} failed: ${error.message}`));
      this.#listeners.push({ server: server.server, listener });
    }
  }

  #ownDelivery(place: DeliveryPlace): Promise<Delivery> {
    const { server } = place.server;
    let delivery = this.#own.get(server);
    if (!delivery) {
      delivery = openDelivery(place).then((opened) => {
        this.#deliveries.add(opened);
        return opened;
      });
      this.#own.set(server, delivery);
    }
    return delivery;
  }

  get endpoints(): readonly RelayEndpoint[] {
    return this.#listeners.map(({ server, listener }) => ({
      server,
      service: listener.service,
      on: listener.on,
      as: listener.as,
      from: listener.from,
    }));
  }

  get certificates(): ReadonlyMap<string, string> {
    return this.#certificates;
  }

  counts(): Readonly<RelayCounts> {
    const backlogs = [...this.#deliveries].map((delivery) => delivery.backlog());
    const waiting = backlogs.reduce((sum, backlog) => sum + backlog.waiting, 0);
    const failed = backlogs.reduce((sum, backlog) => sum + backlog.failed, 0);
    return { ...this.#counts, connections: this.#sockets.size, waiting, failed };
  }

  flush(): void {
    for (const logs of this.#logs) logs.flush();
  }

  stop(graceMs = GRACE_MS): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    for (const { listener } of this.#listeners) listener.close();
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
    for (const session of [...this.#sessions]) session.stop();
    this.#lookIdle();
    const cancel = this.#clock.after(graceMs, () => this.#whenIdle?.());
    await idle;
    cancel();
    const closed = [...this.#sockets.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const connection of [...this.#sockets.values()]) connection.abort();
    await Promise.all(closed);
    // One that fails keeps nobody else from ending well.
    for (const service of this.#services) service.close();
    const ends = await Promise.allSettled([...this.#deliveries].map((delivery) => delivery.close(graceMs)));
    for (const end of ends) if (end.status === 'rejected') this.#environment.warn(`delivery: ${String(end.reason)}`);
    for (const logs of this.#logs) logs.close();
  }

  #accept(socket: Socket, listener: Listener, host: ConnectionHost): void {
    // Until somebody else listens: an error that nobody hears ends the process.
    socket.on('error', () => {});
    const endpoints = listener.endpointsOf(socket);
    if (this.#sockets.size >= this.#settings.limits.connections || this.#stopped) {
      this.#drop(socket);
      return;
    }
    if (!endpoints) {
      socket.destroy();
      return;
    }
    const connection: Connection = new Connection(host, socket, { ...endpoints, sessionId: this.#sessionIds.take() }, () => {
      this.#sessions.delete(connection);
      this.#lookIdle();
    });
    this.#counts.sessions++;
    this.#sockets.set(socket, connection);
    this.#sessions.add(connection);
    socket.once('close', () => this.#sockets.delete(socket));
    connection.start();
  }

  #drop(socket: Socket): void {
    this.#counts.dropped++;
    socket.destroy();
    const now = this.#clock.now();
    if (this.#stopped || now - this.#dropsShownAt < SHOWN_DROPS_MS) return;
    this.#dropsShownAt = now;
    this.#environment.warn(
      `more than ${this.#settings.limits.connections} connections at one time: others are closed at once (limits.connections)`,
    );
  }

  #lookIdle(): void {
    if (this.#sessions.size === 0) this.#whenIdle?.();
  }
}

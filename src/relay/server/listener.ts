/** One address and port that listens, and the endpoint that it stands for. */
import { createServer, type Server, type Socket } from 'node:net';
import { UserError } from '../../store/user-error.ts';
import type { ConnectionFacts } from '../machine/settings.ts';
import { formatEndpoint } from '../settings/read-settings.ts';
import type { ListenEndpoint, ListenSettings } from '../settings/relay-settings.ts';
import { canonicalAddress } from '../settings/scalars.ts';

/** Connections that the system keeps until they are taken. */
const BACKLOG = 511;

export class Listener {
  readonly #server: Server;
  readonly #settings: ListenSettings;
  readonly #clients: ReadonlyMap<string, string>;

  /** Connections come to `accept`, which has to listen to their errors. */
  constructor(settings: ListenSettings, clients: ReadonlyMap<string, string>, accept: (socket: Socket) => void) {
    this.#settings = settings;
    this.#clients = clients;
    // A peer that has said all still wants its replies.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  }

  /** A UserError where the endpoint cannot be had. `failed` hears of what goes wrong later. */
  open(failed: (error: Error) => void): Promise<void> {
    const { address, port } = this.#settings.on;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(this.#settings.on, error)));
      this.#server.listen({ host: address, port, ipv6Only: address.includes(':'), backlog: BACKLOG }, () => {
        this.#server.removeAllListeners('error').on('error', failed);
        resolve();
      });
    });
  }

  /** Where it really listens, with the port that the system chose. */
  get on(): ListenEndpoint {
    const bound = this.#server.address();
    return bound !== null && typeof bound === 'object'
      ? { address: this.#settings.on.address, port: bound.port }
      : this.#settings.on;
  }

  /** The endpoint that the connectors are bound to. */
  get as(): ListenEndpoint {
    return this.#settings.as ?? this.on;
  }

  /** Whom all of its clients are taken for. */
  get from(): string | undefined {
    return this.#settings.from;
  }

  get service(): ListenSettings['service'] {
    return this.#settings.service;
  }

  /** What the log calls the two ends; undefined where the peer has gone already. */
  endpointsOf(socket: Socket): Omit<ConnectionFacts, 'sessionId'> | undefined {
    const { localAddress, remoteAddress, remotePort } = socket;
    if (localAddress === undefined || remoteAddress === undefined || remotePort === undefined) return undefined;
    const { address, port } = this.as;
    const isAny = address === '0.0.0.0' || address === '::';
    const client = this.from ?? this.#clients.get(canonicalAddress(remoteAddress) ?? remoteAddress) ?? remoteAddress;
    return {
      localEndpoint: formatEndpoint({ address: isAny ? localAddress : address, port }),
      remoteEndpoint: formatEndpoint({ address: client, port: remotePort }),
    };
  }

  /** Takes no connection any more; those that are there go on. */
  close(): void {
    this.#server.close();
  }
}

function refusal(on: ListenEndpoint, error: NodeJS.ErrnoException): UserError {
  const endpoint = formatEndpoint(on);
  switch (error.code) {
    case 'EADDRINUSE':
      return new UserError(
        `cannot listen on ${endpoint}: another program does`,
        'End it, or choose another port under "listen".',
      );
    case 'EACCES':
      return new UserError(
        `cannot listen on ${endpoint}: the system does not allow it`,
        'Ports below 1024 need rights; 2525 needs none.',
      );
    case 'EADDRNOTAVAIL':
      return new UserError(
        `cannot listen on ${endpoint}: this machine has no such address`,
        'Use 127.0.0.1, or an address of its own.',
      );
    default:
      return new UserError(`cannot listen on ${endpoint} (${error.code ?? error.message})`);
  }
}

/** The protocol logs of one server: each is opened when its first row comes, in the folder that the product has it in. */
import { join } from 'node:path';
import type { Direction } from '../../protocol-log/fields.ts';
import type { Clock } from '../log/clock.ts';
import { ProtocolLogFiles } from '../log/protocol-log-files.ts';
import type { LogSettings, ServerSettings, ServiceName } from '../settings/relay-settings.ts';

export class ServerLogs {
  readonly #server: Pick<ServerSettings, 'server' | 'exchange'>;
  readonly #settings: LogSettings;
  readonly #clock: Clock;
  readonly #warn: (line: string) => void;
  readonly #logs = new Map<string, ProtocolLogFiles>();

  constructor(
    server: Pick<ServerSettings, 'server' | 'exchange'>,
    settings: LogSettings,
    clock: Clock,
    warn: (line: string) => void,
  ) {
    this.#server = server;
    this.#settings = settings;
    this.#clock = clock;
    this.#warn = warn;
  }

  /** The same for the same, whoever writes to it. */
  of(service: ServiceName, direction: Direction): ProtocolLogFiles {
    const key = `${service} ${direction}`;
    let log = this.#logs.get(key);
    if (!log) this.#logs.set(key, (log = this.#open(service, direction)));
    return log;
  }

  flush(): void {
    for (const log of this.#logs.values()) log.flush();
  }

  close(): void {
    for (const log of this.#logs.values()) log.close();
  }

  #open(service: ServiceName, direction: Direction): ProtocolLogFiles {
    const { maxFileSize, maxDirectorySize, maxAge, flushInterval } = this.#settings;
    return new ProtocolLogFiles({
      folder: protocolLogFolder(this.#settings, this.#server.server, service, direction),
      direction,
      series: this.#server.exchange === '2013' ? 'day' : 'hour',
      clock: this.#clock,
      report: this.#warn,
      maxFileBytes: bytesOf(maxFileSize),
      maxFolderBytes: bytesOf(maxDirectorySize),
      maxAgeMs: maxAge === 0 ? Number.POSITIVE_INFINITY : maxAge,
      flushIntervalMs: flushInterval,
    });
  }
}

/** Below the server's name, the folders that the product has below its own. */
export function protocolLogFolder(logs: LogSettings, server: string, service: ServiceName, direction: Direction): string {
  const kind = direction === 'receive' ? 'SmtpReceive' : 'SmtpSend';
  return join(logs.folder, server, 'TransportRoles', 'Logs', service, 'ProtocolLog', kind);
}

const bytesOf = (size: number | 'Unlimited'): number => (size === 'Unlimited' ? Number.POSITIVE_INFINITY : size);

/** What is said of the logs on the command line, and where they are. */
import { type Command, InvalidArgumentError } from 'commander';
import type { IngestSettings } from '../ingest/ingest.ts';
import { type Direction, SERVICES, type Service } from '../protocol-log/fields.ts';
import { UserError } from '../store/user-error.ts';
import { type CommonOptions, parseDirection } from './options.ts';

/** As commander gives them; `wait` in seconds. */
export interface IngestOptions extends CommonOptions {
  readonly server?: string;
  readonly service?: Service;
  readonly direction?: Direction;
  readonly wait?: number;
}

/** `--server`, `--service`, `--direction`, `--wait`. */
export function withIngestOptions(command: Command): Command {
  return command
    .option('--server <name>', 'server of send logs, which do not name it themselves')
    .option('--service <name>', `service of logs outside its folder: ${SERVICES.join(', ')}`, parseService)
    .option('--direction <direction>', 'receive or send, for logs that do not say', parseDirection)
    .option('--wait <seconds>', 'wait for another ingest on the same database', parseSeconds);
}

/** What the options say of the logs. */
export const settingsOf = ({ server, service, direction, wait }: IngestOptions): IngestSettings => ({
  ...(server === undefined ? {} : { server }),
  ...(service === undefined ? {} : { service }),
  ...(direction === undefined ? {} : { direction }),
  ...(wait === undefined ? {} : { waitMs: wait * 1000 }),
});

/** `%ExchangeInstallPath%` is set on every Exchange server. */
export function pathsOrExchange(paths: readonly string[]): readonly string[] {
  if (paths.length > 0) return paths;
  const install = process.env.ExchangeInstallPath;
  if (!install)
    throw new UserError(
      'no logs named',
      'Name files or folders: relaylens ingest <folder>. On an Exchange server it may be left out.',
    );
  return [`${install.replace(/[\\/]$/, '')}/TransportRoles/Logs`];
}

function parseService(name: string): Service {
  const service = SERVICES.find((one) => one.toLowerCase() === name.toLowerCase());
  if (!service) throw new InvalidArgumentError(`one of ${SERVICES.join(', ')}.`);
  return service;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0)) throw new InvalidArgumentError('a number of seconds.');
  return seconds;
}

export function parsePause(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 86_400)) throw new InvalidArgumentError('a number of seconds, at least 0.1.');
  return seconds;
}

/** `relay`: the bundled relay, in the foreground until it is told to stop. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { formatBinding } from '../../connector/binding.ts';
import { belongsTo, identityOf, isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import { mayRelay } from '../../connector/effective-rights.ts';
import { rangeInWords } from '../../connector/remote-range.ts';
import { type Relay, startRelay } from '../../relay/server/relay-server.ts';
import { untilSignal } from '../../relay/server/stop-signal.ts';
import { EXAMPLE_USER, exampleSettings } from '../../relay/settings/example.ts';
import { openRelays } from '../../relay/settings/open-relay.ts';
import { formatPasswordHash, hashPassword } from '../../relay/settings/password-hash.ts';
import { formatEndpoint } from '../../relay/settings/read-settings.ts';
import type { DeliverySettings, RelaySettings, ServerSettings } from '../../relay/settings/relay-settings.ts';
import { readSettingsFile } from '../../relay/settings/settings-file.ts';
import { printable } from '../../render/printable.ts';
import { UserError } from '../../store/user-error.ts';
import type { Io } from '../io.ts';

interface RelayOptions {
  readonly init?: boolean;
  readonly hashPassword?: boolean;
  readonly iKnowThisIsAnOpenRelay?: boolean;
}

const DEFAULT_FILE = 'relay.jsonc';

export function registerRelay(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('relay')
    .description('run a small SMTP relay that selects connectors, answers and logs as Exchange does')
    .argument('[config]', `its configuration (${DEFAULT_FILE})`)
    .option('--init', 'write a commented example configuration, which works as it stands')
    .option('--hash-password', 'read a password from standard input and print its hash, for the configuration')
    .option('--i-know-this-is-an-open-relay', 'start although anybody in the world could send through it')
    .action(async (config: string | undefined, options: RelayOptions) => {
      if (options.hashPassword) return printHash(io);
      if (options.init) return writeExample(io, config ?? DEFAULT_FILE);
      done(await runRelay(io, config ?? DEFAULT_FILE, options.iKnowThisIsAnOpenRelay === true));
    });
}

async function printHash(io: Io): Promise<void> {
  const password = readFileSync(0, 'utf8').replace(/\r?\n$/, '');
  if (password === '')
    throw new UserError(
      'no password came in',
      "Give it on standard input: printf '%s' 'secret' | relaylens relay --hash-password",
    );
  io.out(`${formatPasswordHash(await hashPassword(password))}\n`);
}

async function writeExample(io: Io, file: string): Promise<void> {
  // A password that everybody knows would end up in somebody's real configuration.
  const password = randomBytes(9).toString('base64url');
  const text = exampleSettings(formatPasswordHash(await hashPassword(password)));
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EEXIST'
      ? new UserError(`${file}: is there already`, 'Name another file; nothing is overwritten.')
      : new UserError(`${file}: cannot be written (${code})`, 'Name another file.');
  }
  io.out(`${printable(file)} is written. Start the relay: relaylens relay ${printable(file)}\n`);
  io.out(`It knows the user ${EXAMPLE_USER} with the password ${password}; only its hash stands in the file.\n`);
}

/** 0, or 2 where the configuration is wrong. Ends when the process is told to. */
async function runRelay(io: Io, file: string, mayBeOpen: boolean): Promise<number> {
  const reading = readSettingsFile(file);
  if ('problems' in reading) {
    for (const problem of reading.problems) io.err(`${printable(file)}: ${printable(problem)}\n`);
    return 2;
  }
  const { settings } = reading;
  refuseOpenRelay(settings, mayBeOpen);
  const relay = await startRelay(settings, {
    warn: (line) => io.err(`relaylens: ${line.split('\n').map(printable).join('\n')}\n`),
  });
  try {
    describe(io, settings, relay);
    io.out('Stop with Ctrl+C.\n');
    await untilSignal();
  } finally {
    await relay.stop();
  }
  const { sessions, messages, octets, dropped, waiting, failed, failures } = relay.counts();
  const done = [counted(sessions, 'session'), counted(messages, 'message'), counted(octets, 'byte')];
  if (dropped > 0) done.push(`${counted(dropped, 'connection')} too many`);
  if (waiting > 0) done.push(`${counted(waiting, 'message')} still to be delivered`);
  if (failed > 0) done.push(`${counted(failed, 'message')} given up`);
  if (failures > 0) done.push(counted(failures, 'failure'));
  io.out(`Stopped: ${done.join(', ')}.\n`);
  return 0;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function refuseOpenRelay(settings: RelaySettings, mayBeOpen: boolean): void {
  const [first, ...more] = openRelays(settings.servers);
  if (!first || mayBeOpen) return;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  throw new UserError(
    `${first.connector} lets anybody in ${first.range} send anywhere without a password, and ${first.endpoint} is no loopback address${others}`,
    'Narrow its remoteIPRanges to your own addresses, or listen on 127.0.0.1. If you mean it: --i-know-this-is-an-open-relay.',
  );
}

function describe(io: Io, settings: RelaySettings, relay: Relay): void {
  for (const { server, service, on, as, from } of relay.endpoints) {
    const stands = formatEndpoint(on) === formatEndpoint(as) ? '' : `, as ${formatEndpoint(as)}`;
    io.out(`${server} ${service} listens on ${formatEndpoint(on)}${stands}${from === undefined ? '' : `, for ${from}`}\n`);
  }
  for (const server of settings.servers) for (const connector of listening(server)) io.out(`  ${lineOf(server, connector)}\n`);
  io.out(`Logs: ${printable(settings.logs.folder)}\n`);
  const { waiting } = relay.counts();
  const before = waiting > 0 ? ` (${counted(waiting, 'message')} from before to be delivered)` : '';
  io.out(`Mail: ${printable(mailGoes(settings.delivery))}${before}\n`);
}

/** Connectors of a service that listens at all. */
function listening(server: ServerSettings): ReceiveConnector[] {
  const services = new Set(server.listen.map(({ service }) => service));
  const roles = [...services].map((service) => (service === 'Hub' ? ('HubTransport' as const) : ('FrontendTransport' as const)));
  return server.connectors.filter((connector) => isEnabled(connector) && roles.some((role) => belongsTo(connector, role)));
}

function lineOf(server: ServerSettings, connector: ReceiveConnector): string {
  const ranges = connector.remoteIPRanges.slice(0, 3).map(rangeInWords);
  const more = connector.remoteIPRanges.length - ranges.length;
  const relays = ['yes', 'likely'].includes(mayRelay(connector, server.rights.get(identityOf(connector).toLowerCase()) ?? null));
  const parts = [
    connector.bindings.map(formatBinding).join(' '),
    `from ${ranges.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    ...(relays ? ['relays without a password'] : []),
    ...(connector.properties.ProtocolLoggingLevel === 'Verbose' ? [] : ['not logged (ProtocolLoggingLevel)']),
  ];
  return printable(`${identityOf(connector)}: ${parts.join('; ')}`);
}

function mailGoes(delivery: DeliverySettings): string {
  switch (delivery.kind) {
    case 'sink':
      return 'counted and dropped';
    case 'maildir':
      return delivery.folder;
    case 'smart-host':
      return `to ${delivery.host}:${delivery.port}`;
  }
}

/** `connectors new`: the commands that make a receive connector, or Exchange's reason to refuse it. */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isUpsideDown } from '../../../configuration/network-text.ts';
import { type Binding, parseBinding } from '../../../connector/binding.ts';
import { type ListeningRole, sameName } from '../../../connector/connector.ts';
import { AUTH_MECHANISMS, type AuthMechanism, PERMISSION_GROUPS, type PermissionGroup } from '../../../connector/properties.ts';
import { parseRemoteRange, type RemoteRange } from '../../../connector/remote-range.ts';
import { type ExchangeVersion, USAGES, type Usage, versionOf } from '../../../connector/usage-type.ts';
import { newConnector } from '../../../powershell/new-connector.ts';
import { script } from '../../../powershell/script.ts';
import { printable } from '../../../render/printable.ts';
import { latestConfiguration } from '../../configuration.ts';
import type { Io } from '../../io.ts';
import { printScript, type ScriptOptions } from '../../script-output.ts';
import { exchangeOption, withScriptOptions } from './copy.ts';

interface NewOptions extends ScriptOptions {
  readonly db: string;
  readonly server: string;
  readonly usage: Usage;
  readonly role: ListeningRole;
  readonly bindings: Binding[];
  readonly ranges: RemoteRange[];
  readonly relay?: 'anonymous' | 'externally-secured';
  readonly auth?: Exclude<AuthMechanism, 'None'>[];
  readonly groups?: Exclude<PermissionGroup, 'None'>[];
  readonly fqdn?: string;
  readonly serverFqdn?: string;
  readonly exchange?: ExchangeVersion;
}

/** 0, or 1 where Exchange would refuse it. */
export function registerNew(connectors: Command, io: Io, done: (code: number) => void): void {
  withScriptOptions(connectors.command('new'))
    .description('the PowerShell that makes a receive connector; combinations that Exchange refuses are refused with its reason')
    .argument('<name>', 'name of the connector')
    .requiredOption('--server <name>', 'server that is to have it')
    .addOption(new Option('--usage <type>', 'usage type').choices(USAGES).default('Custom'))
    .addOption(
      new Option('--role <role>', 'transport service')
        .choices(['FrontendTransport', 'HubTransport'])
        .default('FrontendTransport'),
    )
    .addOption(
      new Option('--bindings <endpoints...>', 'local addresses and ports')
        .argParser(collect(parseBinding, () => 'no address and port'))
        .default([], '0.0.0.0:25'),
    )
    .addOption(
      new Option('--ranges <ranges...>', 'remote IP ranges: address, CIDR or a-b')
        .argParser(
          collect(parseRemoteRange, (text) =>
            isUpsideDown(text) ? 'a range whose ends are swapped' : 'no address, CIDR or a-b range',
          ),
        )
        .default([]),
    )
    .addOption(
      new Option('--relay <kind>', 'its clients may send to any domain without authentication').choices([
        'anonymous',
        'externally-secured',
      ]),
    )
    .addOption(new Option('--auth <mechanisms...>', 'authentication mechanisms').choices(namesIn(AUTH_MECHANISMS)))
    .addOption(new Option('--groups <groups...>', 'permission groups').choices(namesIn(PERMISSION_GROUPS)))
    .option('--fqdn <name>', 'name by which it greets its clients (that of the server)')
    .option('--server-fqdn <name>', 'full name of the server, to which Exchange holds --fqdn in some combinations')
    .addOption(exchangeOption())
    .action((name: string, options: NewOptions) => {
      const organisation = existsSync(options.db) ? latestConfiguration(options.db) : undefined;
      const known = organisation?.servers.find(({ server }) => sameName(server, options.server));
      if (!known)
        io.err(
          `The connectors of ${printable(options.server)} are not known (${options.db} ${organisation ? 'holds no configuration of it' : 'is not there'}): Exchange may refuse what conflicts with one of them.\n`,
        );
      const anyAddress = parseBinding('0.0.0.0:25')!;
      const planned = newConnector({
        server: known?.server ?? options.server,
        name,
        version: options.exchange ?? versionOf(known?.connectors ?? []),
        usage: options.usage,
        transportRole: options.role,
        bindings:
          options.bindings.length === 0 && ['Custom', 'Partner', 'Internet'].includes(options.usage)
            ? [anyAddress]
            : options.bindings,
        remoteIPRanges: options.ranges,
        existing: known?.connectors ?? null,
        ...(options.relay && { relay: options.relay }),
        ...(options.auth && { authMechanism: options.auth }),
        ...(options.groups && { permissionGroups: options.groups }),
        ...(options.fqdn !== undefined && { fqdn: options.fqdn }),
        ...(options.serverFqdn !== undefined && { serverFqdn: options.serverFqdn }),
      });
      if (planned.kind === 'commands') {
        printScript(io, options, script(planned.lines), { warnings: planned.warnings });
        return;
      }
      done(1);
      if (options.format === 'json') printScript(io, options, '', { refusals: planned.refusals });
      for (const { because, exchangeSays } of planned.refusals)
        io.err(`Refused: ${printable(because)}.${exchangeSays === null ? '' : ` Exchange says: ${printable(exchangeSays)}`}\n`);
    });
}

/** One value after the other, each read; the first of them replaces the default. */
function collect<T>(
  read: (text: string) => T | undefined,
  faultOf: (text: string) => string,
): (text: string, before: T[]) => T[] {
  return (text, before) => {
    const values = text.split(',').map((one) => {
      const value = read(one);
      if (value === undefined) throw new InvalidArgumentError(`'${one}' is ${faultOf(one)}.`);
      return value;
    });
    return [...before, ...values];
  };
}

const namesIn = (names: Readonly<Record<string, number>>): string[] => Object.keys(names).filter((name) => names[name] !== 0);

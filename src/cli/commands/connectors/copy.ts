/** `connectors copy`: the commands that recreate connectors on another server, with what a copy of properties loses. */
import { type Command, Option } from 'commander';
import { sameName } from '../../../connector/connector.ts';
import { EXCHANGE_VERSIONS, type ExchangeVersion, versionOf } from '../../../connector/usage-type.ts';
import { formatAddress, parseAddress } from '../../../net/address-range.ts';
import { copyConnectors } from '../../../powershell/copy-connector.ts';
import { script } from '../../../powershell/script.ts';
import { printable } from '../../../render/printable.ts';
import { UserError } from '../../../store/user-error.ts';
import { latestConfiguration, serverIn } from '../../configuration.ts';
import type { Io } from '../../io.ts';
import { DEFAULT_DATABASE } from '../../options.ts';
import { printScript, type ScriptOptions } from '../../script-output.ts';

interface CopyOptions extends ScriptOptions {
  readonly db: string;
  readonly from: string;
  readonly to: string;
  readonly connector?: string[];
  readonly address?: string[];
  readonly exchange?: ExchangeVersion;
}

export function registerCopy(connectors: Command, io: Io): void {
  withScriptOptions(connectors.command('copy'))
    .description('the PowerShell that recreates connectors on another server, with ranges, limits and AD rights')
    .requiredOption('--from <server>', 'server that has them')
    .requiredOption('--to <server>', 'server that is to have them')
    .option('--connector <names...>', 'only these (all that setup does not make)')
    .option('--address <old=new...>', 'address of the old server that bindings name, and the one that takes its place')
    .addOption(exchangeOption())
    .action((options: CopyOptions) => {
      const organisation = latestConfiguration(options.db);
      const from = serverIn(organisation, options.from, options.db);
      const target = organisation.servers.find(({ server }) => sameName(server, options.to));
      if (sameName(options.from, options.to)) throw new UserError('--from and --to are the same server', 'Name two.');
      const copy = copyConnectors({
        from,
        to: {
          server: target?.server ?? options.to,
          version: options.exchange ?? versionOf((target ?? from).connectors),
          connectors: target?.connectors ?? null,
        },
        rights: organisation.rights,
        ...(options.connector && { names: options.connector }),
        ...(options.address && { localAddresses: addressPairs(options.address) }),
      });
      if (copy.unknown.length > 0)
        throw new UserError(
          `${from.server} has no connector ${copy.unknown.map((name) => `"${name}"`).join(', ')}`,
          `It has ${from.connectors.map(({ name }) => `"${name}"`).join(', ')}.`,
        );
      for (const address of copy.unused) io.err(`--address ${address}: no binding that is copied names it\n`);
      for (const { from: name, refusals } of copy.connectors)
        for (const { because } of refusals) io.err(`${printable(name)}: Exchange would refuse it: ${printable(because)}\n`);
      printScript(io, options, script(copy.lines), { connectors: copy.connectors });
    });
}

export function withScriptOptions(command: Command): Command {
  return command
    .addOption(new Option('--db <file>', 'the database').default(DEFAULT_DATABASE))
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--out <file>', 'write there instead of on the screen, as Windows PowerShell reads it right');
}

export const exchangeOption = (): Option =>
  new Option('--exchange <version>', 'version of the target (told from what is known of it)').choices(EXCHANGE_VERSIONS);

/** By the old address, in one notation. */
function addressPairs(texts: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const [old, replacement] = text.split('=').map((one) => parseAddress(one.trim()));
    if (!old || !replacement || text.split('=').length > 2)
      throw new UserError(`--address ${text}: not two addresses`, 'Use --address 10.0.0.11=10.0.1.11.');
    if (old.family !== replacement.family)
      throw new UserError(`--address ${text}: an IPv4 and an IPv6 address`, 'Name two of one family.');
    const key = formatAddress(old);
    if (pairs.has(key)) throw new UserError(`--address names ${key} twice`, 'Name one that takes its place.');
    pairs.set(key, formatAddress(replacement));
  }
  return pairs;
}

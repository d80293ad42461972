/** `match`: which connector takes a client, and why no other one does. */
import type { Command } from 'commander';
import { parseBinding } from '../../connector/binding.ts';
import type { Question } from '../../connector/matching.ts';
import { type Address, parseAddress } from '../../net/address-range.ts';
import { matchOnServer } from '../../queries/connector-match.ts';
import { matchDocument } from '../../reports/match.ts';
import { UserError } from '../../store/user-error.ts';
import { configurationHistory, serversIn } from '../configuration.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, parseTime, timesAre, withCommonOptions, withRedaction, zoneOf } from '../options.ts';
import { print } from '../output.ts';

interface MatchOptions extends CommonOptions {
  readonly to?: string;
  readonly server?: string;
  readonly at?: string;
}

const SMTP_PORT = 25;

export function registerMatch(program: Command, io: Io): void {
  withRedaction(withCommonOptions(program.command('match')))
    .description('which receive connector takes a client, and why no other one does; needs an imported configuration')
    .argument('<remote-ip>', 'address of the client, as the server sees it')
    .option('--to <endpoint>', 'where the client connects to: 10.0.0.5:587, [fd00::5]:25, or :587 for any address (port 25)')
    .option('--server <name>', 'only this server')
    .option('--at <time>', 'by the configuration valid at that time (the latest)')
    .action((remote: string, options: MatchOptions) => {
      const history = configurationHistory(options.db);
      const organisation =
        options.at === undefined ? history.latest : history.at(parseTime(options.at, zoneOf(options), io.now()));
      const question = questionOf(remote, options.to);
      const servers = serversIn(organisation, options.server, options.db);
      const matches = servers.map((configuration) => matchOnServer(organisation, configuration, question));
      const [first] = matches;
      print(io, options, {
        // The answer of the first server stands on top, for who asks about one only.
        json: {
          server: first?.server ?? null,
          connector: first?.connector ?? null,
          reason: first?.reason ?? '',
          candidates: matches.flatMap(({ candidates }) => candidates),
          servers: matches.map(({ candidates, ...match }) => match),
        },
        document: () => {
          const { title, sections } = matchDocument(remote, matches);
          return { title, sections: [...sections, timesAre(options)] };
        },
      });
    });
}

function questionOf(remote: string, to: string | undefined): Question {
  const address = addressOf(remote);
  if (to === undefined) return { remote: address, port: SMTP_PORT };
  const binding = parseBinding(/^\d+$/.test(to) ? `:${to}` : to);
  if (!binding) throw new UserError(`'${to}' is no address and port`, 'Use 10.0.0.5:25, [fd00::5]:25, or :587.');
  // Without an address, any address of the server in the client's family.
  if (binding.any) return { remote: address, port: binding.port };
  if (binding.address.family !== address.family)
    throw new UserError(
      `a client at ${remote} cannot connect to ${to}`,
      'IPv4 and IPv6 never meet: name the address of the same family.',
    );
  return { remote: address, port: binding.port, local: binding.address };
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (!address)
    throw new UserError(`'${text}' is no IP address`, 'Name the address that the server sees, such as 10.0.20.12 or fd00::31.');
  return address;
}

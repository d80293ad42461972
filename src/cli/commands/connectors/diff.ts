/** `connectors diff`: what differs between two servers, as behind one load balancer. */
import type { Command } from 'commander';
import { sameName } from '../../../connector/connector.ts';
import { differenceOf } from '../../../connector/difference.ts';
import { connectorDifferenceDocument, connectorDifferenceTable } from '../../../reports/connector-difference.ts';
import { UserError } from '../../../store/user-error.ts';
import { latestConfiguration, serverIn } from '../../configuration.ts';
import type { Io } from '../../io.ts';
import { type CommonOptions, withCommonOptions } from '../../options.ts';
import { print } from '../../output.ts';

export function registerDiff(connectors: Command, io: Io): void {
  withCommonOptions(connectors.command('diff'))
    .description('what differs between the receive connectors of two servers, as behind one load balancer')
    .argument('<server>')
    .argument('<other>')
    .action((server: string, other: string, options: CommonOptions) => {
      if (sameName(server, other)) throw new UserError(`${server} is compared with itself`, 'Name two servers.');
      const organisation = latestConfiguration(options.db);
      const difference = differenceOf(
        serverIn(organisation, server, options.db),
        serverIn(organisation, other, options.db),
        organisation.rights,
      );
      print(io, options, {
        json: difference,
        document: () =>
          options.format === 'csv'
            ? { title: 'Differences', sections: [connectorDifferenceTable(difference)] }
            : connectorDifferenceDocument(difference),
      });
    });
}

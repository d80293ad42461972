/** `connectors`: connectors as the logs show them. */
import type { Command } from 'commander';
import { listConnectors } from '../../queries/connectors.ts';
import { connectorTable } from '../../reports/session-tables.ts';
import { openForReading } from '../../store/database.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, timesAre, withCommonOptions } from '../options.ts';
import { print } from '../output.ts';

export function registerConnectors(program: Command, io: Io): void {
  withCommonOptions(program.command('connectors'))
    .description('connectors as the logs show them')
    .action((options: CommonOptions) => {
      const db = openForReading(options.db);
      try {
        const connectors = listConnectors(db);
        print(io, options, {
          json: { connectors },
          document: () => ({
            title: 'Connectors',
            sections: [connectorTable(connectors), ...(options.format === 'csv' ? [] : [timesAre(options)])],
          }),
        });
      } finally {
        db.close();
      }
    });
}

/** `connectors`: as configured and as seen. Its subcommands stand beside it. */
import type { Command } from 'commander';
import { ConfigurationHistory } from '../../../queries/configuration-history.ts';
import { connectorViews } from '../../../queries/configured-connectors.ts';
import { listConnectors } from '../../../queries/connectors.ts';
import { connectorCsvTable, connectorSections } from '../../../reports/connector-tables.ts';
import { openForReading } from '../../../store/database.ts';
import type { Io } from '../../io.ts';
import { type CommonOptions, timesAre, withCommonOptions, withRedaction } from '../../options.ts';
import { print } from '../../output.ts';
import { registerCheck } from './check.ts';
import { registerCopy } from './copy.ts';
import { registerDiff } from './diff.ts';
import { registerNew } from './new.ts';

export function registerConnectors(program: Command, io: Io, done: (code: number) => void): void {
  const connectors = withRedaction(withCommonOptions(program.command('connectors')))
    .description('receive connectors as configured and as the logs show them')
    .action((options: CommonOptions) => {
      const db = openForReading(options.db);
      try {
        const views = connectorViews(new ConfigurationHistory(db).latest, listConnectors(db));
        print(io, options, {
          json: { connectors: views },
          document: () => ({
            title: 'Connectors',
            sections: options.format === 'csv' ? [connectorCsvTable(views)] : [...connectorSections(views), timesAre(options)],
          }),
        });
      } finally {
        db.close();
      }
    });
  registerCheck(connectors, io, done);
  registerDiff(connectors, io);
  registerCopy(connectors, io);
  registerNew(connectors, io, done);
}

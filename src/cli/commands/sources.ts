/** `sources`: who connects, with counts; the failing ones first. */
import type { Command } from 'commander';
import { listSources } from '../../queries/sources.ts';
import { sourceCsvTable } from '../../reports/session-tables.ts';
import { sourceSections } from '../../reports/source-sections.ts';
import { openForReading } from '../../store/database.ts';
import type { Io } from '../io.ts';
import {
  type CommonOptions,
  type PeriodOptions,
  periodOf,
  timesAre,
  withCommonOptions,
  withPeriodOptions,
  withRedaction,
} from '../options.ts';
import { print } from '../output.ts';

export function registerSources(program: Command, io: Io): void {
  withRedaction(withPeriodOptions(withCommonOptions(program.command('sources'))))
    .description('who connects, with counts; the failing ones first')
    .option('--server <name>', 'server')
    .option('--connector <name>', 'connector, or part of its name')
    .action((options: CommonOptions & PeriodOptions & { server?: string; connector?: string }) => {
      const { server, connector } = options;
      const db = openForReading(options.db);
      try {
        const sources = listSources(db, {
          ...periodOf(options, io),
          ...(server === undefined ? {} : { server }),
          ...(connector === undefined ? {} : { connector }),
        });
        print(io, options, {
          json: { sources },
          document: () => ({
            title: 'Sources',
            sections: options.format === 'csv' ? [sourceCsvTable(sources)] : [...sourceSections(sources), timesAre(options)],
          }),
        });
      } finally {
        db.close();
      }
    });
}

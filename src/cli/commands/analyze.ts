/** `analyze`: reads logs and tells what is in them. */
import type { Command } from 'commander';
import { overviewFacts } from '../../queries/overview.ts';
import { verdictJson } from '../../reports/diagnosis.ts';
import { overviewDocument, worstSources } from '../../reports/overview.ts';
import { openForReading } from '../../store/database.ts';
import { type IngestOptions, pathsOrExchange, withIngestOptions } from '../ingest-options.ts';
import { contract, runLines } from '../ingest-page.ts';
import type { Io } from '../io.ts';
import { withCommonOptions, withRedaction, zoneOf } from '../options.ts';
import { print } from '../output.ts';
import { verdictsOnClients } from './diagnosis.ts';
import { readLogs } from './ingest.ts';

export function registerAnalyze(program: Command, io: Io, done: (code: number) => void): void {
  withRedaction(withIngestOptions(withCommonOptions(program.command('analyze'))))
    .description('the whole thing at once: read logs, then show what was read, who relays and who fails')
    .argument('[paths...]', "logs; without any, the folder of this machine's Exchange")
    .action(async (paths: string[], options: IngestOptions) => {
      const result = await readLogs(io, pathsOrExchange(paths), options);
      if (result.files === 0) {
        done(2);
        return;
      }
      const db = openForReading(options.db);
      try {
        const facts = overviewFacts(db);
        const verdicts = verdictsOnClients(db, worstSources(facts.sources));
        print(io, options, {
          json: { ingest: contract(result), ...facts, ...verdictJson(verdicts) },
          document: () =>
            overviewDocument({ database: options.db, zone: zoneOf(options).name, run: runLines(result), verdicts, ...facts }),
        });
      } finally {
        db.close();
      }
    });
}

/** `ingest`: reads logs into the database. */
import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type IngestResult, ingest } from '../../ingest/ingest.ts';
import { openDatabase, removeDatabase } from '../../store/database.ts';
import { type IngestOptions, parsePause, pathsOrExchange, settingsOf, withIngestOptions } from '../ingest-options.ts';
import { contract, ingestDocument, tellProblems } from '../ingest-page.ts';
import type { Io } from '../io.ts';
import { withCommonOptions } from '../options.ts';
import { print } from '../output.ts';
import { progressBar } from '../progress-bar.ts';
import { type FollowOptions, followLogs } from './ingest-follow.ts';

export function registerIngest(program: Command, io: Io, done: (code: number) => void): void {
  withIngestOptions(withCommonOptions(program.command('ingest')))
    .description('read logs into the database: files, folders, .gz, .zip, - for standard input')
    .argument('[paths...]', "logs; without any, the folder of this machine's Exchange")
    .option('--follow', 'stay, and read what is appended and what comes new, until Ctrl-C')
    .addOption(
      new Option('--every <seconds>', 'how long to wait between two looks with --follow')
        .argParser(parsePause)
        .default(1)
        .implies({ follow: true }),
    )
    .action(async (paths: string[], options: FollowOptions) => {
      if (options.follow) return done(await followLogs(io, pathsOrExchange(paths), options));
      const result = await readLogs(io, pathsOrExchange(paths), options);
      if (result.files > 0 || options.format === 'json')
        print(io, options, { json: contract(result), document: () => ingestDocument(result) });
      done(result.files === 0 ? 2 : 0);
    });
}

/** Ingests with a progress bar, and says on standard error what could not be read. */
export async function readLogs(io: Io, paths: readonly string[], options: IngestOptions): Promise<IngestResult> {
  const isNew = !existsSync(options.db);
  const db = openDatabase(options.db);
  let found = true;
  const bar = progressBar(io);
  try {
    const result = await ingest(db, paths, settingsOf(options), bar.update);
    bar.stop();
    found = result.files > 0;
    tellProblems(io, result);
    if (result.files === 0 && result.problems.length === 0 && Object.keys(result.skipped).length === 0)
      io.err(`${paths.join(', ')}: no rows in the logs found there. Name the folder that holds RECV*.LOG or SEND*.LOG.\n`);
    return result;
  } finally {
    bar.stop();
    db.close();
    if (isNew && !found) removeDatabase(options.db);
  }
}

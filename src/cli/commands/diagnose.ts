/** `diagnose [who]`: why a client does not get its mail through, and what mends it. */
import { type Command, Option } from 'commander';
import { SEVERITIES } from '../../checks/finding.ts';
import { printable } from '../../render/printable.ts';
import { absenceSections } from '../../reports/absence.ts';
import { diagnosisDocument, verdictJson, verdictTable } from '../../reports/diagnosis.ts';
import { openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import { parsePause } from '../ingest-options.ts';
import type { Io } from '../io.ts';
import { periodOf, timesAre, withCommonOptions, withPeriodOptions, withRedaction } from '../options.ts';
import { print } from '../output.ts';
import { followDevice, type LiveOptions } from './diagnose-follow.ts';
import { timeOf, verdictsOn } from './diagnosis.ts';

/** Cases that are told in full where nobody is asked about. */
const FULL = 10;

/** 0; 1 where a verdict is at or above `--fail-on`, or with `--follow --once` the session failed. */
export function registerDiagnose(program: Command, io: Io, done: (code: number) => void): void {
  withRedaction(withPeriodOptions(withCommonOptions(program.command('diagnose'))))
    .description('why a client does not get its mail through, and the exact remedy; without a client: all that fail, worst first')
    .argument('[who]', 'address, device name, hello name, mail address, or session')
    .option('--server <name>', 'server')
    .option('--connector <name>', 'connector, or part of its name')
    .option('--all', 'tell every failing client in full, not only the worst ones')
    .addOption(new Option('--fail-on <severity>', 'exit code 1 where a verdict is as severe, or worse').choices(SEVERITIES))
    .option('--follow', 'live: each session of the client row by row as it is written, then its verdict')
    .option('--logs <paths...>', 'with --follow: the logs (those that were read before, or of this machine)')
    .option('--once', 'with --follow: end with the first session that is over; exit code 1 where it failed')
    .addOption(new Option('--every <seconds>', 'with --follow: how often to look').argParser(parsePause).default(1))
    .action(async (who: string | undefined, options: LiveOptions) => {
      if (options.follow) {
        if (options.redact)
          throw new UserError('--redact and --follow cannot be together', 'Ask again with --redact afterwards.');
        done(await followDevice(io, who, options));
        return;
      }
      show(io, who, options, done);
    });
}

function show(io: Io, who: string | undefined, options: LiveOptions, done: (code: number) => void): void {
  const { server, connector } = options;
  const filter = {
    ...periodOf(options, io),
    ...(server === undefined ? {} : { server }),
    ...(connector === undefined ? {} : { connector }),
  };
  const db = openForReading(options.db);
  try {
    const { cases, broken, absence } = verdictsOn(db, who, filter);
    for (const { check, message } of broken) io.err(`The diagnosis ${check} could not be made: ${printable(message)}\n`);
    print(io, options, {
      json: { ...verdictJson(cases), absence },
      document: () => {
        if (options.format === 'csv') return { title: 'Diagnosis', sections: [verdictTable(cases)] };
        const time = timeOf(options);
        if (absence) return { title: 'Diagnosis', sections: [...absenceSections(who ?? '', absence, time), timesAre(options)] };
        const full = who !== undefined || options.all ? cases.length : FULL;
        const { title, sections } = diagnosisDocument({
          cases,
          time,
          asked: who !== undefined,
          full,
          narrowed: Object.keys(filter).length > 0,
        });
        return { title, sections: [...sections, timesAre(options)] };
      },
    });
    const { failOn } = options;
    const severities = cases.flatMap(({ verdicts }) => verdicts.map(({ severity }) => severity));
    if (failOn !== undefined && severities.some((one) => SEVERITIES.indexOf(one) <= SEVERITIES.indexOf(failOn))) done(1);
  } finally {
    db.close();
  }
}

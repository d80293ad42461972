/** `connectors check`: what is wrong, risky or surprising in the configuration alone. */
import { type Command, Option } from 'commander';
import { SEVERITIES, type Severity } from '../../../checks/finding.ts';
import { runConfigurationChecks } from '../../../checks/run-configuration-checks.ts';
import { sameName } from '../../../connector/connector.ts';
import { findingSections, findingTable } from '../../../reports/finding-sections.ts';
import { latestConfiguration, serversIn } from '../../configuration.ts';
import type { Io } from '../../io.ts';
import { type CommonOptions, timesAre, withCommonOptions, withRedaction } from '../../options.ts';
import { print } from '../../output.ts';

interface CheckOptions extends CommonOptions {
  readonly server?: string;
  readonly failOn?: Severity;
}

/** 0, or 1 where a finding is at or above `--fail-on`. */
export function registerCheck(connectors: Command, io: Io, done: (code: number) => void): void {
  withRedaction(withCommonOptions(connectors.command('check')))
    .description('what is wrong, risky or surprising in the configuration of the receive connectors')
    .option('--server <name>', 'findings about this server only')
    .addOption(new Option('--fail-on <severity>', 'exit code 1 where a finding is as severe, or worse').choices(SEVERITIES))
    .action((options: CheckOptions) => {
      const organisation = latestConfiguration(options.db);
      serversIn(organisation, options.server, options.db);
      const review = runConfigurationChecks(organisation);
      const findings = review.findings.filter(
        ({ server }) => options.server === undefined || server === null || sameName(server, options.server),
      );
      print(io, options, {
        json: { findings, broken: review.broken },
        document: () => ({
          title: 'Check of the receive connectors',
          sections:
            options.format === 'csv'
              ? [findingTable(findings)]
              : [...findingSections(findings, { broken: review.broken, none: 'Nothing was found.' }), timesAre(options)],
        }),
      });
      const { failOn } = options;
      if (failOn !== undefined && findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn)))
        done(1);
    });
}

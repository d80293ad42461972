/** `audit --propose`: the options, and the proposal with its dry run. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { proposalOf } from '../checks/tightening/propose.ts';
import type { AuditFacts } from '../queries/audit/audit-facts.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import type { RehearsedProposal } from '../reports/audit/audit-report.ts';
import type { Database } from '../store/database.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';
import { printScript } from './script-output.ts';

export interface ProposeOptions {
  readonly propose?: boolean;
  readonly group?: number;
  readonly script?: string;
}

export function withProposeOptions(command: Command): Command {
  return command
    .option('--propose', 'what may be closed: narrow ranges with their PowerShell, tried on every session of the period')
    .addOption(
      new Option(
        '--group <prefix>',
        'two or more IPv4 addresses in use within one network of this prefix length (8 to 31) become it',
      )
        .argParser(parsePrefix)
        .implies({ propose: true }),
    )
    .addOption(
      new Option(
        '--script <file>',
        'write the commands of the proposal there (.ps1); they hold the real names, even with --redact',
      ).implies({ propose: true }),
    );
}

function parsePrefix(text: string): number {
  const prefix = Number(text.replace(/^\//, ''));
  if (!Number.isInteger(prefix) || prefix < 8 || prefix > 31) throw new InvalidArgumentError('a prefix length from 8 to 31.');
  return prefix;
}

/** undefined where none is asked for. Writes the script where one is asked for. */
export function proposalAsked(db: Database, facts: AuditFacts, options: ProposeOptions, io: Io): RehearsedProposal | undefined {
  if (!options.propose) return undefined;
  if (facts.organisation.servers.length === 0)
    throw new UserError(
      'nothing can be proposed without the receive connectors',
      'Import them: relaylens config import <files> (Get-ReceiveConnector).',
    );
  const proposal = proposalOf(facts, { group: options.group ?? null });
  const dryRun = rehearse(db, proposal.organisation, { since: facts.since, until: facts.until });
  if (options.script !== undefined) printScript(io, { format: 'text', out: options.script }, proposal.script, {});
  return { proposal, dryRun };
}

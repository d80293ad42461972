/** `audit`: who can relay without a logon, who does, and what is wrong with it; with the evidence. */
import { type Command, Option } from 'commander';
import { SEVERITIES, type Severity } from '../../checks/finding.ts';
import { runAudits } from '../../checks/run-audits.ts';
import { askAudit } from '../../queries/audit/ask-audit.ts';
import { auditEvidence } from '../../queries/audit/audit-evidence.ts';
import type { Span } from '../../queries/audit/traffic.ts';
import { formatTime } from '../../render/cell-text.ts';
import { auditDocument } from '../../reports/audit/audit-document.ts';
import type { AuditPageOptions, AuditReport } from '../../reports/audit/audit-report.ts';
import { auditTables } from '../../reports/audit/audit-tables.ts';
import { auditValue } from '../../reports/audit/audit-value.ts';
import { type Database, openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import { type ProposeOptions, proposalAsked, withProposeOptions } from '../audit-proposal.ts';
import type { Io } from '../io.ts';
import {
  type CommonOptions,
  isPage,
  type PeriodOptions,
  periodOf,
  withCommonOptions,
  withPeriodOptions,
  withRedaction,
  zoneOf,
} from '../options.ts';
import { print } from '../output.ts';
import { printTables } from '../table-files.ts';
import { relaylensVersion } from '../version.ts';

interface AuditOptions extends CommonOptions, PeriodOptions, ProposeOptions {
  readonly failOn?: Severity;
}

/** 0, or 1 where a finding is at or above `--fail-on`. */
export function registerAudit(program: Command, io: Io, done: (code: number) => void): void {
  withProposeOptions(withRedaction(withPeriodOptions(withCommonOptions(program.command('audit')))))
    .description('who can relay without a logon, who does, and what is wrong with it; with the evidence')
    .addOption(new Option('--fail-on <severity>', 'exit code 1 where a finding is as severe, or worse').choices(SEVERITIES))
    .addHelpText(
      'after',
      '\nWithout --since and --until it is about everything that was read. Two runs on the same data give the same document.\nImport the configuration first (relaylens config import), or many rules cannot be checked.\n',
    )
    .action((options: AuditOptions) => {
      const db = openForReading(options.db);
      try {
        const span = spanAsked(db, options, io);
        const facts = askAudit(db, span);
        const report: AuditReport = {
          facts,
          review: runAudits(facts),
          evidence: auditEvidence(db, span),
          proposal: proposalAsked(db, facts, options, io),
          version: relaylensVersion(),
        };
        if (options.format === 'csv') printTables(io, options, 'an audit', () => auditTables(report));
        else print(io, options, { json: auditValue(report), document: () => auditDocument(report, pageOptions(options)) });
        const { failOn } = options;
        if (failOn !== undefined && report.review.findings.some(({ severity }) => rank(severity) <= rank(failOn))) done(1);
      } finally {
        db.close();
      }
    });
}

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** All that was read where nothing else is asked: the same again as long as nothing comes. */
function spanAsked(db: Database, options: AuditOptions, io: Io): Span {
  const { since, until } = periodOf(options, io);
  const read = db
    .prepare("SELECT MIN(started_at) AS first, MAX(ended_at) AS last FROM session WHERE direction = 'receive'")
    .get() as { first: number | null; last: number | null };
  if (read.first === null || read.last === null)
    throw new UserError(`${options.db} holds no session of a receive log`, 'Read logs first: relaylens ingest <folder>.');
  const span = { since: since ?? read.first, until: until ?? read.last + 1 };
  if (span.since >= span.until)
    throw new UserError(
      'the period is empty',
      'It begins with --since, or where the logs begin, and ends with --until, or where they end.',
    );
  return span;
}

function pageOptions(options: AuditOptions): AuditPageOptions {
  const zone = zoneOf(options);
  return {
    time: (at) => formatTime(at, zone, 'yyyy-MM-dd HH:mm'),
    day: (at) => formatTime(at, zone, 'yyyy-MM-dd'),
    timeZone: zone.name,
    whole: !isPage(options),
  };
}

/** `audit`: who can relay without a logon, who does, and what is wrong with it; with the evidence. */
import { type Command, Option } from 'commander';
import { AUDITS } from '../../checks/audits.ts';
import { changesSince } from '../../checks/changes.ts';
import { SEVERITIES, type Severity } from '../../checks/finding.ts';
import { runAudits } from '../../checks/run-audits.ts';
import { askAudit } from '../../queries/audit/ask-audit.ts';
import { auditEvidence } from '../../queries/audit/audit-evidence.ts';
import { type Span, sessionsIn } from '../../queries/audit/traffic.ts';
import { formatTime } from '../../render/cell-text.ts';
import { auditDocument } from '../../reports/audit/audit-document.ts';
import type { AuditPageOptions, AuditReport } from '../../reports/audit/audit-report.ts';
import { auditTables } from '../../reports/audit/audit-tables.ts';
import { auditValue } from '../../reports/audit/audit-value.ts';
import { type Database, openForReading } from '../../store/database.ts';
import { type BaselineOptions, baselineAsked, newFindings, saveBaseline, withBaselineOptions } from '../audit-baseline.ts';
import { type ProposeOptions, proposalAsked, withProposeOptions } from '../audit-proposal.ts';
import { auditSpan } from '../audit-span.ts';
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

interface AuditOptions extends CommonOptions, PeriodOptions, ProposeOptions, BaselineOptions {
  readonly failOn?: Severity;
}

/** 0, or 1 where a finding is at or above `--fail-on`. */
export function registerAudit(program: Command, io: Io, done: (code: number) => void): void {
  withBaselineOptions(withProposeOptions(withRedaction(withPeriodOptions(withCommonOptions(program.command('audit'))))))
    .description('who can relay without a logon, who does, and what is wrong with it; with the evidence')
    .addOption(
      new Option(
        '--fail-on <severity>',
        'exit code 1 where a finding is as severe, or worse; with --baseline, one that it does not know',
      ).choices(SEVERITIES),
    )
    .addHelpText(
      'after',
      '\nWithout --since and --until it is about everything that was read. Two runs on the same data give the same document.\nImport the configuration first (relaylens config import), or many rules cannot be checked.\n',
    )
    .action((options: AuditOptions) => {
      const baseline = baselineAsked(options);
      const db = openForReading(options.db);
      try {
        const span = auditSpan(db, options.db, periodOf(options, io));
        sayIfLong(io, db, span);
        const facts = askAudit(db, span);
        const report: AuditReport = {
          facts,
          review: runAudits(facts, [...AUDITS, ...(baseline ? changesSince(baseline, facts) : [])]),
          evidence: auditEvidence(db, span),
          proposal: proposalAsked(db, facts, options, io),
          version: relaylensVersion(),
        };
        if (options.format === 'csv') printTables(io, options, 'an audit', () => auditTables(report));
        else print(io, options, { json: auditValue(report), document: () => auditDocument(report, pageOptions(options)) });
        saveBaseline(io, facts, report.review.findings, options);
        const { failOn } = options;
        const alarming = newFindings(report.review.findings, baseline);
        if (failOn !== undefined && alarming.some(({ severity }) => rank(severity) <= rank(failOn))) done(1);
      } finally {
        db.close();
      }
    });
}

/** Sessions that are audited in some ten seconds. */
const SHORT = 400_000;

function sayIfLong(io: Io, db: Database, span: Span): void {
  if (!io.errIsTerminal) return;
  const sessions = sessionsIn(db, span);
  if (sessions > SHORT)
    io.err(`auditing ${sessions.toLocaleString('en-US')} sessions: a minute for every two or three millions\n`);
}

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

function pageOptions(options: AuditOptions): AuditPageOptions {
  const zone = zoneOf(options);
  return {
    time: (at) => formatTime(at, zone, 'yyyy-MM-dd HH:mm'),
    day: (at) => formatTime(at, zone, 'yyyy-MM-dd'),
    timeZone: zone.name,
    whole: !isPage(options),
  };
}

/** `audit --save-baseline` and `--baseline`: what was, as a file, and what has changed since. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type Baseline, baselineText, readBaseline } from '../checks/baseline/baseline.ts';
import { baselineOf } from '../checks/baseline/baseline-of.ts';
import { type Finding, findingKey } from '../checks/finding.ts';
import type { AuditFacts } from '../queries/audit/audit-facts.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';
import { openOutput } from './output.ts';

export interface BaselineOptions {
  readonly baseline?: string;
  readonly saveBaseline?: string;
}

export function withBaselineOptions(command: Command): Command {
  return command
    .option('--save-baseline <file>', 'keep who relays and what is configured, to be compared with later')
    .option('--baseline <file>', 'with findings about what has changed since that was saved');
}

/** Read before anything is asked of the database, so that a wrong file is said at once. undefined without `--baseline`. */
export function baselineAsked({ baseline: path }: BaselineOptions): Baseline | undefined {
  if (path === undefined) return undefined;
  const baseline = readBaseline(contentOf(path));
  if ('fault' in baseline) throw new UserError(`${path}: ${baseline.fault}`, baseline.hint);
  return baseline;
}

/** What the baseline does not know yet; everything without one. */
export function newFindings(findings: readonly Finding[], baseline: Baseline | undefined): readonly Finding[] {
  const known = new Set(baseline?.known);
  return findings.filter((finding) => !known.has(findingKey(finding)));
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'Make a baseline with: relaylens audit --save-baseline FILE',
    );
  }
}

export function saveBaseline(
  io: Io,
  facts: AuditFacts,
  findings: readonly Finding[],
  { saveBaseline: path }: BaselineOptions,
): void {
  if (path === undefined) return;
  const output = openOutput(io, path);
  try {
    output.write(baselineText(baselineOf(facts, findings)));
  } finally {
    output.close();
  }
}

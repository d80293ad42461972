/** What `diagnose` asks, in one piece: who is meant, their cases, and the verdicts. */
import type { Severity } from '../../checks/finding.ts';
import type { BrokenCheck } from '../../checks/run-configuration-checks.ts';
import { diagnoseCase } from '../../checks/run-diagnoses.ts';
import { byUrgency, type CaseVerdict } from '../../checks/verdict.ts';
import { type Absence, absenceOf } from '../../queries/cases/absence.ts';
import { CaseReader } from '../../queries/cases/case-reader.ts';
import type { CaseFilter } from '../../queries/cases/session-groups.ts';
import { subjectsOf } from '../../queries/cases/subject.ts';
import { formatTime } from '../../render/cell-text.ts';
import type { Database } from '../../store/database.ts';
import { type CommonOptions, type PeriodOptions, zoneOf } from '../options.ts';

export interface DiagnoseOptions extends CommonOptions, PeriodOptions {
  readonly server?: string;
  readonly connector?: string;
  readonly all?: boolean;
  readonly failOn?: Severity;
}

export interface Diagnosis {
  readonly cases: readonly CaseVerdict[];
  readonly broken: readonly BrokenCheck[];
  /** Where the one who is asked about has no row at all. */
  readonly absence: Absence | null;
}

/** `who` undefined: all that fail. Worst first. */
export function verdictsOn(db: Database, who: string | undefined, filter: CaseFilter): Diagnosis {
  const asked = who === undefined ? undefined : subjectsOf(db, who);
  const reader = new CaseReader(db, { ...filter, ...asked?.filter });
  const cases: CaseVerdict[] = [];
  const broken: BrokenCheck[] = [];
  for (const one of reader.read(asked?.subjects ?? reader.failingSubjects())) {
    const diagnosed = diagnoseCase(one);
    // What may still go on has not failed.
    if (asked || diagnosed.verdict.failed > 0) cases.push(diagnosed.verdict);
    broken.push(...diagnosed.broken);
  }
  const seen = cases.some(({ sessions, probes, open }) => sessions + probes + open > 0);
  const absence = who !== undefined && asked && !seen ? absenceOf(db, who, asked, reader.filter) : null;
  return { cases: absence ? [] : cases.sort(byUrgency), broken, absence };
}

/** The verdicts on some clients, in their order: those of an overview. */
export function verdictsOnClients(db: Database, sources: readonly string[]): CaseVerdict[] {
  const subjects = sources.map((source) => ({ kind: 'client', source }) as const);
  return [...new CaseReader(db).read(subjects)].map((one) => diagnoseCase(one).verdict).filter(({ failed }) => failed > 0);
}

/** Points in time on the page. */
export const timeOf =
  (options: CommonOptions) =>
  (at: number): string =>
    formatTime(at, zoneOf(options), 'yyyy-MM-dd HH:mm');

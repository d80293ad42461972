/** `diagnose [who]`: why a client does not get its mail through, and what mends it. */
import { type Command, Option } from 'commander';
import { SEVERITIES, type Severity } from '../../checks/finding.ts';
import type { BrokenCheck } from '../../checks/run-configuration-checks.ts';
import { diagnoseCase } from '../../checks/run-diagnoses.ts';
import { byUrgency, type CaseVerdict } from '../../checks/verdict.ts';
import { type Absence, absenceOf } from '../../queries/cases/absence.ts';
import { CaseReader } from '../../queries/cases/case-reader.ts';
import { subjectsOf } from '../../queries/cases/subject.ts';
import { formatTime } from '../../render/cell-text.ts';
import { printable } from '../../render/printable.ts';
import { absenceSections } from '../../reports/absence.ts';
import { diagnosisDocument, verdictJson, verdictTable } from '../../reports/diagnosis.ts';
import { type Database, openForReading } from '../../store/database.ts';
import type { Io } from '../io.ts';
import {
  type CommonOptions,
  type PeriodOptions,
  periodOf,
  timesAre,
  withCommonOptions,
  withPeriodOptions,
  zoneOf,
} from '../options.ts';
import { print } from '../output.ts';

interface DiagnoseOptions extends CommonOptions, PeriodOptions {
  readonly server?: string;
  readonly connector?: string;
  readonly all?: boolean;
  readonly failOn?: Severity;
}

/** Cases that are told in full where nobody is asked about. */
const FULL = 10;

/** 0; 1 where a verdict is at or above `--fail-on`. */
export function registerDiagnose(program: Command, io: Io, done: (code: number) => void): void {
  withPeriodOptions(withCommonOptions(program.command('diagnose')))
    .description('why a client does not get its mail through, and the exact remedy; without a client: all that fail, worst first')
    .argument('[who]', 'address, device name, hello name, mail address, or session')
    .option('--server <name>', 'server')
    .option('--connector <name>', 'connector, or part of its name')
    .option('--all', 'tell every failing client in full, not only the worst ones')
    .addOption(new Option('--fail-on <severity>', 'exit code 1 where a verdict is as severe, or worse').choices(SEVERITIES))
    .action((who: string | undefined, options: DiagnoseOptions) => {
      const db = openForReading(options.db);
      try {
        const { cases, broken, absence } = verdictsOn(db, who, options, io);
        for (const { check, message } of broken) io.err(`The diagnosis ${check} could not be made: ${printable(message)}\n`);
        const time = (at: number): string => formatTime(at, zoneOf(options), 'yyyy-MM-dd HH:mm');
        print(io, options, {
          json: { ...verdictJson(cases), absence },
          document: () => {
            if (options.format === 'csv') return { title: 'Diagnosis', sections: [verdictTable(cases)] };
            if (absence)
              return { title: 'Diagnosis', sections: [...absenceSections(who ?? '', absence, time), timesAre(options)] };
            const full = who !== undefined || options.all ? cases.length : FULL;
            const { title, sections } = diagnosisDocument({ cases, time, asked: who !== undefined, full });
            return { title, sections: [...sections, timesAre(options)] };
          },
        });
        const { failOn } = options;
        const severities = cases.flatMap(({ verdicts }) => verdicts.map(({ severity }) => severity));
        if (failOn !== undefined && severities.some((one) => SEVERITIES.indexOf(one) <= SEVERITIES.indexOf(failOn))) done(1);
      } finally {
        db.close();
      }
    });
}

function verdictsOn(
  db: Database,
  who: string | undefined,
  options: DiagnoseOptions,
  io: Io,
): { cases: CaseVerdict[]; broken: BrokenCheck[]; absence: Absence | null } {
  const { server, connector } = options;
  const filter = {
    ...periodOf(options, io),
    ...(server === undefined ? {} : { server }),
    ...(connector === undefined ? {} : { connector }),
  };
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

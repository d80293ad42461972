/** `report`: who used the relay in a period, how much, and what has changed. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Chart, Document, Section } from '../../document/document.ts';
import { askUsage } from '../../queries/usage/ask-usage.ts';
import { namelessSources, withDnsNames } from '../../queries/usage/dns-names.ts';
import {
  CALENDAR_PERIODS,
  type CalendarPeriod,
  customPeriod,
  lastPeriod,
  type Period,
  periodNamed,
  previousPeriod,
} from '../../queries/usage/period.ts';
import type { UsageReport } from '../../queries/usage/usage-report.ts';
import { formatTime } from '../../render/cell-text.ts';
import { LISTED } from '../../reports/usage/page.ts';
import { usageDocument } from '../../reports/usage/usage-document.ts';
import { usageTables } from '../../reports/usage/usage-tables.ts';
import { type Database, openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import { hostNames } from '../host-names.ts';
import type { Io } from '../io.ts';
import {
  type CommonOptions,
  isPage,
  type PeriodOptions,
  periodOf,
  withCommonOptions,
  withPeriodOptions,
  withPictures,
  withRedaction,
  zoneOf,
} from '../options.ts';
import { outName } from '../out-name.ts';
import { print } from '../output.ts';
import { withRedactor } from '../redaction.ts';
import { type MailOptions, mailOrder, mailReport, withMailOptions } from '../report-mail.ts';
import { askView, type MadeReport, periodOfView, VIEW_NAMES, type ViewName } from '../report-views.ts';
import { printTables } from '../table-files.ts';

interface ReportOptions extends CommonOptions, MailOptions, PeriodOptions {
  readonly period?: CalendarPeriod;
  readonly of?: string;
  readonly compare: string;
  readonly view?: ViewName;
  readonly server?: string;
  readonly connector?: string;
  readonly resolve?: boolean;
}

export function registerReport(program: Command, io: Io): void {
  withMailOptions(withRedaction(withPeriodOptions(withPictures(withCommonOptions(program.command('report'))))))
    .description('who used the relay in a period, how much, and what has changed')
    .addOption(
      new Option('--period <period>', 'the last day, week, month, quarter or year that is over (month)')
        .choices(CALENDAR_PERIODS)
        .conflicts(['since', 'until']),
    )
    .addOption(
      new Option('--of <period>', 'this one: 2026-11-02, 2026-W45, 2026-11, 2026-Q4 or 2026').conflicts(['since', 'until']),
    )
    .option('--compare <period>', 'with the one before (previous), with none, or with one as --of takes it', 'previous')
    .addOption(
      new Option('--view <view>', 'one question answered device by device, instead of the whole report')
        .choices(VIEW_NAMES)
        .conflicts(['compare', 'resolve']),
    )
    .option('--server <name>', 'server')
    .option('--connector <name>', 'connector, or part of its name', parseName)
    .option('--resolve', 'ask DNS for the names of devices that the device list does not have, for five seconds at most')
    .action(async (options: ReportOptions) => {
      const order = mailOrder(options);
      const db = openForReading(options.db);
      try {
        const period = periodAsked(db, options, io);
        const report = await madeReport(db, options, period, io);
        const page = (charts: boolean, whole = false): Document =>
          report.document({ time: (at) => formatTime(at, zoneOf(options), 'yyyy-MM-dd HH:mm'), charts, whole });
        if (order) {
          const document = toSend(options, page(true));
          await mailReport(
            io,
            options,
            order,
            { ...document, sections: document.sections.slice(0, -1) },
            {
              period: period.id,
              view: options.view,
              subject: document.title,
              ...stampOf(document),
              attached: toSend(options, page(true, true)),
            },
          );
          if (options.out === undefined) return;
        }
        const placed = {
          ...options,
          ...(options.out === undefined
            ? {}
            : { out: outName(options.out, { period: period.id, now: io.now(), zone: zoneOf(options) }) }),
        };
        if (options.format === 'csv') printTables(io, placed, 'a report', report.tables);
        else if (options.format === 'png') await drawCharts(io, placed, toSend(options, page(true)), period.name);
        else
          print(io, placed, {
            json: report.json,
            document: () => page(options.format !== 'text', options.format === 'xlsx'),
          });
      } finally {
        db.close();
      }
    });
}

/** With what DNS calls the clients that this format shows. */
async function resolved(
  io: Io,
  { db: path, format, emailTo }: ReportOptions,
  db: Database,
  report: UsageReport,
): Promise<UsageReport> {
  const isWhole = !isPage({ format }) || emailTo !== undefined;
  return withDnsNames(report, await hostNames(io, { path, db }, namelessSources(report, isWhole ? undefined : LISTED)));
}

/** The whole report, or a view. */
async function madeReport(db: Database, options: ReportOptions, period: Period, io: Io): Promise<MadeReport> {
  const { server, connector, view } = options;
  const question = {
    period,
    now: io.now(),
    ...(server === undefined ? {} : { server }),
    ...(connector === undefined ? {} : { connector }),
  };
  if (view !== undefined) return askView(db, view, question);
  const asked = askUsage(db, { ...question, compared: comparedAsked(options, period) });
  const report = options.resolve ? await resolved(io, options, db, asked) : asked;
  return {
    json: report,
    document: (pageOptions) => usageDocument(report, pageOptions),
    tables: () => usageTables(report),
  };
}

/** With stand-ins, where they are asked for. */
function toSend({ redact, db }: ReportOptions, document: Document): Document {
  if (!redact) return document;
  return withRedactor(db, (redactor, settled) => {
    const redacted = redactor.document(document);
    settled();
    return redacted;
  });
}

/** The last line of the page says when it was made. */
function stampOf({ sections }: Document): { stamp?: Section } {
  const stamp = sections.at(-1);
  return stamp ? { stamp } : {};
}

function parseName(name: string): string {
  if (name === '') throw new InvalidArgumentError('a name, or part of one.');
  return name;
}

function periodAsked(db: Database, options: ReportOptions, io: Io): Period {
  const zone = zoneOf(options).name;
  const { since, until } = periodOf(options, io);
  if (options.of !== undefined) return named(options.of, '--of', zone, options.period);
  if (since === undefined && until === undefined) {
    const ofView =
      options.view === undefined || options.period !== undefined
        ? undefined
        : periodOfView(db, options.view, options.server, io.now(), zone);
    return ofView ?? lastPeriod(options.period ?? 'month', io.now(), zone);
  }
  const end = until ?? io.now();
  const first = since ?? (db.prepare('SELECT MIN(hour) FROM hourly_sessions').pluck().get() as number | null) ?? end - 1;
  if (first >= end)
    throw new UserError('the period is empty', 'It begins with --since, or where the logs begin, and ends with --until, or now.');
  return customPeriod(first, end, zone);
}

function comparedAsked({ compare, ...options }: ReportOptions, period: Period): Period | null {
  if (compare === 'none') return null;
  if (compare === 'previous') return previousPeriod(period);
  return named(compare, '--compare', zoneOf(options).name);
}

function named(text: string, option: string, zone: string, kind?: CalendarPeriod): Period {
  const period = periodNamed(text, zone, kind);
  if (!period)
    throw new UserError(
      `${option} ${text}: no such ${kind ?? 'period'}`,
      'Use a day 2026-11-02, a week 2026-W45, a month 2026-11, a quarter 2026-Q4 or a year 2026.',
    );
  return period;
}

/** One file a chart, each with the period in it, since a picture may stand where nothing else says it. */
async function drawCharts(io: Io, options: ReportOptions, { title, sections }: Document, period: string): Promise<void> {
  const charts = sections
    .filter((section): section is Chart => section.kind === 'chart')
    .map((chart): Chart => ({ ...chart, note: chart.note === undefined ? period : `${period} · ${chart.note}` }));
  if (charts.length === 0) return io.err('no pictures: there is nothing to draw in this period\n');
  const { writeChartFiles } = await import('../chart-files.ts');
  await writeChartFiles(options.out!, { title, sections: charts }, zoneOf(options));
}

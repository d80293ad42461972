/** Options that several commands share, and how their values are read. */
import { TZDate, tzName } from '@date-fns/tz';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { startOfDay } from 'date-fns/startOfDay';
import { subDays } from 'date-fns/subDays';
import { subHours } from 'date-fns/subHours';
import { subMonths } from 'date-fns/subMonths';
import { subWeeks } from 'date-fns/subWeeks';
import { subYears } from 'date-fns/subYears';
import type { Section } from '../document/document.ts';
import type { Direction } from '../protocol-log/fields.ts';
import { machineZone, type Zone } from '../render/cell-text.ts';
import type { CsvOptions } from '../render/csv-lines.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';

export const DEFAULT_DATABASE = 'relaylens.db';

/** Text, Markdown and HTML are pages for readers; JSON, CSV and workbooks are data. */
const FORMATS = ['text', 'json', 'csv', 'md', 'html', 'xlsx'] as const;
/** `png`: the charts alone, for commands that have some (`withPictures`). */
export type Format = (typeof FORMATS)[number] | 'png';

export interface CommonOptions extends CsvFlags {
  readonly db: string;
  readonly format: Format;
  readonly out?: string;
  readonly tz?: Zone;
  readonly redact?: boolean;
}

export interface CsvFlags {
  readonly csvSeparator?: NonNullable<CsvOptions['separator']>;
  readonly csvBom?: boolean;
}

export interface PeriodOptions {
  readonly since?: string;
  readonly until?: string;
}

/** `--db`, `--format`, `--out`, `--tz`. */
export function withCommonOptions(command: Command): Command {
  return withOutputOptions(command.addOption(new Option('--db <file>', 'the database').default(DEFAULT_DATABASE)));
}

/** The same for commands that need no database. */
export function withOutputOptions(command: Command): Command {
  return withCsvOptions(command)
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
    .option('--out <file>', 'write there instead of on the screen; xlsx always needs it')
    .addOption(
      new Option('--tz <zone>', 'time zone of what is shown (not of JSON and CSV), such as Europe/Berlin').argParser(parseZone),
    );
}

/** `--csv-separator`, `--csv-bom`: what the regional settings of a spreadsheet ask for. */
export function withCsvOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--csv-separator <sign>', "what parts the cells of CSV: , ; | or tab (Excel with German settings: ';')")
        .argParser(parseSeparator)
        .default(undefined, 'a comma'),
    )
    .option('--csv-bom', 'begin CSV with a byte order mark, by which Excel knows UTF-8');
}

const SEPARATORS = { ',': ',', ';': ';', '|': '|', tab: '\t', '\t': '\t' } as const satisfies Record<
  string,
  CsvOptions['separator']
>;

function parseSeparator(text: string): NonNullable<CsvOptions['separator']> {
  if (!Object.hasOwn(SEPARATORS, text)) throw new InvalidArgumentError('one of , ; | or tab.');
  return SEPARATORS[text as keyof typeof SEPARATORS];
}

export const csvOptionsOf = ({ csvSeparator, csvBom }: CsvFlags): CsvOptions => ({
  ...(csvSeparator !== undefined && { separator: csvSeparator }),
  ...(csvBom === true && { bom: true }),
});

/** `--format png`, for a command that draws charts. */
export function withPictures(command: Command): Command {
  command.options.find(({ long }) => long === '--format')?.choices([...FORMATS, 'png']);
  return command;
}

/** A workbook and pictures are no text for a screen. A UserError, said before a command does anything. */
export function checkOutput({ format, out }: { readonly format?: string; readonly out?: string }): void {
  if (format === 'xlsx' && out === undefined)
    throw new UserError('--format xlsx makes a file', 'Name it with --out, such as --out report.xlsx.');
  if (format === 'png' && out === undefined)
    throw new UserError('--format png makes a file for each chart', 'Name a folder for them with --out.');
}

/** `--redact`, for output that is to be shared. */
export function withRedaction(command: Command): Command {
  return command.option('--redact', 'put stand-ins for addresses, names and domains, so that the output can be shared');
}

export function withPeriodOptions(command: Command): Command {
  return command
    .option('--since <time>', 'from this time on: 2026-11-02, 2026-11-02T08:00, yesterday, -7d, -12h')
    .option('--until <time>', 'before this time');
}

/** A page is read from top to bottom: it is kept short, where data is whole. */
export const isPage = ({ format }: Pick<CommonOptions, 'format'>): boolean =>
  format !== 'json' && format !== 'csv' && format !== 'xlsx';

export const zoneOf = (options: CommonOptions): Zone => options.tz ?? machineZone();

/** Said under a page with times. */
export const timesAre = (options: CommonOptions): Section => ({ kind: 'text', text: `Times are ${zoneOf(options).name}.` });

export function parseDirection(name: string): Direction {
  if (name !== 'receive' && name !== 'send') throw new InvalidArgumentError('receive or send.');
  return name;
}

/** A zone by its IANA name. */
export function parseZone(name: string): Zone {
  try {
    tzName(name, new Date(), 'short');
    new Intl.DateTimeFormat('en', { timeZone: name });
    return { name };
  } catch {
    throw new InvalidArgumentError('no such time zone; use a name such as Europe/Berlin or UTC.');
  }
}

/** Milliseconds UTC of a time as people write it; a day without a zone begins where `zone` is. */
export function parseTime(text: string, zone: Zone, now: number): number {
  const relative = /^-(\d+)([hdwmy])$/.exec(text);
  const today = new TZDate(now, zone.name);
  if (relative) {
    const back = { h: subHours, d: subDays, w: subWeeks, m: subMonths, y: subYears }[relative[2] as 'h' | 'd' | 'w' | 'm' | 'y'];
    return back(today, Number(relative[1])).getTime();
  }
  if (text === 'now') return now;
  if (text === 'today') return startOfDay(today).getTime();
  if (text === 'yesterday') return startOfDay(subDays(today, 1)).getTime();
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  const wrong = new UserError(`'${text}' is no time`, 'Use 2026-11-02, 2026-11-02T08:00, yesterday, -7d or -12h.');
  if (!parts) throw wrong;
  const at = parts[8]
    ? Date.parse(text.replace(' ', 'T'))
    : new TZDate(
        Number(parts[1]),
        Number(parts[2]) - 1,
        Number(parts[3]),
        Number(parts[4] ?? 0),
        Number(parts[5] ?? 0),
        Number(parts[6] ?? 0),
        Number((parts[7] ?? '0').padEnd(3, '0')),
        zone.name,
      ).getTime();
  if (Number.isNaN(at) || !isOnCalendar(parts)) throw wrong;
  return at;
}

/** Dates roll over (the 45th of a month is a day of the next): what is written must be what is meant. */
function isOnCalendar([, year, month, day, hour = '0', minute = '0', second = '0']: RegExpExecArray): boolean {
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return (
    at.getUTCMonth() === Number(month) - 1 &&
    at.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60
  );
}

export function periodOf(options: PeriodOptions & CommonOptions, io: Io): { since?: number; until?: number } {
  const zone = zoneOf(options);
  const since = options.since === undefined ? undefined : parseTime(options.since, zone, io.now());
  const until = options.until === undefined ? undefined : parseTime(options.until, zone, io.now());
  if (since !== undefined && until !== undefined && until <= since)
    throw new UserError(`--until ${options.until} is not after --since ${options.since}`, 'Nothing can lie between them.');
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}

/** `export events|sessions`: everything, line by line, for other tools. */
import { type Command, Option } from 'commander';
import { SessionAttributions } from '../../queries/session-attribution.ts';
import { eventsOf, rowsOfSessions } from '../../queries/session-detail.ts';
import { matchingSessions } from '../../queries/session-list.ts';
import { type SessionRow, summariesByNumber, summarise } from '../../queries/session-summary.ts';
import { type CsvValue, csvLines, csvStart } from '../../render/csv-lines.ts';
import { SESSION_COLUMNS } from '../../reports/session-columns.ts';
import { type Database, openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import type { Io } from '../io.ts';
import { csvOptionsOf, DEFAULT_DATABASE, parseZone, withCsvOptions, withRedaction } from '../options.ts';
import { openOutput } from '../output.ts';
import { withRedactor } from '../redaction.ts';
import { filterOf, type SessionFilterOptions, withSessionFilters } from './sessions.ts';

interface ExportOptions extends Omit<SessionFilterOptions, 'format'> {
  readonly format: 'ndjson' | 'csv';
}

/** Sessions taken from the database at a time: the memory does not grow with the export. */
const BATCH = 500;

const EVENT_FIELDS = [
  'session',
  'server',
  'direction',
  'connector',
  'remoteEndpoint',
  'at',
  'sequence',
  'event',
  'data',
  'context',
  'file',
  'line',
];

export function registerExport(program: Command, io: Io): void {
  withCsvOptions(withRedaction(withSessionFilters(program.command('export'))))
    .description('all sessions, or all their rows, line by line (NDJSON or CSV), for other tools')
    .argument('<what>', 'events or sessions')
    .addOption(new Option('--db <file>', 'the database').default(DEFAULT_DATABASE))
    .addOption(new Option('--format <format>', 'one JSON object a line, or CSV').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--out <file>', 'write there instead of on the screen')
    .addOption(new Option('--tz <zone>', 'zone of --since and --until').argParser(parseZone))
    .action((what: string, options: ExportOptions) => {
      if (what !== 'events' && what !== 'sessions')
        throw new UserError(`'${what}' cannot be exported`, 'There are: relaylens export events, relaylens export sessions.');
      const filter = filterOf({ ...options, format: 'csv' }, io);
      const db = openForReading(options.db);
      try {
        const numbers = matchingSessions(db, filter);
        if (options.redact)
          withRedactor(options.db, (redactor, settled) =>
            write(io, db, numbers, what, options, (batch) => {
              const redacted = batch.map((one) => redactor.value(one));
              settled();
              return redacted;
            }),
          );
        else write(io, db, numbers, what, options, (batch) => batch);
      } finally {
        db.close();
      }
    });
}

/** A batch as it is shown. */
type Shown = <T>(batch: readonly T[]) => readonly T[];

function write(
  io: Io,
  db: Database,
  numbers: readonly number[],
  what: 'events' | 'sessions',
  options: ExportOptions,
  shown: Shown,
): void {
  const asCsv = options.format === 'csv';
  const csv = csvOptionsOf(options);
  const lines = (rows: readonly (readonly CsvValue[])[]): string => csvLines(rows, csv);
  const attributions = new SessionAttributions(db);
  const writer = openOutput(io, options.out);
  try {
    if (asCsv)
      writer.write(csvStart(csv) + lines([what === 'sessions' ? SESSION_COLUMNS.map(([title]) => title) : EVENT_FIELDS]));
    for (let start = 0; start < numbers.length; start += BATCH) {
      const rows = summariesByNumber(db, numbers.slice(start, start + BATCH));
      if (what === 'events') {
        const all = shown(events(db, rows));
        writer.write(asCsv ? lines(all.map((one) => EVENT_FIELDS.map((field) => one[field] as CsvValue))) : ndjson(all));
      } else {
        const sessions = shown(rows.map((row) => attributions.of(row)));
        writer.write(asCsv ? lines(sessions.map((one) => SESSION_COLUMNS.map(([, , value]) => value(one)))) : ndjson(sessions));
      }
    }
  } finally {
    writer.close();
  }
}

const ndjson = (objects: readonly object[]): string => objects.map((object) => `${JSON.stringify(object)}\n`).join('');

type Flat = Record<string, unknown>;

function events(db: Database, sessions: readonly SessionRow[]): Flat[] {
  const rows = rowsOfSessions(db, sessions);
  return sessions.flatMap((session) => {
    const { id, server, direction, connector, remoteEndpoint } = summarise(session);
    return eventsOf(db, rows.get(session.id) ?? []).map((event) => ({
      session: id,
      server,
      direction,
      connector,
      remoteEndpoint,
      ...event,
    }));
  });
}

/** `export events|sessions`: everything, line by line, for other tools. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { eventsOf, rowsOfSessions } from '../../queries/session-detail.ts';
import { matchingSessions } from '../../queries/session-list.ts';
import { type SessionRow, summariesByNumber, summarise } from '../../queries/session-summary.ts';
import { type Database, openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import type { Io } from '../io.ts';
import { DEFAULT_DATABASE } from '../options.ts';
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
  withSessionFilters(program.command('export'))
    .description('all sessions, or all their rows, line by line (NDJSON or CSV), for other tools')
    .argument('<what>', 'events or sessions')
    .addOption(new Option('--db <file>', 'the database').default(DEFAULT_DATABASE))
    .addOption(new Option('--format <format>', 'one JSON object a line, or CSV').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--out <file>', 'write there instead of on the screen')
    .option('--tz <zone>', 'zone of --since and --until')
    .action((what: string, options: ExportOptions) => {
      if (what !== 'events' && what !== 'sessions')
        throw new UserError(`'${what}' cannot be exported`, 'There are: relaylens export events, relaylens export sessions.');
      const db = openForReading(options.db);
      const writer = openWriter(io, options.out);
      try {
        const { tz, ...rest } = options;
        const filter = filterOf(
          { ...rest, format: 'csv', ...(tz === undefined ? {} : { tz: typeof tz === 'string' ? { name: tz } : tz }) },
          io,
        );
        const numbers = matchingSessions(db, filter);
        let first = true;
        for (let start = 0; start < numbers.length; start += BATCH) {
          const rows = summariesByNumber(db, numbers.slice(start, start + BATCH));
          const objects = what === 'sessions' ? rows.map((row) => flat(summarise(row))) : events(db, rows);
          writer.write(format(objects, options.format, first));
          first = false;
        }
      } finally {
        writer.close();
        db.close();
      }
    });
}

type Flat = Record<string, unknown>;

const flat = (summary: ReturnType<typeof summarise>): Flat => ({ ...summary });

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

function format(objects: readonly Flat[], as: 'ndjson' | 'csv', first: boolean): string {
  if (as === 'ndjson') return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
  const fields = objects[0] && 'sequence' in objects[0] ? EVENT_FIELDS : Object.keys(objects[0] ?? {});
  const lines = objects.map((object) =>
    fields.map((field) => (Array.isArray(object[field]) ? object[field].join(' ') : object[field])),
  );
  return stringify(first ? [fields, ...lines] : lines, {
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: { boolean: String },
  });
}

function openWriter(io: Io, path: string | undefined): { write: (text: string) => void; close: () => void } {
  if (path === undefined) return { write: io.out, close() {} };
  try {
    const file = openSync(path, 'w');
    return { write: (text) => void writeSync(file, text), close: () => closeSync(file) };
  } catch (error) {
    throw new UserError(`${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`, 'Name another file with --out.');
  }
}

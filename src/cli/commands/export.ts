/** `export events|sessions|siem`: everything, line by line, for other tools. */
import { type Command, Option } from 'commander';
import { AUDITS } from '../../checks/audits.ts';
import { CONFIGURATION_CHECKS } from '../../checks/configuration-checks.ts';
import { runAudits } from '../../checks/run-audits.ts';
import { askAudit } from '../../queries/audit/ask-audit.ts';
import { receiveSpan } from '../../queries/audit/traffic.ts';
import { SessionAttributions } from '../../queries/session-attribution.ts';
import { eventsOf, rowsOfSessions } from '../../queries/session-detail.ts';
import { matchingSessions } from '../../queries/session-list.ts';
import { type SessionRow, summariesByNumber, summarise } from '../../queries/session-summary.ts';
import { storedTransactions } from '../../queries/stored-transactions.ts';
import type { Redactor } from '../../redaction/redactor.ts';
import { type CsvValue, csvLines, csvStart } from '../../render/csv-lines.ts';
import { SESSION_COLUMNS } from '../../reports/session-columns.ts';
import { type EcsDocument, OWN_WORDS } from '../../siem/ecs-document.ts';
import { findingDocument } from '../../siem/finding-document.ts';
import { sessionDocument } from '../../siem/session-document.ts';
import { type Database, openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import { auditSpan } from '../audit-span.ts';
import type { Io } from '../io.ts';
import { csvOptionsOf, DEFAULT_DATABASE, parseZone, withCsvOptions, withRedaction } from '../options.ts';
import { openOutput } from '../output.ts';
import { withRedactor } from '../redaction.ts';
import { filterOf, type SessionFilterOptions, withSessionFilters } from './sessions.ts';

interface ExportOptions extends Omit<SessionFilterOptions, 'format'> {
  readonly format: 'ndjson' | 'csv';
  readonly original?: boolean;
}

const WHAT = ['events', 'sessions', 'siem'] as const;

type What = (typeof WHAT)[number];

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
    .argument(
      '<what>',
      'events, sessions, or siem: sessions and the findings of an audit in the fields of the Elastic Common Schema (NDJSON)',
    )
    .addOption(new Option('--db <file>', 'the database').default(DEFAULT_DATABASE))
    .addOption(new Option('--format <format>', 'one JSON object a line, or CSV').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--out <file>', 'write there instead of on the screen')
    .addOption(new Option('--tz <zone>', 'zone of --since and --until').argParser(parseZone))
    .option('--original', 'siem: with the rows of each session as they stand in the log, in event.original')
    .action((given: string, options: ExportOptions) => {
      const what = WHAT.find((one) => one === given);
      if (!what)
        throw new UserError(
          `'${given}' cannot be exported`,
          `There are: ${WHAT.map((one) => `relaylens export ${one}`).join(', ')}.`,
        );
      if (what === 'siem' && options.format === 'csv')
        throw new UserError('siem has no CSV: its documents have fields within fields', 'Leave --format out: it is NDJSON.');
      if (what !== 'siem' && options.original)
        throw new UserError(`--original is not for ${what}`, 'Use relaylens export siem --original, or relaylens export events.');
      const filter = filterOf({ ...options, format: 'csv' }, io);
      const db = openForReading(options.db);
      try {
        const numbers = matchingSessions(db, filter);
        if (options.redact)
          withRedactor(options.db, (redactor, settled) =>
            write(io, db, numbers, what, options, (batch) => {
              const redacted = batch.map((one) => redactedForm(redactor, what, one));
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

/** Documents of the schema have lower-case keys that may be somebody's name, and words that are the schema's own. */
const redactedForm = <T>(redactor: Redactor, what: What, one: T): T =>
  what === 'siem' ? redactor.fields(one, OWN_WORDS) : redactor.value(one);

/** A batch as it is shown. */
type Shown = <T>(batch: readonly T[]) => readonly T[];

function write(io: Io, db: Database, numbers: readonly number[], what: What, options: ExportOptions, shown: Shown): void {
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
      switch (what) {
        case 'events': {
          const all = shown(events(db, rows));
          writer.write(asCsv ? lines(all.map((one) => EVENT_FIELDS.map((field) => one[field] as CsvValue))) : ndjson(all));
          break;
        }
        case 'sessions': {
          const sessions = shown(rows.map((row) => attributions.of(row)));
          writer.write(asCsv ? lines(sessions.map((one) => SESSION_COLUMNS.map(([, , value]) => value(one)))) : ndjson(sessions));
          break;
        }
        case 'siem':
          writer.write(ndjson(shown(sessionDocuments(db, rows, attributions, options.original ?? false))));
      }
    }
    if (what === 'siem') writer.write(ndjson(shown(findingDocuments(io, db, options))));
  } finally {
    writer.close();
  }
}

const ndjson = (objects: readonly object[]): string => objects.map((object) => `${JSON.stringify(object)}\n`).join('');

function sessionDocuments(
  db: Database,
  sessions: readonly SessionRow[],
  attributions: SessionAttributions,
  withOriginal: boolean,
): EcsDocument[] {
  const transactions = storedTransactions(
    db,
    sessions.map(({ id }) => id),
  );
  const rows = withOriginal ? rowsOfSessions(db, sessions) : undefined;
  return sessions.map((session) => {
    const original = rows?.get(session.id)?.map((row) => row.original.toString('utf8').replace(/\r?\n$/, ''));
    return sessionDocument(attributions.of(session), transactions.get(session.id) ?? [], original?.join('\n'));
  });
}

/** Filters that leave out sessions would make another audit of it: then the findings are left out, and that is said. */
function findingDocuments(io: Io, db: Database, options: ExportOptions): EcsDocument[] {
  const { since, until, ...others } = filterOf({ ...options, format: 'csv' }, io);
  if (Object.values(others).some((value) => value !== undefined)) {
    io.err('the findings of an audit are left out: they are about all sessions of a period, and filters leave some out\n');
    return [];
  }
  if (!receiveSpan(db)) return [];
  const span = auditSpan(db, options.db, { ...(since !== undefined && { since }), ...(until !== undefined && { until }) });
  const ofConfiguration = new Set(CONFIGURATION_CHECKS.map(({ id }) => id));
  const references = new Map([...CONFIGURATION_CHECKS, ...AUDITS].map(({ id, references: all }) => [id, all.find(isAddress)]));
  return runAudits(askAudit(db, span)).findings.map((finding) =>
    findingDocument(finding, {
      ...span,
      ofConfiguration: ofConfiguration.has(finding.check),
      reference: references.get(finding.check),
    }),
  );
}

const isAddress = (reference: string): boolean => reference.startsWith('https://');

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

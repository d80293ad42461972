/** `session <id>`: one session, row by row. */
import type { Command } from 'commander';
import { formatRow, type LogRow } from '../../protocol-log/writer.ts';
import { type EvidenceRow, findSessions, sessionDetail, sessionRows } from '../../queries/session-detail.ts';
import { summarise } from '../../queries/session-summary.ts';
import { sessionDocument } from '../../reports/session-document.ts';
import { sessionTable } from '../../reports/session-tables.ts';
import { openForReading } from '../../store/database.ts';
import { viewOf } from '../../store/stored-rows.ts';
import { UserError } from '../../store/user-error.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, withCommonOptions, withRedaction, zoneOf } from '../options.ts';
import { print, printBytes } from '../output.ts';
import { withRedactor } from '../redaction.ts';

export function registerSession(program: Command, io: Io, done: (code: number) => void): void {
  withRedaction(withCommonOptions(program.command('session')))
    .description('one session: what became of it and why, its transactions, its rows')
    .argument('<id>', 'id as listed by "sessions", or the session-id of the log')
    .option('--raw', 'only the rows, byte for byte as they stand in the log (with --redact: written anew)')
    .action((id: string, options: CommonOptions & { raw?: boolean }) => {
      if (options.raw && options.format !== 'text')
        throw new UserError(
          `--raw prints the rows as they stand in the log, not as ${options.format}`,
          'Leave out one of the two.',
        );
      const db = openForReading(options.db);
      try {
        const found = findSessions(db, id);
        const [row] = found;
        if (!row) throw new UserError(`${id}: no such session in ${options.db}`, 'relaylens sessions lists them.');
        if (found.length > 1) {
          const sessions = found.map(summarise);
          io.err(`${id}: ${found.length} sessions have this session-id. Name one by the id in the first column.\n`);
          print(io, options, { json: { sessions }, document: () => ({ title: id, sections: [sessionTable(sessions)] }) });
          done(2);
          return;
        }
        if (options.raw) {
          const rows = sessionRows(db, row);
          printBytes(
            io,
            options,
            options.redact ? Buffer.from(redactedRows(options.db, rows)) : Buffer.concat(rows.map(({ original }) => original)),
          );
          return;
        }
        const session = sessionDetail(db, row);
        print(io, options, {
          json: session,
          document: () =>
            options.format === 'csv'
              ? { title: id, sections: [eventTable(session.events)] }
              : sessionDocument(session, zoneOf(options).name),
        });
      } finally {
        db.close();
      }
    });
}

/** Rows as the product would have written them of the stand-ins: they can be read as a log again. */
function redactedRows(database: string, rows: readonly EvidenceRow[]): string {
  return withRedactor(database, (redactor, settled) => {
    const lines = rows.map((row) => {
      const view = viewOf(row);
      return formatRow({
        at: view.at,
        connector: redactor.text(view.connector),
        sessionId: view.sessionId,
        sequence: view.sequence,
        localEndpoint: redactor.text(view.localEndpoint),
        remoteEndpoint: redactor.text(view.remoteEndpoint),
        event: String.fromCharCode(view.event) as LogRow['event'],
        data: redactor.text(view.data),
        context: redactor.text(view.context),
      });
    });
    settled();
    return lines.join('');
  });
}

function eventTable(events: ReturnType<typeof sessionDetail>['events']) {
  const text = (title: string) => ({ title, kind: 'text' as const });
  return {
    kind: 'table' as const,
    columns: [
      text('at'),
      { title: 'sequence', kind: 'count' as const },
      text('event'),
      text('data'),
      text('context'),
      text('file'),
      { title: 'line', kind: 'count' as const },
    ],
    rows: events.map((event) => [event.at, event.sequence, event.event, event.data, event.context, event.file, event.line]),
  };
}

/** Rows of the log as evidence. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { Evidence } from '../finding.ts';

/** The row of a session by its place, as evidence; nothing where its bytes are no longer in the store. */
export function rowAt(session: ExaminedSession, index: number): Evidence[] {
  const event = session.events[index];
  const row = session.lines[index];
  return event && row !== undefined
    ? [
        {
          kind: 'row',
          session: session.id,
          log: [session.server, session.service].filter(Boolean).join(' '),
          file: event.file,
          line: event.line,
          row,
        },
      ]
    : [];
}

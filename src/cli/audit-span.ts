/** The time that an audit is about. */
import { receiveSpan, type Span } from '../queries/audit/traffic.ts';
import type { Database } from '../store/database.ts';
import { UserError } from '../store/user-error.ts';

/** All that was read where nothing else is asked: the same again as long as nothing comes. A UserError where that is nothing. */
export function auditSpan(db: Database, path: string, { since, until }: Partial<Span>): Span {
  const read = receiveSpan(db);
  if (!read) throw new UserError(`${path} holds no session of a receive log`, 'Read logs first: relaylens ingest <folder>.');
  const span = { since: since ?? read.since, until: until ?? read.until };
  if (span.since >= span.until)
    throw new UserError(
      'the period is empty',
      'It begins with --since, or where the logs begin, and ends with --until, or where they end.',
    );
  return span;
}

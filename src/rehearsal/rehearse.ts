/** A dry run on history: every receive session that the filter leaves, under a proposed configuration. */
import type { Organisation } from '../connector/organisation.ts';
import { ConfigurationHistory } from '../queries/configuration-history.ts';
import { matchingSessions, type SessionFilter } from '../queries/session-list.ts';
import { type SessionRow, summariesByNumber } from '../queries/session-summary.ts';
import { Unchanged } from '../relay/replay/unchanged.ts';
import type { Database } from '../store/database.ts';
import { connectionOf, Rehearsal } from './rehearsal.ts';
import { type ReplayReview, Review } from './review.ts';

/** Sessions taken from the database at a time. */
const BATCH = 500;

/** Which sessions are replayed. */
export interface RehearsalSettings extends SessionFilter {
  /** Reads the rows of all sessions, also where connector and rights stay as they were. */
  readonly all?: boolean;
}

export function rehearse(db: Database, proposal: Organisation, { all = false, ...filter }: RehearsalSettings): ReplayReview {
  const history = new ConfigurationHistory(db);
  const rehearsal = new Rehearsal(db, history, proposal);
  const unchanged = new Unchanged(proposal);
  const numbers = matchingSessions(db, { ...filter, direction: 'receive' });
  const review = new Review();
  for (let start = 0; start < numbers.length; start += BATCH) {
    const changed: SessionRow[] = [];
    for (const row of summariesByNumber(db, numbers.slice(start, start + BATCH))) {
      // Carried mail is counted where its client stands.
      if (row.clients !== null) review.leaveOut();
      else if (!all && unchanged.holds(history.at(row.started_at), connectionOf(row))) review.same(row.messages_accepted);
      else changed.push(row);
    }
    for (const replay of rehearsal.replay(changed, false)) review.take(replay);
  }
  return review.result;
}

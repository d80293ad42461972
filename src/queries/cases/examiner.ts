/** Reads sessions in full, many in one pass over the archive, each once. */
import type { Database } from '../../store/database.ts';
import { SessionAttributions } from '../session-attribution.ts';
import { detailOf, rowsOfSessions } from '../session-detail.ts';
import { summariesByNumber } from '../session-summary.ts';
import type { ExaminedSession } from './case.ts';

export class Examiner {
  readonly attributions: SessionAttributions;
  readonly #db: Database;
  readonly #known = new Map<number, ExaminedSession>();

  /** Of the bunch under way: their replies tell which domains are outside, where no accepted domains were imported. */
  readonly #witnesses = new Set<number>();

  constructor(db: Database) {
    this.#db = db;
    this.attributions = new SessionAttributions(db, this.#witnesses);
  }

  /** Sessions by their internal numbers, in their order; a number that is none is left out. */
  examine(numbers: readonly number[]): ExaminedSession[] {
    this.#read(numbers.filter((number) => !this.#known.has(number)));
    return numbers.flatMap((number) => this.#known.get(number) ?? []);
  }

  one(number: number): ExaminedSession | undefined {
    return this.examine([number])[0];
  }

  /** Lets go of what was read: the sessions of one bunch of cases are enough to hold. */
  forget(): void {
    this.#known.clear();
    this.#witnesses.clear();
  }

  #read(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    for (const number of numbers) this.#witnesses.add(number);
    const sessions = summariesByNumber(this.#db, [...new Set(numbers)]);
    const rows = rowsOfSessions(this.#db, sessions);
    for (const session of sessions) {
      const own = rows.get(session.id) ?? [];
      this.#known.set(session.id, {
        ...detailOf(this.#db, session, own, this.attributions),
        lines: own.map(({ original }) => original.toString('utf8').replace(/[\r\n]+$/, '')),
      });
    }
  }
}

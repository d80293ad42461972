import type { Statement } from 'better-sqlite3';
import { begin, commit, type Database, explain, openDatabase, rollback } from './database.ts';

/** Numbers of the stand-ins, kept in the database: given once, never changed. */
export class StandInTable {
  readonly key: Uint8Array;
  readonly #path: string;
  readonly #db: Database;
  readonly #select: Statement<[string, string], { number: number }>;
  readonly #next: Statement<[string], { next: number }>;
  readonly #insert: Statement<[string, string, number]>;

  /** Opens a connection of its own, since a new name is written at once. */
  constructor(path: string) {
    this.#path = path;
    this.#db = openDatabase(path);
    this.key = (this.#db.prepare('SELECT key FROM stand_in_key').get() as { key: Uint8Array }).key;
    this.#select = this.#db.prepare('SELECT number FROM stand_in WHERE kind = ? AND name = ?');
    this.#next = this.#db.prepare('SELECT COALESCE(MAX(number), 0) + 1 AS next FROM stand_in WHERE kind = ?');
    this.#insert = this.#db.prepare('INSERT INTO stand_in (kind, name, number) VALUES (?, ?, ?)');
  }

  /** A new name gets the next number of its kind; others see it after `commit`. A UserError where nothing can be written. */
  numberOf(kind: string, name: string): number {
    try {
      return this.#select.get(kind, name)?.number ?? this.#give(kind, name);
    } catch (error) {
      throw explain(error, this.#path);
    }
  }

  /** Before anything is shown that holds the numbers. */
  commit(): void {
    if (this.#db.inTransaction) commit(this.#db);
  }

  close(): void {
    rollback(this.#db);
    this.#db.close();
  }

  #give(kind: string, name: string): number {
    begin(this.#db);
    // Another command may have given it meanwhile.
    const given = this.#select.get(kind, name);
    if (given) return given.number;
    const { next } = this.#next.get(kind)!;
    this.#insert.run(kind, name, next);
    return next;
  }
}

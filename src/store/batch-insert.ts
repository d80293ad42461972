import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

type Value = string | number | null;

/** Rows a statement: more of them gain nothing. */
const ROWS = 16;

/** Collects rows of one table and writes many with one statement: a statement costs about as much as two of its rows. */
export class BatchInsert {
  readonly #width: number;
  readonly #one: Statement;
  readonly #many: Statement;
  readonly #values: Value[] = [];
  #length = 0;
  /** Rows written so far; those that were there already do not count. */
  written = 0;

  /** With `or` 'IGNORE', rows that are there already are passed over. */
  constructor(db: Database, table: string, columns: readonly string[], or: 'FAIL' | 'IGNORE' = 'FAIL') {
    this.#width = columns.length;
    const row = `(${columns.map(() => '?').join(', ')})`;
    // Not the usual ABORT: it would keep a journal of its own for every statement of several rows.
    const head = `INSERT OR ${or} INTO ${table} (${columns.join(', ')}) VALUES`;
    this.#one = db.prepare(`${head} ${row}`);
    this.#many = db.prepare(`${head} ${Array.from({ length: ROWS }, () => row).join(', ')}`);
    this.#values.length = this.#width * ROWS;
    this.#values.fill(null);
  }

  /** The next value of the row; rows follow one another. */
  add(value: Value): void {
    this.#values[this.#length++] = value;
  }

  /** The next values. */
  addAll(values: readonly Value[]): void {
    for (let i = 0; i < values.length; i++) this.#values[this.#length++] = values[i]!;
  }

  /** Behind the last value of every row. */
  endRow(): void {
    if (this.#length < this.#values.length) return;
    // As arguments: each is got faster than an element of an array.
    this.written += this.#many.run(...this.#values).changes;
    this.#length = 0;
  }

  /** Writes what is left. */
  flush(): void {
    for (let start = 0; start < this.#length; start += this.#width)
      this.written += this.#one.run(this.#values.slice(start, start + this.#width)).changes;
    this.#length = 0;
  }
}

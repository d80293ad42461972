import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

/** Interned strings kept in memory; forgetting them costs a look-up, so the memory stays flat. */
const LIMIT = 50_000;

/** Gives strings their ids in `text` and `address`, making them where needed. */
export class Interner {
  readonly #texts = new Map<string, number>();
  readonly #lastOf: string[] = [];
  readonly #lastIdOf: number[] = [];
  readonly #addresses = new Map<string, number>();
  readonly #selectText: Statement<[string], { id: number }>;
  readonly #insertText: Statement<[string]>;
  readonly #selectAddress: Statement<[string], { id: number }>;
  readonly #insertAddress: Statement<[string, number]>;

  constructor(db: Database) {
    this.#selectText = db.prepare('SELECT id FROM text WHERE value = ?');
    this.#insertText = db.prepare('INSERT INTO text (value) VALUES (?)');
    this.#selectAddress = db.prepare('SELECT id FROM address WHERE value = ?');
    this.#insertAddress = db.prepare('INSERT INTO address (value, domain_id) VALUES (?, ?)');
  }

  text(value: string): number {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const id = this.#selectText.get(value)?.id ?? Number(this.#insertText.run(value).lastInsertRowid);
    return remember(this.#texts, value, id);
  }

  /** The same for a column, by number: sessions that follow one another agree in most of them. */
  textOf(column: number, value: string): number {
    if (this.#lastOf[column] === value) return this.#lastIdOf[column]!;
    const id = this.text(value);
    this.#lastOf[column] = value;
    this.#lastIdOf[column] = id;
    return id;
  }

  optional(value: string | null): number | null {
    return value === null ? null : this.text(value);
  }

  /** The domain is what stands behind the last `@`, in lower case; empty without one. */
  address(value: string): number {
    const known = this.#addresses.get(value);
    if (known !== undefined) return known;
    const stored = this.#selectAddress.get(value)?.id;
    if (stored !== undefined) return remember(this.#addresses, value, stored);
    const at = value.lastIndexOf('@');
    const domain = this.text(at < 0 ? '' : value.slice(at + 1).toLowerCase());
    return remember(this.#addresses, value, Number(this.#insertAddress.run(value, domain).lastInsertRowid));
  }
}

function remember(cache: Map<string, number>, value: string, id: number): number {
  if (cache.size >= LIMIT) cache.clear();
  cache.set(value, id);
  return id;
}

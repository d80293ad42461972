import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import {
  type Interned,
  type InternedRecord,
  SESSION_INTERNED,
  type SessionRecord,
  TRANSACTION_INTERNED,
} from './session-record.ts';

/** Gives a string its id in the table of that name. */
export interface Interning {
  text(value: string): number;
  address(value: string): number;
}

/** Interned strings kept in memory; forgetting them costs a look-up, so the memory stays flat. */
const LIMIT = 50_000;

/** Gives strings their ids in `text` and `address`, making them where needed. */
export class Interner implements Interning {
  readonly #texts = new Map<string, number>();
  readonly #addresses = new Map<string, number>();
  readonly #selectText: Statement<[string], { id: number }>;
  readonly #selectValue: Statement<[number], { value: string }>;
  readonly #insertText: Statement<[string]>;
  readonly #selectAddress: Statement<[string], { id: number }>;
  readonly #insertAddress: Statement<[string, number]>;

  constructor(db: Database) {
    this.#selectText = db.prepare('SELECT id FROM text WHERE value = ?');
    this.#selectValue = db.prepare('SELECT value FROM text WHERE id = ?');
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

  /** The text that has this id. */
  valueOf(id: number): string {
    const row = this.#selectValue.get(id);
    if (!row) throw new Error(`text ${id} is not in the store`);
    return row.value;
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

/** The record with ids in place of its strings. */
export function internRecord(record: SessionRecord, intern: Interning): InternedRecord {
  const optional = (text: string | null): number | null => (text === null ? null : intern.text(text));
  const values = (list: readonly (string | number | null)[], tables: readonly Interned[]) =>
    list.map((value, index) => {
      const table = tables[index];
      return table !== undefined && typeof value === 'string' ? intern[table](value) : value;
    });
  return {
    session: values(record.session, SESSION_INTERNED),
    segments: record.segments,
    transactions: record.transactions.map(([transaction, recipients]) => [
      values(transaction, TRANSACTION_INTERNED),
      recipients.map(([address, accepted, reply]) => [intern.address(address), accepted, optional(reply)]),
    ]),
    refusals: record.refusals.map(([at, command, code, text]) => [at, command, code, intern.text(text)]),
    links: record.links,
    clients: record.clients.map((client) => intern.text(client)),
  };
}

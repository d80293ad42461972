/**
 * Sessions on their way from the reading thread to the writing one: their values one after the other in a few buffers
 * that change hands without being copied. A string that is likely to come again is sent once and is a number from then
 * on, and one and the same string for the writing side, which finds its id by it.
 */
import { SESSION_COLUMNS, type SessionRecord, TRANSACTION_COLUMNS } from '../store/session-record.ts';
import type { ScannedSession, SessionCollector } from './scan-messages.ts';

/** The sessions of one event. */
export interface PackedSessions {
  readonly count: number;
  /** What the number at the same place is, see {@link Tag}. */
  readonly tags: Uint8Array;
  readonly numbers: Float64Array;
  /** The strings that are not kept, one behind the other. */
  readonly text: string;
  /** Strings that join those kept before. */
  readonly kept: readonly string[];
  /** Those kept before are forgotten first. */
  readonly restart: boolean;
}

type Value = string | number | null;
type Values = readonly Value[];

const Tag = { none: 0, number: 1, keptString: 2, lengthOfString: 3 } as const;

/** Strings that both sides keep. */
const LIMIT = 50_000;

/** Columns whose strings hardly come again. */
const UNIQUE = new Set(['session_id', 'remote_endpoint', 'client_session_id', 'message_id', 'internal_id', 'anomalies']);
const SESSION_UNIQUE = SESSION_COLUMNS.map((name) => UNIQUE.has(name));
const TRANSACTION_UNIQUE = TRANSACTION_COLUMNS.map((name) => UNIQUE.has(name));

/** The last string of each column and its number: as a rule the next is the same. */
interface Last {
  readonly values: string[];
  readonly places: number[];
}

export class SessionPacker implements SessionCollector<PackedSessions> {
  #tags = new Uint8Array(1 << 15);
  #numbers = new Float64Array(1 << 15);
  #length = 0;
  #count = 0;
  #restart = false;
  readonly #places = new Map<string, number>();
  #text: string[] = [];
  #kept: string[] = [];
  #lastSession: Last = { values: [], places: [] };
  #lastTransaction: Last = { values: [], places: [] };

  take(): PackedSessions {
    const packed: PackedSessions = {
      count: this.#count,
      tags: this.#tags.slice(0, this.#length),
      numbers: this.#numbers.slice(0, this.#length),
      text: this.#text.join(''),
      kept: this.#kept,
      restart: this.#restart,
    };
    this.#count = 0;
    this.#length = 0;
    this.#text = [];
    this.#kept = [];
    this.#restart = this.#places.size >= LIMIT;
    if (this.#restart) {
      this.#places.clear();
      this.#lastSession = { values: [], places: [] };
      this.#lastTransaction = { values: [], places: [] };
    }
    return packed;
  }

  add({ handle, open, irregular, record }: ScannedSession): void {
    this.#count++;
    this.#number(handle);
    this.#number(open ? 1 : 0);
    this.#number(irregular ? 1 : 0);
    this.#values(record.session, SESSION_UNIQUE, this.#lastSession);
    this.#number(record.transactions.length);
    for (const [values, recipients] of record.transactions) {
      this.#values(values, TRANSACTION_UNIQUE, this.#lastTransaction);
      this.#number(recipients.length);
      for (const recipient of recipients) for (const value of recipient) this.#value(value, false);
    }
    for (const list of [record.segments, record.refusals, record.links]) {
      this.#number(list.length);
      for (const values of list) for (const value of values) this.#value(value, false);
    }
    this.#number(record.clients.length);
    for (const client of record.clients) this.#value(client, false);
  }

  #values(values: Values, unique: readonly boolean[], last: Last): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (typeof value !== 'string' || unique[i]) this.#value(value, true);
      else {
        if (last.values[i] !== value) {
          last.values[i] = value;
          last.places[i] = this.#placeOf(value);
        }
        this.#put(Tag.keptString, last.places[i]!);
      }
    }
  }

  #value(value: Value, unique: boolean): void {
    if (value === null) this.#put(Tag.none, 0);
    else if (typeof value === 'number') this.#put(Tag.number, value);
    else if (unique) {
      this.#text.push(value);
      this.#put(Tag.lengthOfString, value.length);
    } else this.#put(Tag.keptString, this.#placeOf(value));
  }

  #placeOf(value: string): number {
    let place = this.#places.get(value);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(value, place);
      this.#kept.push(value);
    }
    return place;
  }

  #number(value: number): void {
    this.#put(Tag.number, value);
  }

  #put(tag: number, value: number): void {
    if (this.#length === this.#numbers.length) this.#grow();
    this.#tags[this.#length] = tag;
    this.#numbers[this.#length++] = value;
  }

  #grow(): void {
    const [tags, numbers] = [this.#tags, this.#numbers];
    this.#tags = new Uint8Array(tags.length * 2);
    this.#numbers = new Float64Array(numbers.length * 2);
    this.#tags.set(tags);
    this.#numbers.set(numbers);
  }
}

export class SessionUnpacker {
  #kept: string[] = [];
  #packed!: PackedSessions;
  #next = 0;
  #textAt = 0;

  unpack(packed: PackedSessions): ScannedSession[] {
    if (packed.restart) this.#kept = [];
    for (const value of packed.kept) this.#kept.push(value);
    this.#packed = packed;
    this.#next = 0;
    this.#textAt = 0;
    return Array.from({ length: packed.count }, () => this.#session());
  }

  #session(): ScannedSession {
    const handle = this.#number();
    const open = this.#number() === 1;
    const irregular = this.#number() === 1;
    const session = this.#values(SESSION_COLUMNS.length);
    const transactions = this.#list(() => [this.#values(TRANSACTION_COLUMNS.length), this.#rows(3)]);
    const [segments, refusals, links] = [this.#rows(3), this.#rows(4), this.#rows(2)];
    const clients = this.#list(() => this.#value());
    // As it was packed: the shape is that of the record.
    const record = { session, segments, transactions, refusals, links, clients } as unknown as SessionRecord;
    return { handle, open, irregular, record };
  }

  #rows(width: number): Values[] {
    return this.#list(() => this.#values(width));
  }

  #list<T>(one: () => T): T[] {
    const list: T[] = [];
    for (let left = this.#number(); left > 0; left--) list.push(one());
    return list;
  }

  #values(count: number): Values {
    const values: Value[] = [];
    for (let i = 0; i < count; i++) values.push(this.#value());
    return values;
  }

  #number(): number {
    return this.#packed.numbers[this.#next++]!;
  }

  #value(): Value {
    const place = this.#next++;
    const number = this.#packed.numbers[place]!;
    switch (this.#packed.tags[place]) {
      case Tag.number:
        return number;
      case Tag.keptString:
        return this.#kept[number]!;
      case Tag.lengthOfString:
        return this.#packed.text.slice(this.#textAt, (this.#textAt += number));
      default:
        return null;
    }
  }
}

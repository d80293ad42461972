/**
 * Sessions on their way from the reading thread to the writing one: their values one after the other in a few buffers
 * that change hands without being copied. A string that is likely to come again is sent once and is a number from then
 * on, for which the writing side remembers its id.
 */
import type { Interning } from '../store/interning.ts';
import {
  type Interned,
  type InternedRecord,
  SESSION_COLUMNS,
  SESSION_INTERNED,
  type SessionRecord,
  TRANSACTION_COLUMNS,
  TRANSACTION_INTERNED,
} from '../store/session-record.ts';

/** A session as the reading side found it; on the writing side its strings are interned. */
export interface ScannedSession<Record = InternedRecord> {
  /** The same for the same session as long as it is open. */
  readonly handle: number;
  readonly open: boolean;
  /** Its rows did not come in order: only its identity and segments are to be believed. */
  readonly irregular: boolean;
  readonly record: Record;
}

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

const Tag = { none: 0, number: 1, keptString: 2, lengthOfString: 3, text: 4, address: 5 } as const;

/** Strings that both sides keep. */
const LIMIT = 50_000;

/** Columns whose strings hardly come again. */
const UNIQUE = new Set(['session_id', 'remote_endpoint', 'client_session_id', 'message_id', 'internal_id', 'anomalies']);

/** How the strings of a column are sent. */
const tagOf = (column: string, interned: Interned): number =>
  interned === undefined ? (UNIQUE.has(column) ? Tag.lengthOfString : Tag.keptString) : Tag[interned];
const SESSION_TAGS = SESSION_COLUMNS.map((name, index) => tagOf(name, SESSION_INTERNED[index]));
const TRANSACTION_TAGS = TRANSACTION_COLUMNS.map((name, index) => tagOf(name, TRANSACTION_INTERNED[index]));
const SEGMENT_TAGS = [Tag.number, Tag.number, Tag.number];
const RECIPIENT_TAGS = [Tag.address, Tag.number, Tag.text];
const REFUSAL_TAGS = [Tag.number, Tag.keptString, Tag.number, Tag.text];
const LINK_TAGS = [Tag.keptString, Tag.lengthOfString];

/** The last strings of each column, by their length, and their numbers: as a rule the next is one of them. */
interface Last {
  readonly values: (string | undefined)[];
  readonly places: Int32Array;
}

/** Strings of a column that are remembered, one of each length (but for multiples). */
const LENGTHS = 32;

const lastOf = ({ length }: readonly string[]): Last => ({
  values: new Array<string | undefined>(length * LENGTHS).fill(undefined),
  places: new Int32Array(length * LENGTHS),
});

export class SessionPacker {
  #tags = new Uint8Array(1 << 15);
  #numbers = new Float64Array(1 << 15);
  #length = 0;
  #count = 0;
  #restart = false;
  readonly #places = new Map<string, number>();
  #text: string[] = [];
  #kept: string[] = [];
  #lastSession = lastOf(SESSION_COLUMNS);
  #lastTransaction = lastOf(TRANSACTION_COLUMNS);

  /** The sessions added since it was called last. */
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
      this.#lastSession = lastOf(SESSION_COLUMNS);
      this.#lastTransaction = lastOf(TRANSACTION_COLUMNS);
    }
    return packed;
  }

  add({ handle, open, irregular, record }: ScannedSession<SessionRecord>): void {
    this.#count++;
    this.#number(handle);
    this.#number(open ? 1 : 0);
    this.#number(irregular ? 1 : 0);
    this.#row(record.session, SESSION_TAGS, this.#lastSession);
    this.#number(record.transactions.length);
    for (const [values, recipients] of record.transactions) {
      this.#row(values, TRANSACTION_TAGS, this.#lastTransaction);
      this.#rows(recipients, RECIPIENT_TAGS);
    }
    this.#rows(record.segments, SEGMENT_TAGS);
    this.#rows(record.refusals, REFUSAL_TAGS);
    this.#rows(record.links, LINK_TAGS);
    this.#number(record.clients.length);
    for (const client of record.clients) this.#value(client, Tag.text);
  }

  #row(values: Values, tags: readonly number[], last: Last): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      const tag = tags[i]!;
      if (typeof value !== 'string' || tag === Tag.lengthOfString) this.#value(value, tag);
      else {
        const place = i * LENGTHS + (value.length % LENGTHS);
        if (last.values[place] !== value) {
          last.values[place] = value;
          last.places[place] = this.#placeOf(value);
        }
        this.#put(tag, last.places[place]!);
      }
    }
  }

  #rows(rows: readonly Values[], tags: readonly number[]): void {
    this.#number(rows.length);
    for (const values of rows) for (let i = 0; i < values.length; i++) this.#value(values[i]!, tags[i]!);
  }

  /** `tag` is how it is sent where it is a string. */
  #value(value: Value, tag: number): void {
    if (value === null) this.#put(Tag.none, 0);
    else if (typeof value === 'number') this.#put(Tag.number, value);
    else if (tag === Tag.lengthOfString) {
      this.#text.push(value);
      this.#put(tag, value.length);
    } else this.#put(tag, this.#placeOf(value));
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
  readonly #intern: Interning;
  #kept: string[] = [];
  /** Ids of the strings kept, as far as they were asked for. */
  #texts: (number | undefined)[] = [];
  #addresses: (number | undefined)[] = [];
  #packed!: PackedSessions;
  #next = 0;
  #textAt = 0;

  constructor(intern: Interning) {
    this.#intern = intern;
  }

  unpack(packed: PackedSessions): ScannedSession[] {
    if (packed.restart) {
      this.#kept = [];
      this.#texts = [];
      this.#addresses = [];
    }
    for (const value of packed.kept) {
      this.#kept.push(value);
      this.#texts.push(undefined);
      this.#addresses.push(undefined);
    }
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
    const record = { session, segments, transactions, refusals, links, clients } as unknown as InternedRecord;
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
      case Tag.text:
        return (this.#texts[number] ??= this.#intern.text(this.#kept[number]!));
      case Tag.address:
        return (this.#addresses[number] ??= this.#intern.address(this.#kept[number]!));
      default:
        return null;
    }
  }
}

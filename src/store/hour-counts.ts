/**
 * What the sessions of a run add to the hourly roll-ups, summed up while they are written. The definition is that of the
 * SQL in roll-up.ts; what only the SQL can tell (messages that another session may count for) is left to it.
 */
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import { decidedMessages, type InternedRecord, rolledUp } from './session-record.ts';
import { UsageCounts } from './usage-counts.ts';

export const HOUR_MS = 3_600_000;

/** Beginning of the hour in which a time lies. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

type Value = string | number;

/** Sums by the values of a group: a tree, in which each value leads on to the next. */
interface Branch {
  readonly next: Map<Value, Branch>;
  sums: number[] | undefined;
}

function branchOf<Key extends Value>(branches: Map<Key, Branch>, key: Key): Branch {
  let branch = branches.get(key);
  if (!branch) branches.set(key, (branch = { next: new Map(), sums: undefined }));
  return branch;
}

/** Rows to be added to one table, by hour and group. */
class Sums {
  readonly #hours = new Map<number, Branch>();
  readonly #add: Statement;
  readonly #count: number;

  constructor(db: Database, table: string, group: readonly string[], sums: readonly string[]) {
    const columns = ['hour', ...group, ...sums];
    this.#count = sums.length;
    this.#add = db.prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
       ON CONFLICT DO UPDATE SET ${sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
    );
  }

  /** The sums of a group. */
  of(hour: number, group: readonly Value[]): number[] {
    let place = branchOf(this.#hours, hour);
    for (let i = 0; i < group.length; i++) place = branchOf(place.next, group[i]!);
    return (place.sums ??= new Array<number>(this.#count).fill(0));
  }

  hours(): IterableIterator<number> {
    return this.#hours.keys();
  }

  write(hour: number): void {
    const rows = this.#hours.get(hour);
    if (rows) this.#writeAll(rows, [hour]);
    this.#hours.delete(hour);
  }

  #writeAll({ next, sums }: Branch, values: readonly Value[]): void {
    if (sums) this.#add.run(...values, ...sums);
    for (const [value, below] of next) this.#writeAll(below, [...values, value]);
  }

  drop(hour: number): void {
    this.#hours.delete(hour);
  }
}

const PLACE = ['server_id', 'service', 'direction', 'connector_id', 'source_id'];
const MESSAGE_SUMS = ['messages_accepted', 'messages_refused', 'recipients_accepted', 'recipients_refused', 'bytes_accepted'];

export class HourCounts {
  readonly #sessions: Sums;
  readonly #messages: Sums;
  readonly #refusals: Sums;
  readonly #usage: UsageCounts;

  constructor(db: Database) {
    this.#sessions = new Sums(
      db,
      'hourly_sessions',
      [...PLACE, 'tls_id', 'auth_result', 'outcome', 'health_probe'],
      ['sessions'],
    );
    this.#messages = new Sums(db, 'hourly_messages', [...PLACE, 'tls_id', 'auth_result'], MESSAGE_SUMS);
    this.#refusals = new Sums(db, 'hourly_refusals', [...PLACE, 'command', 'reply_id'], ['refusals']);
    this.#usage = new UsageCounts(db);
  }

  hours(): Set<number> {
    return new Set([this.#sessions, this.#messages, this.#refusals, this.#usage].flatMap((sums) => [...sums.hours()]));
  }

  /** Counts a session with its messages and refusals. */
  add(record: InternedRecord): void {
    const facts = rolledUp(record);
    const { server, service, direction, connector, source, tls, authResult, outcome, healthProbe, startedAt } = facts;
    const place = [server, service ?? '', direction, connector, source];
    const secured = [...place, tls, authResult];
    this.#sessions.of(hourOf(startedAt), [...secured, outcome, healthProbe])[0]!++;
    for (const message of decidedMessages(record)) {
      if (message.shadow || message.clientSessionId !== null) continue;
      const sums = this.#messages.of(hourOf(message.decidedAt), secured);
      if (message.state === 'accepted') {
        sums[0]!++;
        sums[4]! += message.bytes ?? 0;
      } else if (message.state === 'refused') sums[1]!++;
      sums[2]! += message.recipientsAccepted;
      sums[3]! += message.recipientsRefused;
    }
    for (const [at, command, , reply] of record.refusals) this.#refusals.of(hourOf(at), [...place, command, reply])[0]!++;
    if (facts.direction === 'receive') this.#usage.add(record, facts, { server, service: service ?? '', connector, source, tls });
  }

  /** Adds what was counted in an hour to the roll-ups. */
  write(hour: number): void {
    for (const sums of [this.#sessions, this.#messages, this.#refusals, this.#usage]) sums.write(hour);
  }

  /** Forgets what was counted in an hour. */
  drop(hour: number): void {
    for (const sums of [this.#sessions, this.#messages, this.#refusals, this.#usage]) sums.drop(hour);
  }
}

/**
 * What the sessions of a run add to the hourly roll-ups, summed up while they are written. The definition is that of the
 * SQL in roll-up.ts; what only the SQL can tell (messages that another session may count for) is left to it.
 */
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import type { Interner } from './interning.ts';
import { decidedMessages, type RolledUp, rolledUp, type SessionRecord } from './session-record.ts';

export const HOUR_MS = 3_600_000;

/** Beginning of the hour in which a time lies. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** A row of a roll-up: the values of its group, and what is added to its sums. */
interface Sum {
  readonly group: readonly (string | number)[];
  readonly sums: number[];
}

/** Rows to be added to one table, by hour and group. */
class Sums {
  readonly #hours = new Map<number, Map<string, Sum>>();
  readonly #add: Statement;

  constructor(db: Database, table: string, group: readonly string[], sums: readonly string[]) {
    const columns = ['hour', ...group, ...sums];
    this.#add = db.prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
       ON CONFLICT DO UPDATE SET ${sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
    );
  }

  /** The sums of a group; `group` and `sums` make the row where it is new. */
  of(at: number, key: string, group: () => Sum['group'], sums: number): number[] {
    const hour = hourOf(at);
    let rows = this.#hours.get(hour);
    if (!rows) this.#hours.set(hour, (rows = new Map()));
    let row = rows.get(key);
    if (!row) rows.set(key, (row = { group: group(), sums: new Array<number>(sums).fill(0) }));
    return row.sums;
  }

  hours(): IterableIterator<number> {
    return this.#hours.keys();
  }

  write(hour: number): void {
    for (const { group, sums } of this.#hours.get(hour)?.values() ?? []) this.#add.run(hour, ...group, ...sums);
    this.#hours.delete(hour);
  }

  drop(hour: number): void {
    this.#hours.delete(hour);
  }
}

const PLACE = ['server_id', 'service', 'direction', 'connector_id', 'source_id'];
const MESSAGE_SUMS = ['messages_accepted', 'messages_refused', 'recipients_accepted', 'recipients_refused', 'bytes_accepted'];

interface Place extends Pick<RolledUp, 'server' | 'service' | 'direction' | 'connector'> {
  readonly values: readonly (string | number)[];
  readonly key: string;
}

export class HourCounts {
  readonly #intern: Interner;
  readonly #sessions: Sums;
  readonly #messages: Sums;
  readonly #refusals: Sums;
  #lastPlace: Place | undefined;

  constructor(db: Database, intern: Interner) {
    this.#intern = intern;
    this.#sessions = new Sums(
      db,
      'hourly_sessions',
      [...PLACE, 'tls_id', 'auth_result', 'outcome', 'health_probe'],
      ['sessions'],
    );
    this.#messages = new Sums(db, 'hourly_messages', [...PLACE, 'tls_id', 'auth_result'], MESSAGE_SUMS);
    this.#refusals = new Sums(db, 'hourly_refusals', [...PLACE, 'command', 'reply_id'], ['refusals']);
  }

  hours(): Set<number> {
    return new Set([this.#sessions, this.#messages, this.#refusals].flatMap((sums) => [...sums.hours()]));
  }

  /** Counts a session with its messages and refusals. */
  add(record: SessionRecord): void {
    const intern = this.#intern;
    const facts = rolledUp(record);
    const { authResult, outcome, healthProbe } = facts;
    const source = intern.text(facts.source);
    const tls = intern.text(facts.tls);
    const { values, key } = this.#placeOf(facts);
    const place = `${key} ${source}`;
    const crypto = `${place} ${tls} ${authResult}`;
    const sessions = this.#sessions.of(
      facts.startedAt,
      `${crypto} ${outcome} ${healthProbe}`,
      () => [...values, source, tls, authResult, outcome, healthProbe],
      1,
    );
    sessions[0]!++;
    for (const message of decidedMessages(record)) {
      if (message.shadow || message.clientSessionId !== null) continue;
      const sums = this.#messages.of(message.decidedAt, crypto, () => [...values, source, tls, authResult], MESSAGE_SUMS.length);
      if (message.state === 'accepted') {
        sums[0]!++;
        sums[4]! += message.bytes ?? 0;
      } else if (message.state === 'refused') sums[1]!++;
      sums[2]! += message.recipientsAccepted;
      sums[3]! += message.recipientsRefused;
    }
    for (const [at, command, , text] of record.refusals) {
      const reply = intern.text(text);
      this.#refusals.of(at, `${place} ${command} ${reply}`, () => [...values, source, command, reply], 1)[0]!++;
    }
  }

  /** Server, service, direction and connector: as a rule those of the session before. */
  #placeOf({ server, service, direction, connector }: RolledUp): Place {
    const last = this.#lastPlace;
    if (last?.server === server && last.service === service && last.direction === direction && last.connector === connector)
      return last;
    const values = [this.#intern.text(server), service ?? '', direction, this.#intern.text(connector)];
    this.#lastPlace = { server, service, direction, connector, values, key: values.join(' ') };
    return this.#lastPlace;
  }

  /** Adds what was counted in an hour to the roll-ups. */
  write(hour: number): void {
    for (const sums of [this.#sessions, this.#messages, this.#refusals]) sums.write(hour);
  }

  /** Forgets what was counted in an hour. */
  drop(hour: number): void {
    for (const sums of [this.#sessions, this.#messages, this.#refusals]) sums.drop(hour);
  }
}

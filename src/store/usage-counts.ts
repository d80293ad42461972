/** What the sessions of a run add to the roll-ups that reports of use are made of. Their definition is usage-roll-up.ts. */
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import { decidedMessages, type InternedRecord, linkKinds, type RolledUp, type RolledUpMessage } from './session-record.ts';
import { LARGEST_KEPT, SERVER_RIGHTS } from './usage-roll-up.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

type Value = string | number;
type Row = Value[];

/** Rows of one hour and table, by what they are grouped by. */
type Rows = Map<string, Row>;

interface Large {
  readonly bytes: number;
  readonly decidedAt: number;
  readonly sessionId: string;
  readonly ordinal: number;
  readonly values: readonly (Value | null)[];
}

interface HourUsage {
  readonly noise: Rows;
  readonly recipients: Rows;
  readonly senders: Rows;
  readonly minutes: Rows;
  readonly causes: Rows;
  readonly seen: Rows;
  /** By server and connector; the largest first. */
  readonly largest: Map<string, Large[]>;
}

/** Where a session is counted, interned. */
export interface UsagePlace {
  readonly server: number;
  readonly service: string;
  readonly connector: number;
  readonly source: number;
  readonly tls: number;
}

/** Domains kept in memory by address; forgetting them costs a look-up. */
const REMEMBERED = 50_000;

export class UsageCounts {
  readonly #hours = new Map<number, HourUsage>();
  readonly #domains = new Map<number, number>();
  readonly #domain: Statement<[number], { id: number }>;
  readonly #tables: readonly (readonly [name: Exclude<keyof HourUsage, 'largest'>, statement: Statement])[];
  readonly #addLargest: Statement;
  readonly #dropSmaller: Statement;

  constructor(db: Database) {
    this.#domain = db.prepare('SELECT domain_id AS id FROM address WHERE id = ?');
    this.#tables = [
      ['noise', adding(db, 'hourly_noise', 15, ['sessions', ...MESSAGE_SUMS])],
      ['recipients', adding(db, 'hourly_recipients', 7, ['recipients_accepted', 'recipients_refused'])],
      ['senders', adding(db, 'hourly_senders', 8, ['messages_accepted', 'messages_refused', 'bytes_accepted'])],
      ['minutes', adding(db, 'minute_messages', 6, ['messages_accepted', 'messages_refused'])],
      ['causes', adding(db, 'hourly_causes', 7, ['refusals'])],
      [
        'seen',
        db.prepare(
          `INSERT INTO hourly_seen VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET first_at = MIN(first_at, excluded.first_at), last_at = MAX(last_at, excluded.last_at)`,
        ),
      ],
    ];
    this.#addLargest = db.prepare('INSERT OR IGNORE INTO hourly_largest VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#dropSmaller = db.prepare(
      `DELETE FROM hourly_largest WHERE hour = @hour AND (server_id, connector_id, bytes, decided_at, session_id, ordinal) IN (
         SELECT server_id, connector_id, bytes, decided_at, session_id, ordinal FROM (
           SELECT *, ROW_NUMBER() OVER (PARTITION BY server_id, connector_id ORDER BY bytes DESC, decided_at, session_id, ordinal) AS place
           FROM hourly_largest WHERE hour = @hour) WHERE place > ${LARGEST_KEPT})`,
    );
  }

  hours(): IterableIterator<number> {
    return this.#hours.keys();
  }

  /** Counts a session of a receive log; its messages that another session may count for are left to the SQL. */
  add(record: InternedRecord, facts: RolledUp, place: UsagePlace): void {
    const { server, service, connector, source, tls } = place;
    const { authResult, outcome, startedAt } = facts;
    const hop = record.clients.length > 0 || (facts.permissions ?? 0) & SERVER_RIGHTS;
    const noise = facts.healthProbe ? 'health' : hop ? 'hop' : undefined;
    const at = `${server} ${connector} ${source}`;
    const helo = noise === undefined ? (facts.helo ?? 0) : 0;
    const addNoise = (kind: string, time: number): Row =>
      rowOf(
        this.#usage(time).noise,
        `${at} ${service} ${kind} ${outcome} ${tls} ${authResult}`,
        [server, service, connector, source, kind, outcome, tls, authResult],
        6,
      );
    if (noise !== undefined) increase(addNoise(noise, startedAt), 8);
    else if (outcome !== 'probe') this.#see(startedAt, at, place, helo);
    for (const message of decidedMessages(record)) {
      if (message.shadow || message.clientSessionId !== null) continue;
      if (noise !== undefined) addMessage(addNoise(noise, message.decidedAt), message);
      else this.#addClientMessage(message, facts.sessionId, at, place, helo);
    }
    this.#addCauses(record, noise, at, place);
  }

  #addCauses(record: InternedRecord, noise: string | undefined, at: string, { server, connector, source }: UsagePlace): void {
    if (record.refusals.length === 0 || noise === 'health') return;
    let client = source;
    let place = at;
    if (noise !== undefined) {
      if (record.clients.length !== 1 || !linkKinds(record).includes('xproxy')) return;
      client = record.clients[0]!;
      place = `${server} ${connector} ${client}`;
    }
    for (const [time, command, , reply] of record.refusals) {
      const { causes } = this.#usage(time);
      increase(rowOf(causes, `${place} ${command} ${reply}`, [server, connector, client, command, reply], 1), 5);
    }
  }

  #addClientMessage(message: RolledUpMessage, sessionId: string, at: string, place: UsagePlace, helo: number): void {
    const { server, connector, source } = place;
    const { decidedAt, state, bytes, sender, recipients, ordinal } = message;
    const usage = this.#usage(decidedAt);
    for (const [address, accepted] of recipients) {
      if (accepted === null || (accepted === 1 && state !== 'accepted')) continue;
      const domain = this.#domainOf(address);
      increase(rowOf(usage.recipients, `${at} ${domain}`, [server, connector, source, domain], 2), accepted === 1 ? 4 : 5);
    }
    if (state !== 'accepted' && state !== 'refused') return;
    const outcome = state === 'accepted' ? 0 : 1;
    const domain = sender === null ? 0 : this.#domainOf(sender);
    const senders = rowOf(usage.senders, `${at} ${domain}`, [server, connector, source, domain], 3);
    increase(senders, 4 + outcome);
    const minute = Math.floor(decidedAt / MINUTE_MS) % 60;
    increase(rowOf(usage.minutes, `${minute} ${server} ${connector}`, [minute, server, connector], 2), 3 + outcome);
    this.#see(decidedAt, at, place, helo);
    if (state !== 'accepted' || !bytes) return;
    increase(senders, 6, bytes);
    keepLarge(usage.largest, `${server} ${connector}`, { bytes, decidedAt, sessionId, ordinal }, () => [
      server,
      connector,
      bytes,
      decidedAt,
      sessionId,
      ordinal,
      source,
      sender,
    ]);
  }

  #see(at: number, key: string, { server, connector, source }: UsagePlace, helo: number): void {
    const { seen } = this.#usage(at);
    const own = `${key} ${helo}`;
    const row = seen.get(own);
    if (!row) seen.set(own, [source, server, connector, helo, at, at]);
    else if (at < (row[4] as number)) row[4] = at;
    else if (at > (row[5] as number)) row[5] = at;
  }

  #domainOf(address: number): number {
    const known = this.#domains.get(address);
    if (known !== undefined) return known;
    if (this.#domains.size >= REMEMBERED) this.#domains.clear();
    const domain = this.#domain.get(address)!.id;
    this.#domains.set(address, domain);
    return domain;
  }

  #usage(at: number): HourUsage {
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
    let usage = this.#hours.get(hour);
    if (!usage) {
      usage = {
        noise: new Map(),
        recipients: new Map(),
        senders: new Map(),
        minutes: new Map(),
        causes: new Map(),
        seen: new Map(),
        largest: new Map(),
      };
      this.#hours.set(hour, usage);
    }
    return usage;
  }

  write(hour: number): void {
    const usage = this.#hours.get(hour);
    if (!usage) return;
    for (const [name, statement] of this.#tables) for (const row of usage[name].values()) statement.run(hour, ...row);
    for (const large of usage.largest.values()) for (const { values } of large) this.#addLargest.run(hour, ...values);
    if (usage.largest.size > 0) this.#dropSmaller.run({ hour });
    this.#hours.delete(hour);
  }

  drop(hour: number): void {
    this.#hours.delete(hour);
  }
}

const MESSAGE_SUMS = ['messages_accepted', 'messages_refused', 'recipients_accepted', 'recipients_refused', 'bytes_accepted'];

function adding(db: Database, table: string, columns: number, sums: readonly string[]): Statement {
  return db.prepare(
    `INSERT INTO ${table} VALUES (${new Array(columns).fill('?').join(', ')})
     ON CONFLICT DO UPDATE SET ${sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
  );
}

/** The row of a group, its sums at the end. */
function rowOf(rows: Rows, key: string, group: Row, sums: number): Row {
  let row = rows.get(key);
  if (!row) {
    row = group;
    for (let i = 0; i < sums; i++) row.push(0);
    rows.set(key, row);
  }
  return row;
}

function increase(row: Row, place: number, by = 1): void {
  row[place] = (row[place] as number) + by;
}

/** The sums stand in the order of MESSAGE_SUMS behind that of the sessions. */
function addMessage(row: Row, { state, bytes, recipientsAccepted, recipientsRefused }: RolledUpMessage): void {
  if (state === 'accepted') {
    increase(row, 9);
    increase(row, 13, bytes ?? 0);
  } else if (state === 'refused') increase(row, 10);
  increase(row, 11, recipientsAccepted);
  increase(row, 12, recipientsRefused);
}

function keepLarge(
  largest: Map<string, Large[]>,
  key: string,
  message: Omit<Large, 'values'>,
  values: () => Large['values'],
): void {
  let kept = largest.get(key);
  if (!kept) largest.set(key, (kept = []));
  if (kept.length === LARGEST_KEPT && compareLarge(kept.at(-1)!, message) <= 0) return;
  kept.push({ ...message, values: values() });
  kept.sort(compareLarge);
  if (kept.length > LARGEST_KEPT) kept.pop();
}

const compareLarge = (a: Omit<Large, 'values'>, b: Omit<Large, 'values'>): number =>
  b.bytes - a.bytes ||
  a.decidedAt - b.decidedAt ||
  (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : a.ordinal - b.ordinal);

/** What the sessions of a run add to the roll-ups that reports of use are made of. Their definition is usage-roll-up.ts. */
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import { hourOf, type Place, PlaceHours } from './place-hours.ts';
import { type InternedRecord, linkKinds, type RolledUp, type RolledUpMessage } from './session-record.ts';
import { LARGEST_KEPT, SERVER_RIGHTS } from './usage-roll-up.ts';

const MINUTE_MS = 60_000;

type Value = string | number;
type Row = Value[];

/** By what they are grouped by. */
type Rows = Map<string, Row>;

interface Large {
  readonly bytes: number;
  readonly decidedAt: number;
  readonly sessionId: string;
  readonly ordinal: number;
  readonly values: readonly (Value | null)[];
}

/** What one client did at one connector in one hour, by domain, hello name, and command with reply. */
interface ClientHour {
  readonly recipients: Map<number, Row>;
  readonly senders: Map<number, Row>;
  readonly seen: Map<number, Row>;
  readonly causes: Rows;
}

interface ConnectorHour {
  readonly server: number;
  readonly connector: number;
  readonly minutes: (Row | undefined)[];
  /** The largest first. */
  readonly largest: Large[];
}

/** Domains kept in memory by address; forgetting them costs a look-up. */
const REMEMBERED = 50_000;

export class UsageCounts {
  readonly #clients = new PlaceHours<ClientHour>(() => ({
    recipients: new Map(),
    senders: new Map(),
    seen: new Map(),
    causes: new Map(),
  }));
  readonly #noise = new Map<number, Rows>();
  readonly #connectors = new Map<number, ConnectorHour[]>();
  /** Domain by address, both as numbers. */
  readonly #domains = new Map<number, number>();
  readonly #domain: Statement<[number], { id: number }>;
  readonly #add: Readonly<Record<'noise' | 'recipients' | 'senders' | 'minutes' | 'causes' | 'seen' | 'largest', Statement>>;
  readonly #dropSmaller: Statement;

  constructor(db: Database) {
    this.#domain = db.prepare('SELECT domain_id AS id FROM address WHERE id = ?');
    this.#add = {
      noise: adding(db, 'hourly_noise', 15, ['sessions', ...MESSAGE_SUMS]),
      recipients: adding(db, 'hourly_recipients', 7, ['recipients_accepted', 'recipients_refused']),
      senders: adding(db, 'hourly_senders', 8, ['messages_accepted', 'messages_refused', 'bytes_accepted']),
      minutes: adding(db, 'minute_messages', 6, ['messages_accepted', 'messages_refused']),
      causes: adding(db, 'hourly_causes', 7, ['refusals']),
      seen: db.prepare(
        `INSERT INTO hourly_seen VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET first_at = MIN(first_at, excluded.first_at), last_at = MAX(last_at, excluded.last_at)`,
      ),
      largest: db.prepare('INSERT OR IGNORE INTO hourly_largest VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    };
    this.#dropSmaller = db.prepare(
      `DELETE FROM hourly_largest WHERE hour = @hour AND (server_id, connector_id, bytes, decided_at, session_id, ordinal) IN (
         SELECT server_id, connector_id, bytes, decided_at, session_id, ordinal FROM (
           SELECT *, ROW_NUMBER() OVER (PARTITION BY server_id, connector_id ORDER BY bytes DESC, decided_at, session_id, ordinal) AS place
           FROM hourly_largest WHERE hour = @hour) WHERE place > ${LARGEST_KEPT})`,
    );
  }

  hours(): number[] {
    return [...this.#clients.hours(), ...this.#noise.keys(), ...this.#connectors.keys()];
  }

  /** Counts a session of a receive log; its messages that another session may count for are left to the SQL. */
  add(record: InternedRecord, facts: RolledUp, messages: readonly RolledUpMessage[]): void {
    const { outcome, startedAt } = facts;
    const hop = record.clients.length > 0 || ((facts.permissions ?? 0) & SERVER_RIGHTS) !== 0;
    const noise = facts.healthProbe ? 'health' : hop ? 'hop' : undefined;
    const helo = noise === undefined ? (facts.helo ?? 0) : 0;
    if (noise !== undefined) increase(this.#noiseRow(noise, startedAt, facts), 8);
    else if (outcome !== 'probe') see(this.#clients.of(startedAt, facts), startedAt, facts, helo);
    for (const message of messages) {
      if (message.shadow || message.clientSessionId !== null) continue;
      if (noise !== undefined) addMessage(this.#noiseRow(noise, message.decidedAt, facts), message);
      else this.#addClientMessage(message, facts, helo);
    }
    if (record.refusals.length > 0) this.#addCauses(record, noise, facts);
  }

  #noiseRow(kind: string, time: number, { server, service, connector, source, tls, outcome, authResult }: RolledUp): Row {
    const hour = hourOf(time);
    let rows = this.#noise.get(hour);
    if (!rows) this.#noise.set(hour, (rows = new Map()));
    const key = `${server} ${service} ${connector} ${source} ${kind} ${outcome} ${tls} ${authResult}`;
    return rowOf(rows, key, () => [server, service, connector, source, kind, outcome, tls, authResult], 6);
  }

  #addCauses(record: InternedRecord, noise: string | undefined, facts: Place): void {
    if (noise === 'health') return;
    let place = facts;
    if (noise !== undefined) {
      if (record.clients.length !== 1 || !linkKinds(record).includes('xproxy')) return;
      place = { ...facts, source: record.clients[0]! };
    }
    const { server, connector, source } = place;
    for (const [time, command, , reply] of record.refusals) {
      const { causes } = this.#clients.of(time, place);
      increase(
        rowOf(causes, `${command} ${reply}`, () => [server, connector, source, command, reply], 1),
        5,
      );
    }
  }

  #addClientMessage(message: RolledUpMessage, facts: RolledUp, helo: number): void {
    const { server, connector, source, sessionId } = facts;
    const { decidedAt, state, bytes, sender, recipients } = message;
    const client = this.#clients.of(decidedAt, facts);
    for (let i = 0; i < recipients.length; i++) {
      const [address, accepted] = recipients[i]!;
      if (accepted === null || (accepted === 1 && state !== 'accepted')) continue;
      const domain = this.#domainOf(address);
      increase(
        rowOf(client.recipients, domain, () => [server, connector, source, domain], 2),
        accepted === 1 ? 4 : 5,
      );
    }
    if (state !== 'accepted' && state !== 'refused') return;
    const outcome = state === 'accepted' ? 0 : 1;
    const domain = sender === null ? 0 : this.#domainOf(sender);
    const senders = rowOf(client.senders, domain, () => [server, connector, source, domain], 3);
    increase(senders, 4 + outcome);
    see(client, decidedAt, facts, helo);
    const { minutes, largest } = this.#connector(decidedAt, server, connector);
    const minute = Math.floor(decidedAt / MINUTE_MS) % 60;
    increase((minutes[minute] ??= [minute, server, connector, 0, 0]), 3 + outcome);
    if (outcome !== 0 || !bytes) return;
    increase(senders, 6, bytes);
    if (largest.length === LARGEST_KEPT && bytes < largest[LARGEST_KEPT - 1]!.bytes) return;
    const { ordinal } = message;
    const values = [server, connector, bytes, decidedAt, sessionId, ordinal, source, sender];
    largest.push({ bytes, decidedAt, sessionId, ordinal, values });
    largest.sort(compareLarge);
    if (largest.length > LARGEST_KEPT) largest.pop();
  }

  #domainOf(address: number): number {
    const known = this.#domains.get(address);
    if (known !== undefined) return known;
    if (this.#domains.size >= REMEMBERED) this.#domains.clear();
    const domain = this.#domain.get(address)!.id;
    this.#domains.set(address, domain);
    return domain;
  }

  #connector(time: number, server: number, connector: number): ConnectorHour {
    const hour = hourOf(time);
    let connectors = this.#connectors.get(hour);
    if (!connectors) this.#connectors.set(hour, (connectors = []));
    for (const known of connectors) if (known.connector === connector && known.server === server) return known;
    const own = { server, connector, minutes: [], largest: [] };
    connectors.push(own);
    return own;
  }

  write(hour: number): void {
    const add = this.#add;
    for (const row of this.#noise.get(hour)?.values() ?? []) add.noise.run(hour, ...row);
    for (const { counts } of this.#clients.take(hour)) {
      for (const row of counts.recipients.values()) add.recipients.run(hour, ...row);
      for (const row of counts.senders.values()) add.senders.run(hour, ...row);
      for (const row of counts.seen.values()) add.seen.run(hour, ...row);
      for (const row of counts.causes.values()) add.causes.run(hour, ...row);
    }
    const connectors = this.#connectors.get(hour);
    for (const { minutes, largest } of connectors ?? []) {
      for (const row of minutes) if (row) add.minutes.run(hour, ...row);
      for (const { values } of largest) add.largest.run(hour, ...values);
    }
    if (connectors) this.#dropSmaller.run({ hour });
    this.drop(hour);
  }

  drop(hour: number): void {
    this.#clients.take(hour);
    this.#noise.delete(hour);
    this.#connectors.delete(hour);
  }
}

/** Sums of messages in the order in which every roll-up has them. */
export const MESSAGE_SUMS = [
  'messages_accepted',
  'messages_refused',
  'recipients_accepted',
  'recipients_refused',
  'bytes_accepted',
];

/** Adds a row to a roll-up that begins with its group and ends with its sums. */
export function adding(db: Database, table: string, columns: number, sums: readonly string[]): Statement {
  return db.prepare(
    `INSERT INTO ${table} VALUES (${new Array(columns).fill('?').join(', ')})
     ON CONFLICT DO UPDATE SET ${sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
  );
}

/** The row of a group, its sums at the end. */
function rowOf<Key>(rows: Map<Key, Row>, key: Key, group: () => Row, sums: number): Row {
  let row = rows.get(key);
  if (!row) {
    row = group();
    for (let i = 0; i < sums; i++) row.push(0);
    rows.set(key, row);
  }
  return row;
}

function see({ seen }: ClientHour, at: number, { server, connector, source }: Place, helo: number): void {
  const row = seen.get(helo);
  if (!row) seen.set(helo, [source, server, connector, helo, at, at]);
  else if (at < (row[4] as number)) row[4] = at;
  else if (at > (row[5] as number)) row[5] = at;
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

const compareLarge = (a: Large, b: Large): number =>
  b.bytes - a.bytes ||
  a.decidedAt - b.decidedAt ||
  (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : a.ordinal - b.ordinal);

/** What interned numbers stand for, and what clients are called. */
import type { Statement } from 'better-sqlite3';
import type { Device, Devices } from '../../connector/device.ts';
import type { Database } from '../../store/database.ts';

export class Texts {
  readonly #value: Statement<[number], string>;
  readonly #address: Statement<[number], string>;
  readonly #known = new Map<number, string>();

  constructor(db: Database) {
    this.#value = db.prepare<[number], string>('SELECT value FROM text WHERE id = ?').pluck();
    this.#address = db.prepare<[number], string>('SELECT value FROM address WHERE id = ?').pluck();
  }

  of(id: number): string {
    let value = this.#known.get(id);
    if (value === undefined) this.#known.set(id, (value = this.#value.get(id) ?? ''));
    return value;
  }

  address(id: number): string {
    return this.#address.get(id) ?? '';
  }
}

/** Who a client is. `firstSeen`, `lastSeen`: over everything that was ever read, milliseconds UTC. */
export interface Identity {
  readonly source: string;
  readonly helo: string | null;
  readonly device: Device | undefined;
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
}

/** Clients by their number. Each is looked up by itself, so that a long history costs nothing. */
export class Identities {
  readonly #texts: Texts;
  readonly #devices: Devices;
  readonly #until: number;
  readonly #known = new Map<number, Identity>();
  readonly #first: Statement<[{ source: number }], number | null>;
  readonly #last: Statement<[{ source: number }], number | null>;
  readonly #helo: Statement<[{ source: number; until: number }], number>;

  /** `until`: the end of the period, whose hello names are meant. */
  constructor(db: Database, texts: Texts, devices: Devices, until: number) {
    this.#texts = texts;
    this.#devices = devices;
    this.#until = until;
    const seen = (what: string, hour: string): string =>
      `SELECT ${what} FROM hourly_seen WHERE source_id = @source AND hour = (SELECT ${hour}(hour) FROM hourly_seen WHERE source_id = @source)`;
    this.#first = db.prepare<[{ source: number }], number | null>(seen('MIN(first_at)', 'MIN')).pluck();
    this.#last = db.prepare<[{ source: number }], number | null>(seen('MAX(last_at)', 'MAX')).pluck();
    this.#helo = db
      .prepare<[{ source: number; until: number }], number>(
        `SELECT helo_id FROM hourly_seen WHERE source_id = @source AND hour < @until AND first_at < @until AND helo_id <> 0
         ORDER BY hour DESC, last_at DESC, helo_id LIMIT 1`,
      )
      .pluck();
  }

  of(source: number): Identity {
    let identity = this.#known.get(source);
    if (!identity) this.#known.set(source, (identity = this.#lookUp(source)));
    return identity;
  }

  #lookUp(source: number): Identity {
    const address = this.#texts.of(source);
    const named = this.#helo.get({ source, until: this.#until });
    const helo = named === undefined ? null : this.#texts.of(named);
    return {
      source: address,
      helo,
      device: this.#devices.find(address, helo === null ? [] : [helo]),
      firstSeen: this.#first.get({ source }) ?? null,
      lastSeen: this.#last.get({ source }) ?? null,
    };
  }
}

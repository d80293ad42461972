/** The session by which a client was seen last at a server: found by the time that the roll-up keeps, not by looking through sessions. */
import type { Statement } from 'better-sqlite3';
import { parseEndpoint } from '../../../net/endpoint.ts';
import type { Database } from '../../../store/database.ts';
import type { Texts } from '../names.ts';

/** What a session says of a client. */
export interface Proof {
  readonly at: string;
  /** As logged: `session` takes it. null where the roll-ups remember what the sessions of the store do not. */
  readonly sessionId: string | null;
  readonly connector: string;
  readonly outcome: string | null;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly lastError: string | null;
  /** The front end that handed it over, where the log of a Hub is all that names the client. */
  readonly behind: string | null;
}

/** Where a client enters: the connector as logged, and the port. */
export interface Entrance {
  readonly connector: string;
  readonly port: number;
}

interface Row {
  readonly session_id: string;
  readonly connector_id: number;
  readonly outcome: string;
  readonly messages_accepted: number;
  readonly messages_refused: number;
  readonly last_error_id: number | null;
  readonly local_endpoint: string;
  readonly remote_endpoint: string;
  readonly handed: number;
}

interface Place {
  readonly source: number;
  readonly server: number;
}

const COLUMNS = `s.session_id, s.connector_id, s.outcome, s.messages_accepted, s.messages_refused, s.last_error_id, s.local_endpoint, s.remote_endpoint`;
/** Hours that are looked through for a session of its own. */
const HOURS = 200;

export class Proofs {
  readonly #texts: Texts;
  readonly #at: Statement<[Place & { at: number }], Row>;
  readonly #connectorAt: Statement<[Place & { at: number }], number>;
  readonly #hours: Statement<[Place & { until: number }], { first_at: number; last_at: number }>;
  readonly #within: Statement<[Place & { first: number; last: number }], { connector_id: number; local_endpoint: string }>;

  constructor(db: Database, texts: Texts) {
    this.#texts = texts;
    this.#at = db.prepare(
      `SELECT ${COLUMNS}, 0 AS handed FROM session s
         WHERE s.started_at = @at AND s.source_id = @source AND s.server_id = @server AND s.direction = 'receive'
       UNION ALL
       SELECT ${COLUMNS}, t.client_id IS NOT NULL FROM smtp_transaction t JOIN session s ON s.id = t.session
         WHERE t.decided_at = @at AND COALESCE(t.client_id, s.source_id) = @source AND s.server_id = @server AND s.direction = 'receive'
       ORDER BY handed, session_id LIMIT 1`,
    );
    this.#connectorAt = db
      .prepare<[Place & { at: number }], number>(
        'SELECT connector_id FROM hourly_seen WHERE source_id = @source AND hour = @at / 3600000 * 3600000 AND server_id = @server AND last_at = @at LIMIT 1',
      )
      .pluck();
    this.#hours = db.prepare(
      `SELECT first_at, last_at FROM hourly_seen WHERE source_id = @source AND server_id = @server AND hour < @until AND first_at < @until
       ORDER BY hour DESC LIMIT ${HOURS}`,
    );
    this.#within = db.prepare(
      `SELECT connector_id, local_endpoint FROM session WHERE started_at BETWEEN @first AND @last AND +source_id = @source
         AND server_id = @server AND direction = 'receive' AND outcome <> 'probe' ORDER BY started_at DESC LIMIT 1`,
    );
  }

  /** `at`: when the roll-up says that it was seen, milliseconds UTC. */
  at(source: number, server: number, at: number): Proof {
    const row = this.#at.get({ source, server, at });
    if (!row) {
      const connector = this.#connectorAt.get({ source, server, at });
      return {
        at: new Date(at).toISOString(),
        sessionId: null,
        connector: connector === undefined ? '' : this.#texts.of(connector),
        outcome: null,
        messagesAccepted: 0,
        messagesRefused: 0,
        lastError: null,
        behind: null,
      };
    }
    return {
      at: new Date(at).toISOString(),
      sessionId: row.session_id,
      connector: this.#texts.of(row.connector_id),
      outcome: row.outcome,
      messagesAccepted: row.messages_accepted,
      messagesRefused: row.messages_refused,
      lastError: row.last_error_id === null ? null : this.#texts.of(row.last_error_id),
      behind: row.handed === 0 ? null : behindOf(row),
    };
  }

  /** Of its last session of its own before `until`; undefined: it never came itself, as far as the store still has sessions. */
  entrance(source: number, server: number, until: number): Entrance | undefined {
    for (const { first_at, last_at } of this.#hours.all({ source, server, until })) {
      const session = this.#within.get({ source, server, first: first_at, last: Math.min(last_at, until - 1) });
      const port = session && parseEndpoint(session.local_endpoint).port;
      if (port !== undefined) return { connector: this.#texts.of(session!.connector_id), port };
    }
    return undefined;
  }
}

/** null: the front end of the same server. */
function behindOf({ remote_endpoint, local_endpoint }: Row): string | null {
  const front = parseEndpoint(remote_endpoint).address;
  return front === parseEndpoint(local_endpoint).address ? null : front;
}

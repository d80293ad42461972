/** A session as the commands show it (design: the JSON contract of `sessions`). */
import type { Direction, Service } from '../protocol-log/fields.ts';
import type { AuthResult, SessionAnomaly } from '../session/session.ts';
import type { Outcome } from '../smtp/outcome.ts';
import { permissionNames } from '../smtp/permission.ts';
import type { Database } from '../store/database.ts';
import { publicId } from './session-id.ts';

export interface SessionSummary {
  readonly id: string;
  readonly sessionId: string;
  /** Empty while no log names it. */
  readonly server: string;
  readonly service: Service | null;
  readonly direction: Direction;
  readonly connector: string;
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  /** Client address; null on send. */
  readonly source: string | null;
  /** Real clients behind a front end. */
  readonly clientSources: readonly string[];
  /** Remote endpoint of a send session; null on receive. */
  readonly destination: string | null;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly helo: string | null;
  readonly tls: string;
  readonly authMechanism: string | null;
  readonly authUser: string | null;
  readonly authResult: AuthResult;
  readonly permissions: readonly string[];
  /** False where no row says what the session may do (2016 and later log it only after TLS or AUTH). */
  readonly permissionsLogged: boolean;
  readonly outcome: Outcome;
  readonly outcomeReason: string;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  readonly lastError: string | null;
  readonly disconnect: string | null;
  readonly healthProbe: boolean;
  readonly rows: number;
}

/** A row of `session_view`, with the real clients behind it, joined by line feeds. */
export interface SessionRow {
  readonly id: number;
  readonly session_id: string;
  readonly direction: Direction;
  readonly server: string;
  readonly service: Service | null;
  readonly connector: string;
  readonly local_endpoint: string;
  readonly remote_endpoint: string;
  readonly generation: number;
  readonly source: string | null;
  readonly destination: string | null;
  readonly started_at: number;
  readonly ended_at: number;
  readonly rows: number;
  readonly helo: string | null;
  readonly tls: string;
  readonly auth_mechanism: string | null;
  readonly auth_user: string | null;
  readonly auth_result: AuthResult;
  readonly permissions: number | null;
  readonly outcome: Outcome;
  readonly outcome_reason: string;
  readonly ended: number;
  readonly messages_accepted: number;
  readonly messages_refused: number;
  readonly recipients_accepted: number;
  readonly recipients_refused: number;
  readonly bytes_accepted: number;
  readonly last_error: string | null;
  readonly disconnect: string | null;
  readonly tarpit_ms: number;
  readonly health_probe: number;
  readonly anomalies: string | null;
  readonly clients: string | null;
}

/** Selects the columns of {@link SessionRow} from `session_view v`. */
export const SESSION_COLUMNS = `v.*, (SELECT group_concat(value, char(10)) FROM (SELECT text.value FROM session_client c
  JOIN text ON text.id = c.client_id WHERE c.session = v.id ORDER BY text.value)) AS clients`;

export function summarise(row: SessionRow): SessionSummary {
  const open = row.outcome === 'open';
  return {
    id: publicId({
      sessionId: row.session_id,
      direction: row.direction,
      server: row.server,
      remoteEndpoint: row.remote_endpoint,
      generation: row.generation,
    }),
    sessionId: row.session_id,
    server: row.server,
    service: row.service,
    direction: row.direction,
    connector: row.connector,
    localEndpoint: row.local_endpoint,
    remoteEndpoint: row.remote_endpoint,
    source: row.source,
    clientSources: row.clients?.split('\n') ?? [],
    destination: row.destination,
    startedAt: new Date(row.started_at).toISOString(),
    endedAt: new Date(row.ended_at).toISOString(),
    helo: row.helo,
    tls: row.tls,
    authMechanism: row.auth_mechanism,
    authUser: row.auth_user,
    authResult: row.auth_result,
    permissions: permissionNames(row.permissions ?? 0),
    permissionsLogged: row.permissions !== null,
    outcome: row.outcome,
    outcomeReason: open ? 'no end yet; the logs end within the connection timeout of 10 minutes' : row.outcome_reason,
    messagesAccepted: row.messages_accepted,
    messagesRefused: row.messages_refused,
    recipientsAccepted: row.recipients_accepted,
    recipientsRefused: row.recipients_refused,
    lastError: row.last_error,
    disconnect: row.disconnect,
    healthProbe: row.health_probe === 1,
    rows: row.rows,
  };
}

/** Rows of `session_view` by their internal numbers, in the order of the numbers given. */
export function summariesByNumber(db: Database, numbers: readonly number[]): SessionRow[] {
  const select = db.prepare<[number], SessionRow>(`SELECT ${SESSION_COLUMNS} FROM session_view v WHERE v.id = ?`);
  return numbers.flatMap((number) => select.get(number) ?? []);
}

export function anomaliesOf(row: SessionRow): (SessionAnomaly | { kind: 'cut-end'; count: number })[] {
  const logged = row.anomalies === null ? [] : (JSON.parse(row.anomalies) as SessionAnomaly[]);
  return row.ended === 0 && row.outcome !== 'open' ? [...logged, { kind: 'cut-end', count: 1 }] : logged;
}

/** Connectors as the logs show them. */
import type { Direction } from '../protocol-log/fields.ts';
import { FAILING_OUTCOMES } from '../smtp/outcome.ts';
import type { Database } from '../store/database.ts';

export interface ConnectorSummary {
  /** As logged: `SERVER\Name` on receive, the name alone on send; empty where no connector took the connection. */
  readonly connector: string;
  readonly server: string;
  readonly direction: Direction;
  readonly services: readonly string[];
  readonly localPorts: readonly number[];
  readonly sessions: number;
  /** Client addresses on receive, destinations on send. */
  readonly peers: number;
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  readonly failedSessions: number;
  readonly healthProbes: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

interface Row {
  connector: string;
  server: string;
  direction: Direction;
  services: string | null;
  ports: string | null;
  sessions: number;
  peers: number;
  accepted: number;
  refused: number;
  recipientsAccepted: number;
  recipientsRefused: number;
  failed: number;
  health: number;
  first: number;
  last: number;
}

/** Each with what went through it, by its own log (a message that a front end hands on shows at the Hub's connector too). */
export function listConnectors(db: Database): ConnectorSummary[] {
  const rows = db
    .prepare(
      `SELECT v.connector, v.server, v.direction, group_concat(DISTINCT v.service) AS services,
         group_concat(DISTINCT CASE WHEN v.direction = 'receive' THEN replace(v.local_endpoint, rtrim(v.local_endpoint, '0123456789'), '') END) AS ports,
         COUNT(*) AS sessions, COUNT(DISTINCT COALESCE(v.source, v.destination)) AS peers,
         SUM(v.messages_accepted) AS accepted, SUM(v.messages_refused) AS refused,
         SUM(v.recipients_accepted) AS recipientsAccepted, SUM(v.recipients_refused) AS recipientsRefused,
         SUM(v.outcome IN (SELECT value FROM json_each(?))) AS failed,
         SUM(v.health_probe) AS health, MIN(v.started_at) AS first, MAX(v.ended_at) AS last
       FROM session_view v GROUP BY v.connector_id, v.server_id, v.direction ORDER BY v.direction, v.server, v.connector`,
    )
    .all(JSON.stringify(FAILING_OUTCOMES)) as Row[];
  return rows.map((row) => ({
    connector: row.connector,
    server: row.server,
    direction: row.direction,
    services: row.services?.split(',').sort() ?? [],
    localPorts: [...new Set((row.ports ?? '').split(',').filter(Boolean).map(Number))].sort((a, b) => a - b),
    sessions: row.sessions,
    peers: row.peers,
    messagesAccepted: row.accepted,
    messagesRefused: row.refused,
    recipientsAccepted: row.recipientsAccepted,
    recipientsRefused: row.recipientsRefused,
    failedSessions: row.failed,
    healthProbes: row.health,
    firstSeen: new Date(row.first).toISOString(),
    lastSeen: new Date(row.last).toISOString(),
  }));
}

/** Connectors as the logs show them. */
import type { Direction } from '../protocol-log/fields.ts';
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
      `SELECT connector.value AS connector, server.value AS server, s.direction, group_concat(DISTINCT s.service) AS services,
         group_concat(DISTINCT CASE WHEN s.direction = 'receive' THEN replace(s.local_endpoint, rtrim(s.local_endpoint, '0123456789'), '') END) AS ports,
         COUNT(*) AS sessions, COUNT(DISTINCT CASE WHEN s.direction = 'receive' THEN s.source_id ELSE s.remote_endpoint END) AS peers,
         SUM(s.messages_accepted) AS accepted, SUM(s.messages_refused) AS refused,
         SUM(s.recipients_accepted) AS recipientsAccepted, SUM(s.recipients_refused) AS recipientsRefused,
         SUM(s.outcome IN ('partial', 'turned-away', 'connect-failed', 'tls-failed', 'auth-failed', 'refused') OR s.outcome = 'abandoned' AND s.ended) AS failed,
         SUM(s.health_probe) AS health, MIN(s.started_at) AS first, MAX(s.ended_at) AS last
       FROM session s JOIN text connector ON connector.id = s.connector_id JOIN text server ON server.id = s.server_id
       GROUP BY s.connector_id, s.server_id, s.direction ORDER BY s.direction, server.value, connector.value`,
    )
    .all() as Row[];
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

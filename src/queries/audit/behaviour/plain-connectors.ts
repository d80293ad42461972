/** Connectors on which clients asked for TLS in vain, or never had it. */
import type { Database } from '../../../store/database.ts';
import { SESSION_NOISE } from '../../../store/usage-roll-up.ts';
import type { Span } from '../traffic.ts';

export interface PlainPlace {
  readonly server: number;
  readonly connector: number;
  readonly sessions: number;
  readonly secured: number;
  readonly firstSecured: number | null;
  readonly lastSecured: number | null;
  readonly refused: number;
  readonly firstRefused: number | null;
  readonly lastRefused: number | null;
  readonly refusedSources: number;
  /** Number of the session that shows it. */
  readonly shown: number | null;
}

/** The reply to a STARTTLS that the connector does not know: reference of the replies, section C4. */
export function plainPlaces(db: Database, span: Span): PlainPlace[] {
  return db
    .prepare(
      `WITH vain AS MATERIALIZED (SELECT DISTINCT r.session FROM refusal r
         WHERE r.at >= @since AND r.at < @until AND r.command = 'starttls' AND r.code IN (500, 502)),
       place AS MATERIALIZED (SELECT s.server_id AS server, s.connector_id AS connector, COUNT(*) AS sessions,
           SUM(s.tls_id <> @none) AS secured, MIN(CASE WHEN s.tls_id <> @none THEN s.started_at END) AS firstSecured,
           MAX(CASE WHEN s.tls_id <> @none THEN s.started_at END) AS lastSecured,
           MAX(CASE WHEN s.tls_id = @none AND s.helo_id IS NOT NULL THEN printf('%015d %d', s.started_at, s.id) END) AS plain
         FROM session s WHERE s.direction = 'receive' AND s.started_at >= @since AND s.started_at < @until AND ${SESSION_NOISE} IS NULL
         GROUP BY 1, 2),
       refused AS MATERIALIZED (SELECT s.server_id AS server, s.connector_id AS connector, COUNT(*) AS refused,
           MIN(s.started_at) AS firstRefused, MAX(s.started_at) AS lastRefused, COUNT(DISTINCT s.source_id) AS refusedSources,
           MAX(printf('%015d %d', s.started_at, s.id)) AS last
         FROM vain JOIN session s ON s.id = vain.session
         WHERE s.direction = 'receive' AND s.started_at >= @since AND ${SESSION_NOISE} IS NULL GROUP BY 1, 2)
       SELECT place.server, place.connector, sessions, secured, firstSecured, lastSecured, COALESCE(refused, 0) AS refused,
         firstRefused, lastRefused, COALESCE(refusedSources, 0) AS refusedSources,
         CAST(substr(COALESCE(refused.last, plain), 17) AS INTEGER) AS shown
       FROM place LEFT JOIN refused ON refused.server = place.server AND refused.connector = place.connector
       WHERE refused > 0 OR secured = 0 ORDER BY place.server, place.connector`,
    )
    .all({ ...span, none: noTls(db) }) as PlainPlace[];
}

/** The number under which `none` stands. */
const noTls = (db: Database): number => db.prepare<[], number>("SELECT id FROM text WHERE value = 'none'").pluck().get() ?? 0;

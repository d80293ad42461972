/**
 * The roll-ups that reports of use are made of (migration 005), as SQL; usage-counts.ts sums up the same while sessions
 * are written. Clients only: what the product does for itself is `hourly_noise`.
 */
import { permissionMask } from '../smtp/permission.ts';

/** A roll-up: what it says of the time from `@hour` to `@end`, in the order of its columns. */
export interface RollUpDefinition {
  readonly table: string;
  readonly select: string;
}

/** Rights that only the organisation's own Exchange servers have. Source: reference of the receive connectors, templates of the groups. */
export const SERVER_RIGHTS = permissionMask('AcceptForestHeaders AcceptOrganizationHeaders');

/** Largest messages kept of each connector and hour. */
export const LARGEST_KEPT = 10;

/** A transaction `t` that counts here: no shadow copy, and not in a Hub where the front end's own log has it. */
export const COUNTED = `t.shadow = 0
    AND NOT (t.client_session_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM session front WHERE front.session_id = t.client_session_id AND front.direction = 'receive'
        AND front.id <> t.session AND front.outcome <> 'proxied'))`;

const CLIENTS = '(SELECT COUNT(*) FROM session_client c WHERE c.session = s.id)';
const HOP = `(COALESCE(s.permissions, 0) & ${SERVER_RIGHTS} <> 0 OR EXISTS (SELECT 1 FROM session_client c WHERE c.session = s.id))`;
export const SESSION_NOISE = `CASE WHEN s.health_probe = 1 THEN 'health' WHEN ${HOP} THEN 'hop' END`;
/** A session `s` that is no noise. */
export const NO_NOISE = `(s.health_probe = 0 AND NOT ${HOP})`;
/** The mail of a client is no hop; one health check among the mail of many clients makes no health check of the others. */
export const MESSAGE_NOISE = `CASE WHEN s.health_probe = 1 AND (t.client_id IS NULL OR ${CLIENTS} = 1) THEN 'health' WHEN t.client_id IS NULL AND ${HOP} THEN 'hop' END`;

const COUNTED_MESSAGES = `smtp_transaction t JOIN session s ON s.id = t.session
    WHERE t.decided_at >= @hour AND t.decided_at < @end AND s.direction = 'receive' AND ${COUNTED}`;
/** Whose a transaction `t` of a session `s` is: the client behind a front end, where there is one. */
export const CLIENT = 'COALESCE(t.client_id, s.source_id)';
/** FROM and WHERE of the transactions of clients that were decided from `@hour` to `@end`, noise left out. */
export const CLIENT_MESSAGES = `${COUNTED_MESSAGES} AND ${MESSAGE_NOISE} IS NULL`;
const BLIND_CLIENT = `(SELECT c.client_id FROM session_client c WHERE c.session = s.id AND ${CLIENTS} = 1
      AND EXISTS (SELECT 1 FROM link WHERE link.session = s.id AND link.kind = 'xproxy'))`;

export const USAGE_ROLL_UPS: readonly RollUpDefinition[] = [
  {
    table: 'hourly_noise',
    select: `SELECT @hour, server_id, service, connector_id, source_id, kind, outcome, tls_id, auth_result, SUM(sessions),
      SUM(messages_accepted), SUM(messages_refused), SUM(recipients_accepted), SUM(recipients_refused), SUM(bytes_accepted)
    FROM (
      SELECT s.server_id, COALESCE(s.service, '') AS service, s.connector_id, s.source_id, ${SESSION_NOISE} AS kind, s.outcome, s.tls_id,
        s.auth_result, 1 AS sessions, 0 AS messages_accepted, 0 AS messages_refused, 0 AS recipients_accepted, 0 AS recipients_refused, 0 AS bytes_accepted
      FROM session s WHERE s.started_at >= @hour AND s.started_at < @end AND s.direction = 'receive'
      UNION ALL
      SELECT s.server_id, COALESCE(s.service, ''), s.connector_id, ${CLIENT}, ${MESSAGE_NOISE}, s.outcome, s.tls_id,
        s.auth_result, 0, t.state = 'accepted', t.state = 'refused', t.recipients_accepted, t.recipients_refused,
        CASE WHEN t.state = 'accepted' THEN COALESCE(t.bytes, 0) ELSE 0 END
      FROM ${COUNTED_MESSAGES})
    WHERE kind IS NOT NULL GROUP BY server_id, service, connector_id, source_id, kind, outcome, tls_id, auth_result`,
  },
  {
    table: 'hourly_recipients',
    select: `SELECT @hour, server_id, connector_id, client, domain_id, SUM(accepted), SUM(refused) FROM (
      SELECT s.server_id, s.connector_id, ${CLIENT} AS client, address.domain_id, r.accepted = 1 AND t.state = 'accepted' AS accepted, r.accepted = 0 AS refused
      FROM smtp_transaction t JOIN session s ON s.id = t.session
      JOIN recipient r ON r.session = t.session AND r.transaction_ordinal = t.ordinal JOIN address ON address.id = r.address_id
      WHERE t.decided_at >= @hour AND t.decided_at < @end AND s.direction = 'receive' AND ${COUNTED}
        AND r.accepted IS NOT NULL AND ${MESSAGE_NOISE} IS NULL)
    GROUP BY server_id, connector_id, client, domain_id HAVING SUM(accepted) + SUM(refused) > 0`,
  },
  {
    table: 'hourly_senders',
    select: `SELECT @hour, server_id, connector_id, client, domain_id, SUM(state = 'accepted'), SUM(state = 'refused'), SUM(CASE WHEN state = 'accepted' THEN COALESCE(bytes, 0) ELSE 0 END)
    FROM (
      SELECT s.server_id, s.connector_id, ${CLIENT} AS client, COALESCE((SELECT domain_id FROM address WHERE address.id = t.sender_id), 0) AS domain_id, t.state, t.bytes
      FROM ${CLIENT_MESSAGES} AND t.state IN ('accepted', 'refused'))
    GROUP BY server_id, connector_id, client, domain_id`,
  },
  {
    table: 'minute_messages',
    select: `SELECT (t.decided_at / 3600000) * 3600000 AS hour, (t.decided_at / 60000) % 60 AS minute, s.server_id, s.connector_id, SUM(t.state = 'accepted'), SUM(t.state = 'refused')
    FROM ${CLIENT_MESSAGES} AND t.state IN ('accepted', 'refused')
    GROUP BY hour, minute, s.server_id, s.connector_id`,
  },
  {
    table: 'hourly_largest',
    select: `SELECT @hour, server_id, connector_id, bytes, decided_at, session_id, ordinal, client, sender_id FROM (
      SELECT s.server_id, s.connector_id, t.bytes, t.decided_at, s.session_id, t.ordinal, ${CLIENT} AS client, t.sender_id,
        ROW_NUMBER() OVER (PARTITION BY s.server_id, s.connector_id ORDER BY t.bytes DESC, t.decided_at, s.session_id, t.ordinal) AS place
      FROM ${CLIENT_MESSAGES} AND t.state = 'accepted' AND t.bytes > 0)
    WHERE place <= ${LARGEST_KEPT}`,
  },
  {
    table: 'hourly_causes',
    select: `SELECT @hour, server_id, connector_id, client, command, reply_id, COUNT(*) FROM (
      SELECT s.server_id, s.connector_id, r.command, r.reply_id, s.health_probe,
        CASE WHEN ${HOP} THEN ${BLIND_CLIENT} ELSE s.source_id END AS client
      FROM refusal r JOIN session s ON s.id = r.session WHERE r.at >= @hour AND r.at < @end AND s.direction = 'receive')
    WHERE health_probe = 0 AND client IS NOT NULL GROUP BY server_id, connector_id, client, command, reply_id`,
  },
  {
    table: 'hourly_seen',
    select: `SELECT @hour, source_id, server_id, connector_id, helo_id, MIN(at), MAX(at) FROM (
      SELECT s.source_id, s.server_id, s.connector_id, COALESCE(s.helo_id, 0) AS helo_id, s.started_at AS at
      FROM session s WHERE s.started_at >= @hour AND s.started_at < @end AND s.direction = 'receive' AND s.outcome <> 'probe' AND ${SESSION_NOISE} IS NULL
      UNION ALL
      SELECT ${CLIENT}, s.server_id, s.connector_id, CASE WHEN t.client_id IS NULL THEN COALESCE(s.helo_id, 0) ELSE 0 END, t.decided_at
      FROM ${CLIENT_MESSAGES} AND t.state IN ('accepted', 'refused'))
    GROUP BY source_id, server_id, connector_id, helo_id`,
  },
];

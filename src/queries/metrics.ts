/** Totals for monitoring, from the roll-ups: what was counted since the first log, so that a scraper can take differences. */
import { FAILING_OUTCOMES } from '../smtp/outcome.ts';
import { placeOfCommand } from '../smtp/replies/command-stage.ts';
import { findReply } from '../smtp/reply-catalogue.ts';
import type { Database } from '../store/database.ts';

/** A number with the labels that tell it from its like. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as Prometheus knows it: a name, what it is, and its samples. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  /** `counter`: only grows (until sessions are removed); `gauge`: a state. */
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly Sample[];
}

interface MessageRow {
  readonly server: string;
  readonly connector: string;
  readonly accepted: number;
  readonly refused: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  readonly bytes: number;
}

/** Of receive logs; a message that front end and Hub both log counts once. Times are seconds since 1970, as Prometheus wants them. */
export function metrics(db: Database): Metric[] {
  const messages = db
    .prepare(
      `SELECT server.value AS server, connector.value AS connector, SUM(m.messages_accepted) AS accepted, SUM(m.messages_refused) AS refused,
         SUM(m.recipients_accepted) AS recipientsAccepted, SUM(m.recipients_refused) AS recipientsRefused, SUM(m.bytes_accepted) AS bytes
       FROM hourly_messages m JOIN text server ON server.id = m.server_id JOIN text connector ON connector.id = m.connector_id
       WHERE m.direction = 'receive' GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    .all() as MessageRow[];
  const each = (name: string, help: string, value: (row: MessageRow) => number): Metric => ({
    name,
    help,
    type: 'counter',
    samples: messages.map((row) => ({ labels: { server: row.server, connector: row.connector }, value: value(row) })),
  });
  return [
    each('relaylens_messages_accepted_total', 'Messages that got their final 250.', ({ accepted }) => accepted),
    each(
      'relaylens_messages_refused_total',
      'Messages that were refused at MAIL, at RCPT or at the end.',
      ({ refused }) => refused,
    ),
    each('relaylens_recipients_accepted_total', 'Recipients of accepted messages.', (row) => row.recipientsAccepted),
    each('relaylens_recipients_refused_total', 'Recipients that were refused.', (row) => row.recipientsRefused),
    each(
      'relaylens_bytes_accepted_total',
      'Bytes of accepted messages, as far as the logs tell their size.',
      ({ bytes }) => bytes,
    ),
    sessionTotals(db),
    refusalsByCause(db),
    failingClients(db),
    lastIngest(db),
    logEnds(db),
    unreadLines(db),
  ];
}

function sessionTotals(db: Database): Metric {
  const rows = db
    .prepare(
      `SELECT server.value AS server, h.outcome, SUM(h.sessions) AS value FROM hourly_sessions h JOIN text server ON server.id = h.server_id
       WHERE h.direction = 'receive' AND h.health_probe = 0 GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    .all() as { server: string; outcome: string; value: number }[];
  return {
    name: 'relaylens_sessions_total',
    help: "Sessions of receive connectors by outcome (one that may still go on as abandoned or probe); the product's own health checks are left out.",
    type: 'counter',
    samples: rows.map(({ value, ...labels }) => ({ labels, value })),
  };
}

/** By the entry of the reply catalogue; what it does not know is `other`. */
function refusalsByCause(db: Database): Metric {
  const rows = db
    .prepare(
      `SELECT server.value AS server, h.command, reply.value AS reply, SUM(h.refusals) AS value FROM hourly_refusals h
       JOIN text server ON server.id = h.server_id JOIN text reply ON reply.id = h.reply_id WHERE h.direction = 'receive' GROUP BY 1, 2, 3`,
    )
    .all() as { server: string; command: string; reply: string; value: number }[];
  const causes = new Map<string, { server: string; cause: string; value: number }>();
  for (const { server, command, reply, value } of rows) {
    const cause = findReply(reply, { side: 'receive', ...placeOfCommand(command) })?.entry.id ?? 'other';
    const key = JSON.stringify([server, cause]);
    const before = causes.get(key);
    causes.set(key, { server, cause, value: value + (before?.value ?? 0) });
  }
  return {
    name: 'relaylens_refusals_total',
    help: 'Replies 4xx and 5xx of receive connectors by cause (the ids of "relaylens explain"); front end and Hub count each its own.',
    type: 'counter',
    samples: [...causes.values()]
      .sort((a, b) => (a.server + a.cause < b.server + b.cause ? -1 : 1))
      .map(({ value, ...labels }) => ({ labels, value })),
  };
}

/** Clients with a failing session within the last day that the logs cover. */
function failingClients(db: Database): Metric {
  const row = db
    .prepare(
      `SELECT COUNT(DISTINCT source_id) AS value FROM session_view WHERE direction = 'receive' AND health_probe = 0
         AND outcome IN (SELECT value FROM json_each(?)) AND started_at > (SELECT MAX(started_at) FROM session) - 86400000`,
    )
    .get(JSON.stringify(FAILING_OUTCOMES)) as { value: number };
  return {
    name: 'relaylens_failing_clients',
    help: 'Clients with at least one failing session in the last 24 hours that the logs cover.',
    type: 'gauge',
    samples: [{ labels: {}, value: row.value }],
  };
}

function lastIngest(db: Database): Metric {
  const row = db.prepare('SELECT MAX(ingested_at) AS at FROM log_file').get() as { at: number | null };
  return {
    name: 'relaylens_last_ingest_timestamp_seconds',
    help: 'When a log was last read that had something new.',
    type: 'gauge',
    samples: row.at === null ? [] : [{ labels: {}, value: row.at / 1000 }],
  };
}

/** Coverage: a server whose logs end long ago is one that nobody reads, or whose logging is off. */
function logEnds(db: Database): Metric {
  const rows = db
    .prepare(
      `SELECT server.value AS server, e.service, e.direction, MAX(e.at) AS at FROM log_end e JOIN text server ON server.id = e.server_id
       GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    )
    .all() as { server: string; service: string; direction: string; at: number }[];
  return {
    name: 'relaylens_log_end_timestamp_seconds',
    help: 'Time of the last row of a log, by server, service and direction.',
    type: 'gauge',
    samples: rows.map(({ at, ...labels }) => ({ labels, value: at / 1000 })),
  };
}

function unreadLines(db: Database): Metric {
  const rows = db
    .prepare(
      `SELECT kind, SUM(lines) AS value FROM (SELECT kind, COUNT(*) AS lines FROM file_anomaly GROUP BY kind
         UNION ALL SELECT kind, lines FROM file_anomaly_unkept) GROUP BY kind ORDER BY kind`,
    )
    .all() as { kind: string; value: number }[];
  return {
    name: 'relaylens_odd_lines_total',
    help: 'Lines of the logs that are no rows as the product writes them, by kind.',
    type: 'counter',
    samples: rows.map(({ kind, value }) => ({ labels: { kind }, value })),
  };
}

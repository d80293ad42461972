/** Totals for monitoring, from the roll-ups: what was counted since the first log, so that a scraper can take differences. */
import { FAILING_OUTCOMES } from '../smtp/outcome.ts';
import { placeOfCommand } from '../smtp/replies/command-stage.ts';
import { findReply } from '../smtp/reply-catalogue.ts';
import type { Database } from '../store/database.ts';
import { DAY_MS } from '../store/day-roll-up.ts';
import { Texts } from './usage/names.ts';
import { RollUpReader } from './usage/roll-up-reader.ts';

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
  // One moment for all of it, whatever is written meanwhile.
  return db.transaction(() => allMetrics(db))();
}

function allMetrics(db: Database): Metric[] {
  const reader = new RollUpReader(db);
  const texts = new Texts(db);
  const messages = messageTotals(reader, texts);
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
    sessionTotals(reader, texts),
    refusalsByCause(reader, texts),
    failingClients(db),
    lastIngest(db),
    logEnds(db),
    unreadLines(db),
  ];
}

type Group = readonly [names: readonly string[], sums: readonly number[]];

/** Groups of the same names as one, in the order of their names. */
function added(groups: readonly Group[]): Group[] {
  const all = new Map<string, Group>();
  for (const [names, sums] of groups) {
    const key = names.join('\0');
    const known = all.get(key)?.[1];
    all.set(key, [names, known ? sums.map((sum, index) => sum + known[index]!) : sums]);
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function messageTotals(reader: RollUpReader, texts: Texts): MessageRow[] {
  type Row = [server: number, connector: number, ...sums: number[]];
  const query = `SELECT server_id, connector_id, SUM(messages_accepted), SUM(messages_refused), SUM(recipients_accepted), SUM(recipients_refused),
    SUM(bytes_accepted) FROM r WHERE direction = 'receive' GROUP BY 1, 2`;
  return added(
    reader
      .sums<Row>('hourly_messages', query, reader.everything())
      .map(([server, connector, ...sums]): Group => [[texts.of(server), texts.of(connector)], sums]),
  ).map(([[server, connector], [accepted, refused, recipientsAccepted, recipientsRefused, bytes]]) => ({
    server: server!,
    connector: connector!,
    accepted: accepted!,
    refused: refused!,
    recipientsAccepted: recipientsAccepted!,
    recipientsRefused: recipientsRefused!,
    bytes: bytes!,
  }));
}

function sessionTotals(reader: RollUpReader, texts: Texts): Metric {
  type Row = [server: number, outcome: string, sessions: number];
  const query = `SELECT server_id, outcome, SUM(sessions) FROM r WHERE direction = 'receive' AND health_probe = 0 GROUP BY 1, 2`;
  const rows = reader.sums<Row>('hourly_sessions', query, reader.everything());
  const groups = added(rows.map(([server, outcome, sessions]) => [[texts.of(server), outcome], [sessions]]));
  return {
    name: 'relaylens_sessions_total',
    help: "Sessions of receive connectors by outcome (one that may still go on as abandoned or probe); the product's own health checks are left out.",
    type: 'counter',
    samples: groups.map(([[server, outcome], [value]]) => ({ labels: { server: server!, outcome: outcome! }, value: value! })),
  };
}

/** By the entry of the reply catalogue; what it does not know is `other`. */
function refusalsByCause(reader: RollUpReader, texts: Texts): Metric {
  type Row = [server: number, command: string, reply: number, refusals: number];
  const query = `SELECT server_id, command, reply_id, SUM(refusals) FROM r WHERE direction = 'receive' GROUP BY 1, 2, 3`;
  const groups = added(
    reader.sums<Row>('hourly_refusals', query, reader.everything()).map(([server, command, reply, refusals]) => {
      const found = findReply(texts.of(reply), { side: 'receive', ...placeOfCommand(command) });
      return [[texts.of(server), found?.entry.id ?? 'other'], [refusals]];
    }),
  );
  return {
    name: 'relaylens_refusals_total',
    help: 'Replies 4xx and 5xx of receive connectors by cause (the ids of "relaylens explain"); front end and Hub count each its own.',
    type: 'counter',
    samples: groups.map(([[server, cause], [value]]) => ({ labels: { server: server!, cause: cause! }, value: value! })),
  };
}

/** Clients with a failing session within the last day that the logs cover. */
function failingClients(db: Database): Metric {
  const last = db.prepare('SELECT MAX(started_at) FROM session').pluck().get() as number | null;
  // Not by the index of sources: it is the time that leaves few sessions.
  const clients = db
    .prepare<[number, string], number>(
      `SELECT COUNT(DISTINCT +source_id) FROM session_view WHERE started_at > ? AND direction = 'receive' AND health_probe = 0
         AND outcome IN (SELECT value FROM json_each(?))`,
    )
    .pluck()
    .get((last ?? 0) - DAY_MS, JSON.stringify(FAILING_OUTCOMES));
  return {
    name: 'relaylens_failing_clients',
    help: 'Clients with at least one failing session in the last 24 hours that the logs cover.',
    type: 'gauge',
    samples: [{ labels: {}, value: clients! }],
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

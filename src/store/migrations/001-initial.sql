-- Times are integer milliseconds UTC. Strings that recur are interned in `text` and `address`.

CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
CREATE TABLE address (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE, domain_id INTEGER NOT NULL REFERENCES text);

-- A log as known by what it holds. `length` counts the decoded bytes that were read, `progress` those up to the end of
-- its last complete line: what stands behind it is provisional until its line end is there.
CREATE TABLE log_file (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  encoding TEXT NOT NULL,
  head_length INTEGER NOT NULL,
  head_hash BLOB NOT NULL,
  length INTEGER NOT NULL,
  progress INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  pending_header TEXT,            -- JSON of a header at the very end, under which no row has come yet
  ingested_at INTEGER NOT NULL
);
CREATE INDEX log_file_head ON log_file (head_hash);

-- Shortcut: a path that has not changed since is not opened again.
CREATE TABLE source_path (
  path TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  settings TEXT NOT NULL
) WITHOUT ROWID;

-- Part of a file under one header.
CREATE TABLE section (
  id INTEGER PRIMARY KEY,
  file_id INTEGER NOT NULL REFERENCES log_file,
  position INTEGER NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('receive', 'send')),
  server_id INTEGER NOT NULL REFERENCES text,
  server_known_by TEXT NOT NULL CHECK (server_known_by IN ('rows', 'tree', 'option', 'nothing')),
  service TEXT,
  version TEXT,
  column_order TEXT
);
CREATE INDEX section_file ON section (file_id, position);

-- The folders above the transport services' folders under which a section was found: the logs of one server stand
-- together there, so the receive logs name the server of the send logs.
CREATE TABLE section_tree (
  tree TEXT NOT NULL,
  section_id INTEGER NOT NULL REFERENCES section,
  PRIMARY KEY (tree, section_id)
) WITHOUT ROWID;
CREATE INDEX section_tree_section ON section_tree (section_id);

-- The original bytes, in blocks of whole lines.
CREATE TABLE block (
  id INTEGER PRIMARY KEY,
  file_id INTEGER NOT NULL REFERENCES log_file,
  position INTEGER NOT NULL,
  length INTEGER NOT NULL,
  first_line INTEGER NOT NULL,
  hash BLOB NOT NULL,             -- SHA-256 of the bytes
  data BLOB                       -- brotli; NULL where every row stands in another file too
);
CREATE UNIQUE INDEX block_place ON block (file_id, position);

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL,
  direction TEXT NOT NULL,
  server_id INTEGER NOT NULL REFERENCES text,
  remote_endpoint TEXT NOT NULL,
  generation INTEGER NOT NULL,    -- 0; counts up where the same identity comes again
  section_id INTEGER NOT NULL REFERENCES section,
  first INTEGER NOT NULL,         -- byte offsets of its first and last row in that section; further stretches: `segment`
  last INTEGER NOT NULL,
  service TEXT,
  connector_id INTEGER NOT NULL REFERENCES text,
  local_endpoint TEXT NOT NULL,
  source_id INTEGER NOT NULL REFERENCES text,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  helo_id INTEGER REFERENCES text,
  tls_id INTEGER NOT NULL REFERENCES text,
  auth_mechanism_id INTEGER REFERENCES text,
  auth_user_id INTEGER REFERENCES text,
  auth_result TEXT NOT NULL,
  permissions INTEGER,
  outcome TEXT NOT NULL,          -- never `open`: see session_view
  reason_id INTEGER NOT NULL REFERENCES text,
  messages_accepted INTEGER NOT NULL,
  messages_refused INTEGER NOT NULL,
  recipients_accepted INTEGER NOT NULL,
  recipients_refused INTEGER NOT NULL,
  bytes_accepted INTEGER NOT NULL,
  last_error_id INTEGER REFERENCES text,
  last_error_at INTEGER,
  disconnect_id INTEGER REFERENCES text,
  tarpit_ms INTEGER NOT NULL,
  health_probe INTEGER NOT NULL,
  anomalies TEXT                  -- JSON: [{"kind", "count"}], NULL for none
);
CREATE UNIQUE INDEX session_identity ON session (session_id, direction, server_id, remote_endpoint, generation);
CREATE INDEX session_started ON session (started_at);
CREATE INDEX session_source ON session (source_id);
CREATE INDEX session_section ON session (section_id);

-- Where more rows of a session stand, when it runs over several files.
CREATE TABLE segment (
  session INTEGER NOT NULL REFERENCES session,
  ordinal INTEGER NOT NULL,
  section_id INTEGER NOT NULL REFERENCES section,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (session, ordinal)
) WITHOUT ROWID;
CREATE INDEX segment_section ON segment (section_id);

CREATE TABLE smtp_transaction (
  session INTEGER NOT NULL REFERENCES session,
  ordinal INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  decided_at INTEGER,
  sender_id INTEGER REFERENCES address,
  client_id INTEGER REFERENCES text,
  client_session_id TEXT,
  state TEXT NOT NULL,
  reply_id INTEGER REFERENCES text,
  message_id TEXT,
  internal_id TEXT,
  bytes INTEGER,
  bytes_known_by TEXT,
  shadow INTEGER NOT NULL,
  recipients_accepted INTEGER NOT NULL,
  recipients_refused INTEGER NOT NULL,
  PRIMARY KEY (session, ordinal)
) WITHOUT ROWID;
CREATE INDEX transaction_decided ON smtp_transaction (decided_at);

CREATE TABLE recipient (
  session INTEGER NOT NULL,
  transaction_ordinal INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  address_id INTEGER NOT NULL REFERENCES address,
  accepted INTEGER,               -- its own reply: 1, 0, NULL for none
  reply_id INTEGER REFERENCES text,
  PRIMARY KEY (session, transaction_ordinal, ordinal)
) WITHOUT ROWID;

-- The 4xx and 5xx replies of a session, with the command they answered.
CREATE TABLE refusal (
  session INTEGER NOT NULL REFERENCES session,
  ordinal INTEGER NOT NULL,
  at INTEGER NOT NULL,
  command TEXT NOT NULL,
  code INTEGER NOT NULL,
  reply_id INTEGER NOT NULL REFERENCES text,
  PRIMARY KEY (session, ordinal)
) WITHOUT ROWID;

CREATE INDEX refusal_at ON refusal (at);

-- A session that another one carries on, by session-id: decided when asked, whichever log came first.
CREATE TABLE link (
  session INTEGER NOT NULL REFERENCES session,
  kind TEXT NOT NULL,
  target_session_id TEXT NOT NULL,
  PRIMARY KEY (session, kind, target_session_id)
) WITHOUT ROWID;
CREATE INDEX link_target ON link (target_session_id);

-- Real clients that a front end handed over to a Hub session.
CREATE TABLE session_client (
  session INTEGER NOT NULL REFERENCES session,
  client_id INTEGER NOT NULL REFERENCES text,
  PRIMARY KEY (session, client_id)
) WITHOUT ROWID;

-- Lines that are no rows, or became rows only after mending. (Queries take the same line in two files for one.)
CREATE TABLE file_anomaly (
  file_id INTEGER NOT NULL REFERENCES log_file,
  position INTEGER NOT NULL,
  line INTEGER NOT NULL,
  kind TEXT NOT NULL,
  excerpt TEXT NOT NULL,
  PRIMARY KEY (file_id, position)
) WITHOUT ROWID;

-- Lines of the same kinds beyond those that are kept with their text.
CREATE TABLE file_anomaly_unkept (
  file_id INTEGER NOT NULL REFERENCES log_file,
  kind TEXT NOT NULL,
  lines INTEGER NOT NULL,
  PRIMARY KEY (file_id, kind)
) WITHOUT ROWID;

-- Roll-ups by hour (milliseconds at which it begins); hours still to be counted stand in `stale_hour`.
CREATE TABLE hourly_sessions (
  hour INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  service TEXT NOT NULL,
  direction TEXT NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  tls_id INTEGER NOT NULL,
  auth_result TEXT NOT NULL,
  health_probe INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  PRIMARY KEY (hour, server_id, service, direction, connector_id, source_id, outcome, tls_id, auth_result, health_probe)
) WITHOUT ROWID;

-- Messages by the hour that decided them. A message that a front end handed to a Hub counts in the front end's row, or,
-- where the store does not have that, in the Hub's row under its real client.
CREATE TABLE hourly_messages (
  hour INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  service TEXT NOT NULL,
  direction TEXT NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  tls_id INTEGER NOT NULL,
  auth_result TEXT NOT NULL,
  messages_accepted INTEGER NOT NULL,
  messages_refused INTEGER NOT NULL,
  recipients_accepted INTEGER NOT NULL,
  recipients_refused INTEGER NOT NULL,
  bytes_accepted INTEGER NOT NULL,
  PRIMARY KEY (hour, server_id, service, direction, connector_id, source_id, tls_id, auth_result)
) WITHOUT ROWID;

CREATE TABLE hourly_refusals (
  hour INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  service TEXT NOT NULL,
  direction TEXT NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  command TEXT NOT NULL,
  reply_id INTEGER NOT NULL,
  refusals INTEGER NOT NULL,
  PRIMARY KEY (hour, server_id, service, direction, connector_id, source_id, command, reply_id)
) WITHOUT ROWID;

-- Hours whose roll-ups are still to be counted; empty but for a run that is under way, or was killed.
CREATE TABLE stale_hour (hour INTEGER PRIMARY KEY);

-- Where the logs of a server end: an unfinished session near it may still go on. A server that is not known may be
-- several, so there each connector has its own end (`connector_id` is 0 otherwise).
CREATE TABLE log_end (
  server_id INTEGER NOT NULL,
  direction TEXT NOT NULL,
  service TEXT NOT NULL,
  connector_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (server_id, direction, service, connector_id)
) WITHOUT ROWID;

-- Who is ingesting now; at most one row.
CREATE TABLE ingest_lock (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  since INTEGER NOT NULL,
  heartbeat INTEGER NOT NULL
);

-- For people who bring their own SQL tool.

-- One line a session. `outcome` is `open` where no end was seen and the logs end within the connection timeout (10 minutes).
CREATE VIEW session_view AS
SELECT s.id, s.session_id, s.direction, server.value AS server, s.service, connector.value AS connector,
  s.local_endpoint, s.remote_endpoint, s.generation,
  CASE WHEN s.direction = 'receive' THEN source.value END AS source,
  CASE WHEN s.direction = 'send' THEN s.remote_endpoint END AS destination,
  s.started_at, s.ended_at, s.rows, helo.value AS helo, tls.value AS tls,
  auth_mechanism.value AS auth_mechanism, auth_user.value AS auth_user, s.auth_result, s.permissions,
  CASE WHEN s.ended = 0 AND s.outcome IN ('abandoned', 'probe') AND s.ended_at > log_end.at - 600000 THEN 'open' ELSE s.outcome END AS outcome,
  reason.value AS outcome_reason, s.ended,
  s.messages_accepted, s.messages_refused, s.recipients_accepted, s.recipients_refused, s.bytes_accepted,
  last_error.value AS last_error, s.last_error_at, disconnect.value AS disconnect, s.tarpit_ms, s.health_probe, s.anomalies,
  s.source_id, s.connector_id, s.server_id
FROM session s
JOIN text server ON server.id = s.server_id
JOIN text connector ON connector.id = s.connector_id
JOIN text source ON source.id = s.source_id
JOIN text tls ON tls.id = s.tls_id
JOIN text reason ON reason.id = s.reason_id
LEFT JOIN log_end ON log_end.server_id = s.server_id AND log_end.direction = s.direction AND log_end.service = COALESCE(s.service, '')
  AND log_end.connector_id = CASE WHEN server.value = '' THEN s.connector_id ELSE 0 END
LEFT JOIN text helo ON helo.id = s.helo_id
LEFT JOIN text auth_mechanism ON auth_mechanism.id = s.auth_mechanism_id
LEFT JOIN text auth_user ON auth_user.id = s.auth_user_id
LEFT JOIN text last_error ON last_error.id = s.last_error_id
LEFT JOIN text disconnect ON disconnect.id = s.disconnect_id;

-- One line a transaction. `counted` is 0 for shadow copies, and in a Hub where the front end's own log has the message.
CREATE VIEW message_view AS
SELECT t.session, t.ordinal, t.began_at, t.decided_at, sender.value AS sender, t.state, reply.value AS reply,
  t.message_id, t.internal_id, t.bytes, t.bytes_known_by, t.recipients_accepted, t.recipients_refused,
  COALESCE(client.value, source.value) AS client, connector.value AS connector, server.value AS server, s.service, s.direction,
  t.shadow = 0 AND NOT (t.client_session_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM session front WHERE front.session_id = t.client_session_id AND front.direction = 'receive'
      AND front.id <> t.session AND front.outcome <> 'proxied')) AS counted
FROM smtp_transaction t
JOIN session s ON s.id = t.session
JOIN text source ON source.id = s.source_id
JOIN text connector ON connector.id = s.connector_id
JOIN text server ON server.id = s.server_id
LEFT JOIN address sender ON sender.id = t.sender_id
LEFT JOIN text client ON client.id = t.client_id
LEFT JOIN text reply ON reply.id = t.reply_id;

-- One line a recipient; `delivered`: accepted in an accepted message.
CREATE VIEW recipient_view AS
SELECT r.session, r.transaction_ordinal, r.ordinal, address.value AS address, domain.value AS domain, r.accepted,
  r.accepted = 1 AND t.state = 'accepted' AS delivered, reply.value AS reply
FROM recipient r
JOIN smtp_transaction t ON t.session = r.session AND t.ordinal = r.transaction_ordinal
JOIN address ON address.id = r.address_id
JOIN text domain ON domain.id = address.domain_id
LEFT JOIN text reply ON reply.id = r.reply_id;

-- Every stretch of a log that holds rows of a session.
CREATE VIEW segment_view AS
SELECT id AS session, 0 AS ordinal, section_id, first, last FROM session
UNION ALL SELECT session, ordinal, section_id, first, last FROM segment;

-- One line a client address: sessions of the address that connected, messages of the real client, each once.
CREATE VIEW source_view AS
SELECT source, SUM(sessions) AS sessions, SUM(messages_accepted) AS messages_accepted, SUM(messages_refused) AS messages_refused,
  SUM(recipients_accepted) AS recipients_accepted, SUM(recipients_refused) AS recipients_refused, SUM(bytes_accepted) AS bytes_accepted,
  MIN(first_seen) AS first_seen, MAX(last_seen) AS last_seen
FROM (
  SELECT source.value AS source, COUNT(*) AS sessions, 0 AS messages_accepted, 0 AS messages_refused, 0 AS recipients_accepted,
    0 AS recipients_refused, 0 AS bytes_accepted, MIN(s.started_at) AS first_seen, MAX(s.ended_at) AS last_seen
  FROM session s JOIN text source ON source.id = s.source_id WHERE s.direction = 'receive' GROUP BY s.source_id
  UNION ALL
  SELECT client, 0, SUM(state = 'accepted'), SUM(state = 'refused'), SUM(recipients_accepted), SUM(recipients_refused),
    SUM(CASE WHEN state = 'accepted' THEN COALESCE(bytes, 0) ELSE 0 END), MIN(began_at), MAX(COALESCE(decided_at, began_at))
  FROM message_view WHERE direction = 'receive' AND counted GROUP BY client)
GROUP BY source;

-- What reports of use count by the hour, of receive logs alone. Noise is set apart here: `health` are the product's own
-- checks, `hop` is mail that one of the own servers hands on. What is neither is counted in the tables below it.
CREATE TABLE hourly_noise (
  hour INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  service TEXT NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  tls_id INTEGER NOT NULL,
  auth_result TEXT NOT NULL,
  sessions INTEGER NOT NULL,
  messages_accepted INTEGER NOT NULL,
  messages_refused INTEGER NOT NULL,
  recipients_accepted INTEGER NOT NULL,
  recipients_refused INTEGER NOT NULL,
  bytes_accepted INTEGER NOT NULL,
  PRIMARY KEY (hour, server_id, service, connector_id, source_id, kind, outcome, tls_id, auth_result)
) WITHOUT ROWID;

CREATE TABLE hourly_recipients (
  hour INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  domain_id INTEGER NOT NULL,
  recipients_accepted INTEGER NOT NULL,
  recipients_refused INTEGER NOT NULL,
  PRIMARY KEY (hour, server_id, connector_id, source_id, domain_id)
) WITHOUT ROWID;

-- `domain_id` is 0 where no row names the sender.
CREATE TABLE hourly_senders (
  hour INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  domain_id INTEGER NOT NULL,
  messages_accepted INTEGER NOT NULL,
  messages_refused INTEGER NOT NULL,
  bytes_accepted INTEGER NOT NULL,
  PRIMARY KEY (hour, server_id, connector_id, source_id, domain_id)
) WITHOUT ROWID;

-- By the minute that decided them (0 to 59), from which the hours of every time zone can be made.
CREATE TABLE minute_messages (
  hour INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  messages_accepted INTEGER NOT NULL,
  messages_refused INTEGER NOT NULL,
  PRIMARY KEY (hour, minute, server_id, connector_id)
) WITHOUT ROWID;

-- The ten largest messages of each connector.
CREATE TABLE hourly_largest (
  hour INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  sender_id INTEGER,
  PRIMARY KEY (hour, server_id, connector_id, bytes, decided_at, session_id, ordinal)
) WITHOUT ROWID;

-- Refusals of clients. What the Hub said to a session that was handed to it blindly counts for the client behind it.
CREATE TABLE hourly_causes (
  hour INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  command TEXT NOT NULL,
  reply_id INTEGER NOT NULL,
  refusals INTEGER NOT NULL,
  PRIMARY KEY (hour, server_id, connector_id, source_id, command, reply_id)
) WITHOUT ROWID;

-- When a client began a session or had a message decided, first and last, by its hello name (0 for none).
CREATE TABLE hourly_seen (
  hour INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  helo_id INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (hour, source_id, server_id, connector_id, helo_id)
) WITHOUT ROWID;
CREATE INDEX hourly_seen_source ON hourly_seen (source_id, hour);

-- All there is, to be counted by who opens the store next.
INSERT OR IGNORE INTO stale_hour (hour)
  SELECT hour FROM hourly_sessions UNION SELECT hour FROM hourly_messages UNION SELECT hour FROM hourly_refusals;

-- Days (UTC) of the roll-ups by the hour, so that a report of a month or a year reads days. Same columns, same meaning; what
-- is told of a day is the sum of its hours.
CREATE TABLE daily_sessions (
  day INTEGER NOT NULL,
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
  PRIMARY KEY (day, server_id, service, direction, connector_id, source_id, outcome, tls_id, auth_result, health_probe)
) WITHOUT ROWID;

CREATE TABLE daily_messages (
  day INTEGER NOT NULL,
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
  PRIMARY KEY (day, server_id, service, direction, connector_id, source_id, tls_id, auth_result)
) WITHOUT ROWID;

CREATE TABLE daily_refusals (
  day INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  service TEXT NOT NULL,
  direction TEXT NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  command TEXT NOT NULL,
  reply_id INTEGER NOT NULL,
  refusals INTEGER NOT NULL,
  PRIMARY KEY (day, server_id, service, direction, connector_id, source_id, command, reply_id)
) WITHOUT ROWID;

CREATE TABLE daily_noise (
  day INTEGER NOT NULL,
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
  PRIMARY KEY (day, server_id, service, connector_id, source_id, kind, outcome, tls_id, auth_result)
) WITHOUT ROWID;

CREATE TABLE daily_recipients (
  day INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  domain_id INTEGER NOT NULL,
  recipients_accepted INTEGER NOT NULL,
  recipients_refused INTEGER NOT NULL,
  PRIMARY KEY (day, server_id, connector_id, source_id, domain_id)
) WITHOUT ROWID;

CREATE TABLE daily_senders (
  day INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  domain_id INTEGER NOT NULL,
  messages_accepted INTEGER NOT NULL,
  messages_refused INTEGER NOT NULL,
  bytes_accepted INTEGER NOT NULL,
  PRIMARY KEY (day, server_id, connector_id, source_id, domain_id)
) WITHOUT ROWID;

CREATE TABLE daily_causes (
  day INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  command TEXT NOT NULL,
  reply_id INTEGER NOT NULL,
  refusals INTEGER NOT NULL,
  PRIMARY KEY (day, server_id, connector_id, source_id, command, reply_id)
) WITHOUT ROWID;

-- A day hour by hour (`h0` is the first of UTC), from which the days of every time zone can be made: accepted messages of clients …
CREATE TABLE daily_client_hours (
  day INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  h0 INTEGER, h1 INTEGER, h2 INTEGER, h3 INTEGER, h4 INTEGER, h5 INTEGER, h6 INTEGER, h7 INTEGER,
  h8 INTEGER, h9 INTEGER, h10 INTEGER, h11 INTEGER, h12 INTEGER, h13 INTEGER, h14 INTEGER, h15 INTEGER,
  h16 INTEGER, h17 INTEGER, h18 INTEGER, h19 INTEGER, h20 INTEGER, h21 INTEGER, h22 INTEGER, h23 INTEGER,
  PRIMARY KEY (day, server_id, connector_id, source_id)
) WITHOUT ROWID;

-- … sessions of clients that wanted something …
CREATE TABLE daily_tls_hours (
  day INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  tls_id INTEGER NOT NULL,
  h0 INTEGER, h1 INTEGER, h2 INTEGER, h3 INTEGER, h4 INTEGER, h5 INTEGER, h6 INTEGER, h7 INTEGER,
  h8 INTEGER, h9 INTEGER, h10 INTEGER, h11 INTEGER, h12 INTEGER, h13 INTEGER, h14 INTEGER, h15 INTEGER,
  h16 INTEGER, h17 INTEGER, h18 INTEGER, h19 INTEGER, h20 INTEGER, h21 INTEGER, h22 INTEGER, h23 INTEGER,
  PRIMARY KEY (day, server_id, connector_id, tls_id)
) WITHOUT ROWID;

-- … and sessions that a log tells of: an hour without any is silent.
CREATE TABLE daily_log_hours (
  day INTEGER NOT NULL,
  server_id INTEGER NOT NULL,
  service TEXT NOT NULL,
  direction TEXT NOT NULL,
  h0 INTEGER, h1 INTEGER, h2 INTEGER, h3 INTEGER, h4 INTEGER, h5 INTEGER, h6 INTEGER, h7 INTEGER,
  h8 INTEGER, h9 INTEGER, h10 INTEGER, h11 INTEGER, h12 INTEGER, h13 INTEGER, h14 INTEGER, h15 INTEGER,
  h16 INTEGER, h17 INTEGER, h18 INTEGER, h19 INTEGER, h20 INTEGER, h21 INTEGER, h22 INTEGER, h23 INTEGER,
  PRIMARY KEY (day, server_id, service, direction)
) WITHOUT ROWID;

-- Days that are not summed up, or no longer as their hours are: their hours are asked.
CREATE TABLE stale_day (day INTEGER PRIMARY KEY);
INSERT INTO stale_day (day)
  SELECT hour - hour % 86400000 FROM hourly_sessions UNION SELECT hour - hour % 86400000 FROM hourly_messages
  UNION SELECT hour - hour % 86400000 FROM hourly_refusals;

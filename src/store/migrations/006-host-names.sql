-- What DNS calls an address, as it answered when a report asked (report --resolve).
CREATE TABLE host_name (
  address TEXT PRIMARY KEY,
  name TEXT,                           -- NULL: DNS has none
  asked_at INTEGER NOT NULL
) WITHOUT ROWID;

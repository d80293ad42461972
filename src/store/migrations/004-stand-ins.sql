-- Stand-ins that redacted output has shown, so that all outputs of a database agree for ever. `number` counts up by kind.
CREATE TABLE stand_in (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,                  -- what it stands for, in lower case
  number INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE UNIQUE INDEX stand_in_number ON stand_in (kind, number);

-- The secret by which addresses are replaced: one row, made by chance, never shown.
CREATE TABLE stand_in_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL);
INSERT INTO stand_in_key (one, key) VALUES (1, randomblob(32));

-- What was imported of the configuration, as it was at one time: of a session, the latest before it is valid.
CREATE TABLE configuration (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('connectors', 'rights', 'accepted-domains', 'devices')),
  scope TEXT NOT NULL COLLATE NOCASE,  -- server of connectors, SERVER\name of rights, '' for the whole organisation
  as_of INTEGER NOT NULL,              -- when it was exported
  imported_at INTEGER NOT NULL,
  file TEXT NOT NULL,
  content TEXT NOT NULL                -- JSON, as src/configuration/record.ts says: lists, and one record of rights
);
CREATE UNIQUE INDEX configuration_place ON configuration (kind, scope, as_of);

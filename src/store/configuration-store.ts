/** Configuration as imported, with its history. Its content is JSON, which configuration/ reads and writes. */
import type { Database } from './database.ts';

export type ConfigurationKind = 'connectors' | 'rights' | 'accepted-domains' | 'devices';

export interface StoredConfiguration {
  readonly kind: ConfigurationKind;
  /** Server of connectors, `SERVER\Name` of rights, empty for the whole organisation. */
  readonly scope: string;
  /** Milliseconds UTC of the export, and of the import. */
  readonly asOf: number;
  readonly importedAt: number;
  readonly file: string;
  readonly content: string;
}

/** Everything that was ever imported, by kind, scope and time. */
export function storedConfigurations(db: Database): StoredConfiguration[] {
  return db
    .prepare(
      `SELECT kind, scope, as_of AS asOf, imported_at AS importedAt, file, content FROM configuration ORDER BY kind, scope, as_of`,
    )
    .all() as StoredConfiguration[];
}

/** Replaces what was imported for the same scope and time. All or nothing. */
export function storeConfigurations(db: Database, configurations: readonly StoredConfiguration[]): void {
  const insert = db.prepare(
    `INSERT OR REPLACE INTO configuration (kind, scope, as_of, imported_at, file, content)
     VALUES (@kind, @scope, @asOf, @importedAt, @file, @content)`,
  );
  db.transaction(() => {
    for (const configuration of configurations) insert.run(configuration);
  }).immediate();
}

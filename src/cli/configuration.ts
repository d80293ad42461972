/** The imported configuration, as the commands about connectors need it: there, or one clear line. */
import { existsSync } from 'node:fs';
import { sameName } from '../connector/connector.ts';
import type { Organisation, ServerConfiguration } from '../connector/organisation.ts';
import { ConfigurationHistory } from '../queries/configuration-history.ts';
import { openForReading } from '../store/database.ts';
import { UserError } from '../store/user-error.ts';

const IMPORT = 'Import one: relaylens config import <files>; relaylens config import --help says how to export it.';

/** All that was imported into the database. */
export function configurationHistory(database: string): ConfigurationHistory {
  if (!existsSync(database))
    throw new UserError(`${database}: no such database, and so no configuration of receive connectors`, IMPORT);
  const db = openForReading(database);
  try {
    return new ConfigurationHistory(db);
  } finally {
    db.close();
  }
}

export const latestConfiguration = (database: string): Organisation => configurationHistory(database).latest;

/** The servers asked for; a UserError where there are none. */
export function serversIn(
  organisation: Organisation,
  name: string | undefined,
  database: string,
): readonly ServerConfiguration[] {
  if (organisation.servers.length === 0) throw new UserError(`${database} holds no configuration of receive connectors`, IMPORT);
  if (name === undefined) return organisation.servers;
  const found = organisation.servers.filter(({ server }) => sameName(server, name));
  if (found.length === 0)
    throw new UserError(
      `no configuration of ${name} was imported`,
      `There is one of ${organisation.servers.map(({ server }) => server).join(', ')}.`,
    );
  return found;
}

export function serverIn(organisation: Organisation, name: string, database: string): ServerConfiguration {
  return serversIn(organisation, name, database)[0]!;
}

/** Everything in a database that names somebody or something of the organisation. */
import { partsOf } from '../connector/connector.ts';
import type { Organisation } from '../connector/organisation.ts';
import { parseRange } from '../net/address-range.ts';
import { placeOf } from '../protocol-log/log-place.ts';
import type { KnownNames } from '../redaction/known-names.ts';
import { goodHelloName } from '../smtp/hello-name.ts';
import type { Database } from '../store/database.ts';
import { ConfigurationHistory } from './configuration-history.ts';

/** Names of the logs, and of every configuration that was ever imported, not only of the latest. */
export function knownNames(db: Database): KnownNames {
  const connectors = texts(db, 'SELECT DISTINCT connector_id FROM session');
  const configured = new ConfigurationHistory(db).all.map(namesIn);
  const helloNames = texts(db, 'SELECT DISTINCT helo_id FROM session');
  const hostNames = db.prepare('SELECT name FROM host_name WHERE name IS NOT NULL').pluck().all() as string[];
  const ofKind = (kind: keyof KnownNames): string[] => configured.flatMap((names) => names[kind]);
  return distinct({
    servers: [
      ...texts(db, 'SELECT DISTINCT server_id FROM section'),
      ...connectors.map((connector) => partsOf(connector).server),
      ...ofKind('servers'),
    ],
    connectors: [...connectors.map((connector) => partsOf(connector).name), ...ofKind('connectors')],
    // A name that cannot be one comes back, too, as the name that a diagnosis proposes.
    hosts: [...helloNames, ...helloNames.map(goodHelloName), ...hostNames, ...ofKind('hosts')],
    users: texts(db, 'SELECT DISTINCT auth_user_id FROM session'),
    domains: ofKind('domains'),
    organisations: ofKind('organisations'),
    owners: ofKind('owners'),
    sites: ofKind('sites'),
    notes: ofKind('notes'),
    folders: folders(db),
  });
}

function texts(db: Database, ids: string): string[] {
  return db.prepare(`SELECT value FROM text WHERE id IN (${ids})`).pluck().all() as string[];
}

/** The folders above the product's own, and those above them but for the topmost, which is the same everywhere. */
function folders(db: Database): string[] {
  const paths = db.prepare('SELECT path FROM log_file').pluck().all() as string[];
  const trees = new Set(paths.map((path) => placeOf(path).tree));
  return [...trees].flatMap((tree) => {
    const above = [...tree.matchAll(/[^/](?=\/)/g)].slice(1).map(({ index }) => tree.slice(0, index + 1));
    return [tree, ...above];
  });
}

function namesIn({ servers, rights, acceptedDomains, devices }: Organisation): KnownNames {
  const connectors = servers.flatMap((server) => server.connectors);
  const present = (value: string | null | undefined): string[] => (value ? [value] : []);
  const accounts = [...rights.values()].flat().flatMap(({ user }) => present(/^([^\\]+)\\/.exec(user)?.[1]));
  return {
    servers: [...servers.map(({ server }) => server), ...connectors.map(({ server }) => server)],
    connectors: connectors.map(({ name }) => name),
    hosts: devices.flatMap(({ match, name }) => (parseRange(match) ? [name] : [match, name])),
    users: [],
    domains: [
      ...(acceptedDomains ?? []).map(({ domainName }) => domainName),
      ...connectors.flatMap(({ properties }) => [...present(properties.Fqdn), ...present(properties.DefaultDomain)]),
    ],
    organisations: accounts.filter((name) => !/^(NT AUTHORITY|BUILTIN|MS Exchange)$/i.test(name)),
    owners: devices.flatMap(({ owner }) => present(owner)),
    sites: devices.flatMap(({ site }) => present(site)),
    notes: [
      ...devices.flatMap(({ note }) => present(note)),
      ...connectors.flatMap(({ properties }) => present(properties.Comment)),
      ...(acceptedDomains ?? []).filter(({ name, domainName }) => name !== domainName).map(({ name }) => name),
    ],
    folders: [],
  };
}

function distinct(names: KnownNames): KnownNames {
  return Object.fromEntries(
    Object.entries(names).map(([kind, list]) => [kind, [...new Set((list as readonly string[]).filter((name) => name !== ''))]]),
  ) as unknown as KnownNames;
}

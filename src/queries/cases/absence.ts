/** What can be said about a client that no row names: what the logs cover, and where it would have landed. */

import { identityOf, isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import type { Relay } from '../../connector/effective-rights.ts';
import { mayRelay } from '../../connector/effective-rights.ts';
import { matchClient } from '../../connector/matching.ts';
import { rightsOf } from '../../connector/organisation.ts';
import { parseAddress } from '../../net/address-range.ts';
import type { Database } from '../../store/database.ts';
import { ConfigurationHistory } from '../configuration-history.ts';
import { type CoverageEntry, coverage } from '../coverage.ts';
import { type CaseFilter, filterTerms } from './session-groups.ts';
import type { Asked } from './subject.ts';
import { kindOfName } from './twins.ts';

/** The connector that the configuration gives the client on one server and port. */
export interface Landing {
  readonly server: string;
  readonly port: number;
  /** `SERVER\Name`; null: no connector takes it, and the server answers 421. */
  readonly connector: string | null;
  /** Whether sessions there are logged; null: the export does not say. */
  readonly logged: boolean | null;
  readonly mayRelay: Relay | null;
}

export interface Absence {
  /** Addresses that were looked for. */
  readonly addresses: readonly string[];
  /** Receive logs. */
  readonly coverage: readonly CoverageEntry[];
  /** Clients and sessions in the period that was asked about. */
  readonly others: { readonly clients: number; readonly sessions: number };
  /** Of the same subnet, with their hello names. */
  readonly neighbours: readonly { readonly source: string; readonly helo: string | null; readonly lastSeen: number }[];
  readonly landings: readonly Landing[];
  /** Enabled receive connectors whose sessions leave no rows. */
  readonly unlogged: readonly string[];
  /** Hello names and devices that are like the name that was asked for. */
  readonly similarNames: readonly string[];
  /** Rows of the same client outside the period or the server that was asked about. */
  readonly elsewhere: { readonly sessions: number; readonly firstSeen: number; readonly lastSeen: number } | null;
}

/** Ports that devices use, in the order in which they try. */
const PORTS = [25, 587];
const NEIGHBOURS = 5;
const SIMILAR = 8;

export function absenceOf(db: Database, who: string, { named, subjects }: Asked, filter: CaseFilter): Absence {
  const addresses = addressesOf(who, named);
  const organisation = new ConfigurationHistory(db).latest;
  const connectors = organisation.servers.flatMap((server) => server.connectors);
  return {
    addresses,
    coverage: coverage(db).filter(({ direction }) => direction === 'receive'),
    others: othersIn(db, filter),
    neighbours: addresses.flatMap((address) => neighbours(db, address)).slice(0, NEIGHBOURS),
    landings: addresses.flatMap((address) => {
      const remote = parseAddress(address);
      if (!remote) return [];
      return organisation.servers.flatMap((server) =>
        PORTS.map((port): Landing => {
          const { winner } = matchClient(server.connectors, { remote, port, role: 'FrontendTransport' }).match.explanation;
          return {
            server: server.server,
            port,
            connector: winner ? identityOf(winner.connector) : null,
            logged: winner ? isLogged(winner.connector) : true,
            mayRelay: winner ? mayRelay(winner.connector, rightsOf(organisation, winner.connector)) : null,
          };
        }),
      );
    }),
    unlogged: connectors.filter((one) => isEnabled(one) && isLogged(one) === false).map(identityOf),
    similarNames: addresses.length > 0 ? [] : similarNames(db, who),
    elsewhere: subjects.length === 0 ? null : elsewhereOf(db, subjects),
  };
}

const isLogged = ({ properties }: ReceiveConnector): boolean | null =>
  properties.ProtocolLoggingLevel === undefined ? null : properties.ProtocolLoggingLevel === 'Verbose';

function addressesOf(who: string, named: Asked['named']): string[] {
  switch (named.by) {
    case 'address':
      return [named.address];
    case 'device':
      return named.devices.map(({ match }) => match).filter((match) => parseAddress(match) !== undefined);
    case 'range':
    case 'session':
    case 'hello-name':
    case 'mail-address':
    case 'nothing':
      return parseAddress(who) ? [who] : [];
  }
}

/** Over the whole store from the roll-ups; in a part of it from the sessions. */
function othersIn(db: Database, { since, until, server, connector }: CaseFilter): Absence['others'] {
  const whole = since === undefined && until === undefined && server === undefined && connector === undefined;
  if (whole)
    return db
      .prepare(
        `SELECT COUNT(DISTINCT source_id) AS clients, COALESCE(SUM(sessions), 0) AS sessions FROM hourly_sessions
         WHERE direction = 'receive' AND health_probe = 0`,
      )
      .get() as Absence['others'];
  const { sql, values } = filterTerms({
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(server === undefined ? {} : { server }),
    ...(connector === undefined ? {} : { connector }),
  });
  return db
    .prepare(
      `SELECT COUNT(DISTINCT s.source_id) AS clients, COUNT(*) AS sessions FROM session s WHERE s.direction = 'receive' AND s.health_probe = 0${sql}`,
    )
    .get(values) as Absence['others'];
}

function neighbours(db: Database, address: string): Absence['neighbours'] {
  const prefix = address.includes(':') ? address.replace(/[^:]*$/, '') : address.replace(/\d+$/, '');
  return db
    .prepare(
      `WITH near AS MATERIALIZED (SELECT id, value FROM text WHERE value >= @prefix AND value < @prefix || '~')
       SELECT near.value AS source, (SELECT value FROM text WHERE id = s.helo_id) AS helo, MAX(s.started_at) AS lastSeen
       FROM near CROSS JOIN session s ON s.source_id = near.id WHERE s.direction = 'receive'
       GROUP BY near.id ORDER BY lastSeen DESC LIMIT ${NEIGHBOURS}`,
    )
    .all({ prefix }) as Absence['neighbours'][number][];
}

/** Names of one kind with the one asked for, or that contain it or lie in it. */
function similarNames(db: Database, who: string): string[] {
  const wanted = who.toLowerCase();
  const names = db
    .prepare(
      "SELECT value FROM text WHERE id IN (SELECT DISTINCT helo_id FROM session WHERE direction = 'receive') ORDER BY value",
    )
    .all() as { value: string }[];
  const devices = new ConfigurationHistory(db).latest.devices.map(({ name }) => name);
  const like = (name: string): boolean => {
    const other = name.toLowerCase();
    return kindOfName(other) === kindOfName(wanted) || other.includes(wanted) || (other.length > 3 && wanted.includes(other));
  };
  return [...new Set([...names.map(({ value }) => value), ...devices])].filter(like).slice(0, SIMILAR);
}

function elsewhereOf(db: Database, subjects: Asked['subjects']): Absence['elsewhere'] {
  const sources = subjects.flatMap((subject) => (subject.kind === 'client' ? [subject.source] : []));
  const row = db
    .prepare(
      `SELECT COUNT(*) AS sessions, MIN(s.started_at) AS firstSeen, MAX(s.started_at) AS lastSeen FROM session s
       WHERE s.direction = 'receive' AND s.source_id IN (SELECT id FROM text WHERE value IN (SELECT value FROM json_each(?)))`,
    )
    .get(JSON.stringify(sources)) as NonNullable<Absence['elsewhere']>;
  return row.sessions > 0 ? row : null;
}

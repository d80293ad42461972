/** The clients of an audit as connections that come again tomorrow: to which server and place, and who takes them there. */
import { loggedConnector } from '../../connector/attribution.ts';
import { isEnabled, type ListeningRole, type ReceiveConnector, roleOf } from '../../connector/connector.ts';
import { roleOnPort } from '../../connector/matching.ts';
import type { ServerConfiguration } from '../../connector/organisation.ts';
import { serverOf } from '../../connector/organisation.ts';
import { type LocalEndpoint, SelectionTable } from '../../connector/selection.ts';
import { type Address, holds, parseAddress } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import type { AuditedSource, AuditFacts, Place } from '../../queries/audit/audit-facts.ts';

/** One client at one place of one server. */
export interface Visit {
  readonly source: AuditedSource;
  readonly place: Place;
  readonly address: Address;
  readonly server: ServerConfiguration;
  readonly role: ListeningRole;
  readonly local: LocalEndpoint;
  /** It came to another server, and may come to this one tomorrow where both stand behind one name. */
  readonly isElsewhere: boolean;
}

/** Who takes a connection under one configuration of a server; the tables are made once. */
export class Landings {
  readonly #tables = new Map<ListeningRole, SelectionTable>();
  readonly #connectors: readonly ReceiveConnector[];

  constructor(connectors: readonly ReceiveConnector[]) {
    this.#connectors = connectors;
  }

  of({ role, local, address }: Pick<Visit, 'role' | 'local' | 'address'>): ReceiveConnector | undefined {
    let table = this.#tables.get(role);
    if (!table) this.#tables.set(role, (table = new SelectionTable(this.#connectors, role)));
    return table.select(local, address)?.connector;
  }
}

/** Where the clients that wanted something came to. A client whose address the log hides comes from nowhere. */
export function visitsOf(facts: AuditFacts): Visit[] {
  return facts.sources.flatMap((source) => {
    const address = parseAddress(source.source);
    if (!address) return [];
    return source.places
      .filter(({ sessions }) => sessions > 0)
      .flatMap((place) => {
        const server = serverOf(facts.organisation, place.server);
        return server
          ? placesOf(place, server, address).map((at): Visit => ({ source, place, address, server, isElsewhere: false, ...at }))
          : [];
      });
  });
}

function placesOf(place: Place, server: ServerConfiguration, address: Address): Pick<Visit, 'role' | 'local'>[] {
  const logged = loggedConnector(server, place.connector);
  const locals = place.localEndpoints.flatMap((text): LocalEndpoint[] => {
    const { address: at, port } = parseEndpoint(text);
    // A hidden address counts as one that no connector is bound to in particular.
    return port === undefined ? [] : [{ address: parseAddress(at) ?? { family: address.family, value: 0n }, port }];
  });
  const all = locals.length > 0 ? locals : (logged?.bindings ?? []);
  return all
    .filter((local) => local.address.family === address.family)
    .map((local) => ({ local, role: (logged && roleOf(logged)) ?? roleOnPort(server.connectors, local.port) }));
}

/**
 * The same clients at the connectors of other servers that hold them at the same port: where servers stand behind one
 * name, a balancer decides which of them a client meets.
 */
export function visitsElsewhere(visits: readonly Visit[], connectors: readonly ReceiveConnector[], facts: AuditFacts): Visit[] {
  const found = new Map<string, Visit>();
  for (const connector of connectors) {
    const server = serverOf(facts.organisation, connector.server);
    if (!server || !isEnabled(connector)) continue;
    for (const visit of visits) {
      if (visit.server === server || !connector.remoteIPRanges.some((range) => holds(range, visit.address))) continue;
      for (const { address, port } of connector.bindings) {
        if (port !== visit.local.port || address.family !== visit.address.family) continue;
        const role = roleOf(connector) ?? visit.role;
        if (role !== visit.role) continue;
        const key = [server.server, port, address.value, visit.source.source].join(' ');
        if (!found.has(key)) found.set(key, { ...visit, server, role, local: { address, port }, isElsewhere: true });
      }
    }
  }
  return [...found.values()];
}

/** Sessions of which two configurations make the same without a look at their rows. */
import { identityOf, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { type Organisation, rightsOf, serverOf } from '../../connector/organisation.ts';
import { SelectionTable } from '../../connector/selection.ts';
import { type Address, parseAddress } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import { connectorName, type Recording, serverOfSession } from './recording.ts';
import { roleOfSession } from './replayed-server.ts';

/** Where a session came to and from: what its connector is found by. */
export type Connection = Omit<Recording, 'rows' | 'sessionId'>;

/**
 * Compares the configuration that was valid at a session's time with the proposal. Where both give the connector that the
 * log names, with the same properties and rights and the same accepted domains, the proposal changes nothing.
 */
export class Unchanged {
  readonly #proposal: Organisation;
  readonly #pairs = new Map<Organisation, ConfigurationPair>();

  constructor(proposal: Organisation) {
    this.#proposal = proposal;
  }

  /** True where nothing changes for certain; false also where that is not known. */
  holds(before: Organisation, connection: Connection): boolean {
    let pair = this.#pairs.get(before);
    if (!pair) this.#pairs.set(before, (pair = new ConfigurationPair(before, this.#proposal)));
    return pair.isUnchanged(connection);
  }
}

class ConfigurationPair {
  readonly #before: Organisation;
  readonly #after: Organisation;
  readonly #sameDomains: boolean;
  readonly #tables = new Map<string, SelectionTable>();
  readonly #known = new Map<string, boolean>();
  readonly #sameConnectors = new Map<string, boolean>();

  constructor(before: Organisation, after: Organisation) {
    this.#before = before;
    this.#after = after;
    this.#sameDomains = JSON.stringify(before.acceptedDomains) === JSON.stringify(after.acceptedDomains);
  }

  isUnchanged(connection: Connection): boolean {
    if (!this.#sameDomains) return false;
    const { service, connector, localEndpoint, remoteEndpoint } = connection;
    const server = serverOfSession(connection);
    const remote = parseEndpoint(remoteEndpoint).address;
    const key = [server, service, connector, localEndpoint, remote].join('\0');
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, (known = this.#compare(connection, server, remote)));
    return known;
  }

  #compare({ service, connector, localEndpoint }: Connection, server: string, client: string): boolean {
    const remote = parseAddress(client);
    const { address: place, port } = parseEndpoint(localEndpoint);
    const address = parseAddress(place);
    if (!remote || !address || port === undefined) return false;
    const [before, after] = [this.#before, this.#after].map((organisation, index) => {
      const configuration = serverOf(organisation, server);
      if (!configuration) return undefined;
      const logged = configuration.connectors.find(({ name }) => sameName(name.trim(), connectorName(connector)));
      const role = roleOfSession(service, logged);
      if (!role) return undefined;
      const id = `${index} ${server.toLowerCase()} ${role}`;
      let table = this.#tables.get(id);
      if (!table) this.#tables.set(id, (table = new SelectionTable(configuration.connectors, role)));
      return { taken: table.select({ address: address as Address, port }, remote)?.connector };
    });
    if (!before || !after) return false;
    if (!before.taken || !after.taken) return before.taken === after.taken && connector === '';
    return (
      sameName(before.taken.name, after.taken.name) &&
      sameName(before.taken.name.trim(), connectorName(connector)) &&
      this.#areSame(before.taken, after.taken)
    );
  }

  #areSame(before: ReceiveConnector, after: ReceiveConnector): boolean {
    const key = identityOf(before).toLowerCase();
    let same = this.#sameConnectors.get(key);
    if (same === undefined) {
      same =
        canonical(before.properties) === canonical(after.properties) &&
        JSON.stringify(rightsOf(this.#before, before)) === JSON.stringify(rightsOf(this.#after, after));
      this.#sameConnectors.set(key, same);
    }
    return same;
  }
}

const canonical = (properties: ReceiveConnector['properties']): string =>
  JSON.stringify(
    Object.entries(properties)
      // Who may connect is decided before; what is logged changes no reply.
      .filter(([name]) => name !== 'ProtocolLoggingLevel' && name !== 'Comment')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

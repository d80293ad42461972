/**
 * The connector of a session as logged, against the one that the configuration would give it; and why a connector that
 * may relay did not take it, which is what people ask.
 */
import { type Address, formatAddress, parseAddress } from '../net/address-range.ts';
import { parseEndpoint } from '../net/endpoint.ts';
import type { Service } from '../protocol-log/fields.ts';
import { identityOf, isDefaultConnector, type ListeningRole, type ReceiveConnector, roleOf, sameName } from './connector.ts';
import { mayRelay } from './effective-rights.ts';
import { type Candidate, type Explanation, explainSelection, type Obstacle } from './explanation.ts';
import { matchClient } from './matching.ts';
import { type Organisation, rightsOf, type ServerConfiguration, serverOf } from './organisation.ts';
import { SelectionTable } from './selection.ts';
import { plainName } from './server-name.ts';

/** `undetermined`: the log hides an address, so that nothing can be expected. */
export type Verdict = 'as-expected' | 'other-connector' | 'unknown-connector' | 'no-configuration' | 'undetermined';

/** Why a connector did not take a client. `server-lacks-it`: its twin stands on another server only. */
export type Why = Obstacle | 'server-lacks-it';

export interface MissedConnector {
  readonly connector: string;
  readonly why: Why;
  readonly because: string;
}

export interface Attribution {
  readonly verdict: Verdict;
  /** Identity of the connector that the configuration gives; null where it gives none, or nothing can be expected. */
  readonly expected: string | null;
  /** For `other-connector`: what keeps the logged connector from the client, by the configuration. */
  readonly why: Why | null;
  readonly reason: string;
  /** Connectors that may relay, or were made for somebody, and did not take the client: nearest first. */
  readonly missed: readonly MissedConnector[];
}

/** The connection as logged. */
export interface Connection {
  readonly server: string;
  readonly service: Service | null;
  /** `SERVER\Name`, or the name alone; empty where no connector took it. */
  readonly connector: string;
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
}

/** How many missed connectors are told: more would not be read. */
const MISSED = 3;

/** Attributes the connections of one time; equal ones are answered once. */
export class Attributor {
  readonly #organisation: Organisation;
  readonly #tables = new Map<string, SelectionTable>();
  readonly #known = new Map<string, Attribution>();

  constructor(organisation: Organisation) {
    this.#organisation = organisation;
  }

  attribute(connection: Connection): Attribution {
    const { server, service, connector, localEndpoint } = connection;
    const remote = parseEndpoint(connection.remoteEndpoint).address;
    const key = [server, service, connector, localEndpoint, remote].join('\0');
    let attribution = this.#known.get(key);
    if (!attribution) this.#known.set(key, (attribution = this.#attribute(connection, remote)));
    return attribution;
  }

  #attribute(connection: Connection, client: string): Attribution {
    const configuration = serverOf(this.#organisation, connection.server || serverIn(connection.connector));
    const nothing = { expected: null, why: null, missed: [] };
    if (!configuration)
      return {
        ...nothing,
        verdict: 'no-configuration',
        reason: `the configuration of ${connection.server || 'its server'} was not imported`,
      };
    const logged = loggedConnector(configuration, connection.connector);
    const remote = parseAddress(client);
    if (!remote) return { ...nothing, verdict: 'undetermined', reason: 'the log hides the address of the client' };
    const local = parseEndpoint(connection.localEndpoint);
    const port = local.port ?? logged?.bindings[0]?.port;
    if (port === undefined)
      return { ...nothing, verdict: 'undetermined', reason: 'the log does not say to which port the client came' };
    const address = parseAddress(local.address) ?? { family: remote.family, value: 0n };
    const role = roleOfService(connection.service) ?? (logged && roleOf(logged)) ?? 'FrontendTransport';
    const explanation = this.#explain(configuration, role, { address, port }, remote);
    const { winner } = explanation;
    const expected = winner ? identityOf(winner.connector) : null;
    const missed = this.#missed(configuration, explanation, role, port, remote);
    const result = (verdict: Verdict, why: Why | null, reason: string): Attribution => ({
      verdict,
      expected,
      why,
      reason,
      missed,
    });
    if (connection.connector === '')
      return winner
        ? result('other-connector', null, `logged without a connector, but by the configuration ${explanation.reason}`)
        : result('as-expected', null, explanation.reason);
    if (!logged)
      return result(
        'unknown-connector',
        null,
        `the configuration of ${configuration.server} has no "${nameIn(connection.connector)}"; by it, ${explanation.reason}`,
      );
    if (winner?.connector === logged || explanation.rivals.includes(logged))
      return result('as-expected', null, explanation.reason);
    const candidate = explanation.candidates.find(({ connector }) => connector === logged);
    return result(
      'other-connector',
      candidate?.obstacle ?? null,
      `by the configuration ${explanation.reason}; as for "${logged.name}", ${candidate?.because ?? 'it does not'}`,
    );
  }

  #explain(
    configuration: ServerConfiguration,
    role: ListeningRole,
    local: { address: Address; port: number },
    remote: Address,
  ): Explanation {
    const key = `${configuration.server.toLowerCase()} ${role}`;
    let table = this.#tables.get(key);
    if (!table) this.#tables.set(key, (table = new SelectionTable(configuration.connectors, role)));
    return explainSelection(configuration.connectors, role, local, remote, table);
  }

  #missed(
    configuration: ServerConfiguration,
    explanation: Explanation,
    role: ListeningRole,
    port: number,
    remote: Address,
  ): MissedConnector[] {
    const relays = (connector: ReceiveConnector): boolean =>
      ['yes', 'likely'].includes(mayRelay(connector, rightsOf(this.#organisation, connector)));
    if (role !== 'FrontendTransport' || (explanation.winner && relays(explanation.winner.connector))) return [];
    const madeForSomebody = (connector: ReceiveConnector): boolean => relays(connector) || !isDefaultConnector(connector);
    const here = explanation.candidates
      .filter(
        (candidate): candidate is Candidate & { obstacle: Obstacle } =>
          candidate.obstacle !== undefined && candidate.obstacle !== 'port',
      )
      .filter(({ connector }) => madeForSomebody(connector))
      .map(({ connector, obstacle, because }): MissedConnector => ({ connector: identityOf(connector), why: obstacle, because }));
    const elsewhere = this.#organisation.servers
      .filter((other) => other !== configuration)
      .flatMap((other): MissedConnector[] => {
        const { winner } = matchClient(other.connectors, { remote, port, role }).match.explanation;
        if (!winner || !madeForSomebody(winner.connector)) return [];
        const twin = plainName(winner.connector).toLowerCase();
        if (configuration.connectors.some((connector) => plainName(connector).toLowerCase() === twin)) return [];
        return [
          {
            connector: identityOf(winner.connector),
            why: 'server-lacks-it',
            because: `on ${other.server} it would take ${formatAddress(remote)}; ${configuration.server} has no such connector`,
          },
        ];
      });
    return [...here, ...elsewhere].slice(0, MISSED);
  }
}

function roleOfService(service: Service | null): ListeningRole | undefined {
  switch (service) {
    case 'FrontEnd':
      return 'FrontendTransport';
    case 'Hub':
    case 'Edge':
      return 'HubTransport';
    case 'Mailbox':
    case null:
      return undefined;
  }
}

const nameIn = (connector: string): string => connector.slice(connector.indexOf('\\') + 1);
const serverIn = (connector: string): string => (connector.includes('\\') ? connector.slice(0, connector.indexOf('\\')) : '');

export function loggedConnector(configuration: ServerConfiguration, connector: string): ReceiveConnector | undefined {
  return configuration.connectors.find(({ name }) => sameName(name, nameIn(connector)));
}

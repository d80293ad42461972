/**
 * The connector of a session as logged, against the one that the configuration would give it; and why a connector that
 * may relay did not take it, which is what people ask.
 */
import { type Address, formatAddress, parseAddress } from '../net/address-range.ts';
import { parseEndpoint } from '../net/endpoint.ts';
import type { Service } from '../protocol-log/fields.ts';
import {
  identityOf,
  isDefaultConnector,
  type ListeningRole,
  partsOf,
  quoted,
  type ReceiveConnector,
  roleOf,
  sameName,
} from './connector.ts';
import { mayRelay } from './effective-rights.ts';
import {
  type Candidate,
  type Circumstances,
  type Explanation,
  explainCandidate,
  explainSelection,
  isFar,
  type Obstacle,
} from './explanation.ts';
import { localAddresses, roleOnPort } from './matching.ts';
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
    const configuration = serverOf(this.#organisation, connection.server || partsOf(connection.connector).server);
    const untold = (verdict: 'no-configuration' | 'undetermined', reason: string): Attribution => ({
      verdict,
      reason,
      expected: null,
      why: null,
      missed: [],
    });
    if (!configuration)
      return untold('no-configuration', `the configuration of ${connection.server || 'its server'} was not imported`);
    if (connection.service === 'Mailbox')
      return untold('undetermined', 'delivery to mailboxes: its connector stands in no configuration');
    const remote = parseAddress(client);
    if (!remote) return untold('undetermined', 'the log hides the address of the client');
    const logged = loggedConnector(configuration, connection.connector);
    const endpoint = parseEndpoint(connection.localEndpoint);
    const port = endpoint.port ?? logged?.bindings[0]?.port;
    if (port === undefined) return untold('undetermined', 'the log does not say to which port the client came');
    const role = roleOfService(connection.service) ?? (logged && roleOf(logged)) ?? roleOnPort(configuration.connectors, port);
    const at = (address: Address): Circumstances => ({
      connectors: configuration.connectors,
      role,
      local: { address, port },
      remote,
      table: this.#table(configuration, role),
    });
    const local = parseAddress(endpoint.address);
    if (local) return this.#judge(at(local), connection, configuration, logged);
    return this.#judgeHidden(at, connection, configuration, logged);
  }

  /** The log hides the address that the client came to: each that some connector is bound to may be it. */
  #judgeHidden(
    at: (address: Address) => Circumstances,
    connection: Connection,
    configuration: ServerConfiguration,
    logged: ReceiveConnector | undefined,
  ): Attribution {
    const unknown = at({ family: parseAddress(parseEndpoint(connection.remoteEndpoint).address)!.family, value: 0n });
    const { family } = unknown.local.address;
    const possible = [unknown.local.address, ...localAddresses(configuration.connectors, unknown.local.port, family)].map(at);
    const attributions = possible.map((circumstances) => this.#judge(circumstances, connection, configuration, logged));
    const asExpected = attributions.find(({ verdict }) => verdict === 'as-expected');
    if (asExpected) return asExpected;
    const [first] = attributions;
    if (new Set(attributions.map(({ expected }) => expected)).size === 1) return first!;
    return {
      ...first!,
      verdict: 'undetermined',
      expected: null,
      why: null,
      reason: 'the log hides the address that the client came to, and it decides',
    };
  }

  #judge(
    circumstances: Circumstances,
    connection: Connection,
    configuration: ServerConfiguration,
    logged: ReceiveConnector | undefined,
  ): Attribution {
    const explanation = explainSelection(circumstances);
    const { winner, rivals, reason } = explanation;
    const expected = winner ? identityOf(winner.connector) : null;
    const missed = this.#missed(configuration, circumstances, explanation);
    const result = (verdict: Verdict, why: Why | null, words: string): Attribution => ({
      verdict,
      expected,
      why,
      reason: words,
      missed,
    });
    if (connection.connector === '')
      return winner
        ? result('other-connector', null, `logged without a connector, but by the configuration ${reason}`)
        : result('as-expected', null, reason);
    if (!logged)
      return result(
        'unknown-connector',
        null,
        `the configuration of ${configuration.server} has no ${quoted(partsOf(connection.connector))}; by it, ${reason}`,
      );
    if (winner?.connector === logged || rivals.includes(logged)) return result('as-expected', null, reason);
    const candidate = explainCandidate(circumstances, logged, winner);
    return result(
      'other-connector',
      candidate.obstacle ?? null,
      `by the configuration ${reason}; as for ${quoted(logged)}, ${candidate.because}`,
    );
  }

  #table(configuration: ServerConfiguration, role: ListeningRole): SelectionTable {
    const key = `${configuration.server.toLowerCase()} ${role}`;
    let table = this.#tables.get(key);
    if (!table) this.#tables.set(key, (table = new SelectionTable(configuration.connectors, role)));
    return table;
  }

  /**
   * Whom the client may have been meant for: connectors that may relay, or that somebody made. First those that hold it,
   * then its twin on another server, then those whose ranges it misses by little.
   */
  #missed(
    configuration: ServerConfiguration,
    circumstances: Circumstances,
    { winner, candidates }: Explanation,
  ): MissedConnector[] {
    const relays = (connector: ReceiveConnector): boolean =>
      ['yes', 'likely'].includes(mayRelay(connector, rightsOf(this.#organisation, connector)));
    if (circumstances.role !== 'FrontendTransport' || (winner && relays(winner.connector))) return [];
    // Who landed on a connector that somebody made for it was meant for another only if that one may relay.
    const isMeant =
      winner && !isDefaultConnector(winner.connector)
        ? relays
        : (connector: ReceiveConnector): boolean => relays(connector) || !isDefaultConnector(connector);
    const here = candidates.filter(
      ({ connector, obstacle }) => obstacle !== undefined && obstacle !== 'port' && isMeant(connector),
    );
    const told = ({ connector, obstacle, because }: Candidate): MissedConnector => ({
      connector: identityOf(connector),
      why: obstacle!,
      because,
    });
    const near = ({ missedBy }: Candidate): boolean => missedBy !== undefined && !isFar(missedBy, circumstances.remote.family);
    return [
      ...here.filter(({ missedBy }) => missedBy === undefined).map(told),
      ...this.#onOtherServers(configuration, circumstances, isMeant),
      ...here.filter(near).map(told),
    ].slice(0, MISSED);
  }

  #onOtherServers(
    configuration: ServerConfiguration,
    { local, remote, role }: Circumstances,
    isMeant: (connector: ReceiveConnector) => boolean,
  ): MissedConnector[] {
    return this.#organisation.servers
      .filter((other) => other !== configuration)
      .flatMap((other) => {
        const table = this.#table(other, role);
        const addresses = [
          { family: remote.family, value: 0n } as const,
          ...localAddresses(other.connectors, local.port, remote.family),
        ];
        const winners = addresses.map((address) => table.select({ address, port: local.port }, remote)?.connector);
        return [...new Set(winners)]
          .filter((connector) => connector !== undefined && isMeant(connector))
          .map((connector) => ({ other, connector: connector! }));
      })
      .filter(({ connector }) => {
        const twin = plainName(connector).toLowerCase();
        return !configuration.connectors.some((own) => plainName(own).toLowerCase() === twin);
      })
      .map(({ other, connector }) => ({
        connector: identityOf(connector),
        why: 'server-lacks-it',
        because: `on ${other.server} it would take ${formatAddress(remote)}; ${configuration.server} has no such connector`,
      }));
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

export function loggedConnector(configuration: ServerConfiguration, connector: string): ReceiveConnector | undefined {
  const { name } = partsOf(connector);
  return configuration.connectors.find((one) => sameName(one.name, name));
}

/** What is wrong with a server although each of its settings is right by itself: one line each, with its path. */
import type { Binding } from '../../connector/binding.ts';
import { conflictsOf } from '../../connector/conflict.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { refusalsOf } from '../../connector/refusal.ts';
import type { InlineConnector } from './connector-setting.ts';
import type { ListenEndpoint, ListenSettings } from './relay-settings.ts';
import { canonicalAddress } from './scalars.ts';
import { formatPath, type SettingPath, shownValue } from './setting-path.ts';

/** A connector, and where it stands in the file. */
export interface PlacedConnector {
  readonly connector: ReceiveConnector;
  readonly path: SettingPath;
  /** undefined for one of an export, which the product took already. */
  readonly setting: InlineConnector | undefined;
}

export interface CheckedServer {
  readonly server: string;
  readonly hub: boolean;
  readonly listen: readonly ListenSettings[];
  readonly clients: Readonly<Record<string, string>>;
}

type Place = (path: SettingPath) => SettingPath;

export function serverProblems(server: CheckedServer, connectors: readonly PlacedConnector[], place: Place): string[] {
  return [
    ...connectors.flatMap(refusedProperties),
    ...conflicts(connectors),
    ...unboundListeners(server, connectors, place),
    ...mixedFamilies(server, place),
  ];
}

/** Rules of the cmdlets without which a connector cannot work here either, and what to do. */
const RULES: Readonly<Record<string, string>> = {
  'banner-not-220': 'begin it with "220 "',
  'inactivity-longer-than-connection': 'ConnectionInactivityTimeout has to be ConnectionTimeout at most',
};

function refusedProperties({ connector, path, setting }: PlacedConnector): string[] {
  if (!setting) return [];
  return refusalsOf(connector).flatMap(({ rule, properties, because }) => {
    const remedy = RULES[rule];
    const told = properties.find((name) => setting.properties[name] !== undefined);
    return remedy && told ? [`${formatPath([...path, told])}: ${because}; ${remedy}`] : [];
  });
}

/** Two connectors between which nothing decides. */
function conflicts(connectors: readonly PlacedConnector[]): string[] {
  const paths = new Map(connectors.map(({ connector, path }) => [connector, path]));
  return conflictsOf(connectors.map(({ connector }) => connector))
    .filter(({ kind, a, b }) => kind === 'identical-ranges' && identityOf(a).toLowerCase() !== identityOf(b).toLowerCase())
    .map(({ b, because }) => `${formatPath(paths.get(b)!)}: ${because}; change a binding or a range`);
}

/** A server that would turn every client away. That one listener among others leads nowhere may be meant. */
function unboundListeners(server: CheckedServer, connectors: readonly PlacedConnector[], place: Place): string[] {
  if (server.listen.some((one) => leadsSomewhere(one, server, connectors))) return [];
  return server.listen.map((one, at) => {
    const { address, port } = endpointOf(one);
    const path = formatPath(place(['listen', at, ...(one.as ? ['as'] : [])]));
    return `${path}: no connector of ${server.server} is bound to port ${port} of ${familyName(address)}`;
  });
}

function leadsSomewhere(one: ListenSettings, { hub }: CheckedServer, connectors: readonly PlacedConnector[]): boolean {
  const { port } = endpointOf(one);
  // The system chooses the port, or the Hub has connectors that nobody wrote.
  if (port === 0 || (hub && one.service === 'Hub')) return true;
  return connectors.some(({ connector }) =>
    connector.bindings.some((binding) => binding.port === port && isOfFamily(binding, one)),
  );
}

/** Clients of one family at an endpoint of the other, which no server ever sees. */
function mixedFamilies({ listen, clients }: CheckedServer, place: Place): string[] {
  const problems = listen.flatMap((one, at) => {
    const { from } = one;
    const { address } = endpointOf(one);
    if (from === undefined || isIpv6(from) === isIpv6(address)) return [];
    return [
      `${formatPath(place(['listen', at, 'from']))}: ${shownValue(from)} is of another family than the endpoint, ${shownValue(address)}`,
    ];
  });
  const open = listen.filter(({ from }) => from === undefined);
  for (const [real, taken] of Object.entries(clients)) {
    const own = canonicalAddress(real);
    const doors = own === undefined ? [] : open.filter(({ on }) => isIpv6(on.address) === isIpv6(own));
    if (doors.length > 0 && doors.every((one) => isIpv6(endpointOf(one).address) !== isIpv6(taken)))
      problems.push(
        `${formatPath(place(['clients', real]))}: ${shownValue(taken)} is of another family than the endpoints under listen`,
      );
  }
  return problems;
}

const endpointOf = ({ on, as }: ListenSettings): ListenEndpoint => as ?? on;
const isIpv6 = (address: string): boolean => address.includes(':');
const familyName = (address: string): string => (isIpv6(address) ? 'IPv6' : 'IPv4');
const isOfFamily = ({ address }: Binding, one: ListenSettings): boolean =>
  (address.family === 'ipv6') === isIpv6(endpointOf(one).address);

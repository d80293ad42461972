/** The commands that make a new receive connector, or why Exchange would refuse them. */
import { type Binding, formatBinding, parseBinding } from '../connector/binding.ts';
import { conflictsOf } from '../connector/conflict.ts';
import { identityOf, type ListeningRole, type ReceiveConnector, sameName } from '../connector/connector.ts';
import { isExternallySecured } from '../connector/effective-rights.ts';
import { ANONYMOUS_ACCOUNT, RELAY_RIGHT } from '../connector/permission-group.ts';
import {
  type AuthMechanism,
  type PermissionGroup,
  PROPERTIES,
  PROPERTY_NAMES,
  type PropertyName,
  type PropertyType,
} from '../connector/properties.ts';
import { sameValue } from '../connector/property-text.ts';
import { sameAddresses } from '../connector/range-set.ts';
import { refusalsOfRequest } from '../connector/refusal.ts';
import { parseRemoteRange, type RemoteRange } from '../connector/remote-range.ts';
import {
  type ExchangeVersion,
  familyOf,
  SINCE_2016,
  USAGE_BINDING,
  USAGE_RANGE,
  type Usage,
  usageProperties,
} from '../connector/usage-type.ts';
import { type Argument, commandLines, text, texts, words } from './command.ts';
import { type Planned, type PlanRefusal, refusalOfConflict } from './plan.ts';
import { propertyArgument } from './property-argument.ts';
import { literal } from './quoting.ts';
import { accountLines, getConnector, grantLines, showRights } from './right-commands.ts';
import { BLANK, type ScriptLine, say } from './script.ts';
import { placeWarnings, relayWarnings } from './warning.ts';

export interface NewConnectorRequest {
  readonly server: string;
  readonly name: string;
  readonly version: ExchangeVersion;
  readonly serverFqdn?: string;
  /** Custom, if not named. */
  readonly usage?: Usage;
  /** FrontendTransport, if not named: the cmdlet's own default belongs to the Hub. */
  readonly transportRole?: ListeningRole;
  readonly bindings: readonly Binding[];
  readonly remoteIPRanges: readonly RemoteRange[];
  /** `anonymous`: the right to relay for clients without authentication. `externally-secured`: the network is trusted. */
  readonly relay?: 'anonymous' | 'externally-secured';
  readonly authMechanism?: readonly Exclude<AuthMechanism, 'None'>[];
  readonly permissionGroups?: readonly Exclude<PermissionGroup, 'None'>[];
  /** The name by which it greets; the server's own, if not named. Empty: none. */
  readonly fqdn?: string;
  /** The server's connectors; null where they are not known. */
  readonly existing: readonly ReceiveConnector[] | null;
}

export function newConnector(request: NewConnectorRequest): Planned {
  const usage = request.usage ?? 'Custom';
  const connector = requestedConnector(request);
  const context = request.serverFqdn === undefined ? {} : { serverFqdn: request.serverFqdn };
  const refusals = [
    ...refusalsOfUsage(request, usage),
    ...refusalsOfRequest(connector, context).filter(({ rule }) => !rangesMissing(request, usage) || rule !== MISSING),
    ...refusalsOfRelay(request, connector),
    ...refusalsBesideOthers(connector, request.existing),
  ].map(({ rule, because, exchangeSays }): PlanRefusal => ({ rule, because, exchangeSays }));
  if (refusals.length > 0) return { kind: 'refused', refusals };
  const warnings = [
    ...(request.relay ? relayWarnings(connector.remoteIPRanges) : []),
    ...placeWarnings(connector),
    ...(request.relay === 'anonymous' && connector.properties.AuthMechanism?.includes('BasicAuth')
      ? [
          'a relay for clients without authentication that offers BasicAuth invites devices to authenticate where it is not needed.',
        ]
      : []),
    ...(request.relay === undefined && connector.properties.PermissionGroups?.length === 0
      ? ['without a permission group every client is refused at MAIL FROM (530 Client was not authenticated).']
      : []),
    ...(request.existing === null
      ? [`the connectors of ${request.server} are not known here: Exchange may refuse what conflicts with one of them.`]
      : []),
  ];
  return { kind: 'commands', warnings, lines: linesOf(request, usage, connector, warnings) };
}

/** As it would be read back, without the `Custom` that a right by hand brings. */
export function requestedConnector(request: NewConnectorRequest): ReceiveConnector {
  const { server, name, version, relay, usage = 'Custom' } = request;
  const defaults = usageProperties(usage, familyOf(version));
  const groups = new Set(request.permissionGroups ?? (relay ? [] : defaults.PermissionGroups));
  if (relay === 'anonymous') groups.add('AnonymousUsers');
  if (relay === 'externally-secured') groups.add('ExchangeServers');
  const mechanisms = new Set(request.authMechanism ?? (relay === 'externally-secured' ? [] : defaults.AuthMechanism));
  if (relay === 'externally-secured') mechanisms.add('ExternalAuthoritative');
  const [binding, range] = [USAGE_BINDING[usage], USAGE_RANGE[usage]];
  const bindings = once(request.bindings, formatBinding);
  const ranges = once(request.remoteIPRanges, ({ family, first, last }) => `${family} ${first} ${last}`);
  return {
    server,
    name,
    bindings: bindings.length === 0 && binding ? [parseBinding(binding)!] : bindings,
    remoteIPRanges: ranges.length === 0 && range ? [parseRemoteRange(range)!] : ranges,
    properties: {
      ...defaults,
      // Sessions of a connector that does not log leave no trace.
      ProtocolLoggingLevel: 'Verbose',
      ...(request.fqdn !== undefined && { Fqdn: request.fqdn }),
      TransportRole: request.transportRole ?? 'FrontendTransport',
      AuthMechanism: [...mechanisms],
      PermissionGroups: [...groups],
    },
    others: {},
  };
}

/** The first of each that say the same in whatever notation. */
function once<T>(values: readonly T[], keyOf: (value: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const value of values) if (!byKey.has(keyOf(value))) byKey.set(keyOf(value), value);
  return [...byKey.values()];
}

/** Of `refusalsOfRequest`; where only the usage's bindings are there, its words would name the wrong ones. */
const MISSING = 'bindings-or-ranges-missing';

const rangesMissing = ({ remoteIPRanges }: NewConnectorRequest, usage: Usage): boolean =>
  remoteIPRanges.length === 0 && USAGE_BINDING[usage] !== undefined && USAGE_RANGE[usage] === undefined;

function refusalsOfUsage(request: NewConnectorRequest, usage: Usage): PlanRefusal[] {
  const { bindings, remoteIPRanges } = request;
  const [binding, range] = [USAGE_BINDING[usage], USAGE_RANGE[usage]];
  const refusals: PlanRefusal[] = [];
  if (binding !== undefined && bindings.length > 0 && bindings.map(formatBinding).join() !== binding)
    refusals.push({
      rule: 'bindings-with-usage',
      because: `the usage ${usage} always listens on ${binding}; for other bindings choose Custom or Partner`,
      exchangeSays: null,
    });
  if (range !== undefined && remoteIPRanges.length > 0 && !sameAddresses(remoteIPRanges, [parseRemoteRange(range)!]))
    refusals.push({
      rule: 'ranges-with-usage',
      because: `the usage ${usage} always takes ${range}; for other ranges choose Custom or Partner`,
      exchangeSays: null,
    });
  if (rangesMissing(request, usage))
    refusals.push({
      rule: 'ranges-missing-for-usage',
      because: `the usage ${usage} brings its bindings (${binding}) and no ranges: name the clients, or 0.0.0.0-255.255.255.255 for all of IPv4`,
      exchangeSays: null,
    });
  return refusals;
}

/** Exchange would take it; whoever closes the one way later leaves the other one open. */
function refusalsOfRelay({ relay }: NewConnectorRequest, connector: ReceiveConnector): PlanRefusal[] {
  if (relay !== 'anonymous' || !isExternallySecured(connector)) return [];
  return [
    {
      rule: 'two-ways-to-relay',
      because:
        'ExternalAuthoritative lets every client relay already, and the right of anonymous clients would be a second way: choose one',
      exchangeSays: null,
    },
  ];
}

/** Whether the cmdlets of that version can set the property. */
export function isParameter(name: PropertyName, version: ExchangeVersion): boolean {
  const type: PropertyType = PROPERTIES[name];
  return type.written !== false && (version !== '2013' || !SINCE_2016.includes(name));
}

function refusalsBesideOthers(connector: ReceiveConnector, existing: readonly ReceiveConnector[] | null): PlanRefusal[] {
  const own = (existing ?? []).filter(({ server }) => sameName(server, connector.server));
  const taken = own.find(({ name }) => sameName(name, connector.name));
  if (taken) return [{ rule: 'name-taken', because: `${identityOf(taken)} exists already`, exchangeSays: null }];
  return conflictsOf([...own, connector])
    .filter(({ b }) => b === connector)
    .map(refusalOfConflict);
}

function linesOf(
  request: NewConnectorRequest,
  usage: Usage,
  connector: ReceiveConnector,
  warnings: readonly string[],
): ScriptLine[] {
  const identity = identityOf(connector);
  const entry = { user: ANONYMOUS_ACCOUNT, deny: false, rights: [RELAY_RIGHT] };
  const relays = request.relay === 'anonymous';
  return [
    ...say(`${identity}: ${purposeOf(request)}`),
    ...warnings.flatMap((warning) => say(`Warning: ${warning}`)),
    ...(relays ? accountLines([entry]) : []),
    ...creation(
      connector,
      [['Usage', words(usage)], ...placeParameters(connector, usage), ...parametersOf(connector, usage, request.version)],
      relays ? { to: 'connector' } : {},
    ),
    ...(relays ? grantLines('$connector', entry) : []),
    BLANK,
    ...say('What Exchange made of it:'),
    showConnector(connector),
    ...(relays ? [showRights(connector)] : []),
  ];
}

function purposeOf({ relay }: NewConnectorRequest): string {
  switch (relay) {
    case 'anonymous':
      return 'clients in its ranges may send to any domain without authentication (right Accept-Any-Recipient).';
    case 'externally-secured':
      return 'clients in its ranges count as authenticated: any sender, any recipient, no limits of size and recipients, no filters.';
    default:
      return 'a new receive connector.';
  }
}

/** Bindings and ranges, as far as the usage lets one choose them. */
function placeParameters({ bindings, remoteIPRanges }: ReceiveConnector, usage: Usage): [string, Argument][] {
  return [
    ...(USAGE_BINDING[usage] === undefined ? [['Bindings', texts(bindings.map(formatBinding))] as [string, Argument]] : []),
    ...(USAGE_RANGE[usage] === undefined
      ? [['RemoteIPRanges', texts(remoteIPRanges.map((range) => range.text))] as [string, Argument]]
      : []),
  ];
}

/** What differs from the cmdlet's own. */
function parametersOf({ properties }: ReceiveConnector, usage: Usage, version: ExchangeVersion): [string, Argument][] {
  const defaults = usageProperties(usage, familyOf(version));
  return PROPERTY_NAMES.flatMap((name): [string, Argument][] => {
    const [value, own] = [properties[name], defaults[name]];
    if (name === 'TransportRole' || value === undefined || (own !== undefined && sameValue(name, value, own))) return [];
    return [[name, propertyArgument(name, value)]];
  });
}

/** New-ReceiveConnector. What follows goes by the variable, which is empty where the cmdlet failed: nothing else is changed. */
export function creation(
  connector: Pick<ReceiveConnector, 'server' | 'name' | 'properties'>,
  parameters: readonly (readonly [string, Argument])[],
  { to, splat }: { readonly to?: string; readonly splat?: string } = {},
): ScriptLine[] {
  const { server, name, properties } = connector;
  return [
    ...(to === undefined ? [] : [{ kind: 'command', text: `$${to} = $null` } as const]),
    ...commandLines({
      cmdlet: 'New-ReceiveConnector',
      parameters: [
        ['Name', text(name)],
        ['Server', text(server)],
        ['TransportRole', words(properties.TransportRole ?? 'FrontendTransport')],
        ...parameters,
      ],
      stops: true,
      ...(to !== undefined && { to }),
      ...(splat !== undefined && { splat }),
    }),
  ];
}

const SHOWN =
  'Format-List Identity, Enabled, TransportRole, Bindings, RemoteIPRanges, AuthMechanism, PermissionGroups, ProtocolLoggingLevel';

/** Prints what matters of the connector. */
const showConnector = (connector: Pick<ReceiveConnector, 'server' | 'name'>): ScriptLine => ({
  kind: 'command',
  text: `${getConnector(connector)} | ${SHOWN}`,
});

/** The same of all connectors of a server. */
export const showConnectors = (server: string): ScriptLine => ({
  kind: 'command',
  text: `Get-ReceiveConnector -Server ${literal(server)} | ${SHOWN}`,
});

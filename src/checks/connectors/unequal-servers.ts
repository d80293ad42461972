/** A8: servers that ought to be alike, and are not. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, isDefaultConnector, isEnabled, type ReceiveConnector, roleOf } from '../../connector/connector.ts';
import { isExternallySecured, mayRelay } from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf, type ServerConfiguration } from '../../connector/organisation.ts';
import type { AuthMechanism, Properties } from '../../connector/properties.ts';
import { difference, rangeTexts, union } from '../../connector/range-set.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import { nameOn, plainName } from '../../connector/server-name.ts';
import { formatRange } from '../../net/address-range.ts';
import { literal } from '../../powershell/quoting.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector, aboutServer, type Evidence, type Finding, propertyEvidence, type Remedy } from '../finding.ts';
import { relayHolders, relayRightEvidence } from '../ranges/relay-connectors.ts';
import { RECEIVE_CONNECTORS, section } from '../references.ts';
import { advice, getConnector, powershell, READABLE_RANGES, removeRelayRight, setConnector } from '../remedies/commands.ts';
import { isSafeChange } from '../remedies/safe-change.ts';
import { count, enumerate } from '../words/enumeration.ts';

export const unequalServers: ConfigurationCheck = {
  id: 'unequal-servers',
  title: 'Servers with different connectors',
  why: 'Connectors do not replicate: behind one name or load balancer a device then works or fails by the server that it happens to reach.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, section('5.4'), section('5.5 (A8)')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\Relay EX01', from: '10.0.0.1 10.0.0.2' },
          { id: 'EX02\\Relay EX02', from: '10.0.0.1' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1' },
          { id: 'EX01\\Scanner', from: '10.0.0.2' },
          { id: 'EX02\\Relay', from: '10.0.0.1' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1', anonymousRights: ['ms-Exch-SMTP-Submit', 'ms-Exch-SMTP-Accept-Any-Recipient'] },
          { id: 'EX02\\Relay', from: '10.0.0.1', anonymousRights: ['ms-Exch-SMTP-Submit'] },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          {
            id: 'EX01\\Relay EX01',
            from: '10.0.0.0/31 10.0.0.7',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
            AuthMechanism: ['Tls', 'Integrated'],
          },
          {
            id: 'ex02\\relay ex02',
            from: '10.0.0.7/32 10.0.0.0 10.0.0.1',
            PermissionGroups: ['Custom', 'AnonymousUsers'],
            AuthMechanism: ['Integrated', 'Tls'],
          },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1', AuthMechanism: ['Tls'] },
          { id: 'EX02\\Relay', from: '10.0.0.1' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1', TransportRole: 'FrontendTransport' },
          { id: 'EDGE\\Default', TransportRole: 'Edge' },
        ],
      },
    ],
  },
  find: (organisation) => {
    const kinds = new Map<string, ServerConfiguration[]>();
    for (const server of organisation.servers) {
      const kind = kindOf(server);
      kinds.set(kind, [...(kinds.get(kind) ?? []), server]);
    }
    return [...kinds.values()]
      .filter((servers) => servers.length > 1)
      .flatMap((servers) => {
        const groups = groupsOf(servers);
        return [
          ...servers.flatMap((server) => missing(organisation, server, groups)),
          ...groups.flatMap((group) => differences(organisation, group)),
        ];
      });
  },
};

/** Edge and Mailbox servers are not meant to be alike. */
function kindOf({ connectors }: ServerConfiguration): string {
  const roles = new Set(connectors.map(roleOf));
  if (roles.has('FrontendTransport')) return 'front end';
  return roles.has('HubTransport') ? 'hub' : 'unknown';
}

/** Connectors of several servers that do the same, by their names without the server's own. */
function groupsOf(servers: readonly ServerConfiguration[]): ReceiveConnector[][] {
  const groups = new Map<string, Map<string, ReceiveConnector>>();
  for (const { server, connectors } of servers)
    for (const connector of connectors) {
      const plain = plainName(connector).toLowerCase();
      // Two of one server that differ by the server's name only ("Relay", "Relay EX01") are two all the same.
      const key = groups.get(plain)?.has(server) ? `${plain}\n${connector.name.toLowerCase()}` : plain;
      const group = groups.get(key) ?? new Map<string, ReceiveConnector>();
      groups.set(key, group.set(server, connector));
    }
  return [...groups.values()].map((group) => [...group.values()]);
}

const INCOMPLETE =
  'the export may not hold all connectors of the server, and servers need not be alike where they do not share a name';

/** One finding for all that a server lacks. Connectors of Exchange itself differ by version. */
function missing(organisation: Organisation, { server }: ServerConfiguration, groups: readonly ReceiveConnector[][]): Finding[] {
  const lacking = groups.flatMap((group) => {
    const model = group.find((connector) => isEnabled(connector) && !isDefaultConnector(connector));
    return model && group.every((connector) => connector.server !== server) ? [model] : [];
  });
  if (lacking.length === 0) return [];
  return [
    aboutServer(unequalServers, server, {
      what: `${server} lacks ${count(lacking.length, 'connector')} that other servers have: ${enumerate(lacking.map((model) => `"${identityOf(model)}"`))}.`,
      cause: 'A client that comes to this server lands on another connector, or on none.',
      evidence: lacking.slice(0, 5).flatMap((model) => rangeEvidence(model, model.remoteIPRanges.slice(0, 1))),
      remedy: [
        advice('First see to the findings about the originals: a copy copies them.'),
        ...lacking.slice(0, 3).flatMap((model) => copyOf(organisation, model, server)),
        ...(lacking.length > 3 ? [advice(`The same for the other ${lacking.length - 3}.`)] : []),
        advice('Rights are no properties, and are not copied: give the right to relay anew where the original has it.'),
      ],
      confidence: { level: 'medium', because: INCOMPLETE },
    }),
  ];
}

function copyOf(organisation: Organisation, model: ReceiveConnector, server: string): Remedy[] {
  if (!isSafeChange(organisation, model, { ...model, server, name: nameOn(model, server) })) return [byHand(model, server)];
  const { TransportRole, PermissionGroups, AuthMechanism } = model.properties;
  const groups = PermissionGroups?.filter((group) => group !== 'Custom');
  const bound = model.bindings.filter(({ any }) => !any);
  return [
    ...(bound.length > 0
      ? [
          advice(
            `"${identityOf(model)}" is bound to ${enumerate(bound.map(formatBinding))}: put an address of ${server} in its place.`,
          ),
        ]
      : []),
    powershell(
      [
        `$rc = ${getConnector(model)}; New-ReceiveConnector -Name ${literal(nameOn(model, server))} -Server ${literal(server)} -Custom`,
        ...(TransportRole === undefined ? [] : [`-TransportRole ${TransportRole}`]),
        `-Bindings ${bound.length > 0 ? "'<address>:<port>'" : '$rc.Bindings'} -RemoteIPRanges $rc.RemoteIPRanges`,
        ...(groups?.length ? [`-PermissionGroups ${groups.join(', ')}`] : []),
        ...(AuthMechanism === undefined ? [] : [`-AuthMechanism ${AuthMechanism.join(', ') || 'None'}`]),
        '-ProtocolLoggingLevel Verbose',
      ].join(' '),
    ),
  ];
}

interface Difference {
  readonly what: string;
  readonly evidence: readonly Evidence[];
  /** Properties to set, all in one command: Exchange refuses some of them one by one. */
  readonly changes?: Properties;
  /** Whose they are. */
  readonly model?: ReceiveConnector;
  /** Ranges to be added, once the properties are changed. */
  readonly lacking?: { readonly ranges: readonly RemoteRange[]; readonly of: ReceiveConnector };
  readonly remedy?: readonly Remedy[];
}

/** Each connector that is not as most of its kind are; of two, the one of the later server. */
function differences(organisation: Organisation, group: readonly ReceiveConnector[]): Finding[] {
  if (group.length < 2) return [];
  const aspects = [
    ranges(organisation, group),
    flags(group, 'PermissionGroups'),
    flags(group, 'AuthMechanism'),
    relay(organisation, group),
    enabled(group),
  ];
  return group.flatMap((connector) => {
    const found = aspects.flatMap((aspect) => aspect.get(connector) ?? []);
    if (found.length === 0) return [];
    return [
      aboutConnector(unequalServers, connector, {
        what: `"${identityOf(connector)}" is not as its like on other servers: ${found.map(({ what }) => what).join('; ')}.`,
        cause:
          'Somebody changed the connector on one server only. Which side is right, the configuration cannot say: the commands make them alike by adding what is missing.',
        evidence: found.flatMap(({ evidence }) => evidence),
        remedy: remedyOf(organisation, connector, found),
        confidence: { level: 'medium', because: 'the difference is certain; whether the servers are meant to be alike is not' },
      }),
    ];
  });
}

function remedyOf(organisation: Organisation, connector: ReceiveConnector, found: readonly Difference[]): Remedy[] {
  const changes: Properties = Object.assign({}, ...found.map(({ changes }) => changes));
  const then = withChanges(connector, changes);
  const isSafe = isSafeChange(organisation, connector, then);
  const model = found.find((one) => one.changes)?.model;
  return [
    advice('First see to the other findings about these connectors: what is made alike should be right.'),
    ...(model ? [isSafe ? setConnector(connector, changes) : byHand(model, connector.server)] : []),
    ...found.flatMap(({ lacking }) => (lacking ? addition(organisation, connector, lacking.ranges, lacking.of, then) : [])),
    ...found.flatMap(({ remedy = [] }) => remedy),
  ];
}

/** As it would be read back: other groups leave the rights beside them alone, so that Custom stays. */
function withChanges(connector: ReceiveConnector, changes: Properties): ReceiveConnector {
  const { PermissionGroups: before = [] } = connector.properties;
  const groups = changes.PermissionGroups && [...changes.PermissionGroups, ...before.filter((group) => group === 'Custom')];
  return { ...connector, properties: { ...connector.properties, ...changes, ...(groups && { PermissionGroups: groups }) } };
}

type Aspect = ReadonlyMap<ReceiveConnector, Difference>;

/** Compares each with the value that most have, the first one where several are as frequent. Unknown is no difference. */
function compared(
  group: readonly ReceiveConnector[],
  keyOf: (connector: ReceiveConnector) => string | undefined,
  describe: (connector: ReceiveConnector, model: ReceiveConnector) => Difference,
): Aspect {
  const byKey = new Map<string, ReceiveConnector[]>();
  for (const connector of group) {
    const key = keyOf(connector);
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), connector]);
  }
  const sorted = [...byKey.values()].sort((a, b) => b.length - a.length);
  const model = sorted[0]?.[0];
  return new Map(sorted.slice(1).flatMap((others) => others.map((one) => [one, describe(one, model!)] as const)));
}

function ranges(organisation: Organisation, group: readonly ReceiveConnector[]): Aspect {
  return compared(
    group,
    ({ remoteIPRanges }) => rangeTexts(union(remoteIPRanges)).join('\n'),
    (connector, model) => {
      const lacking = notIn(model, connector);
      const extra = notIn(connector, model);
      return {
        what: [
          ...(lacking.length > 0 ? [`it lacks ${enumerate(lacking.map(({ text }) => text))} of "${identityOf(model)}"`] : []),
          ...(extra.length > 0 ? [`it has ${enumerate(extra.map(({ text }) => text))}, and "${identityOf(model)}" has not`] : []),
        ].join(', '),
        evidence: [
          ...rangeEvidence(model, lacking, () => `not on ${connector.server}`),
          ...rangeEvidence(connector, extra, () => `not on ${model.server}`),
        ],
        lacking: { ranges: lacking, of: model },
        remedy: addition(organisation, model, extra, connector),
      };
    },
  );
}

/** Nothing to be pasted: it would open a relay, or Exchange would refuse it. */
const byHand = (model: ReceiveConnector, server: string): Remedy =>
  advice(
    `To have "${identityOf(model)}" on ${server} as it is would let more clients relay there, or Exchange would refuse it beside the connectors of ${server}. If it is meant, "relaylens connectors copy" gives the commands, and the reasons against.`,
  );

/** Addresses, not notations: what a wider range holds already is not lacking. */
function notIn(one: ReceiveConnector, other: ReceiveConnector): RemoteRange[] {
  return difference(one.remoteIPRanges, other.remoteIPRanges).map((range) => ({ ...range, text: formatRange(range) }));
}

function addition(
  organisation: Organisation,
  connector: ReceiveConnector,
  lacking: readonly RemoteRange[],
  model: ReceiveConnector,
  then = connector,
): Remedy[] {
  if (lacking.length === 0) return [];
  const changed = { ...then, remoteIPRanges: [...connector.remoteIPRanges, ...lacking] };
  if (!isSafeChange(organisation, connector, changed)) return [byHand(model, connector.server)];
  const rest = lacking.length - READABLE_RANGES;
  return [
    setConnector(connector, { RemoteIPRanges: { add: lacking.slice(0, READABLE_RANGES).map(({ text }) => text) } }),
    ...(rest > 0 ? [advice(`The same for the other ${count(rest, 'range')}.`)] : []),
  ];
}

function flags(group: readonly ReceiveConnector[], property: 'PermissionGroups' | 'AuthMechanism'): Aspect {
  return compared(
    group,
    ({ properties }) => properties[property] && [...properties[property]].sort().join(', '),
    (connector, model) => {
      const wanted = (model.properties[property] ?? []).filter((one) => one !== 'Custom');
      const stricter = protectedAsWell(model, connector);
      return {
        what: `${property} is ${connector.properties[property]?.join(', ') || 'None'}, not ${model.properties[property]?.join(', ') || 'None'} as on "${identityOf(model)}"`,
        evidence: [...propertyEvidence(connector, property), ...propertyEvidence(model, property)],
        // Alike is no reason to send passwords in clear: then the other one is mended.
        ...(property === 'AuthMechanism' && stricter
          ? { remedy: [setConnector(model, { AuthMechanism: stricter })] }
          : { changes: { [property]: wanted }, model }),
      };
    },
  );
}

/** The mechanisms of `model` with what keeps passwords off the open wire on the other one; undefined where both have it, or neither. */
function protectedAsWell(model: ReceiveConnector, connector: ReceiveConnector): readonly AuthMechanism[] | undefined {
  const [wanted = [], there = []] = [model.properties.AuthMechanism, connector.properties.AuthMechanism];
  const lacks = wanted.includes('BasicAuth') && !wanted.includes('BasicAuthRequireTLS') && there.includes('BasicAuthRequireTLS');
  return lacks && wanted.includes('Tls') ? [...wanted, 'BasicAuthRequireTLS'] : undefined;
}

function relay(organisation: Organisation, group: readonly ReceiveConnector[]): Aspect {
  const known = (connector: ReceiveConnector): 'yes' | 'no' | undefined => {
    const answer = mayRelay(connector, rightsOf(organisation, connector));
    return answer === 'yes' || answer === 'no' ? answer : undefined;
  };
  const rightHere = (connector: ReceiveConnector): Evidence[] =>
    relayRightEvidence(connector, relayHolders(organisation, connector));
  return compared(group, known, (connector, model) => {
    const may = known(connector) === 'yes';
    const [relays, other] = may ? [connector, model] : [model, connector];
    return {
      what: may
        ? `clients may relay here without authentication, and not on "${identityOf(model)}"`
        : `clients may relay without authentication on "${identityOf(model)}", and not here`,
      evidence: [...propertyEvidence(relays, 'PermissionGroups'), ...rightHere(relays)],
      remedy: isExternallySecured(relays)
        ? [advice(`"${identityOf(relays)}" is externally secured: give both the same AuthMechanism and PermissionGroups.`)]
        : [
            advice('If clients are to relay on neither:'),
            removeRelayRight(relays, relayHolders(organisation, relays)[0]?.user),
            advice(
              `If on both: "relaylens connectors copy" gives the command for "${identityOf(other)}" too. It opens a relay, so see to its ranges first.`,
            ),
          ],
    };
  });
}

function enabled(group: readonly ReceiveConnector[]): Aspect {
  return compared(
    group,
    ({ properties }) => properties.Enabled?.toString(),
    (connector, model) => ({
      what: `it is ${connector.properties.Enabled ? 'enabled' : 'disabled'}, and "${identityOf(model)}" is not`,
      evidence: propertyEvidence(connector, 'Enabled'),
      changes: { Enabled: model.properties.Enabled ?? true },
      model,
    }),
  );
}

/** The commands that give a server the connectors of another one. */
import { type Binding, formatBinding } from '../connector/binding.ts';
import { conflictsOf } from '../connector/conflict.ts';
import { identityOf, isDefaultConnector, isEnabled, type ReceiveConnector, sameName } from '../connector/connector.ts';
import { defaultConnectors } from '../connector/default-connectors.ts';
import { entriesBesideGroups } from '../connector/effective-rights.ts';
import { type Organisation, rightsOf, type ServerConfiguration } from '../connector/organisation.ts';
import { ANONYMOUS_ACCOUNT, RELAY_RIGHT } from '../connector/permission-group.ts';
import {
  type PermissionGroup,
  PROPERTIES,
  PROPERTY_NAMES,
  type Properties,
  type PropertyName,
  type PropertyType,
  type PropertyValue,
} from '../connector/properties.ts';
import { propertyText, sameValue } from '../connector/property-text.ts';
import { difference, sameAddresses } from '../connector/range-set.ts';
import { refusalsOf } from '../connector/refusal.ts';
import { nameOn, pairConnectors, plainName } from '../connector/server-name.ts';
import { type ExchangeVersion, familyOf, ONLY_SET, UNCERTAIN_DEFAULTS, usageProperties } from '../connector/usage-type.ts';
import { formatAddress, parseAddress } from '../net/address-range.ts';
import { type Argument, commandLines, text, texts, words } from './command.ts';
import { creation, isParameter, showConnectors } from './new-connector.ts';
import { type PlanRefusal, refusalOfConflict } from './plan.ts';
import { propertyArgument } from './property-argument.ts';
import {
  type AccountRights,
  accountLines,
  getConnector,
  grantLines,
  revokeLines,
  rightsBesideGroups,
  rightsOnlyIn,
  showRights,
} from './right-commands.ts';
import { BLANK, type ScriptLine, say, unrun } from './script.ts';

export interface CopyRequest {
  readonly from: ServerConfiguration;
  readonly to: {
    readonly server: string;
    readonly version: ExchangeVersion;
    /** null: not known, so that only the connectors of setup are taken to be there. */
    readonly connectors: readonly ReceiveConnector[] | null;
  };
  /** Whole names, or names without the server's; undefined: all that setup does not make. */
  readonly names?: readonly string[];
  readonly rights: Organisation['rights'];
  /** Local addresses of the target by those of the source that they stand for, as `formatAddress` writes them. */
  readonly localAddresses?: ReadonlyMap<string, string>;
}

export interface CopiedConnector {
  readonly from: string;
  readonly to: string;
  /** `same`: nothing to do. `default`: setup has made it on the target. `refused`: Exchange would not take it. */
  readonly action: 'create' | 'change' | 'same' | 'default' | 'refused';
  readonly refusals: readonly PlanRefusal[];
}

export interface Copy {
  readonly lines: readonly ScriptLine[];
  /** In the order of the lines, then those without commands. */
  readonly connectors: readonly CopiedConnector[];
  /** Of `names`: those that the source does not have. */
  readonly unknown: readonly string[];
  /** Of `localAddresses`: those of the source that no copied binding names. */
  readonly unused: readonly string[];
}

/**
 * No command is refused because of a later one, and none opens more than the end state does: a connector comes with its
 * final ranges and without rights of its own, then with its rights; what is taken away goes first.
 */
export function copyConnectors(request: CopyRequest): Copy {
  const { from, to } = request;
  const chosen = from.connectors.filter((one) => request.names?.some((name) => isNamed(one, name)) ?? true);
  const unknown = (request.names ?? []).filter((name) => !from.connectors.some((one) => isNamed(one, name)));
  const there = to.connectors ?? defaultConnectors({ server: to.server, fqdn: '', version: to.version });
  const partners = new Map(pairConnectors(from.connectors, there).map(({ a, b }) => [a, b]));

  const done: CopiedConnector[] = [];
  const steps: Step[] = [];
  for (const source of chosen) {
    if (request.names === undefined && isDefaultConnector(source))
      done.push({
        from: identityOf(source),
        to: identityOf({ server: to.server, name: nameOn(source, to.server) }),
        action: 'default',
        refusals: [],
      });
    else steps.push(stepOf(request, source, partners.get(source)));
  }
  const { ordered, stuck } = inOrder(steps, there);
  const lines: ScriptLine[] = [
    ...say(`From ${from.server} (as exported ${new Date(from.asOf).toISOString().slice(0, 16)}Z) to ${to.server}.`),
    ...(to.connectors === null
      ? say(
          `The connectors of ${to.server} are not known here: only those that setup makes are taken to be there. Where one of the names below is taken, New-ReceiveConnector fails, and nothing that belongs to it is done.`,
        )
      : []),
    ...defaultLines(done),
  ];
  const accounts = ordered.flatMap(({ grant, revoke }) => [...grant, ...revoke]);
  if (accountLines(accounts).length > 0)
    lines.push(BLANK, ...say('Accounts, as this Windows calls them:'), ...accountLines(accounts));
  for (const [index, step] of ordered.entries()) lines.push(BLANK, ...linesOf(step, `${index + 1}`));
  for (const { step, refusals } of stuck) lines.push(BLANK, ...refusedLines(step, refusals));
  const written = ordered.filter(({ action }) => action !== 'same');
  if (written.length > 0)
    lines.push(
      BLANK,
      ...say('What Exchange made of it:'),
      showConnectors(to.server),
      ...written.filter(({ grant, revoke }) => grant.length + revoke.length > 0).map(({ target }) => showRights(target)),
    );
  const bound = new Set(steps.flatMap(({ source }) => source.bindings.map(({ address }) => formatAddress(address))));
  return {
    lines,
    unknown,
    unused: [...(request.localAddresses?.keys() ?? [])].filter((address) => !bound.has(address)),
    connectors: [
      ...ordered.map((step): CopiedConnector => told(step, step.action, [])),
      ...stuck.map(({ step, refusals }): CopiedConnector => told(step, 'refused', refusals)),
      ...done,
    ],
  };
}

const told = (
  { source, target }: Step,
  action: CopiedConnector['action'],
  refusals: readonly PlanRefusal[],
): CopiedConnector => ({
  from: identityOf(source),
  to: identityOf(target),
  action,
  refusals,
});

const isNamed = (connector: ReceiveConnector, name: string): boolean =>
  [connector.name, identityOf(connector), plainName(connector)].some((own) => sameName(own, name));

/** What one connector needs. */
interface Step {
  readonly source: ReceiveConnector;
  /** As it will be, without bindings that cannot be known. */
  readonly target: ReceiveConnector;
  /** As it is; undefined where it is to be created. */
  readonly before: ReceiveConnector | undefined;
  readonly action: 'create' | 'change' | 'same';
  /** Parameters of New-ReceiveConnector or Set-ReceiveConnector. */
  readonly parameters: readonly [string, Argument][];
  /** Of Set-ReceiveConnector after New-ReceiveConnector. */
  readonly afterwards: readonly [string, Argument][];
  readonly revoke: readonly AccountRights[];
  readonly grant: readonly AccountRights[];
  /** To be decided by hand. */
  readonly byHand: readonly ScriptLine[];
  readonly refusals: readonly PlanRefusal[];
}

function stepOf(request: CopyRequest, source: ReceiveConnector, before: ReceiveConnector | undefined): Step {
  const { to, rights } = request;
  const name = before?.name ?? nameOn(source, to.server);
  const places = placesOf(source, request);
  const { carried, byHand } = carriedProperties(source, { ...to, name });
  const target: ReceiveConnector = {
    server: to.server,
    name,
    bindings: before && places.open.length > 0 ? before.bindings : places.bindings,
    remoteIPRanges: source.remoteIPRanges,
    properties: { ...before?.properties, ...carried },
    others: {},
  };
  const wanted = wantedRights(source, rights);
  const present = before ? wantedRights(before, rights) : [];
  const unsure = present === null || (wanted === null && present.length > 0);
  const parts = before ? changesOf(source, before, places, carried, unsure) : creationOf(target, places, carried, to.version);
  // A new list of groups takes the rights of their accounts away first, so those are given again.
  const anew = parts.parameters.some(([parameter]) => parameter === 'PermissionGroups');
  const grant = wanted === null ? [] : anew || present === null ? wanted : rightsOnlyIn(wanted, present);
  const revoke = wanted === null || present === null ? [] : rightsOnlyIn(present, wanted);
  const ranges = before && parts.parameters.every(([parameter]) => parameter !== 'RemoteIPRanges') ? before : source;
  const action = !before ? 'create' : parts.parameters.length + grant.length + revoke.length > 0 ? 'change' : 'same';
  return {
    source,
    target: { ...target, remoteIPRanges: ranges.remoteIPRanges },
    before,
    action,
    ...parts,
    revoke,
    grant,
    refusals: refusalsOf({ ...target, properties: { ...target.properties, ...requestedGroups(target) } }).map(
      ({ rule, because, exchangeSays }) => ({ rule, because, exchangeSays }),
    ),
    byHand: [
      ...places.open.flatMap((binding) => bindingByHand(binding, request, before !== undefined)),
      ...byHand,
      ...parts.byHand,
      ...rightsByHand(source, target, wanted),
    ],
  };
}

const requestedGroups = ({ properties }: ReceiveConnector): Properties =>
  properties.PermissionGroups === undefined ? {} : { PermissionGroups: withoutCustom(properties.PermissionGroups) };

const withoutCustom = (groups: readonly Exclude<PermissionGroup, 'None'>[]): Exclude<PermissionGroup, 'None'>[] =>
  groups.filter((group) => group !== 'Custom');

/** null where they were not imported, and more than the groups may be there. */
function wantedRights(connector: ReceiveConnector, rights: Organisation['rights']): AccountRights[] | null {
  const entries = entriesBesideGroups(connector, rightsOf({ rights }, connector));
  return entries && rightsBesideGroups(connector, entries);
}

interface Places {
  /** That can be known. */
  readonly bindings: readonly Binding[];
  /** Of addresses that belong to the source. */
  readonly open: readonly Binding[];
}

function placesOf(source: ReceiveConnector, { localAddresses }: CopyRequest): Places {
  const bindings: Binding[] = [];
  const open: Binding[] = [];
  for (const binding of source.bindings) {
    const named = localAddresses?.get(formatAddress(binding.address));
    const address = named === undefined ? undefined : parseAddress(named);
    if (binding.any) bindings.push(binding);
    else if (address) bindings.push({ address, any: address.value === 0n, port: binding.port });
    else open.push(binding);
  }
  return { bindings, open };
}

/** Refused by New-ReceiveConnector, so that the line cannot bind a wrong address: the transport service might not start again. */
const placeholder = ({ address, port }: Binding): string => `ADDRESS-INSTEAD-OF-${formatAddress(address)}:${port}`;

function bindingByHand(binding: Binding, { from, to }: CopyRequest, there: boolean): ScriptLine[] {
  return say(
    `To do: ${formatBinding(binding)} is an address of ${from.server}. ${
      there
        ? `The bindings on ${to.server} are left as they are: compare them by hand.`
        : `Name the one of ${to.server} that takes its place; as it stands the command is refused.`
    } An address that ${to.server} does not have can keep its transport service from starting.`,
  );
}

const AT_HAND: Readonly<Partial<Record<PropertyName, string>>> = {
  TlsCertificateName: 'the certificate must be on the server first, with its private key and enabled for SMTP',
  DefaultDomain: 'it names an accepted domain, which must exist in that organisation',
  TlsDomainCapabilities: 'it trusts what partners say who prove a domain by certificate',
};

/** What the target can be given, and what only a person can decide. */
function carriedProperties(
  source: ReceiveConnector,
  to: { readonly server: string; readonly name: string; readonly version: ExchangeVersion },
): { carried: Properties; byHand: ScriptLine[] } {
  const carried: Record<string, PropertyValue> = {};
  const byHand: ScriptLine[] = [];
  const set = (name: PropertyName, value: PropertyValue): ScriptLine[] =>
    unrun(
      commandLines({
        cmdlet: 'Set-ReceiveConnector',
        identity: text(identityOf(to)),
        parameters: [[name, propertyArgument(name, value)]],
      }),
    );
  const defaults = usageProperties('Custom', familyOf(to.version));
  const absent: PropertyName[] = [];
  for (const name of PROPERTY_NAMES) {
    const value: PropertyValue | undefined = source.properties[name];
    const type: PropertyType = PROPERTIES[name];
    const usual = defaults[name];
    if (value === undefined) {
      if (isParameter(name, to.version) && name !== 'TransportRole') absent.push(name);
    } else if (name === 'Fqdn') {
      const reason = fqdnByHand(source, value as string);
      if (reason === undefined) carried[name] = value;
      else byHand.push(...say(reason));
    } else if (AT_HAND[name] !== undefined) {
      if (value.toString() !== '')
        byHand.push(...say(`To do: ${name} of ${source.server}: ${AT_HAND[name]}. Then:`), ...set(name, value));
    } else if (type.written === false) {
      if (usual === undefined ? value !== false : !sameValue(name, value, usual))
        byHand.push(...say(`${name} is ${propertyText(name, value)} on ${source.server}, and the cmdlets do not set it.`));
    } else if (!isParameter(name, to.version))
      byHand.push(
        ...say(`${name} is ${propertyText(name, value)} on ${source.server}; Exchange ${to.version} does not have it.`),
      );
    else if (name === 'PermissionGroups') carried[name] = withoutCustom(value as Exclude<PermissionGroup, 'None'>[]);
    else carried[name] = value;
  }
  if (source.properties.TransportRole === undefined) {
    carried.TransportRole = source.bindings.every(({ port }) => port === 2525 || port === 465)
      ? 'HubTransport'
      : 'FrontendTransport';
    byHand.push(
      ...say(
        `The export of ${source.server} does not say which service the connector belongs to: ${carried.TransportRole} is assumed.`,
      ),
    );
  }
  if (absent.length > 0)
    byHand.push(
      ...say(
        `Not in the export of ${source.server}, so left as Exchange has them: ${absent.slice(0, FEW).join(', ')}${absent.length > FEW ? ` and ${absent.length - FEW} more` : ''}.`,
      ),
    );
  for (const [name, value] of Object.entries(source.others))
    if (!ABOUT_THE_OBJECT.has(name.toLowerCase()) && !/^(|false|none|\{\})$/i.test(value.trim()))
      byHand.push(...say(`Not known to relaylens, compare by hand: ${name} is ${value.trim()} on ${source.server}.`));
  return { carried: carried as Properties, byHand };
}

/** Names that a comment lists before it counts. */
const FEW = 8;

/** Of every object in the directory: they say nothing about what the connector does. */
const ABOUT_THE_OBJECT: ReadonlySet<string> = new Set(
  [
    ...['RunspaceId', 'PSComputerName', 'PSShowComputerName', 'PSSourceJobInstanceId', 'Server', 'Name', 'AdminDisplayName'],
    ...[
      'ExchangeVersion',
      'DistinguishedName',
      'Identity',
      'Guid',
      'ImmutableId',
      'ObjectCategory',
      'ObjectClass',
      'WhenChanged',
    ],
    ...['WhenCreated', 'WhenChangedUTC', 'WhenCreatedUTC', 'OrganizationId', 'Id', 'OriginatingServer', 'IsValid', 'ObjectState'],
    ...['Bindings', 'RemoteIPRanges'],
  ].map((name) => name.toLowerCase()),
);

/** undefined: the name can be carried over. */
function fqdnByHand({ server, properties }: ReceiveConnector, fqdn: string): string | undefined {
  const own = fqdn.toLowerCase() === server.toLowerCase() || fqdn.toLowerCase().startsWith(`${server.toLowerCase()}.`);
  if (own) return `Fqdn is left to the target's own; on ${server} it is ${fqdn}, which is the name of that server.`;
  if (fqdn !== '' && properties.AuthMechanism?.includes('ExchangeServer'))
    return `To do: Fqdn is ${fqdn} on ${server}; with ExchangeServer in AuthMechanism, Exchange takes only the target's own names or none.`;
  return undefined;
}

function rightsByHand(source: ReceiveConnector, target: ReceiveConnector, wanted: readonly AccountRights[] | null): ScriptLine[] {
  if (wanted !== null) return [];
  const groups = source.properties.PermissionGroups;
  if (groups === undefined)
    return [
      ...say(`To do: the export holds no permission groups of ${identityOf(source)}. See what it allows:`),
      ...unrun([showRights(source)]),
    ];
  const lines = [
    ...say(
      `To do: Custom cannot be set. It says that ${identityOf(source)} has rights besides its groups, and they were not imported. See which:`,
    ),
    ...unrun([showRights(source)]),
  ];
  if (!groups.includes('AnonymousUsers')) return lines;
  const entry = { user: ANONYMOUS_ACCOUNT, deny: false, rights: [RELAY_RIGHT] };
  return [
    ...lines,
    ...say(
      'Beside AnonymousUsers it is nearly always the right to relay without authentication. Only if it is there, and still wanted:',
    ),
    ...unrun([...accountLines([entry]), ...grantLines(getConnector(target), entry)]),
  ];
}

type Parts = Pick<Step, 'parameters' | 'afterwards' | 'byHand'>;

function creationOf(target: ReceiveConnector, places: Places, carried: Properties, version: ExchangeVersion): Parts {
  const defaults = usageProperties('Custom', familyOf(version));
  const differing = PROPERTY_NAMES.filter((name) => {
    const value: PropertyValue | undefined = carried[name];
    const usual = defaults[name];
    if (value === undefined || name === 'TransportRole') return false;
    return usual === undefined || UNCERTAIN_DEFAULTS.includes(name) || !sameValue(name, value, usual);
  });
  return {
    parameters: [
      ['Usage', words('Custom')],
      ['Bindings', texts([...places.bindings.map(formatBinding), ...places.open.map(placeholder)])],
      ['RemoteIPRanges', texts(target.remoteIPRanges.map((range) => range.text))],
      ...differing.filter((name) => !ONLY_SET.includes(name)).map((name) => argumentOf(name, carried)),
    ],
    afterwards: differing.filter((name) => ONLY_SET.includes(name)).map((name) => argumentOf(name, carried)),
    byHand: [],
  };
}

const argumentOf = (name: PropertyName, properties: Properties): [string, Argument] => [
  name,
  propertyArgument(name, properties[name]!),
];

/** `unsure`: more may be allowed on the target than is known, so it takes no further clients until somebody has looked. */
function changesOf(
  source: ReceiveConnector,
  before: ReceiveConnector,
  places: Places,
  carried: Properties,
  unsure: boolean,
): Parts {
  const known = new Set(before.bindings.map(formatBinding));
  const wanted = places.bindings.map(formatBinding);
  const moved = places.open.length === 0 && (wanted.length !== known.size || wanted.some((binding) => !known.has(binding)));
  const differing = PROPERTY_NAMES.filter((name) => {
    const value: PropertyValue | undefined = carried[name];
    const own: PropertyValue | undefined =
      name === 'PermissionGroups' && before.properties.PermissionGroups
        ? withoutCustom(before.properties.PermissionGroups)
        : before.properties[name];
    return value !== undefined && (own === undefined || !sameValue(name, value, own));
  });
  const ranges: [string, Argument] = ['RemoteIPRanges', texts(source.remoteIPRanges.map((range) => range.text))];
  const differ = !sameAddresses(source.remoteIPRanges, before.remoteIPRanges);
  const widen = unsure && difference(source.remoteIPRanges, before.remoteIPRanges).length > 0;
  return {
    parameters: [
      ...(moved ? [['Bindings', texts(wanted)] as [string, Argument]] : []),
      ...(differ && !widen ? [ranges] : []),
      ...differing.map((name) => argumentOf(name, carried)),
    ],
    afterwards: [],
    byHand: [
      ...(unsure
        ? [
            ...say(`To do: whether ${identityOf(before)} has rights that it should not have is not known. See which:`),
            ...unrun([showRights(before)]),
          ]
        : []),
      ...(widen
        ? [
            ...say('It would take more clients, and they would have those rights. Only when they are as they should be:'),
            ...unrun(commandLines({ cmdlet: 'Set-ReceiveConnector', identity: text(identityOf(before)), parameters: [ranges] })),
          ]
        : []),
    ],
  };
}

/** Each step where it conflicts with nothing that is there by then; those that always would are left over, with the reason. */
function inOrder(
  steps: readonly Step[],
  there: readonly ReceiveConnector[],
): { ordered: Step[]; stuck: { step: Step; refusals: readonly PlanRefusal[] }[] } {
  let state = [...there];
  const ordered: Step[] = [];
  const stuck = steps.filter(({ refusals }) => refusals.length > 0).map((step) => ({ step, refusals: step.refusals }));
  const sound = steps.filter(({ refusals }) => refusals.length === 0);
  // What is only added, and conflicts with nothing in the end, conflicts with nothing on the way either.
  const added = sound.every(({ action }) => action !== 'change') ? sound.filter(({ action }) => action === 'create') : [];
  const disputed = new Set(conflictsOf([...there, ...added.map(({ target }) => target)]).flatMap(({ a, b }) => [a, b]));
  const free = added.filter(({ target }) => !disputed.has(target));
  for (const step of free) {
    ordered.push(step);
    state.push(step.target);
  }
  let waiting = sound.filter((step) => !free.includes(step));
  for (let progress = true; progress; ) {
    progress = false;
    const later: Step[] = [];
    for (const step of waiting) {
      if (step.action !== 'same' && conflictsAfter(state, step).length > 0) later.push(step);
      else {
        ordered.push(step);
        state = after(state, step);
        progress = true;
      }
    }
    waiting = later;
  }
  return {
    ordered,
    stuck: [...stuck, ...waiting.map((step) => ({ step, refusals: conflictsAfter(state, step).map(refusalOfConflict) }))],
  };
}

const after = (state: readonly ReceiveConnector[], { before, target }: Step): ReceiveConnector[] =>
  before ? state.map((one) => (one === before ? target : one)) : [...state, target];

const conflictsAfter = (state: readonly ReceiveConnector[], step: Step) =>
  conflictsOf(after(state, step)).filter(({ a, b }) => a === step.target || b === step.target);

function linesOf(step: Step, number: string): ScriptLine[] {
  const { source, target, action, parameters, afterwards, revoke, grant, byHand } = step;
  const from = getConnector(target);
  const renamed = sameName(source.name, target.name) ? '' : `, on ${source.server} "${source.name}"`;
  if (action === 'same') return [...say(`${identityOf(target)}: is there, and nothing that can be set differs.`), ...byHand];
  if (action === 'change')
    return [
      ...say(`${identityOf(target)}${renamed}: is there; what differs is set as on ${source.server}.`),
      ...byHand,
      ...allowing(revoke).flatMap((rights) => revokeLines(from, rights)),
      ...denying(grant).flatMap((rights) => grantLines(from, rights)),
      ...(parameters.length > 0
        ? commandLines({
            cmdlet: 'Set-ReceiveConnector',
            identity: text(identityOf(target)),
            parameters,
            splat: `change${number}`,
          })
        : []),
      ...denying(revoke).flatMap((rights) => revokeLines(from, rights)),
      ...allowing(grant).flatMap((rights) => grantLines(from, rights)),
    ];
  // A denial must be there before anybody can connect.
  const asleep = isEnabled(source) && grant.some(({ deny }) => deny);
  const variable = `connector${number}`;
  const goesOn = afterwards.length + grant.length > 0;
  return [
    ...say(`${identityOf(target)}${renamed}${isEnabled(source) ? '' : ' (disabled)'}`),
    ...byHand,
    ...creation(target, [...parameters, ...(asleep ? [['Enabled', { kind: 'boolean', value: false }] as const] : [])], {
      splat: `new${number}`,
      ...(goesOn && { to: variable }),
    }),
    ...(afterwards.length > 0
      ? commandLines({ cmdlet: 'Set-ReceiveConnector', from: `$${variable}`, parameters: afterwards, splat: `more${number}` })
      : []),
    ...[...denying(grant), ...allowing(grant)].flatMap((rights) => grantLines(`$${variable}`, rights)),
    ...(asleep
      ? commandLines({
          cmdlet: 'Set-ReceiveConnector',
          from: `$${variable}`,
          parameters: [['Enabled', { kind: 'boolean', value: true }]],
        })
      : []),
  ];
}

const denying = (entries: readonly AccountRights[]): AccountRights[] => entries.filter(({ deny }) => deny);
const allowing = (entries: readonly AccountRights[]): AccountRights[] => entries.filter(({ deny }) => !deny);

function refusedLines({ source, target }: Step, refusals: readonly PlanRefusal[]): ScriptLine[] {
  return [
    ...say(`${identityOf(source)} is not copied: Exchange would refuse ${identityOf(target)}.`),
    ...refusals.flatMap(({ because, exchangeSays }) => [
      ...say(`- ${because}`),
      ...(exchangeSays === null ? [] : say(`  Exchange says: ${exchangeSays}`)),
    ]),
  ];
}

function defaultLines(skipped: readonly CopiedConnector[]): ScriptLine[] {
  return skipped.length === 0
    ? []
    : say(
        `Made by setup, so left alone unless asked for by name: ${skipped.map(({ from }) => from.slice(from.indexOf('\\') + 1)).join(', ')}.`,
      );
}

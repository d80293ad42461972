/**
 * What differs between the receive connectors of two servers, and whether it matters to a client that reaches now one and
 * now the other. Values are ready to be printed and to be JSON.
 */
import { type Binding, formatBinding } from './binding.ts';
import { isEnabled, type ReceiveConnector } from './connector.ts';
import { entriesBesideGroups, mayRelay } from './effective-rights.ts';
import { type Organisation, rightsOf, type ServerConfiguration } from './organisation.ts';
import { GROUP_RIGHTS, permissionOfRight, principalOf } from './permission-group.ts';
import { PROPERTIES, PROPERTY_NAMES, type PropertyName, type PropertyValue } from './properties.ts';
import { propertyText, sameValue } from './property-text.ts';
import { difference, rangeTexts } from './range-set.ts';
import { familyName } from './remote-range.ts';
import type { RightEntry } from './right.ts';
import { nameOn, pairConnectors, plainName } from './server-name.ts';

/** `selection`: another connector may take the client. `permission`: it may do more or less there. */
export type DifferenceSeverity = 'selection' | 'permission' | 'limit' | 'other';

/** A property, or what is none. */
export type Differing = 'connector' | 'bindings' | 'remoteIPRanges' | 'relay' | 'rights' | PropertyName;

export interface Difference {
  readonly what: Differing;
  readonly severity: DifferenceSeverity;
  /** Of bindings, ranges and rights: what only this side has; of a property: its value. null: not in the export. */
  readonly a: readonly string[] | null;
  readonly b: readonly string[] | null;
  /** What it means, one sentence. */
  readonly because: string;
}

export interface ConnectorDifference {
  /** Without the server's name. */
  readonly connector: string;
  /** Its name on each server; null where it does not exist. */
  readonly a: string | null;
  readonly b: string | null;
  /** What matters most comes first; empty where nothing differs. */
  readonly differences: readonly Difference[];
  /** What was compared in part only; null where everything was. */
  readonly note: string | null;
}

export interface ServerDifference {
  readonly a: string;
  readonly b: string;
  readonly connectors: readonly ConnectorDifference[];
}

const SEVERITIES: readonly DifferenceSeverity[] = ['selection', 'permission', 'limit', 'other'];

export function differenceOf(a: ServerConfiguration, b: ServerConfiguration, rights: Organisation['rights']): ServerDifference {
  const connectors = pairConnectors(a.connectors, b.connectors).map((pair): ConnectorDifference => {
    const connector = pair.a ?? pair.b!;
    const differences =
      pair.a && pair.b
        ? differencesOf(pair.a, pair.b, rightsOf({ rights }, pair.a), rightsOf({ rights }, pair.b))
        : [missing(connector, pair.a ? b.server : a.server, pair.a !== undefined)];
    differences.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
    return {
      connector: plainName(connector),
      a: pair.a?.name ?? null,
      b: pair.b?.name ?? null,
      differences,
      note: noteOf(pair.a, pair.b),
    };
  });
  return { a: a.server, b: b.server, connectors };
}

function noteOf(a: ReceiveConnector | undefined, b: ReceiveConnector | undefined): string | null {
  const own = [a, b].map((one) => one?.bindings.filter(({ any }) => !any).map(formatBinding) ?? []);
  if (!a || !b || own.every((bindings) => bindings.length === 0)) return null;
  const sides = own.map((bindings) => bindings.join(', ') || 'none');
  return `Addresses of the servers themselves are compared by port and family only: ${sides[0]} on ${a.server}, ${sides[1]} on ${b.server}.`;
}

function missing(connector: ReceiveConnector, without: string, onA: boolean): Difference {
  const ranges = connector.remoteIPRanges.map((range) => range.text);
  const sides = { what: 'connector', a: onA ? ranges : [], b: onA ? [] : ranges } as const;
  return isEnabled(connector)
    ? { ...sides, severity: 'selection', because: `its clients are taken by another connector on ${without}, or by none` }
    : {
        ...sides,
        severity: 'other',
        because: `it is disabled on ${connector.server}, so that no client misses it on ${without}`,
      };
}

/** Of two connectors that belong together. `rightsA`, `rightsB`: null where they were not imported. */
export function differencesOf(
  a: ReceiveConnector,
  b: ReceiveConnector,
  rightsA: readonly RightEntry[] | null,
  rightsB: readonly RightEntry[] | null,
): Difference[] {
  const differences = [
    ...bindingDifference(a, b),
    ...rangeDifference(a, b),
    ...rightsDifference(a, b, rightsA, rightsB),
    ...PROPERTY_NAMES.flatMap((name) => propertyDifference(name, a, b)),
  ];
  const asleep = [a, b].filter((one) => !isEnabled(one)).map(({ server }) => server);
  return asleep.length === 0 ? differences : differences.map((one) => (one.what === 'Enabled' ? one : unnoticed(one, asleep)));
}

/** Of a connector that is disabled on some side: what takes no client serves none differently. */
function unnoticed(difference: Difference, disabledOn: readonly string[]): Difference {
  if (difference.a === null || difference.b === null) return difference;
  return {
    ...difference,
    severity: 'other',
    because: `the connector is disabled on ${disabledOn.join(' and ')} and takes no client there: it matters once it is enabled`,
  };
}

function bindingDifference(a: ReceiveConnector, b: ReceiveConnector): Difference[] {
  const [onlyA, onlyB] = [placesOnlyIn(a, b), placesOnlyIn(b, a)];
  if (onlyA.length + onlyB.length === 0) return [];
  return [
    {
      what: 'bindings',
      severity: 'selection',
      a: onlyA,
      b: onlyB,
      because: 'a client that connects there is taken on one server only',
    },
  ];
}

/** A server's own address is never that of the other: only port and family count. */
const placeOf = (binding: Binding): string => `${binding.any ? 'any' : 'own'} ${familyName(binding.address)} ${binding.port}`;

function placesOnlyIn(one: ReceiveConnector, other: ReceiveConnector): string[] {
  const known = new Set(other.bindings.map(placeOf));
  return one.bindings.filter((binding) => !known.has(placeOf(binding))).map(formatBinding);
}

function rangeDifference(a: ReceiveConnector, b: ReceiveConnector): Difference[] {
  const onlyA = rangeTexts(difference(a.remoteIPRanges, b.remoteIPRanges));
  const onlyB = rangeTexts(difference(b.remoteIPRanges, a.remoteIPRanges));
  if (onlyA.length + onlyB.length === 0) return [];
  return [
    {
      what: 'remoteIPRanges',
      severity: 'selection',
      a: onlyA,
      b: onlyB,
      because: 'a client in these ranges is taken by this connector on one server and by another, or none, on the other server',
    },
  ];
}

function rightsDifference(
  a: ReceiveConnector,
  b: ReceiveConnector,
  rightsA: readonly RightEntry[] | null,
  rightsB: readonly RightEntry[] | null,
): Difference[] {
  const differences: Difference[] = [];
  const [relayA, relayB] = [mayRelay(a, rightsA), mayRelay(b, rightsB)];
  if (relayA !== relayB)
    differences.push({
      what: 'relay',
      severity: 'permission',
      a: [relayA],
      b: [relayB],
      because: 'whether a client may send to any domain without authentication depends on the server it reaches',
    });
  if (rightsA && rightsB) {
    const [keysA, keysB] = [rightTexts(a, rightsA), rightTexts(b, rightsB)];
    const onlyA = [...keysA].filter(([key]) => !keysB.has(key)).map(([, text]) => text);
    const onlyB = [...keysB].filter(([key]) => !keysA.has(key)).map(([, text]) => text);
    if (onlyA.length + onlyB.length > 0)
      differences.push({
        what: 'rights',
        severity: 'permission',
        a: onlyA,
        b: onlyB,
        because: 'these rights were set on one of the connectors only',
      });
  } else if (rightsA || rightsB)
    differences.push({
      what: 'rights',
      severity: 'other',
      a: rightsA && [],
      b: rightsB && [],
      because: `the rights of ${rightsA ? b.server : a.server} were not imported, so they cannot be compared`,
    });
  return differences;
}

/** What each right is known by on any server, and as it is to be read. */
function rightTexts(connector: ReceiveConnector, entries: readonly RightEntry[]): Map<string, string> {
  const texts = new Map<string, string>();
  const outdated = entriesBesideGroups(connector, entries) !== entries;
  for (const { user, deny, inherited, rights } of entries)
    if (!inherited)
      for (const right of rights) {
        if (outdated && (deny || !isOfGroups(connector, user, right))) continue;
        const account = principalOf(user) ?? nameOn({ server: connector.server, name: user }, '*').toLowerCase();
        texts.set(`${account} ${deny} ${right.toLowerCase()}`, `${deny ? 'deny ' : ''}${right} for ${user}`);
      }
  return texts;
}

/** The groups of Exchange's own servers give more than relaylens knows of: theirs are believed. */
function isOfGroups({ properties }: ReceiveConnector, user: string, right: string): boolean {
  const principal = principalOf(user);
  if (principal === undefined) return false;
  if (principal === 'exchange-server' || principal === 'legacy-server') return true;
  const permission = permissionOfRight(right);
  return (properties.PermissionGroups ?? []).some(
    (group) => group !== 'Custom' && permission !== undefined && GROUP_RIGHTS[group][principal]?.includes(permission),
  );
}

/** Otherwise `limit`: those with a number for a value; or `other`. */
const SEVERITY: Readonly<Partial<Record<PropertyName, DifferenceSeverity>>> = {
  Enabled: 'selection',
  TransportRole: 'selection',
  AuthMechanism: 'permission',
  PermissionGroups: 'permission',
  RequireTLS: 'permission',
  RequireEHLODomain: 'permission',
  DomainSecureEnabled: 'permission',
  EnableAuthGSSAPI: 'permission',
  ExtendedProtectionPolicy: 'permission',
  TlsDomainCapabilities: 'permission',
  TlsCertificateName: 'permission',
  DefaultDomain: 'permission',
  BareLinefeedRejectionEnabled: 'permission',
  LongAddressesEnabled: 'permission',
  RejectReservedTopLevelRecipientDomains: 'permission',
  RejectReservedSecondLevelRecipientDomains: 'permission',
  RejectSingleLabelRecipientDomains: 'permission',
  MessageRateSource: 'limit',
};

function severityOf(name: PropertyName): DifferenceSeverity {
  const { kind } = PROPERTIES[name];
  const numeric = kind === 'limit' || kind === 'size' || kind === 'timespan' || kind === 'integer';
  return SEVERITY[name] ?? (numeric ? 'limit' : 'other');
}

const MEANING: Readonly<Record<DifferenceSeverity, string>> = {
  selection: 'on one of the servers other connectors take its clients',
  permission: 'a client is served by one server and may be refused by the other',
  limit: 'what one server takes may be too much for the other',
  other: 'clients hardly notice',
};

function propertyDifference(name: PropertyName, a: ReceiveConnector, b: ReceiveConnector): Difference[] {
  const one: PropertyValue | undefined = a.properties[name];
  const other: PropertyValue | undefined = b.properties[name];
  if (one === undefined && other === undefined) return [];
  const sides = {
    a: one === undefined ? null : [propertyText(name, one)],
    b: other === undefined ? null : [propertyText(name, other)],
  };
  if (one === undefined || other === undefined)
    return [
      {
        what: name,
        severity: 'other',
        ...sides,
        because: `the export of ${one === undefined ? a.server : b.server} does not hold it, so it cannot be compared`,
      },
    ];
  if (sameValue(name, one, other) || (isHostName(name) && sameHost(a, one, b, other))) return [];
  const severity = severityOf(name);
  return [{ what: name, severity, ...sides, because: MEANING[severity] }];
}

const isHostName = (name: PropertyName): boolean => name === 'Fqdn' || name === 'ServiceDiscoveryFqdn';

/** Each server's own name. */
function sameHost(a: ReceiveConnector, one: PropertyValue, b: ReceiveConnector, other: PropertyValue): boolean {
  const generic = (server: string, name: PropertyValue): string => {
    const [label, ...domain] = String(name).toLowerCase().split('.');
    return [label === server.toLowerCase() ? '*' : label, ...domain].join('.');
  };
  return generic(a.server, one) === generic(b.server, other);
}

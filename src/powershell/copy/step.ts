/** What one connector needs, so that the target has it as the source does. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { PROPERTY_NAMES, type Properties, type PropertyName, type PropertyValue } from '../../connector/properties.ts';
import { sameValue } from '../../connector/property-text.ts';
import { difference, sameAddresses } from '../../connector/range-set.ts';
import { refusalsOf } from '../../connector/refusal.ts';
import { nameOn } from '../../connector/server-name.ts';
import { type ExchangeVersion, familyOf, ONLY_SET, UNCERTAIN_DEFAULTS, usageProperties } from '../../connector/usage-type.ts';
import { type Argument, commandLines, text, texts, words } from '../command.ts';
import type { PlanRefusal } from '../plan.ts';
import { propertyArgument } from '../property-argument.ts';
import { type AccountRights, rightsOnlyIn, showRights } from '../right-commands.ts';
import { type ScriptLine, say, unrun } from '../script.ts';
import { bindingByHand, bindingToName, type Places, placesOf } from './bindings.ts';
import { carriedProperties, withoutCustom } from './carried-properties.ts';
import type { CopyRequest } from './copy-request.ts';
import { rightsByHand, wantedRights } from './rights.ts';

export interface Step {
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

export function stepOf(request: CopyRequest, source: ReceiveConnector, before: ReceiveConnector | undefined): Step {
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
      ['Bindings', texts([...places.bindings.map(formatBinding), ...places.open.map(bindingToName)])],
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

/** Properties on their way to another server: what it can be given, and what only a person can decide. */
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import {
  type PermissionGroup,
  PROPERTIES,
  PROPERTY_NAMES,
  type Properties,
  type PropertyName,
  type PropertyType,
  type PropertyValue,
} from '../../connector/properties.ts';
import { propertyText, sameValue } from '../../connector/property-text.ts';
import { type ExchangeVersion, familyOf, usageProperties } from '../../connector/usage-type.ts';
import { commandLines, text } from '../command.ts';
import { isParameter } from '../new-connector.ts';
import { propertyArgument } from '../property-argument.ts';
import { type ScriptLine, say, unrun } from '../script.ts';

const AT_HAND: Readonly<Partial<Record<PropertyName, string>>> = {
  TlsCertificateName: 'the certificate must be on the server first, with its private key and enabled for SMTP',
  DefaultDomain: 'it names an accepted domain, which must exist in that organisation',
  TlsDomainCapabilities: 'it trusts what partners say who prove a domain by certificate',
};

/** What the target can be given, and what only a person can decide. */
export function carriedProperties(
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

/** Custom says that there are rights besides the groups; it cannot be set. */
export const withoutCustom = (groups: readonly Exclude<PermissionGroup, 'None'>[]): Exclude<PermissionGroup, 'None'>[] =>
  groups.filter((group) => group !== 'Custom');

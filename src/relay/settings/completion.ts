/** What the configuration leaves out, filled in as Exchange's setup and cmdlets would have it. */
import type { AcceptedDomain } from '../../connector/accepted-domain.ts';
import type { ReceiveConnector } from '../../connector/connector.ts';
import { defaultConnectors } from '../../connector/default-connectors.ts';
import { ANONYMOUS_ACCOUNT, RELAY_RIGHT } from '../../connector/permission-group.ts';
import type { Properties } from '../../connector/properties.ts';
import type { RightEntry } from '../../connector/right.ts';
import { type ExchangeVersion as SetupVersion, usageProperties, type VersionFamily } from '../../connector/usage-type.ts';
import type { InlineConnector, RelayWay } from './connector-setting.ts';

export interface ServerIdentity {
  readonly server: string;
  readonly fqdn: string;
  readonly exchange: VersionFamily;
}

/**
 * A connector of the file with everything that it does not say: a default connector's own properties, or those of
 * New-ReceiveConnector for the usage (`Custom` without one), on the front end, and logged.
 */
export function completeConnector(identity: ServerIdentity, setting: InlineConnector): ReceiveConnector {
  const { server, fqdn, exchange } = identity;
  const version: SetupVersion = exchange === '2013' ? '2013' : '2019';
  const model =
    setting.default && defaultConnectors({ server, fqdn, version }).find(({ name }) => name === `${setting.default} ${server}`);
  const base: Properties = model?.properties ?? {
    ...usageProperties(setting.usage ?? 'Custom', exchange),
    TransportRole: 'FrontendTransport',
    Fqdn: fqdn,
  };
  return {
    server,
    name: setting.name ?? model?.name ?? '',
    bindings: setting.bindings ?? model?.bindings ?? [],
    remoteIPRanges: setting.remoteIPRanges ?? model?.remoteIPRanges ?? [],
    properties: {
      ...base,
      // The cmdlet's default is no log: a relay that is there for its logs has it the other way round.
      ProtocolLoggingLevel: 'Verbose',
      ...(setting.relay && RELAY_PROPERTIES[setting.relay]),
      ...setting.properties,
    },
    others: {},
  };
}

/** The two ways to let clients relay (reference of the receive connectors, section 5.1). */
const RELAY_PROPERTIES: Readonly<Record<RelayWay, Properties>> = {
  anonymous: { AuthMechanism: ['Tls'], PermissionGroups: ['AnonymousUsers', 'Custom'] },
  'externally-secured': { AuthMechanism: ['Tls', 'ExternalAuthoritative'], PermissionGroups: ['ExchangeServers'] },
};

/** The right that `relay: "anonymous"` stands for. */
export function relayRights({ relay }: InlineConnector): readonly RightEntry[] {
  if (relay !== 'anonymous') return [];
  return [{ user: ANONYMOUS_ACCOUNT, deny: false, inherited: false, rights: [RELAY_RIGHT] }];
}

export function completeDomain({ name, type }: { name: string; type: AcceptedDomain['domainType'] }, at: number): AcceptedDomain {
  return { name, domainName: name, domainType: type, isDefault: at === 0 };
}

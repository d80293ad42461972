/** Organisations written in a line or two: the examples of the checks. */
import { parseBinding } from '../../connector/binding.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import type { Organisation } from '../../connector/organisation.ts';
import { ANONYMOUS_ACCOUNT } from '../../connector/permission-group.ts';
import type { Properties } from '../../connector/properties.ts';
import { parseRemoteRange } from '../../connector/remote-range.ts';
import type { RightEntry } from '../../connector/right.ts';

export interface ConnectorSketch extends Properties {
  /** `SERVER\Name`. */
  readonly id: string;
  /** Bindings between spaces; `0.0.0.0:25` where left out. */
  readonly on?: string;
  /** Remote IP ranges between spaces; all of IPv4 where left out. */
  readonly from?: string;
  /** Rights of the anonymous account, as imported; left out: not imported. */
  readonly anonymousRights?: readonly string[];
}

export interface Example {
  readonly connectors: readonly ConnectorSketch[];
  /** Domain names; left out: not imported. */
  readonly acceptedDomains?: readonly string[];
}

const ALL_IPV4 = '0.0.0.0-255.255.255.255';

/** Throws on a sketch that is not well written. */
export function organisationOf({ connectors, acceptedDomains }: Example): Organisation {
  const servers = new Map<string, ReceiveConnector[]>();
  const rights = new Map<string, readonly RightEntry[]>();
  for (const sketch of connectors) {
    const connector = connectorOf(sketch);
    servers.set(connector.server, [...(servers.get(connector.server) ?? []), connector]);
    if (sketch.anonymousRights)
      rights.set(identityOf(connector).toLowerCase(), [
        { user: ANONYMOUS_ACCOUNT, deny: false, inherited: false, rights: sketch.anonymousRights },
      ]);
  }
  return {
    servers: [...servers].map(([server, list]) => ({ server, asOf: 0, connectors: list })),
    rights,
    acceptedDomains:
      acceptedDomains?.map((domainName, index) => ({
        name: `Domain ${index + 1}`,
        domainName,
        domainType: 'InternalRelay',
        isDefault: false,
      })) ?? null,
    devices: [],
  };
}

/** Throws on a sketch that is not well written. */
export function connectorOf(sketch: ConnectorSketch): ReceiveConnector {
  const { id, on = '0.0.0.0:25', from = ALL_IPV4, anonymousRights: _, ...properties } = sketch;
  const slash = id.indexOf('\\');
  return {
    server: id.slice(0, slash),
    name: id.slice(slash + 1),
    bindings: words(on).map((text) => parseBinding(text) ?? unreadable(text)),
    remoteIPRanges: words(from).map((text) => parseRemoteRange(text) ?? unreadable(text)),
    properties,
    others: {},
  };
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

function unreadable(text: string): never {
  throw new Error(`an example with "${text}", which is neither binding nor range`);
}

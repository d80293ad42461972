/** Receive connectors as configured and as seen, side by side. */
import { formatBinding } from '../connector/binding.ts';
import { identityOf, isEnabled, partsOf, type ReceiveConnector, sameName } from '../connector/connector.ts';
import { mayRelay, type Relay } from '../connector/effective-rights.ts';
import { type Organisation, rightsOf } from '../connector/organisation.ts';
import type { AuthMechanism, PermissionGroup, TransportRole } from '../connector/properties.ts';
import type { ConnectorSummary } from './connectors.ts';

/** What was not exported is null. */
export interface ConnectorSettings {
  /** ISO time of the configuration. */
  readonly asOf: string;
  readonly enabled: boolean;
  readonly transportRole: TransportRole | null;
  readonly bindings: readonly string[];
  readonly remoteIPRanges: readonly string[];
  readonly permissionGroups: readonly PermissionGroup[] | null;
  readonly authMechanism: readonly AuthMechanism[] | null;
  readonly protocolLoggingLevel: string | null;
  /** Whether a client may relay there without authentication. */
  readonly mayRelay: Relay;
}

/** A connector as seen, with null times where it was not, and as configured, null where it is not. */
export interface ConnectorView extends Omit<ConnectorSummary, 'firstSeen' | 'lastSeen'> {
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  readonly configured: ConnectorSettings | null;
}

/** Configured connectors in the order of their servers, then what was seen and is not configured. */
export function connectorViews(organisation: Organisation, seen: readonly ConnectorSummary[]): ConnectorView[] {
  const left = new Set(seen);
  const configured = organisation.servers.flatMap(({ connectors, asOf }) =>
    connectors.map((connector): ConnectorView => {
      const own = seen.find((one) => one.direction === 'receive' && isSame(one, connector));
      if (own) left.delete(own);
      return { ...(own ?? unseen(connector)), configured: settingsOf(organisation, connector, asOf) };
    }),
  );
  return [...configured, ...[...left].map((one): ConnectorView => ({ ...one, configured: null }))];
}

/** A log that names the connector alone says its server elsewhere. */
function isSame({ connector, server }: ConnectorSummary, { server: own, name }: ReceiveConnector): boolean {
  const logged = partsOf(connector);
  return sameName(logged.name, name) && sameName(logged.server || server, own);
}

function settingsOf(organisation: Organisation, connector: ReceiveConnector, asOf: number): ConnectorSettings {
  const { properties } = connector;
  return {
    asOf: new Date(asOf).toISOString(),
    enabled: isEnabled(connector),
    transportRole: properties.TransportRole ?? null,
    bindings: connector.bindings.map(formatBinding),
    remoteIPRanges: connector.remoteIPRanges.map(({ text }) => text),
    permissionGroups: properties.PermissionGroups ?? null,
    authMechanism: properties.AuthMechanism ?? null,
    protocolLoggingLevel: properties.ProtocolLoggingLevel ?? null,
    mayRelay: mayRelay(connector, rightsOf(organisation, connector)),
  };
}

function unseen(connector: ReceiveConnector): Omit<ConnectorView, 'configured'> {
  return {
    connector: identityOf(connector),
    server: connector.server,
    direction: 'receive',
    services: [],
    localPorts: [],
    sessions: 0,
    peers: 0,
    messagesAccepted: 0,
    messagesRefused: 0,
    recipientsAccepted: 0,
    recipientsRefused: 0,
    failedSessions: 0,
    healthProbes: 0,
    firstSeen: null,
    lastSeen: null,
  };
}

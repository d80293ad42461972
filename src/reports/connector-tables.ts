/** Connectors as configured and as seen. */
import type { Cell, Section, Table } from '../document/document.ts';
import type { ConnectorSettings, ConnectorView } from '../queries/configured-connectors.ts';
import { nameOf } from './session-tables.ts';

/** Two tables where a configuration was imported: receive connectors with it, and what was seen besides. */
export function connectorSections(connectors: readonly ConnectorView[]): Section[] {
  const configured = connectors.filter((one): one is Configured => one.configured !== null);
  const seenOnly = connectors.filter((one) => one.configured === null);
  if (configured.length === 0) return [seenTable(connectors, 'Connectors')];
  return [
    configuredTable(configured),
    ...(seenOnly.length > 0 ? [seenTable(seenOnly, 'Seen in the logs, and not in the imported configuration')] : []),
  ];
}

type Configured = ConnectorView & { readonly configured: ConnectorSettings };

/** Ranges listed before they are only counted. */
const RANGES = 6;

function configuredTable(connectors: readonly Configured[]): Table {
  return {
    kind: 'table',
    title: 'Receive connectors as configured, and their use',
    columns: [
      { title: 'Connector', kind: 'text', shrinks: true },
      { title: 'Relay', kind: 'text' },
      { title: 'Log', kind: 'text', optional: true },
      { title: 'Sessions', kind: 'count' },
      { title: 'Sources', kind: 'count', optional: true },
      { title: 'Failing', kind: 'count' },
      { title: 'Last use', kind: 'minute' },
      { title: 'Listens at', kind: 'text', shrinks: true, below: true },
      { title: 'Takes', kind: 'text', shrinks: true, below: true },
      { title: 'Groups', kind: 'text', shrinks: true, below: true },
      { title: 'Mechanisms', kind: 'text', shrinks: true, below: true },
    ],
    rows: connectors.map(({ connector, configured, ...seen }) => [
      connector,
      configured.mayRelay,
      configured.protocolLoggingLevel,
      seen.sessions,
      seen.peers,
      seen.failedSessions,
      time(seen.lastSeen),
      `${configured.enabled ? '' : 'disabled: '}${configured.bindings.join(', ') || 'nowhere'}`,
      rangesText(configured.remoteIPRanges),
      configured.permissionGroups === null
        ? 'groups not exported'
        : configured.permissionGroups.join(', ') || 'no permission groups',
      configured.authMechanism === null ? 'mechanisms not exported' : configured.authMechanism.join(', ') || 'no mechanism',
    ]),
  };
}

function rangesText(ranges: readonly string[]): string {
  const listed = ranges.slice(0, RANGES).map(rangeText).join(', ');
  return ranges.length > RANGES ? `${listed} and ${ranges.length - RANGES} more` : listed || 'no client';
}

const rangeText = (text: string): string =>
  text === '0.0.0.0-255.255.255.255' ? 'all IPv4' : text === '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' ? 'all IPv6' : text;

function seenTable(connectors: readonly ConnectorView[], title: string): Table {
  return {
    kind: 'table',
    title,
    columns: [
      { title: 'Connector', kind: 'text', shrinks: true },
      { title: 'Server', kind: 'text', shrinks: true, cap: 15 },
      { title: 'Direction', kind: 'text' },
      { title: 'Port', kind: 'text' },
      { title: 'Sessions', kind: 'count' },
      { title: 'Peers', kind: 'count', optional: true },
      { title: 'Msgs', kind: 'count' },
      { title: 'Refused', kind: 'count' },
      { title: 'Failing', kind: 'count' },
      { title: 'Last seen', kind: 'minute', optional: true },
    ],
    rows: connectors.map((connector) => [
      nameOf(connector.connector, connector.server) || '(no connector)',
      connector.server || '(unknown)',
      connector.direction,
      connector.localPorts.join(' '),
      connector.sessions,
      connector.peers,
      connector.messagesAccepted,
      connector.messagesRefused,
      connector.failedSessions,
      time(connector.lastSeen),
    ]),
    none: 'No connector in the logs.',
  };
}

/** Everything in columns, for CSV. */
export function connectorCsvTable(connectors: readonly ConnectorView[]): Table {
  const columns: [title: string, kind: 'text' | 'count', (one: ConnectorView) => Cell][] = [
    ['connector', 'text', (one) => one.connector],
    ['server', 'text', (one) => one.server],
    ['direction', 'text', (one) => one.direction],
    ['services', 'text', (one) => one.services.join(' ')],
    ['localPorts', 'text', (one) => one.localPorts.join(' ')],
    ['sessions', 'count', (one) => one.sessions],
    ['peers', 'count', (one) => one.peers],
    ['messagesAccepted', 'count', (one) => one.messagesAccepted],
    ['messagesRefused', 'count', (one) => one.messagesRefused],
    ['recipientsAccepted', 'count', (one) => one.recipientsAccepted],
    ['recipientsRefused', 'count', (one) => one.recipientsRefused],
    ['failedSessions', 'count', (one) => one.failedSessions],
    ['healthProbes', 'count', (one) => one.healthProbes],
    ['firstSeen', 'text', (one) => one.firstSeen],
    ['lastSeen', 'text', (one) => one.lastSeen],
    ['configuredAsOf', 'text', (one) => one.configured?.asOf ?? null],
    ['enabled', 'text', (one) => (one.configured === null ? null : String(one.configured.enabled))],
    ['transportRole', 'text', (one) => one.configured?.transportRole ?? null],
    ['bindings', 'text', (one) => one.configured?.bindings.join(' ') ?? null],
    ['remoteIPRanges', 'text', (one) => one.configured?.remoteIPRanges.join(' ') ?? null],
    ['permissionGroups', 'text', (one) => one.configured?.permissionGroups?.join(' ') ?? null],
    ['authMechanism', 'text', (one) => one.configured?.authMechanism?.join(' ') ?? null],
    ['protocolLoggingLevel', 'text', (one) => one.configured?.protocolLoggingLevel ?? null],
    ['mayRelay', 'text', (one) => one.configured?.mayRelay ?? null],
  ];
  return {
    kind: 'table',
    columns: columns.map(([title, kind]) => ({ title, kind })),
    rows: connectors.map((one) => columns.map(([, , value]) => value(one))),
  };
}

const time = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso));

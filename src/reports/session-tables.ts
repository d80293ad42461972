/** Sessions, sources and connectors as tables. */
import type { Table } from '../document/document.ts';
import type { ConnectorSummary } from '../queries/connectors.ts';
import type { SessionSummary } from '../queries/session-summary.ts';
import { failures, type SourceSummary } from '../queries/sources.ts';

const ms = (iso: string): number => Date.parse(iso);

/** The name alone, where the server stands beside it. */
const nameOf = (connector: string, server: string): string =>
  server !== '' && connector.startsWith(`${server}\\`) ? connector.slice(server.length + 1) : connector;

/** The client, with the real one where a front end stands between; the destination of a send session behind an arrow. */
function peerOf({ source, destination, clientSources }: SessionSummary): string {
  if (source === null) return `→ ${destination ?? ''}`;
  return clientSources.length === 1
    ? `${source} for ${clientSources[0]}`
    : clientSources.length > 1
      ? `${source} for ${clientSources.length} clients`
      : source;
}

export function sessionTable(sessions: readonly SessionSummary[]): Table {
  return {
    kind: 'table',
    columns: [
      { title: 'Id', kind: 'text' },
      { title: 'Began', kind: 'time' },
      { title: 'Peer', kind: 'text', shrinks: true, cap: 26 },
      { title: 'Hello', kind: 'text', shrinks: true, cap: 12, below: true },
      { title: 'Connector', kind: 'text', shrinks: true, cap: 14, below: true },
      { title: 'Outcome', kind: 'outcome' },
      { title: 'Msgs', kind: 'count' },
      { title: 'Why', kind: 'text', shrinks: true, below: true },
    ],
    rows: sessions.map((session) => [
      session.id,
      ms(session.startedAt),
      peerOf(session),
      session.helo,
      nameOf(session.connector, session.server),
      session.outcome,
      session.messagesAccepted,
      session.outcomeReason,
    ]),
    none: 'No session matches.',
  };
}

/** Everything of a session in columns, for CSV. */
export function sessionCsvTable(sessions: readonly SessionSummary[]): Table {
  const text = (title: string) => ({ title, kind: 'text' as const });
  const count = (title: string) => ({ title, kind: 'count' as const });
  return {
    kind: 'table',
    columns: [
      text('id'),
      text('sessionId'),
      text('server'),
      text('service'),
      text('direction'),
      text('connector'),
      text('localEndpoint'),
      text('remoteEndpoint'),
      text('source'),
      text('clientSources'),
      text('destination'),
      text('startedAt'),
      text('endedAt'),
      text('helo'),
      text('tls'),
      text('authMechanism'),
      text('authUser'),
      text('authResult'),
      text('permissions'),
      text('outcome'),
      text('outcomeReason'),
      count('messagesAccepted'),
      count('messagesRefused'),
      count('recipientsAccepted'),
      count('recipientsRefused'),
      text('lastError'),
      text('disconnect'),
      count('rows'),
    ],
    rows: sessions.map((s) => [
      s.id,
      s.sessionId,
      s.server,
      s.service,
      s.direction,
      s.connector,
      s.localEndpoint,
      s.remoteEndpoint,
      s.source,
      s.clientSources.join(' '),
      s.destination,
      s.startedAt,
      s.endedAt,
      s.helo,
      s.tls,
      s.authMechanism,
      s.authUser,
      s.authResult,
      s.permissions.join(' '),
      s.outcome,
      s.outcomeReason,
      s.messagesAccepted,
      s.messagesRefused,
      s.recipientsAccepted,
      s.recipientsRefused,
      s.lastError,
      s.disconnect,
      s.rows,
    ]),
  };
}

export function outcomesText(outcomes: SourceSummary['outcomes']): string {
  return Object.entries(outcomes)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
}

export function sourceTable(sources: readonly SourceSummary[], title?: string): Table {
  return {
    kind: 'table',
    ...(title === undefined ? {} : { title }),
    columns: [
      { title: 'Source', kind: 'text' },
      { title: 'Hello', kind: 'text', shrinks: true, cap: 18 },
      { title: 'Sessions', kind: 'count' },
      { title: 'Failing', kind: 'count' },
      { title: 'Msgs', kind: 'count' },
      { title: 'Refused', kind: 'count' },
      { title: 'Auth', kind: 'text', optional: true },
      { title: 'Last seen', kind: 'minute' },
      { title: 'Connector', kind: 'text', shrinks: true, cap: 30, below: true },
      { title: 'Outcomes', kind: 'text', shrinks: true, below: true },
      { title: 'Last error', kind: 'error', shrinks: true, below: true },
    ],
    rows: sources.map((source) => [
      source.source || '(unknown)',
      source.helo.join(' '),
      source.sessions,
      failures(source),
      source.messagesAccepted,
      source.messagesRefused,
      source.authenticated,
      ms(source.lastSeen),
      source.connectors.join(', ') || 'no connector',
      outcomesText(source.outcomes),
      source.lastError,
    ]),
    none: 'No source in the logs.',
  };
}

export function sourceCsvTable(sources: readonly SourceSummary[]): Table {
  const text = (title: string) => ({ title, kind: 'text' as const });
  const count = (title: string) => ({ title, kind: 'count' as const });
  return {
    kind: 'table',
    columns: [
      text('source'),
      text('device'),
      text('helo'),
      text('servers'),
      text('connectors'),
      count('sessions'),
      count('messagesAccepted'),
      count('messagesRefused'),
      count('recipientsAccepted'),
      count('recipientsRefused'),
      count('recipientsExternal'),
      count('bytesAccepted'),
      text('authenticated'),
      text('tls'),
      text('outcomes'),
      text('lastError'),
      text('firstSeen'),
      text('lastSeen'),
    ],
    rows: sources.map((s) => [
      s.source,
      s.device,
      s.helo.join(' '),
      s.servers.join(' '),
      s.connectors.join('; '),
      s.sessions,
      s.messagesAccepted,
      s.messagesRefused,
      s.recipientsAccepted,
      s.recipientsRefused,
      s.recipientsExternal,
      s.bytesAccepted,
      s.authenticated,
      Object.entries(s.tls)
        .map(([version, n]) => `${version}:${n}`)
        .join(' '),
      Object.entries(s.outcomes)
        .map(([outcome, n]) => `${outcome}:${n}`)
        .join(' '),
      s.lastError,
      s.firstSeen,
      s.lastSeen,
    ]),
  };
}

export function connectorTable(connectors: readonly ConnectorSummary[], title?: string): Table {
  return {
    kind: 'table',
    ...(title === undefined ? {} : { title }),
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
      ms(connector.lastSeen),
    ]),
    none: 'No connector in the logs.',
  };
}

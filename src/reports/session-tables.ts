/** Sessions, sources and connectors as tables. */
import type { Table } from '../document/document.ts';
import type { SessionSummary } from '../queries/session-summary.ts';
import { failures, type SourceSummary } from '../queries/sources.ts';

const ms = (iso: string): number => Date.parse(iso);

/** The name alone, where the server stands beside it. */
export const nameOf = (connector: string, server: string): string =>
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

export function outcomesText(outcomes: SourceSummary['outcomes']): string {
  return Object.entries(outcomes)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
}

export function sourceTable(sources: readonly SourceSummary[], title?: string): Table {
  const named = sources.some(({ device }) => device !== null);
  return {
    kind: 'table',
    ...(title === undefined ? {} : { title }),
    columns: [
      { title: 'Source', kind: 'text' },
      { title: named ? 'Device, or hello' : 'Hello', kind: 'text', shrinks: true, cap: 18 },
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
      source.device ?? source.helo.join(' '),
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

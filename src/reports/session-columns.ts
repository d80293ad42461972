/** Everything of a session in columns, for CSV. */
import type { Cell, CellKind, Table } from '../document/document.ts';
import type { AttributedSession } from '../queries/session-attribution.ts';

type SessionColumn = readonly [title: string, kind: CellKind, value: (session: AttributedSession) => Cell];

/** What the configuration says stands behind what the log says. */
export const SESSION_COLUMNS: readonly SessionColumn[] = [
  ['id', 'text', (s) => s.id],
  ['sessionId', 'text', (s) => s.sessionId],
  ['server', 'text', (s) => s.server],
  ['service', 'text', (s) => s.service],
  ['direction', 'text', (s) => s.direction],
  ['connector', 'text', (s) => s.connector],
  ['localEndpoint', 'text', (s) => s.localEndpoint],
  ['remoteEndpoint', 'text', (s) => s.remoteEndpoint],
  ['source', 'text', (s) => s.source],
  ['clientSources', 'text', (s) => s.clientSources.join(' ')],
  ['destination', 'text', (s) => s.destination],
  ['startedAt', 'text', (s) => s.startedAt],
  ['endedAt', 'text', (s) => s.endedAt],
  ['helo', 'text', (s) => s.helo],
  ['tls', 'text', (s) => s.tls],
  ['authMechanism', 'text', (s) => s.authMechanism],
  ['authUser', 'text', (s) => s.authUser],
  ['authResult', 'text', (s) => s.authResult],
  ['permissions', 'text', (s) => s.permissions.join(' ')],
  ['permissionsLogged', 'text', (s) => String(s.permissionsLogged)],
  ['outcome', 'text', (s) => s.outcome],
  ['outcomeReason', 'text', (s) => s.outcomeReason],
  ['messagesAccepted', 'count', (s) => s.messagesAccepted],
  ['messagesRefused', 'count', (s) => s.messagesRefused],
  ['recipientsAccepted', 'count', (s) => s.recipientsAccepted],
  ['recipientsRefused', 'count', (s) => s.recipientsRefused],
  ['lastError', 'text', (s) => s.lastError],
  ['disconnect', 'text', (s) => s.disconnect],
  ['healthProbe', 'text', (s) => String(s.healthProbe)],
  ['rows', 'count', (s) => s.rows],
  ['device', 'text', (s) => s.device],
  ['verdict', 'text', (s) => s.attribution?.verdict ?? null],
  ['expectedConnector', 'text', (s) => s.attribution?.expected ?? null],
  ['attributionReason', 'text', (s) => s.attribution?.reason ?? null],
  ['mayRelay', 'text', (s) => s.relayRight?.mayRelay ?? null],
  ['mayRelayKnownBy', 'text', (s) => s.relayRight?.knownBy ?? null],
  ['recipientsExternal', 'count', (s) => s.relayRight?.recipientsExternal ?? null],
];

export function sessionCsvTable(sessions: readonly AttributedSession[]): Table {
  return {
    kind: 'table',
    columns: SESSION_COLUMNS.map(([title, kind]) => ({ title, kind })),
    rows: sessions.map((session) => SESSION_COLUMNS.map(([, , value]) => value(session))),
  };
}

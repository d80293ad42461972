/** The connector of a session, so that a command can name it: as configured, or by the name that the log gives it. */
import { partsOf, type ReceiveConnector } from '../../connector/connector.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import { configuredConnector } from './client-place.ts';

/** undefined where no connector took the session. */
export function connectorOf(theCase: Case, session: ExaminedSession): ReceiveConnector | undefined {
  if (session.connector === '') return undefined;
  return configuredConnector(theCase, session) ?? namedConnector(session);
}

/** By its name alone. */
export function namedConnector({ connector, server }: Pick<ExaminedSession, 'connector' | 'server'>): ReceiveConnector {
  const { name, server: own } = partsOf(connector);
  return { server: own || server, name, bindings: [], remoteIPRanges: [], properties: {}, others: {} };
}

/** Of the log, else of the connector's name; null where neither tells. */
export const serverOfSession = ({ server, connector }: Pick<ExaminedSession, 'connector' | 'server'>): string | null =>
  server || partsOf(connector).server || null;

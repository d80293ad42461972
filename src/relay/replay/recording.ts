/** What a receive log holds of one session: all that a replay knows about the client. */
import type { Service } from '../../protocol-log/fields.ts';

/** A row without what is the same in all rows of its session. */
export interface LoggedRow {
  /** Milliseconds UTC. */
  readonly at: number;
  readonly sequence: number;
  /** `+ - > < *`. */
  readonly event: string;
  /** Unquoted; octets of a client that are not UTF-8 stand as the characters of their numbers. */
  readonly data: string;
  readonly context: string;
}

/** One receive session as logged. */
export interface Recording {
  readonly sessionId: string;
  /** Empty where no log names it; then the one of the connector counts. */
  readonly server: string;
  readonly service: Service | null;
  /** `SERVER\Name`, or the name alone; empty where no connector took the session. */
  readonly connector: string;
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  /** In order of their sequence numbers. */
  readonly rows: readonly LoggedRow[];
}

/** The server of a session: of its log, else of the identity of its connector. */
export function serverOfSession({ server, connector }: Pick<Recording, 'server' | 'connector'>): string {
  const slash = connector.indexOf('\\');
  return server || (slash > 0 ? connector.slice(0, slash).trim() : '');
}

/** The name of a connector without its server; real logs have blanks behind it. */
export const connectorName = (identity: string): string => identity.slice(identity.indexOf('\\') + 1).trim();

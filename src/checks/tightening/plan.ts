/** What is decided about one connector, before it is put into words and commands. */
import type { ReceiveConnector } from '../../connector/connector.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import type { WatchedConnector } from '../evidence/audited-clients.ts';
import type { Dedicated } from './dedicated-connector.ts';
import type { ProposedAction } from './proposal.ts';
import type { Visit } from './visit.ts';

/** What is to become of one connector. */
export interface Plan {
  readonly watched: WatchedConnector;
  readonly connector: ReceiveConnector;
  readonly action: ProposedAction;
  readonly because: string;
  /** Visits that it, or the one made for them, is to take as it does now. */
  readonly kept: readonly Visit[];
  readonly ranges: readonly RemoteRange[];
  readonly untouched: ReadonlySet<RemoteRange>;
  readonly dedicated: Dedicated | null;
}

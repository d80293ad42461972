/** What the socket side needs of a session, whether one machine conducts it or several. */
import type { Effect, StoredFacts, TlsFacts } from './effects.ts';

/** Times are milliseconds UTC. What happens when is told by the methods of SessionMachine. */
export interface ServedSession {
  readonly isClosed: boolean;
  readonly wantsInput: boolean;
  readonly wakeAt: number | undefined;
  drain(): Effect[];
  release(): void;
  receive(now: number, octets: Uint8Array): void;
  wake(now: number): void;
  tlsStarted(now: number, tls: TlsFacts): void;
  tlsFailed(now: number, error: string): void;
  logonChecked(now: number, succeeded: boolean): void;
  stored(now: number, stored: StoredFacts): void;
  notStored(now: number): void;
  disconnected(now: number, error?: string): void;
  /** The server stops: the session ends with 421. */
  shutDown(now: number): void;
}

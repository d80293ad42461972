/** What a relay has done so far. */
export interface RelayCounts {
  /** Connections open now. */
  connections: number;
  /** Sessions begun. */
  sessions: number;
  /** Connections closed at once, since there were too many. */
  dropped: number;
  /** Messages accepted, and octets of their content. */
  messages: number;
  octets: number;
  /** Messages that wait for their delivery, and that were given up since the start. */
  waiting: number;
  failed: number;
  /** Sessions that ended in an error of the relay's own. */
  failures: number;
}

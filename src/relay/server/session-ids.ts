/**
 * Session ids as the product gives them: one counter a process, for what it receives and what it sends, that begins with
 * the .NET ticks of its start (reference of the protocol log, section 5).
 */

/** Ticks (100 ns) from the year 1 to 1970. */
const EPOCH_TICKS = 621_355_968_000_000_000n;

export class SessionIds {
  #next: bigint;

  /** `startedAt`: milliseconds UTC. */
  constructor(startedAt: number) {
    this.#next = EPOCH_TICKS + BigInt(Math.trunc(startedAt)) * 10_000n;
  }

  /** 16 hexadecimal digits, upper case. */
  take(): string {
    return (this.#next++).toString(16).toUpperCase().padStart(16, '0');
  }
}

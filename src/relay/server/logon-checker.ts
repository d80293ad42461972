/** Checks passwords: few at a time, and as long for a name that nobody has as for one that somebody has. */
import { hashOfNobody, matchesPassword, type PasswordHash } from '../settings/password-hash.ts';

/** Room for so many checks at the same time, for all servers of a process. */
export class LogonQueue {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(parallel: number) {
    this.#free = parallel;
  }

  async run<T>(check: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    // Who leaves hands its place on, so that it is never free in between.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await check();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

export class LogonChecker {
  readonly #users: ReadonlyMap<string, PasswordHash>;
  readonly #queue: LogonQueue;
  readonly #nobody: PasswordHash;

  /** `users`: by name in lower case. */
  constructor(users: ReadonlyMap<string, PasswordHash>, queue: LogonQueue) {
    this.#users = users;
    this.#queue = queue;
    const [first] = users.values();
    this.#nobody = hashOfNobody(first);
  }

  /** Who has gone (`isWanted`) when the turn comes is not checked any more, and told false. */
  check(user: string, password: string, isWanted: () => boolean = () => true): Promise<boolean> {
    return this.#queue.run(async () => {
      if (!isWanted()) return false;
      const hash = this.#users.get(user.toLowerCase());
      const matches = await matchesPassword(hash ?? this.#nobody, password);
      return hash !== undefined && matches;
    });
  }
}

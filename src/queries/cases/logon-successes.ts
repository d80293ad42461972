/** Who logged on last as which user: read once, when the first diagnosis asks. */
import type { Database } from '../../store/database.ts';

interface Success {
  /** Number of the client's address among the texts. */
  readonly client: number | null;
  /** Milliseconds UTC. */
  readonly at: number;
}

export class LogonSuccesses {
  readonly #db: Database;
  #byUser: Map<string, Success[]> | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The last success of each client with the name, capitals aside. */
  of(user: string): readonly Success[] {
    this.#byUser ??= this.#read();
    return this.#byUser.get(user.toLowerCase()) ?? [];
  }

  /** What a front end handed over is left out: its client logged on at the front end. */
  #read(): Map<string, Success[]> {
    const rows = this.#db
      .prepare(
        `SELECT user.value AS user, s.source_id AS client, MAX(s.started_at) AS at FROM session s JOIN text user ON user.id = s.auth_user_id
         WHERE s.direction = 'receive' AND s.auth_result = 'success' AND NOT EXISTS (SELECT 1 FROM session_client c WHERE c.session = s.id)
         GROUP BY s.auth_user_id, s.source_id`,
      )
      .all() as (Success & { user: string })[];
    const byUser = new Map<string, Success[]>();
    for (const { user, ...success } of rows) {
      const name = user.toLowerCase();
      const list = byUser.get(name);
      if (list) list.push(success);
      else byUser.set(name, [success]);
    }
    return byUser;
  }
}

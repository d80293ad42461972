/** Logons of the period in the order of time: who was refused, who was let in, and what went before. */
import type { Database } from '../../../store/database.ts';
import { SESSION_NOISE } from '../../../store/usage-roll-up.ts';
import { Sighting } from '../source-draft.ts';
import { HISTORY_MS, type Span } from '../traffic.ts';

const DAY_MS = 86_400_000;

interface LogonRow {
  readonly id: number;
  readonly source: number;
  readonly server: number;
  readonly connector: number;
  readonly user: string | null;
  readonly at: number;
  readonly entered: number;
  /** Refused tries of the session; several in a session name the last user alone. */
  readonly refused: number;
}

const LOGONS = `SELECT s.id, s.source_id AS source, s.server_id AS server, s.connector_id AS connector, user.value AS user,
    s.started_at AS at, s.auth_result = 'success' AS entered,
    (SELECT COUNT(*) FROM refusal r WHERE r.session = s.id AND r.command = 'auth' AND r.code = 535) AS refused
  FROM session s LEFT JOIN text user ON user.id = s.auth_user_id
  WHERE s.direction = 'receive' AND s.started_at >= @since AND s.started_at < @until AND s.auth_result <> 'none'
    AND ${SESSION_NOISE} IS NULL
  ORDER BY s.started_at, s.id`;

/** Refused tries of one user from one address. */
export class UserDraft {
  readonly user: string;
  readonly seen = new Sighting();
  readonly days = new Set<number>();
  entered = 0;
  #gaps = 0;
  #mean = 0;
  #squares = 0;

  constructor(user: string) {
    this.user = user;
  }

  /** The variance is kept as it comes (Welford): the times themselves may be millions. */
  refuse(tries: number, at: number): void {
    if (this.seen.count > 0) {
      const gap = at - this.seen.last;
      const before = gap - this.#mean;
      this.#gaps++;
      this.#mean += before / this.#gaps;
      this.#squares += before * (gap - this.#mean);
    }
    this.seen.add(tries, at, at);
    this.days.add(Math.floor(at / DAY_MS));
  }

  rhythm(): { readonly everyMs: number | null; readonly variation: number | null } {
    if (this.#gaps < 2 || this.#mean === 0) return { everyMs: null, variation: null };
    return { everyMs: Math.round(this.#mean), variation: Math.sqrt(this.#squares / this.#gaps) / this.#mean };
  }
}

export interface FirstLogonDraft {
  readonly user: string;
  readonly at: number;
  readonly id: number;
  readonly ownFailures: number;
  readonly failures: number;
  readonly usersRefused: number;
  readonly userFailures: number;
  readonly userSources: number;
}

/** Logons from one address. */
export class LogonDraft {
  readonly source: number;
  readonly users = new Map<string, UserDraft>();
  readonly places = new Map<string, { readonly server: number; readonly connector: number; tries: number }>();
  readonly seen = new Sighting();
  readonly days = new Set<number>();
  readonly firstLogons: FirstLogonDraft[] = [];
  usersRefused = 0;
  firstRefused = 0;
  lastRefused = 0;

  constructor(source: number) {
    this.source = source;
  }

  user(name: string): UserDraft {
    const key = name.toLowerCase();
    let user = this.users.get(key);
    if (!user) this.users.set(key, (user = new UserDraft(name)));
    return user;
  }

  refuse({ id, server, connector, at, refused }: LogonRow, user: UserDraft): void {
    if (user.seen.count === 0) this.usersRefused++;
    user.refuse(refused, at);
    this.seen.add(refused, at, at);
    this.days.add(Math.floor(at / DAY_MS));
    const key = `${server} ${connector}`;
    const place = this.places.get(key) ?? { server, connector, tries: 0 };
    place.tries += refused;
    this.places.set(key, place);
    this.firstRefused ||= id;
    this.lastRefused = id;
  }
}

/** Addresses from which some logon was refused, with all that was seen of logons from there. */
export function logonDrafts(db: Database, span: Span): LogonDraft[] {
  const drafts = new Map<number, LogonDraft>();
  const everywhere = new Map<string, { failures: number; readonly sources: Set<number> }>();
  for (const row of db.prepare(LOGONS).iterate(span) as IterableIterator<LogonRow>) {
    let draft = drafts.get(row.source);
    if (!draft) drafts.set(row.source, (draft = new LogonDraft(row.source)));
    const user = draft.user(row.user ?? '');
    const key = user.user.toLowerCase();
    if (row.refused > 0) {
      draft.refuse(row, user);
      const all = everywhere.get(key) ?? { failures: 0, sources: new Set() };
      all.failures += row.refused;
      all.sources.add(row.source);
      everywhere.set(key, all);
    }
    if (row.entered === 0) continue;
    if (user.entered++ > 0 || draft.seen.count === 0) continue;
    const all = everywhere.get(key);
    draft.firstLogons.push({
      user: user.user,
      at: row.at,
      id: row.id,
      ownFailures: user.seen.count,
      failures: draft.seen.count,
      usersRefused: draft.usersRefused,
      userFailures: all?.failures ?? 0,
      userSources: all?.sources.size ?? 0,
    });
  }
  return [...drafts.values()].filter(({ seen }) => seen.count > 0).sort((a, b) => b.seen.count - a.seen.count);
}

/** Names (lower case) that logged on from an address in the 400 days before a time. */
export function entrantFinder(db: Database, before: number): (source: number) => ReadonlySet<string> {
  const find = db
    .prepare<[{ source: number; from: number; before: number }], string>(
      `SELECT DISTINCT lower(user.value) FROM session s JOIN text user ON user.id = s.auth_user_id
       WHERE s.source_id = @source AND s.direction = 'receive' AND s.auth_result = 'success' AND s.started_at >= @from AND s.started_at < @before`,
    )
    .pluck();
  return (source) => new Set(find.all({ source, from: before - HISTORY_MS, before }));
}

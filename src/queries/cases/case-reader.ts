/** Reads cases: of the subjects that somebody asks about, or of all that fail. */
import { partsOf } from '../../connector/connector.ts';
import { serverOf } from '../../connector/organisation.ts';
import { FAILING_OUTCOMES, type Outcome } from '../../smtp/outcome.ts';
import type { Database } from '../../store/database.ts';
import { AskedCircumstances } from './asked-circumstances.ts';
import { type Case, EXAMINED, type FailureGroup, type LogStretch, type SessionGroup, type Subject } from './case.ts';
import { Examiner } from './examiner.ts';
import { LogonSuccesses } from './logon-successes.ts';
import { type CaseFilter, CLIENT_TERMS, filterTerms, NEXT_HOP_TERMS, sessionGroups, type Terms } from './session-groups.ts';
import { twinsOf } from './twins.ts';

/** Cases whose sessions are read in one pass over the archive. */
const BUNCH = 24;

const SUCCESSES: readonly Outcome[] = ['accepted', 'partial', 'proxied'];
const NEITHER: readonly Outcome[] = ['probe', 'open'];

/** A case before its sessions are read. */
interface Draft {
  readonly subject: Subject;
  readonly terms: Terms;
  readonly groups: readonly SessionGroup[];
  readonly failing: readonly SessionGroup[];
  readonly examined: readonly SessionGroup[];
  readonly lastGood: number | undefined;
  readonly turn: { readonly good: number; readonly bad: number } | undefined;
  readonly helloNames: Case['helloNames'];
  readonly twins: readonly number[];
}

export class CaseReader {
  readonly #db: Database;
  readonly filter: CaseFilter;
  readonly #examiner: Examiner;
  readonly #successes: LogonSuccesses;
  #stretches: readonly LogStretch[] | undefined;

  constructor(db: Database, filter: CaseFilter = {}) {
    this.#db = db;
    this.filter = filter;
    this.#examiner = new Examiner(db);
    this.#successes = new LogonSuccesses(db);
  }

  /** Of the whole store, asked once. */
  #logs(): readonly LogStretch[] {
    this.#stretches ??= logStretches(this.#db);
    return this.#stretches;
  }

  get examiner(): Examiner {
    return this.#examiner;
  }

  /** One after the other; what was read of a bunch is let go of with the next. */
  *read(subjects: readonly Subject[]): Generator<Case> {
    for (let start = 0; start < subjects.length; start += BUNCH) {
      const drafts = subjects.slice(start, start + BUNCH).map((subject) => this.#draft(subject));
      this.#examiner.forget();
      this.#examiner.examine(drafts.flatMap(sessionsOf));
      for (const draft of drafts) yield this.#case(draft);
    }
  }

  /**
   * Who may have failed: clients with sessions that did not get what they wanted, and next hops that refused or could not
   * be reached. Own servers that hand over the mail of others are among them, and have no failing session in their case.
   */
  failingSubjects(): Subject[] {
    const { since, until, server, connector } = this.filter;
    const values = {
      failing: JSON.stringify(FAILING_OUTCOMES),
      // The roll-ups know hours; what did not fail within the period is left out once its case is read.
      since: since === undefined ? 0 : since - HOUR_MS,
      until: until ?? Number.MAX_SAFE_INTEGER,
      server: server ?? null,
      connector: connector ?? null,
    };
    const where = `h.outcome IN (SELECT value FROM json_each(@failing)) AND h.hour >= @since AND h.hour < @until
      AND (@server IS NULL OR h.server_id IN (SELECT id FROM text WHERE lower(value) = lower(@server)))
      AND (@connector IS NULL OR h.connector_id IN (SELECT id FROM text WHERE instr(lower(value), lower(@connector)) > 0))`;
    const clients = this.#db
      .prepare(
        `SELECT source.value AS source FROM (
           SELECT DISTINCT h.source_id AS id FROM hourly_sessions h WHERE h.direction = 'receive' AND h.health_probe = 0 AND ${where}
           UNION SELECT c.client_id FROM session_client c JOIN session s ON s.id = c.session
             WHERE s.outcome IN (SELECT value FROM json_each(@failing))) g JOIN text source ON source.id = g.id ORDER BY 1`,
      )
      .all(values) as { source: string }[];
    const nextHops = this.#db
      .prepare(
        `SELECT DISTINCT server.value AS server, connector.value AS connector, s.remote_endpoint AS destination
         FROM session s JOIN text server ON server.id = s.server_id JOIN text connector ON connector.id = s.connector_id
         WHERE s.source_id IN (SELECT id FROM text WHERE value = '') AND s.direction = 'send'
           AND s.outcome IN (SELECT value FROM json_each(@failing))
           AND NOT EXISTS (SELECT 1 FROM link WHERE link.session = s.id) ORDER BY 1, 2, 3`,
      )
      .all(values) as { server: string; connector: string; destination: string }[];
    return [
      ...clients.map(({ source }) => ({ kind: 'client', source }) as const),
      ...nextHops.map((row) => ({ kind: 'next-hop', ...row }) as const),
    ];
  }

  #draft(subject: Subject): Draft {
    const terms = this.#terms(subject);
    const groups = sessionGroups(this.#db, terms, this.filter);
    const good = groups.filter(({ outcome }) => SUCCESSES.includes(outcome));
    const failing = this.#failing(terms, groups);
    const clean = good.filter(({ outcome }) => outcome !== 'partial');
    const lastGood = latestOf(clean) ?? latestOf(good);
    return {
      subject,
      terms,
      groups,
      failing,
      examined: failing.slice(0, EXAMINED),
      lastGood: lastGood?.latest,
      turn: this.#turn(terms, failing),
      helloNames: this.#helloNames(terms),
      twins: subject.kind === 'client' && failing.length > 0 ? this.#twins(subject.source, terms) : [],
    };
  }

  /** Of one session, where only that is meant. */
  #failing(terms: Terms, groups: readonly SessionGroup[]): SessionGroup[] {
    const { session } = this.filter;
    const asked =
      session === undefined
        ? groups
        : sessionGroups(
            this.#db,
            { sql: `${terms.sql} AND s.id = @onlySession`, values: { ...terms.values, onlySession: session } },
            this.filter,
          );
    return asked.filter(({ outcome }) => FAILING_OUTCOMES.includes(outcome));
  }

  #terms(subject: Subject): Terms {
    switch (subject.kind) {
      case 'client':
        return { sql: CLIENT_TERMS, values: { source: this.#textId(subject.source) } };
      case 'next-hop':
        return {
          sql: NEXT_HOP_TERMS,
          values: {
            ownServer: this.#textId(subject.server),
            ownConnector: this.#textId(subject.connector),
            destination: subject.destination,
          },
        };
    }
  }

  #textId(value: string): number {
    const row = this.#db.prepare<[string], { id: number }>('SELECT id FROM text WHERE value = ?').get(value);
    return row?.id ?? -1;
  }

  /** The first failure that no clean success follows, with the success before it. Successes later than every failure: none. */
  #turn(terms: Terms, failing: readonly SessionGroup[]): Draft['turn'] {
    const last = latestOf(failing);
    if (!last) return undefined;
    const more = filterTerms(this.filter);
    const values = { ...terms.values, ...more.values, failing: JSON.stringify(FAILING_OUTCOMES), last: last.lastSeen };
    const good = this.#db
      .prepare(
        `SELECT s.id, s.started_at AS at FROM session s WHERE ${terms.sql}${more.sql} AND s.outcome IN ('accepted', 'proxied') AND s.started_at < @last
         ORDER BY s.started_at DESC LIMIT 1`,
      )
      .get(values) as { id: number; at: number } | undefined;
    if (!good) return undefined;
    const bad = this.#db
      .prepare(
        `SELECT s.id FROM session s WHERE ${terms.sql}${more.sql} AND s.outcome IN (SELECT value FROM json_each(@failing)) AND s.started_at >= @after
         ORDER BY s.started_at LIMIT 1`,
      )
      .get({ ...values, after: good.at }) as { id: number } | undefined;
    return bad ? { good: good.id, bad: bad.id } : undefined;
  }

  #successesBetween(terms: Terms, failing: readonly SessionGroup[]): number {
    if (failing.length === 0) return 0;
    const more = filterTerms(this.filter);
    const row = this.#db
      .prepare(
        `SELECT COUNT(*) AS n FROM session s WHERE ${terms.sql}${more.sql} AND s.outcome IN ('accepted', 'proxied') AND s.started_at > @from AND s.started_at < @to`,
      )
      .get({
        ...terms.values,
        ...more.values,
        from: Math.min(...failing.map(({ firstSeen }) => firstSeen)),
        to: Math.max(...failing.map(({ lastSeen }) => lastSeen)),
      }) as { n: number };
    return row.n;
  }

  #helloNames(terms: Terms): { name: string; sessions: number }[] {
    const more = filterTerms(this.filter);
    return this.#db
      .prepare(
        `SELECT helo.value AS name, COUNT(*) AS sessions FROM session s JOIN text helo ON helo.id = s.helo_id
         WHERE ${terms.sql}${more.sql} GROUP BY 1 ORDER BY 2 DESC, 1`,
      )
      .all({ ...terms.values, ...more.values }) as { name: string; sessions: number }[];
  }

  #twins(source: string, terms: Terms): number[] {
    return twinsOf(
      this.#db,
      source,
      this.#helloNames(terms).map(({ name }) => name),
    );
  }

  #case(draft: Draft): Case {
    const { subject, groups, helloNames } = draft;
    const read = (number: number | undefined) => (number === undefined ? undefined : this.#examiner.one(number));
    const all = draft.failing;
    const failing = draft.examined.flatMap((group): FailureGroup[] => {
      const session = read(group.latest);
      return session ? [{ ...group, session }] : [];
    });
    const successes = groups.filter(({ outcome }) => SUCCESSES.includes(outcome));
    const good = read(draft.turn?.good);
    const bad = read(draft.turn?.bad);
    const { history } = this.#examiner.attributions;
    const at = all[0]?.lastSeen ?? Number.POSITIVE_INFINITY;
    const organisation = history.at(at);
    const servers = new Set(groups.map(({ server, connector }) => server || partsOf(connector).server));
    return {
      subject,
      device:
        subject.kind === 'client'
          ? (history.devicesAt(at).find(
              subject.source,
              helloNames.map(({ name }) => name),
            ) ?? null)
          : null,
      helloNames,
      sessions: sum(groups.filter(({ outcome }) => !NEITHER.includes(outcome))),
      probes: sum(groups.filter(({ outcome }) => outcome === 'probe')),
      open: sum(groups.filter(({ outcome }) => outcome === 'open')),
      failing,
      unexamined: sum(all) - sum(failing),
      successes,
      lastSuccess: successes.length === 0 ? null : Math.max(...successes.map(({ lastSeen }) => lastSeen)),
      successesBetween: this.#successesBetween(draft.terms, all),
      lastGood: read(draft.lastGood) ?? null,
      turn:
        good && bad
          ? {
              good,
              bad,
              before: history.at(Date.parse(good.startedAt)),
              after: history.at(Date.parse(bad.startedAt)),
            }
          : null,
      twins: draft.twins.flatMap((number) => read(number) ?? []),
      organisation,
      configurations: [...servers].flatMap((server) => {
        // A log that does not name its server is taken for that of the only one there is.
        const only = server === '' && organisation.servers.length === 1 ? organisation.servers[0] : undefined;
        const configuration = only ?? serverOf(organisation, server);
        return configuration ? [{ server: configuration.server, asOf: configuration.asOf }] : [];
      }),
      logs: this.#logs().filter(({ server }) => servers.has(server)),
      circumstances: new AskedCircumstances(this.#db, this.#examiner, draft.terms, this.#successes),
    };
  }
}

/** From the roll-ups: the hours in which receive sessions of a server began. */
function logStretches(db: Database): LogStretch[] {
  const rows = db
    .prepare(
      `SELECT server.value AS server, MIN(h.hour) AS first, MAX(h.hour) AS last, COUNT(DISTINCT h.hour) AS heard FROM hourly_sessions h
       JOIN text server ON server.id = h.server_id WHERE h.direction = 'receive' GROUP BY h.server_id`,
    )
    .all() as { server: string; first: number; last: number; heard: number }[];
  const ends = new Map(
    (
      db
        .prepare(
          `SELECT server.value AS server, MAX(e.at) AS at FROM log_end e JOIN text server ON server.id = e.server_id
           WHERE e.direction = 'receive' GROUP BY e.server_id`,
        )
        .all() as { server: string; at: number }[]
    ).map(({ server, at }) => [server, at]),
  );
  return rows.map(({ server, first, last, heard }) => {
    const hours = (last - first) / HOUR_MS + 1;
    return { server, first, last: ends.get(server) ?? last + HOUR_MS, hours, silentHours: hours - heard };
  });
}

const HOUR_MS = 3_600_000;

const sum = (groups: readonly SessionGroup[]): number => groups.reduce((total, { sessions }) => total + sessions, 0);

function latestOf(groups: readonly SessionGroup[]): SessionGroup | undefined {
  return groups.reduce<SessionGroup | undefined>((best, one) => (best && best.lastSeen >= one.lastSeen ? best : one), undefined);
}

const sessionsOf = ({ examined, lastGood, turn, twins }: Draft): number[] => [
  ...examined.map(({ latest }) => latest),
  ...(lastGood === undefined ? [] : [lastGood]),
  ...(turn ? [turn.good, turn.bad] : []),
  ...twins,
];

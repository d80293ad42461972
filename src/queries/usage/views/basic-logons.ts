/** Who logs on with a user name and a password that go over the line as they are (AUTH LOGIN, PLAIN), and who in another way. */
import type { Database } from '../../../store/database.ts';
import { NO_NOISE } from '../../../store/usage-roll-up.ts';
import { answer, iso, type ViewDevice, type ViewFrame, type ViewQuestion, viewDevice } from './view-frame.ts';

export interface Logon extends ViewDevice {
  /** As logged, in capitals. */
  readonly mechanism: string;
  /** As logged; null where no row names it. */
  readonly user: string | null;
  /** Sessions, each by its last try. */
  readonly sessions: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Sessions without TLS. */
  readonly inClear: number;
  readonly tls: readonly string[];
  readonly connectors: readonly string[];
  readonly firstSeen: string;
  readonly lastSeen: string;
}

export interface BasicLogonView extends ViewFrame {
  /** With LOGIN or PLAIN; the busiest first. */
  readonly logons: readonly Logon[];
  /** NTLM, GSSAPI and others: what becomes of basic authentication does not touch them. */
  readonly others: readonly Logon[];
}

/** Mechanisms by which the password itself is sent. Source: RFC 4616 (PLAIN); LOGIN is the same in two steps. */
const BASIC = new Set(['LOGIN', 'PLAIN']);

export const isBasic = ({ mechanism }: Pick<Logon, 'mechanism'>): boolean => BASIC.has(mechanism);

interface Draft {
  readonly source: number;
  readonly mechanism: number;
  readonly user: number | null;
  readonly connectors: Set<number>;
  readonly tls: Set<number>;
  sessions: number;
  succeeded: number;
  failed: number;
  inClear: number;
  first: number;
  last: number;
}

/** One pass over the sessions of the period; none where the roll-ups know of nobody who logged on. */
export function askBasicLogons(db: Database, question: ViewQuestion): BasicLogonView {
  return answer(db, question, ({ reader, texts, identities, frame }) => {
    const { since, until } = question.period;
    type Row = [
      source: number,
      mechanism: number,
      user: number | null,
      connector: number,
      tls: number,
      sessions: number,
      succeeded: number,
      failed: number,
      first: number,
      last: number,
    ];
    const tried = reader.sums('hourly_sessions', "SELECT 1 FROM r WHERE auth_result <> 'none' LIMIT 1", { since, until });
    const rows =
      tried.length === 0
        ? []
        : (db
            .prepare(
              `SELECT source_id, auth_mechanism_id, auth_user_id, connector_id, tls_id, COUNT(*), SUM(auth_result = 'success'), SUM(auth_result = 'failed'),
                MIN(started_at), MAX(started_at)
               FROM session s WHERE started_at >= @since AND started_at < @until AND direction = 'receive' AND auth_mechanism_id IS NOT NULL
                 AND auth_result <> 'none' AND ${NO_NOISE}${reader.filter}
               GROUP BY 1, 2, 3, 4, 5`,
            )
            .raw()
            .all({ since, until }) as Row[]);
    const drafts = new Map<string, Draft>();
    for (const [source, mechanism, user, connector, tls, sessions, succeeded, failed, first, last] of rows) {
      const key = `${source} ${mechanism} ${user}`;
      let draft = drafts.get(key);
      if (!draft)
        drafts.set(
          key,
          (draft = {
            source,
            mechanism,
            user,
            connectors: new Set(),
            tls: new Set(),
            sessions: 0,
            succeeded: 0,
            failed: 0,
            inClear: 0,
            first,
            last,
          }),
        );
      draft.sessions += sessions;
      draft.succeeded += succeeded;
      draft.failed += failed;
      if (texts.of(tls) === 'none') draft.inClear += sessions;
      draft.connectors.add(connector);
      draft.tls.add(tls);
      draft.first = Math.min(draft.first, first);
      draft.last = Math.max(draft.last, last);
    }
    const logons = [...drafts.values()].map(
      ({ source, mechanism, user, connectors, tls, first, last, sessions, succeeded, failed, inClear }): Logon => ({
        ...viewDevice(identities, source),
        mechanism: texts.of(mechanism),
        user: user === null ? null : texts.of(user),
        sessions,
        succeeded,
        failed,
        inClear,
        tls: [...tls].map((one) => texts.of(one)).sort(),
        connectors: [...connectors].map((one) => texts.of(one)).sort(),
        firstSeen: iso(first),
        lastSeen: iso(last),
      }),
    );
    logons.sort(
      (a, b) =>
        b.sessions - a.sessions ||
        (a.source < b.source ? -1 : a.source > b.source ? 1 : (a.user ?? '') < (b.user ?? '') ? -1 : 1),
    );
    return { ...frame, logons: logons.filter(isBasic), others: logons.filter((one) => !isBasic(one)) };
  });
}

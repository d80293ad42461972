/** Who still negotiates TLS below 1.2, who never uses TLS, and how both decline. */
import { type TlsAge, tlsAge } from '../../../smtp/tls-version.ts';
import type { Database } from '../../../store/database.ts';
import { NO_NOISE } from '../../../store/usage-roll-up.ts';
import { type Slice, type SliceUnit, slicesOf } from '../period.ts';
import type { RollUpReader } from '../roll-up-reader.ts';
import { sessionCounts } from '../traffic.ts';
import { answer, iso, type ViewDevice, type ViewFrame, type ViewQuestion, viewDevice } from './view-frame.ts';

export type TlsSessions = Readonly<Record<TlsAge, number>>;

/**
 * `old`: some session had old TLS. `never`: all were without TLS. `new`: at least one had new TLS, and none old.
 * `unknown`: none had old or new TLS, and at least one of which the version is not known.
 */
export type TlsStanding = 'old' | 'never' | 'new' | 'unknown';

export interface TlsDevice extends ViewDevice {
  readonly standing: TlsStanding;
  readonly connectors: readonly string[];
  readonly sessions: TlsSessions;
  /** Sessions by version, as logged. */
  readonly versions: Readonly<Record<string, number>>;
  /** Sessions of which the handshake failed: they count as without TLS. */
  readonly handshakesFailed: number;
  /** When a session with old TLS began last in the period, and with which version; null without one. */
  readonly lastOld: { readonly at: string; readonly version: string; readonly sessionId: string | null } | null;
  /** Sessions with old TLS in each slice. */
  readonly curve: readonly number[];
}

export interface TlsView extends ViewFrame {
  /** Sessions of all devices. */
  readonly sessions: TlsSessions;
  /** Those with most old TLS first, then those without TLS. */
  readonly devices: readonly TlsDevice[];
  readonly unit: SliceUnit;
  /** `versions`: sessions by version. `devicesOld`: devices with a session of old TLS. */
  readonly slices: readonly {
    readonly since: string;
    readonly until: string;
    readonly sessions: TlsSessions;
    readonly versions: Readonly<Record<string, number>>;
    readonly devicesOld: number;
  }[];
}

class Draft {
  readonly versions = new Map<number, number>();
  readonly connectors = new Set<number>();
  readonly curve: number[];

  constructor(slices: number) {
    this.curve = new Array<number>(slices).fill(0);
  }
}

/** Sessions that wanted something, of clients: noise is in none of it. */
export function askOldTls(db: Database, question: ViewQuestion): TlsView {
  return answer(db, question, ({ reader, texts, identities, frame }) => {
    const { unit, slices } = slicesOf(question.period);
    const drafts = new Map<number, Draft>();
    const ageOf = (tls: number): TlsAge => tlsAge(texts.of(tls));
    const named = (versions: ReadonlyMap<number, number>): Record<string, number> =>
      Object.fromEntries(
        [...versions]
          .filter(([, sessions]) => sessions > 0)
          .map(([tls, sessions]) => [texts.of(tls), sessions] as const)
          .sort((a, b) => (a[0] < b[0] ? -1 : 1)),
      );
    const over = slices.map((slice, index) => {
      const versions = new Map<number, number>();
      const old = new Map<number, number>();
      for (const { source, connector, tls, sessions } of sessionCounts(reader, slice)) {
        let draft = drafts.get(source);
        if (!draft) drafts.set(source, (draft = new Draft(slices.length)));
        for (const counts of [versions, draft.versions]) counts.set(tls, (counts.get(tls) ?? 0) + sessions);
        draft.connectors.add(connector);
        if (ageOf(tls) !== 'old') continue;
        draft.curve[index]! += sessions;
        old.set(source, (old.get(source) ?? 0) + sessions);
      }
      const own = named(versions);
      return {
        since: iso(slice.since),
        until: iso(slice.until),
        sessions: byAge(own),
        versions: own,
        devicesOld: [...old.values()].filter((sessions) => sessions > 0).length,
      };
    });
    const failed = new Map<number, number>();
    const query = `SELECT source_id, SUM(sessions) FROM r WHERE direction = 'receive' AND outcome = 'tls-failed' AND health_probe = 0 GROUP BY 1`;
    for (const [source, sessions] of reader.sums<[number, number]>('hourly_sessions', query, question.period))
      failed.set(source, (failed.get(source) ?? 0) + sessions);
    const last = lastOldOf(db, reader, question.period, (tls) => ageOf(tls) === 'old');
    const devices = [...drafts].flatMap(([id, { versions, connectors, curve }]): TlsDevice[] => {
      const own = named(versions);
      const sessions = byAge(own);
      if (Object.values(own).length === 0) return [];
      const seen = sessions.old > 0 ? last(id) : undefined;
      return [
        {
          ...viewDevice(identities, id),
          standing: standingOf(sessions),
          connectors: [...connectors].map((one) => texts.of(one)).sort(),
          sessions,
          versions: own,
          handshakesFailed: failed.get(id) ?? 0,
          lastOld: seen ? { at: iso(seen.at), version: texts.of(seen.tls), sessionId: seen.sessionId } : null,
          curve,
        },
      ];
    });
    devices.sort(
      (a, b) =>
        b.sessions.old - a.sessions.old ||
        b.sessions.none - a.sessions.none ||
        b.sessions.new - a.sessions.new ||
        (a.source < b.source ? -1 : 1),
    );
    return { ...frame, sessions: byAge(sumOf(devices.map(({ versions }) => versions))), devices, unit, slices: over };
  });
}

function byAge(versions: Readonly<Record<string, number>>): TlsSessions {
  const sessions = { none: 0, old: 0, new: 0, unknown: 0 };
  for (const [version, n] of Object.entries(versions)) sessions[tlsAge(version)] += n;
  return sessions;
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const versions of all) for (const [version, n] of Object.entries(versions)) sum[version] = (sum[version] ?? 0) + n;
  return sum;
}

function standingOf({ none, old, new: recent, unknown }: TlsSessions): TlsStanding {
  if (old > 0) return 'old';
  if (recent > 0) return 'new';
  return unknown > 0 ? 'unknown' : none > 0 ? 'never' : 'unknown';
}

const HOUR_MS = 3_600_000;

interface LastOld {
  readonly at: number;
  readonly tls: number;
  readonly sessionId: string | null;
}

/** The hour is in the roll-up, the session in that hour: no other is looked at. */
function lastOldOf(
  db: Database,
  reader: RollUpReader,
  { since, until }: Slice,
  isOld: (tls: number) => boolean,
): (source: number) => LastOld | undefined {
  const hours = new Map<number, { hour: number; tls: number; server: number }>();
  const query = `SELECT source_id, tls_id, server_id, MAX(hour) FROM r WHERE direction = 'receive' AND health_probe = 0 AND outcome <> 'probe' GROUP BY 1, 2, 3`;
  for (const [source, tls, server, hour] of reader.rows<[number, number, number, number]>('hourly_sessions', query, {
    since,
    until,
  })) {
    if (!isOld(tls)) continue;
    const known = hours.get(source);
    if (!known || hour > known.hour) hours.set(source, { hour, tls, server });
  }
  const latest = db.prepare<[{ source: number; first: number; end: number }], { at: number; tls: number; session_id: string }>(
    `SELECT started_at AS at, tls_id AS tls, session_id FROM session s
     WHERE started_at >= @first AND started_at < @end AND +source_id = @source AND direction = 'receive' AND outcome <> 'probe' AND ${NO_NOISE}${reader.filter}
     ORDER BY started_at DESC`,
  );
  return (source) => {
    const known = hours.get(source);
    if (!known) return undefined;
    const first = Math.max(known.hour, since);
    for (const { at, tls, session_id } of latest.iterate({ source, first, end: Math.min(first + HOUR_MS, until) }))
      if (isOld(tls)) return { at, tls, sessionId: session_id };
    return { at: first, tls: known.tls, sessionId: null };
  };
}

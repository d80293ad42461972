/** What was read and what was not: a figure over holes is worth only what is said about the holes. */
import type { Database } from '../store/database.ts';

export interface CoverageEntry {
  readonly server: string;
  readonly service: string;
  readonly direction: string;
  /** First and last session row, milliseconds UTC. */
  readonly first: number;
  readonly last: number;
  /** Hours between them, both included, and those in which no session began. */
  readonly hours: number;
  readonly silentHours: number;
  /** The longest stretch of silent hours: where it begins and how many. */
  readonly longestSilence: { readonly at: number; readonly hours: number } | undefined;
  readonly sessions: number;
}

const HOUR_MS = 3_600_000;

/** From the roll-ups and the ends that the store keeps: no session is looked at but those of each first hour. */
export function coverage(db: Database): CoverageEntry[] {
  const rows = db
    .prepare(
      `SELECT h.server_id AS serverId, server.value AS server, h.service, h.direction, h.hour, SUM(h.sessions) AS sessions FROM hourly_sessions h
       JOIN text server ON server.id = h.server_id GROUP BY h.server_id, h.service, h.direction, h.hour
       ORDER BY h.server_id, h.direction, h.service, h.hour`,
    )
    .all() as HourRow[];
  const first = db.prepare<HourRow & { end: number }, { at: number }>(
    `SELECT MIN(started_at) AS at FROM session WHERE started_at >= @hour AND started_at < @end
       AND server_id = @serverId AND direction = @direction AND COALESCE(service, '') = @service`,
  );
  const end = db.prepare<HourRow, { at: number }>(
    'SELECT MAX(at) AS at FROM log_end WHERE server_id = @serverId AND direction = @direction AND service = @service',
  );
  const logs = new Map<string, HourRow[]>();
  for (const row of rows) {
    const log = JSON.stringify([row.serverId, row.direction, row.service]);
    const own = logs.get(log);
    if (own) own.push(row);
    else logs.set(log, [row]);
  }
  return [...logs.values()]
    .map((own) => {
      const hours = own.map(({ hour }) => hour);
      const begin = own[0]!;
      const from = first.get({ ...begin, end: begin.hour + HOUR_MS })?.at ?? begin.hour;
      const last = end.get(begin)?.at ?? own.at(-1)!.hour;
      const total = Math.floor(last / HOUR_MS) - Math.floor(from / HOUR_MS) + 1;
      return {
        server: begin.server,
        service: begin.service,
        direction: begin.direction,
        first: from,
        last,
        hours: total,
        silentHours: Math.max(0, total - hours.length),
        longestSilence: longestSilence(hours),
        sessions: own.reduce((sum, { sessions }) => sum + sessions, 0),
      };
    })
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

interface HourRow {
  readonly serverId: number;
  readonly server: string;
  readonly service: string;
  readonly direction: string;
  readonly hour: number;
  readonly sessions: number;
}

const key = ({ server, direction, service }: { server: string; direction: string; service: string }): string =>
  [server, direction, service].join('\0');

function longestSilence(hours: readonly number[]): { at: number; hours: number } | undefined {
  let longest: { at: number; hours: number } | undefined;
  hours.forEach((hour, index) => {
    const next = hours[index + 1];
    const gap = next === undefined ? 0 : (next - hour) / HOUR_MS - 1;
    if (gap > 0 && gap > (longest?.hours ?? 0)) longest = { at: hour + HOUR_MS, hours: gap };
  });
  return longest;
}

export interface DamageEntry {
  readonly kind: string;
  readonly lines: number;
  readonly file: string;
  readonly line: number;
  readonly excerpt: string;
}

/** Lines that were no rows, by kind, each with its first place. A line that two files hold counts once. */
export function damagedLines(db: Database): DamageEntry[] {
  return db
    .prepare(
      `SELECT kind, SUM(lines) AS lines, file, MIN(line) AS line, excerpt FROM (
         SELECT kind, excerpt, MAX(lines) AS lines, file, line FROM (
           SELECT a.kind, a.excerpt, a.file_id, COUNT(*) AS lines, f.path AS file, MIN(a.line) AS line
           FROM file_anomaly a JOIN log_file f ON f.id = a.file_id GROUP BY a.kind, a.excerpt, a.file_id)
         GROUP BY kind, excerpt
         UNION ALL SELECT u.kind, NULL, u.lines, f.path, NULL FROM file_anomaly_unkept u JOIN log_file f ON f.id = u.file_id)
       GROUP BY kind ORDER BY lines DESC`,
    )
    .all() as DamageEntry[];
}

/** Sessions with something missing, by kind of anomaly. Connections that are kept between front end and Hub need no end. */
export function sessionAnomalies(db: Database): { kind: string; sessions: number }[] {
  return db
    .prepare(
      `SELECT json_extract(one.value, '$.kind') AS kind, COUNT(*) AS sessions FROM session s, json_each(s.anomalies) one
       WHERE s.anomalies IS NOT NULL GROUP BY 1
       UNION ALL SELECT 'cut-end', COUNT(*) FROM session_view v WHERE ended = 0 AND outcome <> 'open'
         AND NOT EXISTS (SELECT 1 FROM link WHERE link.session = v.id AND link.kind IN ('proxying', 'xproxyfrom')) HAVING COUNT(*) > 0
       ORDER BY sessions DESC`,
    )
    .all() as { kind: string; sessions: number }[];
}

export interface Totals {
  readonly files: number;
  readonly bytes: number;
  readonly sessions: number;
  readonly rows: number;
}

export function totals(db: Database): Totals {
  return db
    .prepare(
      `SELECT (SELECT COUNT(*) FROM log_file WHERE length > 0) AS files, (SELECT COALESCE(SUM(length), 0) FROM log_file) AS bytes,
         COUNT(*) AS sessions, COALESCE(SUM(rows), 0) AS rows FROM session`,
    )
    .get() as Totals;
}

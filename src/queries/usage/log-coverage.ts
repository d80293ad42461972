/** What the logs say nothing about: silent hours, connectors that do not log, lines that were not read. */
import { identityOf, isEnabled, sameName } from '../../connector/connector.ts';
import type { Database } from '../../store/database.ts';
import { HOUR_MS } from '../../store/place-hours.ts';
import type { ConfigurationHistory } from '../configuration-history.ts';
import { damagedLines } from '../coverage.ts';
import type { Texts } from './names.ts';
import type { Slice } from './period.ts';
import { RollUpReader, type UsageFilter } from './roll-up-reader.ts';
import type { LogCoverage, UsageCoverage } from './usage-report.ts';

/** `now`: hours that are not over yet are not missed. */
export function usageCoverage(
  reader: RollUpReader,
  history: ConfigurationHistory,
  texts: Texts,
  { filter, slice, now }: { readonly filter: UsageFilter; readonly slice: Slice; readonly now: number },
): UsageCoverage {
  const { server, connector } = filter;
  const first = Math.floor(slice.since / HOUR_MS) * HOUR_MS;
  const end = Math.min(
    Math.ceil(slice.until / HOUR_MS) * HOUR_MS,
    Math.max(first, Math.floor(now / HOUR_MS) * HOUR_MS + HOUR_MS),
  );
  // A connector that nobody used for an hour is not silent: the log is the server's.
  const logs = logsOf(server, reader.db, texts, first, end);
  const connectorsNotLogged = history
    .at(slice.until - 1)
    .servers.flatMap((one) => one.connectors)
    .filter((one) => isEnabled(one) && one.properties.ProtocolLoggingLevel === 'None')
    .filter((one) => server === undefined || sameName(one.server, server))
    .map(identityOf)
    .filter((name) => connector === undefined || name.toLowerCase().includes(connector.toLowerCase()))
    .sort();
  const linesNotRead = damagedLines(reader.db).reduce((sum, { lines }) => sum + lines, 0);
  const unfinished = slice.until > now;
  return {
    logs,
    connectorsNotLogged,
    linesNotRead,
    complete:
      logs.some(({ direction }) => direction === 'receive') &&
      logs.every(({ direction, silentHours }) => direction !== 'receive' || silentHours === 0) &&
      connectorsNotLogged.length === 0 &&
      linesNotRead === 0 &&
      !unfinished,
    unfinishedAt: unfinished ? new Date(now).toISOString() : null,
  };
}

type Log = [server: number, service: string, direction: string];

/** Every log that the store has ever had: one that is not there in the period is silent all through it. */
function logsOf(server: string | undefined, db: Database, texts: Texts, first: number, end: number): LogCoverage[] {
  const all = db.prepare('SELECT DISTINCT server_id, service, direction FROM log_end').raw().all() as Log[];
  const heard = hoursHeard(db, all, { since: first, until: Math.max(first, end) });
  return all
    .filter(([id]) => server === undefined || sameName(texts.of(id), server))
    .map((log) => {
      const own = heard.get(JSON.stringify(log)) ?? [];
      const hours = Math.max(0, (end - first) / HOUR_MS);
      return {
        server: texts.of(log[0]),
        service: log[1],
        direction: log[2],
        hours,
        silentHours: hours - own.length,
        longestSilence: longestSilence(own, first, end),
      };
    })
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The hours in which sessions of a log began, in their order. */
function hoursHeard(db: Database, logs: readonly Log[], slice: Slice): ReadonlyMap<string, readonly number[]> {
  const reader = new RollUpReader(db);
  const heard = new Map(logs.map((log) => [JSON.stringify(log), [] as number[]]));
  const { days, rest } = reader.summed(slice);
  for (const run of days)
    for (const [day, server, service, direction, ...sessions] of reader.days<[number, ...Log, ...number[]]>(
      'daily_log_hours',
      'SELECT * FROM r',
      run,
    )) {
      const own = heard.get(JSON.stringify([server, service, direction]));
      sessions.forEach((count, hour) => {
        if (count > 0) own?.push(day + hour * HOUR_MS);
      });
    }
  const tells = db.prepare<[number, ...Log]>(
    'SELECT 1 FROM hourly_sessions WHERE hour = ? AND server_id = ? AND service = ? AND direction = ? LIMIT 1',
  );
  for (const { since, until } of rest)
    for (let hour = since; hour < until; hour += HOUR_MS)
      for (const log of logs) if (tells.get(hour, ...log) !== undefined) heard.get(JSON.stringify(log))!.push(hour);
  for (const hours of heard.values()) hours.sort((a, b) => a - b);
  return heard;
}

const keyOf = ({ server, direction, service }: LogCoverage): string => [server, direction, service].join('\0');

function longestSilence(heard: readonly number[], first: number, end: number): LogCoverage['longestSilence'] {
  let longest = { since: 0, hours: 0 };
  let next = first;
  for (const hour of [...heard, end]) {
    const silent = (hour - next) / HOUR_MS;
    if (silent > longest.hours) longest = { since: next, hours: silent };
    next = hour + HOUR_MS;
  }
  return longest.hours === 0 ? null : { since: new Date(longest.since).toISOString(), hours: longest.hours };
}

/** What the logs say nothing about: silent hours, connectors that do not log, lines that were not read. */
import { identityOf, isEnabled, sameName } from '../../connector/connector.ts';
import type { ConfigurationHistory } from '../configuration-history.ts';
import { damagedLines } from '../coverage.ts';
import type { Texts } from './names.ts';
import type { Slice } from './period.ts';
import { RollUpReader, type UsageFilter } from './roll-up-reader.ts';
import type { LogCoverage, UsageCoverage } from './usage-report.ts';

const HOUR_MS = 3_600_000;

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
  const logs = logsOf(server === undefined ? {} : { server }, reader, texts, first, end);
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

/** Every log that the store has ever had: one that is not there in the period is silent all through it. */
function logsOf(filter: UsageFilter, { db }: RollUpReader, texts: Texts, first: number, end: number): LogCoverage[] {
  type Log = [server: number, service: string, direction: string];
  const all = db.prepare('SELECT DISTINCT server_id, service, direction FROM log_end').raw().all() as Log[];
  const hours = new Map<string, number[]>();
  const reader = new RollUpReader(db, filter);
  const query = `SELECT DISTINCT hour, server_id, service, direction FROM r ORDER BY hour`;
  if (first < end)
    for (const [hour, ...log] of reader.rows<[number, ...Log]>('hourly_sessions', query, { since: first, until: end })) {
      const key = JSON.stringify(log);
      const own = hours.get(key);
      if (own) own.push(hour);
      else hours.set(key, [hour]);
    }
  return all
    .filter(([server]) => filter.server === undefined || sameName(texts.of(server), filter.server))
    .map((log) => {
      const heard = hours.get(JSON.stringify(log)) ?? [];
      const total = Math.max(0, (end - first) / HOUR_MS);
      return {
        server: texts.of(log[0]),
        service: log[1],
        direction: log[2],
        hours: total,
        silentHours: total - heard.length,
        longestSilence: longestSilence(heard, first, end),
      };
    })
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
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

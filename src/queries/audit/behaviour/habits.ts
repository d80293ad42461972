/** What a client did in a day or an hour of the period, against all its days and hours before: from the roll-ups. */
import type { Database } from '../../../store/database.ts';
import { HISTORY_MS, type Span } from '../traffic.ts';
import { type DayRise, type HourRise, LEAST } from './behaviours.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Domains that are named. */
const NAMED = 8;

interface DayRow {
  readonly source: number;
  readonly day: number;
  readonly domains: number;
  readonly fresh: number;
  /** Numbers of the fresh domains, between commas. */
  readonly freshIds: string | null;
  readonly accepted: number;
  readonly refused: number;
}

type Counted = { readonly table: 'hourly_recipients' | 'hourly_senders'; readonly noun: 'recipients' | 'messages' };
const RECIPIENTS: Counted = { table: 'hourly_recipients', noun: 'recipients' };
const SENDERS: Counted = { table: 'hourly_senders', noun: 'messages' };

/** What a client has on which day, each domain once; `fresh`: the first day on which it has it. Domain 0 is none. */
const USED = ({ table, noun }: Counted): string => `used AS MATERIALIZED (
    SELECT source_id, domain_id, hour / ${DAY_MS} AS day, SUM(${noun}_accepted) AS accepted, SUM(${noun}_refused) AS refused
    FROM ${table} WHERE hour >= @from AND hour < @until AND domain_id <> 0 GROUP BY 1, 2, 3),
  first_use AS MATERIALIZED (SELECT source_id, domain_id, MIN(day) AS day FROM used GROUP BY 1, 2)`;

const days = (of: Counted): string => `WITH ${USED(of)},
  risen AS (SELECT DISTINCT source_id FROM (
    SELECT source_id FROM first_use WHERE (day + 1) * ${DAY_MS} > @since GROUP BY source_id, day HAVING COUNT(*) >= @least))
  SELECT used.source_id AS source, used.day, COUNT(*) AS domains, SUM(first_use.day = used.day) AS fresh,
    group_concat(CASE WHEN first_use.day = used.day THEN used.domain_id END) AS freshIds,
    SUM(CASE WHEN first_use.day = used.day THEN accepted ELSE 0 END) AS accepted,
    SUM(CASE WHEN first_use.day = used.day THEN refused ELSE 0 END) AS refused
  FROM used JOIN first_use ON first_use.source_id = used.source_id AND first_use.domain_id = used.domain_id
  WHERE used.source_id IN (SELECT source_id FROM risen) GROUP BY 1, 2 ORDER BY 1, 2`;

export const recipientRises = (db: Database, span: Span): Map<number, DayRise> => dayRises(db, span, RECIPIENTS);
export const senderRises = (db: Database, span: Span): Map<number, DayRise> => dayRises(db, span, SENDERS);

/** Of each client the day that rose most: its fresh domains over the most domains of any day before. */
function dayRises(db: Database, { since, until }: Span, of: Counted): Map<number, DayRise> {
  const from = until - HISTORY_MS;
  const rises = new Map<
    number,
    Omit<DayRise, 'names' | 'again'> & { readonly again: number[]; readonly freshIds: string | null }
  >();
  let source = Number.NaN;
  let mostBefore = 0;
  let daysBefore = 0;
  const rows = db.prepare(days(of)).iterate({ since, until, from, least: LEAST.freshDomains }) as IterableIterator<DayRow>;
  for (const row of rows) {
    if (row.source !== source) [source, mostBefore, daysBefore] = [row.source, 0, 0];
    const { domains, fresh, freshIds, accepted, refused } = row;
    const best = rises.get(source);
    const isJudged = (row.day + 1) * DAY_MS > since && fresh >= LEAST.freshDomains;
    if (isJudged && (!best || fresh / Math.max(1, mostBefore) > best.fresh / Math.max(1, best.mostBefore)))
      rises.set(source, {
        day: row.day * DAY_MS,
        domains,
        fresh,
        freshIds,
        mostBefore,
        daysBefore,
        accepted,
        refused,
        again: [],
      });
    else if (best && domains * 2 >= best.fresh) best.again.push(row.day * DAY_MS);
    mostBefore = Math.max(mostBefore, domains);
    daysBefore++;
  }
  const nameOf = db.prepare<[number], string>('SELECT value FROM text WHERE id = ?').pluck();
  return new Map(
    [...rises].map(([number, { freshIds, ...rise }]) => {
      const names = (freshIds ?? '').split(',').map((id) => nameOf.get(Number(id)) ?? '');
      return [number, { ...rise, names: names.sort().slice(0, NAMED) }];
    }),
  );
}

const HOURS = `SELECT source_id AS source, hour, SUM(messages_accepted) AS messages FROM hourly_senders
  WHERE hour >= @from AND hour < @until AND source_id IN (SELECT source_id FROM (
    SELECT source_id FROM hourly_senders WHERE hour + ${HOUR_MS} > @since AND hour < @until
    GROUP BY source_id, hour HAVING SUM(messages_accepted) >= @least))
  GROUP BY 1, 2 HAVING SUM(messages_accepted) > 0 ORDER BY 1, 2`;

/** Of each client the hour that rose most: its messages over the most of any hour before. */
export function hourRises(db: Database, { since, until }: Span): Map<number, HourRise> {
  const rises = new Map<number, HourRise & { readonly again: number[] }>();
  let source = Number.NaN;
  let before = { most: 0, messages: 0, first: null as number | null, last: 0, days: new Set<number>() };
  const rows = db.prepare(HOURS).iterate({ since, until, from: until - HISTORY_MS, least: LEAST.messages });
  for (const row of rows as IterableIterator<{ source: number; hour: number; messages: number }>) {
    if (row.source !== source) {
      source = row.source;
      before = { most: 0, messages: 0, first: null, last: row.hour, days: new Set() };
    }
    const { hour, messages } = row;
    const best = rises.get(source);
    if (
      hour + HOUR_MS > since &&
      messages >= LEAST.messages &&
      (!best || messages / Math.max(1, before.most) > best.messages / Math.max(1, best.mostBefore))
    )
      rises.set(source, {
        hour,
        messages,
        mostBefore: before.most,
        daysBefore: [...before.days].filter((day) => day < Math.floor(hour / DAY_MS)).length,
        messagesBefore: before.messages,
        firstBefore: before.first,
        silentMs: hour - before.last,
        again: [],
      });
    else if (best && messages * 2 >= best.messages) best.again.push(hour);
    before.most = Math.max(before.most, messages);
    before.messages += messages;
    before.first ??= hour;
    before.last = hour;
    before.days.add(Math.floor(hour / DAY_MS));
  }
  return rises;
}

/** First hour in which any client was seen, of the last 400 days. */
export const historySince = (db: Database, until: number): number | null =>
  db
    .prepare<[{ from: number; until: number }], number | null>(
      'SELECT MIN(hour) FROM hourly_seen WHERE hour >= @from AND hour < @until',
    )
    .pluck()
    .get({ from: until - HISTORY_MS, until }) ?? null;

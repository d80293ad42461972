/** Who still uses a server, judged from everything that was ever read of it: for the time when it is switched off. */
import type { Database } from '../../../store/database.ts';
import { noiseOf } from '../noise.ts';
import { type Period, slicesOf } from '../period.ts';
import { RollUpReader } from '../roll-up-reader.ts';
import type { Noise, UsageCoverage } from '../usage-report.ts';
import { type Entrance, type Proof, Proofs } from './last-proof.ts';
import { type Pace, paceOf } from './rhythm.ts';
import { answer, iso, type ViewDevice, type ViewFrame, type ViewQuestion, viewDevice } from './view-frame.ts';

/** `behind-another-server`: it uses the front end of another server, which handed its mail to the Hub here. */
export type UseStatus = 'using' | 'silent' | 'behind-another-server';

export interface ServerUser extends ViewDevice, Pace {
  readonly status: UseStatus;
  /** Days (UTC) on which it was seen at this server. */
  readonly daysSeen: number;
  /** Whole days from when it was seen last to where the logs end. */
  readonly awayDays: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly lastProof: Proof;
  /** Of its last session of its own; null where the store has none. */
  readonly entrance: Entrance | null;
  readonly connectors: readonly string[];
  /** Other servers that it was seen at, the latest first. */
  readonly elsewhere: readonly { readonly server: string; readonly lastSeen: string }[];
}

/** Why silence proves little. `silent-day`: a log without any session for a day or more. */
export type Doubt =
  | 'no-log'
  | 'logs-end-early'
  | 'not-logged'
  | 'lines-not-read'
  | 'silent-day'
  | 'under-a-month'
  | 'under-a-year';

export interface ServerUse extends ViewFrame {
  readonly server: string;
  /** How far its receive logs reach, up to the end of the period; null where none was read. */
  readonly reach: { readonly since: string; readonly until: string; readonly days: number } | null;
  /** `unknown`: nobody is left, and the logs are not such that it means anything. */
  readonly verdict: 'in-use' | 'unused' | 'unknown';
  readonly doubts: readonly Doubt[];
  /** Those seen last come first. */
  readonly devices: readonly ServerUser[];
  readonly unit: ReturnType<typeof slicesOf>['unit'];
  /** `devicesLeft`: how many were to be seen then or later; null where the logs do not reach. */
  readonly slices: readonly { readonly since: string; readonly until: string; readonly devicesLeft: number | null }[];
  readonly noise: readonly Noise[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_DAYS = 365;
const MONTH_DAYS = 31;
/** Logs that end so long before the period does say nothing of its end. */
const EARLY_MS = 2 * DAY_MS;

/** The whole time of which the logs of a server tell, up to now; undefined where none was read. Milliseconds UTC. */
export function reachOf(db: Database, server: string, until: number): { since: number; until: number } | undefined {
  const ids = db.prepare('SELECT id FROM text WHERE lower(value) = lower(?)').pluck().all(server) as number[];
  const list = ids.join(', ');
  const first = db
    .prepare(
      `SELECT hour FROM hourly_sessions WHERE server_id IN (${list}) AND direction = 'receive' AND hour < ? ORDER BY hour LIMIT 1`,
    )
    .pluck()
    .get(until) as number | undefined;
  const last = db.prepare(`SELECT MAX(at) FROM log_end WHERE server_id IN (${list}) AND direction = 'receive'`).pluck().get() as
    | number
    | null;
  return first === undefined || last === null ? undefined : { since: first, until: Math.min(last, until) };
}

/** Everything before the end of the period counts; the curve runs over the period. */
export function askServerUse(db: Database, question: ViewQuestion & { readonly server: string }): ServerUse {
  return answer(db, question, ({ reader, texts, identities, frame }) => {
    const { period, server } = question;
    const reach = reachOf(db, server, period.until);
    const sightings = sightingsOf(db, question);
    const own = [...sightings].flatMap(([id, places]) => {
      const here = [...places].find(([place]) => texts.of(place).toLowerCase() === server.toLowerCase());
      return here ? [{ id, places, place: here[0], seen: here[1] }] : [];
    });
    const proofs = new Proofs(db, texts);
    const users = own.map(({ id, places, place, seen }): ServerUser => {
      const pace = paceOf([...seen.days].sort((a, b) => a - b));
      const proof = proofs.at(id, place, seen.last);
      const entrance = proofs.entrance(id, place, period.until) ?? null;
      const awayDays = Math.max(0, Math.floor(((reach?.until ?? seen.last) - seen.last) / DAY_MS));
      return {
        ...viewDevice(identities, id),
        status: statusOf(seen, proof, awayDays, pace),
        ...pace,
        daysSeen: seen.days.size,
        awayDays,
        firstSeen: iso(seen.first),
        lastSeen: iso(seen.last),
        lastProof: proof,
        entrance,
        connectors: [...seen.connectors].map((one) => texts.of(one)).sort(),
        elsewhere: [...places]
          .filter(([other]) => other !== place && texts.of(other) !== '')
          .sort((a, b) => b[1].last - a[1].last)
          .map(([other, { last }]) => ({ server: texts.of(other), lastSeen: iso(last) })),
      };
    });
    users.sort((a, b) => (a.lastSeen > b.lastSeen ? -1 : a.lastSeen < b.lastSeen ? 1 : a.source < b.source ? -1 : 1));
    const { unit, slices } = slicesOf(period);
    const doubts = doubtsOf(reach, period, frame.coverage);
    const left = users.filter(({ status }) => status === 'using');
    const counted = users.filter(({ status }) => status !== 'behind-another-server');
    return {
      ...frame,
      server,
      reach: reach === undefined ? null : { since: iso(reach.since), until: iso(reach.until), days: daysOf(reach) },
      verdict: left.length > 0 ? 'in-use' : doubts.some((doubt) => doubt !== 'under-a-year') ? 'unknown' : 'unused',
      doubts,
      devices: users,
      unit,
      slices: slices.map(({ since, until }) => ({
        since: iso(since),
        until: iso(until),
        devicesLeft:
          reach === undefined || until <= reach.since || since > reach.until
            ? null
            : counted.filter(({ lastSeen }) => Date.parse(lastSeen) >= since).length,
      })),
      noise: noiseOf(reader, identities, period),
    };
  });
}

interface Seen {
  readonly days: Set<number>;
  readonly connectors: Set<number>;
  first: number;
  last: number;
  /** With a hello name of its own: it came itself. */
  greeted: boolean;
}

/** Who was seen at which server, by client and server: one pass over the whole history. Connectors are those asked for. */
function sightingsOf(db: Database, { period, connector }: ViewQuestion): Map<number, Map<number, Seen>> {
  type Row = [source: number, server: number, connector: number, day: number, first: number, last: number, greeted: number];
  const since = db.prepare('SELECT MIN(hour) FROM hourly_seen').pluck().get() as number | null;
  const clients = new Map<number, Map<number, Seen>>();
  if (since === null || since >= period.until) return clients;
  const query = `SELECT source_id, server_id, connector_id, hour / ${DAY_MS}, MIN(first_at), MAX(last_at), MAX(helo_id <> 0) FROM r GROUP BY 1, 2, 3, 4`;
  const rows = new RollUpReader(db, connector === undefined ? {} : { connector }).rows<Row>('hourly_seen', query, {
    since,
    until: period.until,
  });
  for (const [source, server, through, day, first, last, greeted] of rows) {
    let places = clients.get(source);
    if (!places) clients.set(source, (places = new Map()));
    let seen = places.get(server);
    if (!seen) places.set(server, (seen = { days: new Set(), connectors: new Set(), first, last, greeted: false }));
    seen.days.add(day);
    seen.connectors.add(through);
    seen.first = Math.min(seen.first, first);
    seen.last = Math.max(seen.last, last);
    seen.greeted ||= greeted === 1;
  }
  return clients;
}

function statusOf({ greeted }: Seen, { behind }: Proof, awayDays: number, { silentAfterDays }: Pace): UseStatus {
  if (!greeted && behind !== null) return 'behind-another-server';
  return awayDays > silentAfterDays ? 'silent' : 'using';
}

const daysOf = ({ since, until }: { since: number; until: number }): number => Math.max(1, Math.floor((until - since) / DAY_MS));

function doubtsOf(reach: { since: number; until: number } | undefined, period: Period, coverage: UsageCoverage): Doubt[] {
  if (!reach) return ['no-log'];
  const doubts: Doubt[] = [];
  if (period.until - reach.until > EARLY_MS) doubts.push('logs-end-early');
  if (coverage.connectorsNotLogged.length > 0) doubts.push('not-logged');
  if (coverage.linesNotRead > 0) doubts.push('lines-not-read');
  if (coverage.logs.some(({ direction, longestSilence }) => direction === 'receive' && (longestSilence?.hours ?? 0) >= 24))
    doubts.push('silent-day');
  if (daysOf(reach) < MONTH_DAYS) doubts.push('under-a-month');
  if (daysOf(reach) < YEAR_DAYS) doubts.push('under-a-year');
  return doubts;
}

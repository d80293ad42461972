/** What every view of the use of the relay begins with: of what time and place it speaks, and what the logs cover of it. */
import type { Database } from '../../../store/database.ts';
import { ConfigurationHistory } from '../../configuration-history.ts';
import { usagePeriod } from '../ask-usage.ts';
import { usageCoverage } from '../log-coverage.ts';
import { Identities, Texts } from '../names.ts';
import type { Period } from '../period.ts';
import { RollUpReader, type UsageFilter } from '../roll-up-reader.ts';
import type { UsageCoverage, UsagePeriod } from '../usage-report.ts';

export interface ViewQuestion extends UsageFilter {
  readonly period: Period;
  /** Milliseconds UTC. */
  readonly now: number;
}

export interface ViewFrame {
  readonly createdAt: string;
  readonly period: UsagePeriod;
  /** As asked for; null: all. */
  readonly server: string | null;
  readonly connector: string | null;
  readonly coverage: UsageCoverage;
}

/** A device, by what people call it. */
export interface ViewDevice {
  readonly source: string;
  /** From the device list; null where it does not hold the address. */
  readonly device: string | null;
  readonly owner: string | null;
  readonly site: string | null;
  /** The hello name that it used last. */
  readonly helo: string | null;
}

/** What a view asks with. */
export interface ViewSources {
  readonly reader: RollUpReader;
  readonly history: ConfigurationHistory;
  readonly texts: Texts;
  readonly identities: Identities;
  readonly frame: ViewFrame;
}

/** Answers a view within one moment of the database, whatever is written meanwhile. */
export function answer<T>(db: Database, question: ViewQuestion, view: (sources: ViewSources) => T): T {
  return db.transaction(() => {
    const { period, now, server, connector } = question;
    const filter: UsageFilter = {
      ...(server === undefined ? {} : { server }),
      ...(connector === undefined ? {} : { connector }),
    };
    const reader = new RollUpReader(db, filter);
    const history = new ConfigurationHistory(db);
    const texts = new Texts(db);
    return view({
      reader,
      history,
      texts,
      identities: new Identities(db, texts, history.devicesAt(period.until - 1), period.until),
      frame: {
        createdAt: iso(now),
        period: usagePeriod(period),
        server: server ?? null,
        connector: connector ?? null,
        coverage: usageCoverage(reader, history, texts, { filter, slice: period, now }),
      },
    });
  })();
}

/** Servers of which any log was ever read, by name. */
export function serversRead(db: Database): string[] {
  const names = db
    .prepare(
      "SELECT DISTINCT value FROM text JOIN log_end ON log_end.server_id = text.id WHERE direction = 'receive' ORDER BY value",
    )
    .pluck()
    .all() as string[];
  return names.filter((name) => name !== '');
}

/** By its interned number. */
export function viewDevice(identities: Identities, id: number): ViewDevice {
  const { source, helo, device } = identities.of(id);
  return { source, device: device?.name ?? null, owner: device?.owner ?? null, site: device?.site ?? null, helo };
}

export const iso = (at: number): string => new Date(at).toISOString();

/** The views of `report`: what each asks, and what becomes of the answer. To add one: a line here. */
import { decommission } from '../checks/moves/decommission.ts';
import { migration } from '../checks/targets/migration.ts';
import type { Document } from '../document/document.ts';
import { ConfigurationHistory } from '../queries/configuration-history.ts';
import { customPeriod, type Period } from '../queries/usage/period.ts';
import { askBasicLogons } from '../queries/usage/views/basic-logons.ts';
import { askDemand } from '../queries/usage/views/device-demand.ts';
import { askOldTls } from '../queries/usage/views/old-tls.ts';
import { askServerUse, reachOf } from '../queries/usage/views/server-use.ts';
import { serversRead, type ViewQuestion } from '../queries/usage/views/view-frame.ts';
import type { PageOptions } from '../reports/usage/page.ts';
import type { NamedTable } from '../reports/usage/usage-tables.ts';
import { basicLogonsDocument, basicLogonsTables } from '../reports/usage/views/basic-logons-page.ts';
import { decommissionDocument } from '../reports/usage/views/decommission-page.ts';
import { decommissionTables } from '../reports/usage/views/decommission-tables.ts';
import { migrationDocument, migrationTables } from '../reports/usage/views/migration-page.ts';
import { oldTlsDocument, oldTlsTables } from '../reports/usage/views/old-tls-page.ts';
import type { Database } from '../store/database.ts';
import { UserError } from '../store/user-error.ts';

/** An answer, and the forms in which it can be printed. */
export interface MadeReport {
  readonly json: object;
  readonly document: (options: PageOptions) => Document;
  readonly tables: () => NamedTable[];
}

interface View {
  readonly ask: (db: Database, question: ViewQuestion) => MadeReport;
  /** Where no period is asked for; undefined: the last month that is over. */
  readonly period?: (db: Database, server: string | undefined, now: number, zone: string) => Period | undefined;
}

/** The value, its page and its tables, which belong together. */
const made = <T extends object>(
  value: T,
  document: (value: T, options: PageOptions) => Document,
  tables: (value: T) => NamedTable[],
): MadeReport => ({ json: value, document: (options) => document(value, options), tables: () => tables(value) });

const VIEWS = {
  decommission: {
    ask: (db, question) => {
      const { server } = question;
      if (server === undefined) throw new UserError('--view decommission needs --server', `Logs were read of ${serverList(db)}.`);
      const organisation = new ConfigurationHistory(db).at(question.period.until - 1);
      return made(
        decommission(askServerUse(db, { ...question, server }), organisation),
        decommissionDocument,
        decommissionTables,
      );
    },
    // Who comes once a quarter is seen in the whole history only.
    period: (db, server, now, zone) => {
      const reach = server === undefined ? undefined : reachOf(db, server, now);
      return reach && reach.since < now ? customPeriod(reach.since, now, zone) : undefined;
    },
  },
  migration: { ask: (db, question) => made(migration(askDemand(db, question)), migrationDocument, migrationTables) },
  tls: { ask: (db, question) => made(askOldTls(db, question), oldTlsDocument, oldTlsTables) },
  'basic-auth': { ask: (db, question) => made(askBasicLogons(db, question), basicLogonsDocument, basicLogonsTables) },
} as const satisfies Record<string, View>;

export type ViewName = keyof typeof VIEWS;

export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];

/** A UserError for a server of which nothing was read. */
export function askView(db: Database, name: ViewName, question: ViewQuestion): MadeReport {
  const { server } = question;
  const read = serversRead(db);
  const known = server === undefined ? undefined : read.find((one) => one.toLowerCase() === server.toLowerCase());
  if (server !== undefined && known === undefined)
    throw new UserError(`--server ${server}: no receive log of it was read`, `Logs were read of ${serverList(db)}.`);
  return VIEWS[name].ask(db, known === undefined ? question : { ...question, server: known });
}

/** The period that a view means where none is asked for. */
export const periodOfView = (
  db: Database,
  name: ViewName,
  server: string | undefined,
  now: number,
  zone: string,
): Period | undefined => (VIEWS[name] as View).period?.(db, server, now, zone);

function serverList(db: Database): string {
  const names = serversRead(db);
  return names.length === 0 ? 'no server' : names.join(', ');
}

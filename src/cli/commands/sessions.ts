/** `sessions`: lists and searches sessions. */
import { type Command, InvalidArgumentError } from 'commander';
import { parseRange } from '../../net/address-range.ts';
import type { Direction } from '../../protocol-log/fields.ts';
import { listSessions, type SessionFilter } from '../../queries/session-list.ts';
import { sessionCsvTable } from '../../reports/session-columns.ts';
import { sessionTable } from '../../reports/session-tables.ts';
import { OUTCOMES, type Outcome } from '../../smtp/outcome.ts';
import { openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import type { Io } from '../io.ts';
import {
  type CommonOptions,
  isPage,
  type PeriodOptions,
  parseDirection,
  periodOf,
  withCommonOptions,
  withPeriodOptions,
  withRedaction,
  zoneOf,
} from '../options.ts';
import { print } from '../output.ts';

export interface SessionFilterOptions extends CommonOptions, PeriodOptions {
  readonly source?: string;
  readonly connector?: string;
  readonly outcome?: Outcome[];
  readonly sender?: string;
  readonly recipient?: string;
  readonly server?: string;
  readonly direction?: Direction;
  readonly limit?: number;
}

/** Rows of a page that still are a list and not a flood. */
const PAGE_LIMIT = 200;

export function withSessionFilters(command: Command): Command {
  return withPeriodOptions(command)
    .option('--source <address>', 'client address, CIDR or a-b range; also the real client behind a front end')
    .option('--connector <name>', 'connector, or part of its name')
    .option('--outcome <outcomes>', `one or more, with commas: ${OUTCOMES.join(', ')}`, parseOutcomes)
    .option('--sender <address>', 'sender, or @domain')
    .option('--recipient <address>', 'recipient, or @domain')
    .option('--server <name>', 'server')
    .option('--direction <direction>', 'receive or send', parseDirection);
}

export function registerSessions(program: Command, io: Io): void {
  withRedaction(withSessionFilters(withCommonOptions(program.command('sessions'))))
    .description('list and search sessions')
    .option('--limit <count>', `at most so many, the latest (${PAGE_LIMIT}, all in JSON and CSV; 0 for all)`, parseCount)
    .action((options: SessionFilterOptions) => {
      const filter = filterOf(options, io);
      const limit = options.limit ?? (isPage(options) ? PAGE_LIMIT : 0);
      const db = openForReading(options.db);
      try {
        const { sessions, total } = listSessions(db, filter, limit === 0 ? undefined : limit);
        print(io, options, {
          json: { sessions },
          document: () => ({
            title: 'Sessions',
            sections:
              options.format === 'csv'
                ? [sessionCsvTable(sessions)]
                : [
                    sessionTable(sessions),
                    {
                      kind: 'text',
                      text: `${sessions.length < total ? `The latest ${sessions.length} of ${total} sessions; --limit 0 shows all.` : `${total} session${total === 1 ? '' : 's'}.`} Times are ${zoneOf(options).name}.`,
                    },
                  ],
          }),
        });
      } finally {
        db.close();
      }
    });
}

export function filterOf(options: SessionFilterOptions, io: Io): SessionFilter {
  const { source, connector, outcome, sender, recipient, server, direction } = options;
  // Masked addresses and names are searched as they stand; what is written like an address must be one.
  if (source !== undefined && /^[\d.:/%-]*\d[\d.:a-f/%-]*$/i.test(source) && /[./:-]/.test(source) && !parseRange(source))
    throw new UserError(
      `--source ${source} is no address and no range`,
      'Use 10.0.20.12, 10.0.20.0/24, 10.0.20.10-10.0.20.19 or an IPv6 address.',
    );
  const given = Object.entries({ source, connector, outcome, sender, recipient, server, direction }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...Object.fromEntries(given), ...periodOf(options, io) };
}

function parseOutcomes(text: string): Outcome[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names)
    if (!OUTCOMES.includes(name as Outcome))
      throw new InvalidArgumentError(`'${name}' is no outcome; there are ${OUTCOMES.join(', ')}.`);
  return names as Outcome[];
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number, 0 for all.');
  return Number(text);
}

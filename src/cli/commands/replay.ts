/** `replay`: what a proposed configuration would have made of sessions that are in the log; without a network. */
import type { Command } from 'commander';
import type { Organisation } from '../../connector/organisation.ts';
import { ConfigurationHistory } from '../../queries/configuration-history.ts';
import { findSessions } from '../../queries/session-detail.ts';
import { summarise } from '../../queries/session-summary.ts';
import { Rehearsal } from '../../rehearsal/rehearsal.ts';
import { rehearse } from '../../rehearsal/rehearse.ts';
import { parseRangeChange, withRanges, withSnapshots } from '../../relay/replay/proposal.ts';
import type { Replay } from '../../relay/replay/replay.ts';
import { replayCsvTable, replayDocument, sessionReplayDocument } from '../../reports/replay.ts';
import { sessionTable } from '../../reports/session-tables.ts';
import { type Database, openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import { readExportFiles } from '../export-files.ts';
import type { Io } from '../io.ts';
import { timesAre, withCommonOptions } from '../options.ts';
import { print } from '../output.ts';
import { filterOf, type SessionFilterOptions, withSessionFilters } from './sessions.ts';

interface ReplayOptions extends SessionFilterOptions {
  readonly config?: readonly string[];
  readonly ranges?: readonly string[];
  readonly all?: boolean;
}

/** Sessions of one consequence that are listed on a screen. */
const LISTED = 50;

/** 0, or 1 where mail that was accepted would be refused. */
export function registerReplay(program: Command, io: Io, done: (code: number) => void): void {
  withSessionFilters(withCommonOptions(program.command('replay')))
    .description('what a proposed configuration would have made of logged sessions: connector, replies, outcome')
    .argument('[session]', 'one session, its replies side by side; without it, all that the filters leave')
    .option('--config <files...>', 'the proposal: exports as "config import" reads them, in the place of what is imported')
    .option('--ranges <change...>', 'other ranges of a connector: "EX01\\Relay=10.0.20.0/28", or with += or -=')
    .option('--all', 'read the rows of all sessions, also where connector and rights stay as they were')
    .addHelpText(
      'after',
      '\nA server in the proposal replaces all connectors of that server; rights and accepted domains that it does not hold\nstay as imported. Without a proposal sessions are replayed under the configuration as it was imported last.\nReplies are compared up to the first of another class, since from there on a client goes another way.\n\nExit code: 1 where mail that was accepted would be refused, else 0.\n',
    )
    .action((session: string | undefined, options: ReplayOptions) => {
      if (options.direction === 'send')
        throw new UserError('sessions of the send side cannot be replayed', 'Leave --direction out.');
      const db = openForReading(options.db);
      try {
        const history = new ConfigurationHistory(db);
        const proposal = proposalOf(history.latest, options, io);
        if (proposal.servers.length === 0)
          throw new UserError(
            'there is no configuration to replay under',
            'Name its exports with --config, or import them: relaylens config import <files>.',
          );
        done(
          session === undefined ? replayMany(db, proposal, options, io) : replayOne(db, history, proposal, session, options, io),
        );
      } finally {
        db.close();
      }
    });
}

function replayOne(
  db: Database,
  history: ConfigurationHistory,
  proposal: Organisation,
  wanted: string,
  options: ReplayOptions,
  io: Io,
): number {
  const found = findSessions(db, wanted);
  const [row] = found;
  if (!row) throw new UserError(`${wanted}: no such session in ${options.db}`, 'relaylens sessions lists them.');
  if (found.length > 1) {
    const sessions = found.map(summarise);
    io.err(`${wanted}: ${found.length} sessions have this session-id. Name one by the id in the first column.\n`);
    print(io, options, { json: { sessions }, document: () => ({ title: wanted, sections: [sessionTable(sessions)] }) });
    return 2;
  }
  const replay = new Rehearsal(db, history, proposal).replay([row], true)[0];
  if (!replay || replay.kind === 'not-replayed')
    throw new UserError(`${wanted} cannot be replayed: ${replay?.because ?? 'it is of the send side'}`);
  print(io, options, {
    json: replay,
    document: () =>
      options.format === 'csv' ? { title: wanted, sections: [replayCsvTable([replay])] } : sessionReplayDocument(replay),
  });
  return isLoss(replay) ? 1 : 0;
}

const isLoss = ({ messages, recipients }: Pick<Replay, 'messages' | 'recipients'>): boolean =>
  messages.lost > 0 || recipients.lost > 0;

function replayMany(db: Database, proposal: Organisation, options: ReplayOptions, io: Io): number {
  const review = rehearse(db, proposal, { ...filterOf(options, io), all: options.all === true });
  const { totals, sessions, notReplayed } = review;
  print(io, options, {
    json: { totals, sessions, notReplayed },
    document: () => {
      if (options.format === 'csv') return { title: 'Replay', sections: [replayCsvTable(sessions)] };
      const { title, sections } = replayDocument(review, LISTED);
      return { title, sections: [...sections, timesAre(options)] };
    },
  });
  return totals.messagesLost > 0 || totals.recipientsLost > 0 ? 1 : 0;
}

// --- the proposal ---------------------------------------------------------------------------------------------------

/** What was imported last, with the exports and the changes of the command line in its place. */
function proposalOf(base: Organisation, { config = [], ranges = [] }: ReplayOptions, io: Io): Organisation {
  const { parts, refused } = readExportFiles(io, config, { asOf: io.now() });
  if (refused > 0)
    throw new UserError('nothing was replayed, since part of the proposal cannot be read', 'Mend the export, or leave it out.');
  return ranges.reduce(
    (organisation, text) => {
      const change = parseRangeChange(text);
      if (!change)
        throw new UserError(
          `'${text}' is no change of ranges`,
          'Use "EX01\\Relay=10.0.20.0/28,10.0.20.40", or += or -= instead of =.',
        );
      const changed = withRanges(organisation, change);
      if (!changed)
        throw new UserError(
          `there is no connector "${change.server}\\${change.connector}"`,
          'relaylens connectors lists those that were imported.',
        );
      return changed;
    },
    withSnapshots(base, parts),
  );
}

/** `replay`: what a proposed configuration would have made of sessions that are in the log; without a network. */
import type { Command } from 'commander';
import { loggedConnector } from '../../connector/attribution.ts';
import type { ReceiveConnector } from '../../connector/connector.ts';
import { type Organisation, serverOf } from '../../connector/organisation.ts';
import { ConfigurationHistory } from '../../queries/configuration-history.ts';
import { RecipientDomains } from '../../queries/recipient-domains.ts';
import { type EvidenceRow, findSessions, rowsOfSessions } from '../../queries/session-detail.ts';
import { matchingSessions } from '../../queries/session-list.ts';
import { type SessionRow, summariesByNumber, summarise } from '../../queries/session-summary.ts';
import type { ExchangeVersion } from '../../relay/machine/settings.ts';
import { parseRangeChange, withRanges, withSnapshots } from '../../relay/replay/proposal.ts';
import { type LoggedRow, type Recording, serverOfSession } from '../../relay/replay/recording.ts';
import { type Replay, Replayer, type Unreplayable } from '../../relay/replay/replay.ts';
import { versionIn } from '../../relay/replay/server-version.ts';
import { Unchanged } from '../../relay/replay/unchanged.ts';
import {
  byConsequence,
  type ReplayedSession,
  type ReplayTotals,
  replayCsvTable,
  replayDocument,
  sessionReplayDocument,
} from '../../reports/replay.ts';
import { sessionTable } from '../../reports/session-tables.ts';
import { type Database, openForReading } from '../../store/database.ts';
import { viewOf } from '../../store/stored-rows.ts';
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

/** Sessions taken from the database at a time. */
const BATCH = 500;
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
          session === undefined
            ? replayMany(db, history, proposal, options, io)
            : replayOne(db, history, proposal, session, options, io),
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

function replayMany(db: Database, history: ConfigurationHistory, proposal: Organisation, options: ReplayOptions, io: Io): number {
  const rehearsal = new Rehearsal(db, history, proposal);
  const unchanged = new Unchanged(proposal);
  const numbers = matchingSessions(db, { ...filterOf(options, io), direction: 'receive' });
  const review = new Review();
  for (let start = 0; start < numbers.length; start += BATCH) {
    const changed: SessionRow[] = [];
    for (const row of summariesByNumber(db, numbers.slice(start, start + BATCH))) {
      // Carried mail is counted where its client stands.
      if (row.clients !== null) review.leftOut++;
      else if (options.all !== true && unchanged.holds(history.at(row.started_at), connectionOf(row))) review.same(row);
      else changed.push(row);
    }
    for (const replay of rehearsal.replay(changed, false)) review.take(replay);
  }
  const { totals, sessions, notReplayed } = review;
  print(io, options, {
    json: { totals, sessions: byConsequence(sessions), notReplayed },
    document: () => {
      if (options.format === 'csv') return { title: 'Replay', sections: [replayCsvTable(byConsequence(sessions))] };
      const { title, sections } = replayDocument({ totals, sessions, notReplayed }, LISTED);
      return { title, sections: [...sections, timesAre(options)] };
    },
  });
  return totals.messagesLost > 0 || totals.recipientsLost > 0 ? 1 : 0;
}

type Shown = Replay & Pick<ReplayedSession, 'id' | 'startedAt' | 'source' | 'device'>;

/** Sums up, and keeps those sessions of which something changes. */
class Review {
  readonly sessions: Shown[] = [];
  readonly #reasons = new Map<string, number>();
  readonly #moved = new Set<string>();
  leftOut = 0;
  #unchanged = 0;
  #replayed = 0;
  #sums = { accepted: 0, lost: 0, recipientsLost: 0, doubtful: 0, gained: 0, recipientsGained: 0 };

  same(row: SessionRow): void {
    this.#unchanged++;
    this.#sums.accepted += row.messages_accepted;
  }

  take(replay: Shown | Unreplayable): void {
    if (replay.kind === 'not-replayed') {
      this.#reasons.set(replay.because, (this.#reasons.get(replay.because) ?? 0) + 1);
      return;
    }
    const { messages, recipients, connector, source } = replay;
    this.#replayed++;
    this.#sums.accepted += messages.logged.accepted;
    this.#sums.lost += messages.lost;
    this.#sums.doubtful += messages.doubtful;
    this.#sums.gained += messages.gained;
    this.#sums.recipientsLost += recipients.lost;
    this.#sums.recipientsGained += recipients.gained;
    if (connector.logged?.toLowerCase() !== connector.replayed?.toLowerCase()) this.#moved.add(source ?? '');
    if (replay.consequence !== 'none') this.sessions.push(replay);
  }

  get notReplayed(): { because: string; count: number }[] {
    return [...this.#reasons].map(([because, count]) => ({ because, count })).sort((a, b) => b.count - a.count);
  }

  get totals(): ReplayTotals {
    const notReplayed = this.notReplayed.reduce((sum, { count }) => sum + count, 0);
    return {
      sessions: this.#unchanged + this.#replayed + notReplayed,
      unchanged: this.#unchanged,
      replayed: this.#replayed,
      notReplayed,
      messagesAccepted: this.#sums.accepted,
      messagesLost: this.#sums.lost,
      recipientsLost: this.#sums.recipientsLost,
      messagesDoubtful: this.#sums.doubtful,
      messagesGained: this.#sums.gained,
      recipientsGained: this.#sums.recipientsGained,
      devicesMoved: this.#moved.size,
      leftOut: this.leftOut,
    };
  }
}

/** Replays sessions of the database. */
class Rehearsal {
  readonly #db: Database;
  readonly #history: ConfigurationHistory;
  readonly #replayer: Replayer;
  /** What the sessions of a server told of its version. */
  readonly #versions = new Map<string, ExchangeVersion>();

  constructor(db: Database, history: ConfigurationHistory, proposal: Organisation) {
    this.#db = db;
    this.#history = history;
    const domains = new RecipientDomains(db, proposal);
    this.#replayer = new Replayer(proposal, {
      versionOf: (server) => this.#versions.get(server.toLowerCase()),
      isInside: (domain) => {
        const external = domains.isExternal(domain);
        return external === undefined ? undefined : !external;
      },
    });
  }

  /** `whole`: with the replies that stay the same. */
  replay(rows: readonly SessionRow[], whole: boolean): (Shown | Unreplayable)[] {
    const wanted = rows.filter(({ direction }) => direction === 'receive');
    if (wanted.length === 0) return [];
    const evidence = rowsOfSessions(this.#db, wanted);
    const recordings = wanted.map((row) => recordingOf(row, evidence.get(row.id) ?? []));
    for (const recording of recordings) {
      const key = serverOfSession(recording).toLowerCase();
      const version = this.#versions.has(key) ? undefined : versionIn(recording.rows);
      if (version) this.#versions.set(key, version);
    }
    return wanted.map((row, index) =>
      this.#shown(
        row,
        this.#replayer.replay(recordings[index]!, { outcome: row.outcome, connector: this.#connectorOf(row) }),
        whole,
      ),
    );
  }

  #connectorOf(row: SessionRow): ReceiveConnector | undefined {
    const then = serverOf(this.#history.at(row.started_at), serverOfSession(row));
    return then && loggedConnector(then, row.connector);
  }

  #shown(row: SessionRow, replay: Replay | Unreplayable, whole: boolean): Shown | Unreplayable {
    if (replay.kind === 'not-replayed') return replay;
    const { id, startedAt, source } = summarise(row);
    const device = this.#history.devicesAt(row.started_at).find(source, row.helo === null ? [] : [row.helo]);
    return {
      id,
      startedAt,
      source,
      device: device?.name ?? null,
      ...replay,
      replies: whole ? replay.replies : replay.replies.filter(({ same }) => !same),
    };
  }
}

function connectionOf(row: SessionRow): Omit<Recording, 'rows' | 'sessionId'> {
  const { server, service, connector, local_endpoint: localEndpoint, remote_endpoint: remoteEndpoint } = row;
  return { server, service, connector, localEndpoint, remoteEndpoint };
}

function recordingOf(row: SessionRow, evidence: readonly EvidenceRow[]): Recording {
  const rows = evidence.map((one): LoggedRow => {
    const { at, sequence, event, data, context } = viewOf(one);
    return { at, sequence, event: String.fromCharCode(event), data, context };
  });
  return { sessionId: row.session_id, ...connectionOf(row), rows };
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

/** Stored sessions, answered again by the selection and session machine under a proposed configuration. */
import { loggedConnector } from '../connector/attribution.ts';
import type { ReceiveConnector } from '../connector/connector.ts';
import { type Organisation, serverOf } from '../connector/organisation.ts';
import type { ConfigurationHistory } from '../queries/configuration-history.ts';
import { RecipientDomains } from '../queries/recipient-domains.ts';
import { type EvidenceRow, rowsOfSessions } from '../queries/session-detail.ts';
import { type SessionRow, summarise } from '../queries/session-summary.ts';
import type { ExchangeVersion } from '../relay/machine/settings.ts';
import { type LoggedRow, type Recording, serverOfSession } from '../relay/replay/recording.ts';
import { type Replay, Replayer, type Unreplayable } from '../relay/replay/replay.ts';
import { versionIn } from '../relay/replay/server-version.ts';
import type { Connection } from '../relay/replay/unchanged.ts';
import type { Database } from '../store/database.ts';
import { viewOf } from '../store/stored-rows.ts';
import type { RehearsedSession } from './review.ts';

/** Replays sessions of the database. */
export class Rehearsal {
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
  replay(rows: readonly SessionRow[], whole: boolean): (RehearsedSession | Unreplayable)[] {
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

  #shown(row: SessionRow, replay: Replay | Unreplayable, whole: boolean): RehearsedSession | Unreplayable {
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

/** Where a session came to and from. */
export function connectionOf(row: SessionRow): Connection {
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

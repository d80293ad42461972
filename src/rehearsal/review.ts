/** What sessions come to under another configuration: summed up, with those of which something changes. */
import { CONSEQUENCES, type Replay, type Unreplayable } from '../relay/replay/replay.ts';

/** A session then and now. */
export interface RehearsedSession extends Replay {
  readonly id: string;
  /** ISO, UTC. */
  readonly startedAt: string;
  readonly source: string | null;
  /** Name from the device list; null for none. */
  readonly device: string | null;
}

/** What all sessions come to. */
export interface ReplayTotals {
  readonly sessions: number;
  /** The same connector, rights and domains: their rows were not looked at. */
  readonly unchanged: number;
  readonly replayed: number;
  readonly notReplayed: number;
  /** Of the sessions that were replayed or are unchanged. */
  readonly messagesAccepted: number;
  readonly messagesLost: number;
  readonly recipientsLost: number;
  readonly messagesDoubtful: number;
  readonly messagesGained: number;
  readonly recipientsGained: number;
  /** Client addresses that would land on another connector. */
  readonly devicesMoved: number;
  /** Sessions of the Hub that carry the mail of a front end, whose own sessions are replayed. */
  readonly leftOut: number;
}

/** All that a replay of many sessions says. */
export interface ReplayReview {
  readonly totals: ReplayTotals;
  /** Those of which something changes: the worst first, then in order of time. */
  readonly sessions: readonly RehearsedSession[];
  /** Counted by reason, the most frequent first. */
  readonly notReplayed: readonly { readonly because: string; readonly count: number }[];
}

/** Sums up, and keeps those sessions of which something changes. */
export class Review {
  readonly #sessions: RehearsedSession[] = [];
  readonly #reasons = new Map<string, number>();
  readonly #moved = new Set<string>();
  #leftOut = 0;
  #unchanged = 0;
  #replayed = 0;
  #sums = { accepted: 0, lost: 0, recipientsLost: 0, doubtful: 0, gained: 0, recipientsGained: 0 };

  leaveOut(): void {
    this.#leftOut++;
  }

  same(messagesAccepted: number): void {
    this.#unchanged++;
    this.#sums.accepted += messagesAccepted;
  }

  take(replay: RehearsedSession | Unreplayable): void {
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
    if (replay.consequence !== 'none') this.#sessions.push(replay);
  }

  get result(): ReplayReview {
    const notReplayed = [...this.#reasons].map(([because, count]) => ({ because, count })).sort((a, b) => b.count - a.count);
    const unreplayable = notReplayed.reduce((sum, { count }) => sum + count, 0);
    return {
      totals: {
        sessions: this.#unchanged + this.#replayed + unreplayable,
        unchanged: this.#unchanged,
        replayed: this.#replayed,
        notReplayed: unreplayable,
        messagesAccepted: this.#sums.accepted,
        messagesLost: this.#sums.lost,
        recipientsLost: this.#sums.recipientsLost,
        messagesDoubtful: this.#sums.doubtful,
        messagesGained: this.#sums.gained,
        recipientsGained: this.#sums.recipientsGained,
        devicesMoved: this.#moved.size,
        leftOut: this.#leftOut,
      },
      sessions: byConsequence(this.#sessions),
      notReplayed,
    };
  }
}

/** The worst first, then in order of time. */
const byConsequence = (sessions: readonly RehearsedSession[]): RehearsedSession[] =>
  [...sessions].sort(
    (a, b) =>
      CONSEQUENCES.indexOf(a.consequence) - CONSEQUENCES.indexOf(b.consequence) ||
      (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0),
  );

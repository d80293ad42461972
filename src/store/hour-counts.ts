/**
 * What the sessions of a run add to the hourly roll-ups, summed up while they are written. The definition is that of the
 * SQL in roll-up.ts; what only the SQL can tell (messages that another session may count for) is left to it.
 */
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import { PlaceHours } from './place-hours.ts';
import { type InternedRecord, type RolledUp, type RolledUpMessage, rolledUp } from './session-record.ts';
import { adding, MESSAGE_SUMS, UsageCounts } from './usage-counts.ts';

interface SessionCount {
  readonly tls: number;
  readonly authResult: string;
  readonly outcome: string;
  readonly healthProbe: number;
  sessions: number;
}

interface MessageCount {
  readonly tls: number;
  readonly authResult: string;
  accepted: number;
  refused: number;
  recipientsAccepted: number;
  recipientsRefused: number;
  bytesAccepted: number;
}

/** By reply and command. */
type RefusalCounts = Map<number, Map<string, number>>;

interface Counts {
  readonly sessions: SessionCount[];
  readonly messages: MessageCount[];
  readonly refusals: RefusalCounts;
}

export class HourCounts {
  readonly #counts = new PlaceHours<Counts>(() => ({ sessions: [], messages: [], refusals: new Map() }));
  readonly #usage: UsageCounts;
  readonly #addSessions: Statement;
  readonly #addMessages: Statement;
  readonly #addRefusals: Statement;

  constructor(db: Database) {
    this.#usage = new UsageCounts(db);
    this.#addSessions = adding(db, 'hourly_sessions', 11, ['sessions']);
    this.#addMessages = adding(db, 'hourly_messages', 13, MESSAGE_SUMS);
    this.#addRefusals = adding(db, 'hourly_refusals', 9, ['refusals']);
  }

  hours(): Set<number> {
    return new Set([...this.#counts.hours(), ...this.#usage.hours()]);
  }

  /** Counts a session with its messages and refusals. */
  add(record: InternedRecord, messages: readonly RolledUpMessage[]): void {
    const facts = rolledUp(record);
    sessionsOf(this.#counts.of(facts.startedAt, facts), facts).sessions++;
    for (const message of messages) {
      if (message.shadow || message.clientSessionId !== null) continue;
      const sums = messagesOf(this.#counts.of(message.decidedAt, facts), facts);
      if (message.state === 'accepted') {
        sums.accepted++;
        sums.bytesAccepted += message.bytes ?? 0;
      } else if (message.state === 'refused') sums.refused++;
      sums.recipientsAccepted += message.recipientsAccepted;
      sums.recipientsRefused += message.recipientsRefused;
    }
    for (const [at, command, , reply] of record.refusals) {
      const { refusals } = this.#counts.of(at, facts);
      let commands = refusals.get(reply);
      if (!commands) refusals.set(reply, (commands = new Map()));
      commands.set(command, (commands.get(command) ?? 0) + 1);
    }
    if (facts.direction === 'receive') this.#usage.add(record, facts, messages);
  }

  /** Adds what was counted in an hour to the roll-ups. */
  write(hour: number): void {
    for (const { place, counts } of this.#counts.take(hour)) {
      const { server, service, direction, connector, source } = place;
      for (const { tls, authResult, outcome, healthProbe, sessions } of counts.sessions)
        this.#addSessions.run(
          hour,
          server,
          service,
          direction,
          connector,
          source,
          outcome,
          tls,
          authResult,
          healthProbe,
          sessions,
        );
      for (const { tls, authResult, accepted, refused, recipientsAccepted, recipientsRefused, bytesAccepted } of counts.messages)
        this.#addMessages.run(
          hour,
          server,
          service,
          direction,
          connector,
          source,
          tls,
          authResult,
          accepted,
          refused,
          recipientsAccepted,
          recipientsRefused,
          bytesAccepted,
        );
      for (const [reply, commands] of counts.refusals)
        for (const [command, refusals] of commands)
          this.#addRefusals.run(hour, server, service, direction, connector, source, command, reply, refusals);
    }
    this.#usage.write(hour);
  }

  /** Forgets what was counted in an hour. */
  drop(hour: number): void {
    this.#counts.take(hour);
    this.#usage.drop(hour);
  }
}

function sessionsOf({ sessions }: Counts, { tls, authResult, outcome, healthProbe }: RolledUp): SessionCount {
  for (const count of sessions)
    if (count.outcome === outcome && count.tls === tls && count.authResult === authResult && count.healthProbe === healthProbe)
      return count;
  const count = { tls, authResult, outcome, healthProbe, sessions: 0 };
  sessions.push(count);
  return count;
}

function messagesOf({ messages }: Counts, { tls, authResult }: RolledUp): MessageCount {
  for (const count of messages) if (count.tls === tls && count.authResult === authResult) return count;
  const count = { tls, authResult, accepted: 0, refused: 0, recipientsAccepted: 0, recipientsRefused: 0, bytesAccepted: 0 };
  messages.push(count);
  return count;
}

/**
 * Puts sessions right from all their rows: those whose rows came late, twice, out of order, or under another server
 * before. The rows are read again from the archive; the result depends on the set of rows alone.
 */
import type { ColumnOrder } from '../protocol-log/line-scanner.ts';
import { partition } from '../session/partition.ts';
import { guessService } from '../session/service.ts';
import { SessionBuilder } from '../session/session-builder.ts';
import type { Archive } from './archive.ts';
import { type Interner, internRecord } from './interning.ts';
import type { LogRegistry, StoredSection } from './log-registry.ts';
import type { RollUp } from './roll-up.ts';
import { type Identity, type SegmentRecord, toRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import { findRows, type StoredRow, type Stretch, viewOf } from './stored-rows.ts';

interface Task {
  readonly identity: Identity;
  readonly segments: SegmentRecord[];
}

/** Identities put right in one pass over the archive; bounds the rows held in memory. */
const BATCH = 500;

export class Rebuilder {
  readonly #tasks = new Map<string, Task>();
  readonly #archive: Archive;
  readonly #registry: LogRegistry;
  readonly #sessions: SessionStore;
  readonly #rollUp: RollUp;
  readonly #intern: Interner;
  readonly #sections = new Map<number, StoredSection>();

  constructor(archive: Archive, registry: LogRegistry, sessions: SessionStore, rollUp: RollUp, intern: Interner) {
    this.#archive = archive;
    this.#registry = registry;
    this.#sessions = sessions;
    this.#rollUp = rollUp;
    this.#intern = intern;
  }

  /** Marks an identity; `segments` are stretches that no stored session holds yet. */
  add(identity: Identity, segments: readonly SegmentRecord[]): void {
    const key = `${identity.sessionId}\0${identity.direction}\0${identity.server}\0${identity.remoteEndpoint}`;
    const task = this.#tasks.get(key);
    if (task) task.segments.push(...segments);
    else this.#tasks.set(key, { identity, segments: [...segments] });
  }

  /** Rebuilds everything marked. */
  run(): void {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    this.#sections.clear();
    for (let start = 0; start < tasks.length; start += BATCH) this.#rebuild(tasks.slice(start, start + BATCH));
  }

  #rebuild(tasks: readonly Task[]): void {
    const rows = new Map<Task, StoredRow[]>();
    const stretches = tasks.flatMap((task) => this.#stretchesOf(task)).sort((a, b) => a.fileId - b.fileId);
    findRows(this.#archive, stretches, (task, row) => {
      const list = rows.get(task);
      if (list) list.push(row);
      else rows.set(task, [row]);
    });
    for (const task of tasks) this.#replace(task, rows.get(task) ?? []);
  }

  #stretchesOf(task: Task): Stretch<Task>[] {
    const stored = this.#sessions.ofIdentity(task.identity).flatMap((id) => this.#sessions.segments(id));
    return [...stored, ...task.segments].map(([sectionId, first, last]) => {
      const section = this.#section(sectionId);
      return {
        owner: task,
        sessionId: task.identity.sessionId,
        remoteEndpoint: task.identity.remoteEndpoint,
        sectionId: section.id,
        fileId: section.fileId,
        order: section.columnOrder === null ? undefined : (JSON.parse(section.columnOrder) as ColumnOrder),
        first,
        last,
      };
    });
  }

  #replace(task: Task, rows: readonly StoredRow[]): void {
    const { identity } = task;
    const stored = this.#sessions.ofIdentity(identity);
    const parts = partition(rows);
    // Some bytes are no longer in the archive: what was rebuilt from them stays.
    if (parts.reduce((sum, part) => sum + part.length, 0) < this.#sessions.rowsOf(identity)) return;
    for (const id of stored) {
      this.#rollUp.touchStored(id);
      this.#sessions.delete(id);
    }
    parts.forEach((part, generation) => {
      const builder = new SessionBuilder(identity.direction);
      for (const row of part) builder.feed(viewOf(row));
      const session = builder.build();
      const section = this.#section(part[0]!.sectionId);
      const built = toRecord(session, {
        server: identity.server,
        service: section.service ?? guessService(session, section.version),
        segments: segmentsOf(part),
        generation,
      });
      const record = internRecord(built, this.#intern);
      this.#sessions.insertAll([record]);
      this.#rollUp.touch(record);
    });
  }

  #section(id: number): StoredSection {
    let section = this.#sections.get(id);
    if (!section) {
      section = this.#registry.section(id);
      if (!section) throw new Error(`section ${id} is not in the store`);
      this.#sections.set(id, section);
    }
    return section;
  }
}

/** First and last byte of the rows in each section. */
function segmentsOf(rows: readonly StoredRow[]): SegmentRecord[] {
  const bySection = new Map<number, [number, number]>();
  for (const { sectionId, position } of rows) {
    const segment = bySection.get(sectionId);
    if (!segment) bySection.set(sectionId, [position, position]);
    else {
      segment[0] = Math.min(segment[0], position);
      segment[1] = Math.max(segment[1], position);
    }
  }
  return [...bySection].map(([sectionId, [first, last]]) => [sectionId, first, last]);
}

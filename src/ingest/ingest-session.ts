/** The writing side of a run: what the scanner tells goes into the store, one transaction a checkpoint. */
import { Archive } from '../store/archive.ts';
import { begin, commit, type Database, rollback } from '../store/database.ts';
import { Interner } from '../store/interning.ts';
import { LogRegistry, type StoredSection } from '../store/log-registry.ts';
import { Rebuilder } from '../store/rebuilder.ts';
import { RollUp } from '../store/roll-up.ts';
import { type InternedRecord, segmentsOf } from '../store/session-record.ts';
import { SessionStore } from '../store/session-store.ts';
import type { LogSettings, ScanEvent, ScannedBlock } from './scan-messages.ts';
import { type PackedSessions, SessionUnpacker } from './session-packing.ts';

export class IngestSession {
  readonly settings: LogSettings;
  readonly registry: LogRegistry;
  readonly archive: Archive;
  readonly anomalies: Record<string, number> = {};
  bytes = 0;
  rows = 0;

  readonly #db: Database;
  readonly #intern: Interner;
  readonly #unpacker: SessionUnpacker;
  readonly #sessions: SessionStore;
  readonly #rollUp: RollUp;
  readonly #rebuilder: Rebuilder;
  readonly #onCommit: () => void;
  /** Where an open session was stored, and the hours in which it counts. */
  readonly #stored = new Map<number, { id: number; hours: readonly number[] }>();
  /** Files of which some rows may stand in another file too. */
  readonly #filesWithDuplicates = new Set<number>();

  constructor(db: Database, settings: LogSettings, onCommit: () => void) {
    this.#db = db;
    this.settings = settings;
    this.#onCommit = onCommit;
    this.#intern = new Interner(db);
    this.#unpacker = new SessionUnpacker(this.#intern);
    this.registry = new LogRegistry(db);
    this.archive = new Archive(db);
    this.#sessions = new SessionStore(db, this.#intern);
    this.#rollUp = new RollUp(db);
    this.#rebuilder = new Rebuilder(this.archive, this.registry, this.#sessions, this.#rollUp, this.#intern);
  }

  /** Rows that the store did not have before. */
  get addedRows(): number {
    return this.#sessions.rowsAdded;
  }

  get sessionCount(): number {
    return this.#sessions.count();
  }

  /** Everything from here to the next commit is one transaction. */
  begin(): void {
    begin(this.#db);
  }

  /** Counts the hours that a killed run left uncounted. */
  mend(): void {
    this.begin();
    this.#rollUp.refreshStale();
  }

  take(event: ScanEvent): void {
    this.begin();
    switch (event.kind) {
      case 'block':
        this.#takeBlock(event);
        return;
      case 'checkpoint':
        this.#storeAll(event.sessions);
        this.#commit(false);
        return;
      case 'file-end':
    }
  }

  /** Settles which server the logs without one belong to, gives up bytes held twice, and commits. */
  finish(): void {
    this.begin();
    this.#settleServers();
    this.#rebuilder.run();
    this.#releaseDuplicates();
    this.#commit(true);
  }

  /** Takes back what is not committed. */
  abandon(): void {
    rollback(this.#db);
  }

  /** Says something else of a section: its sessions are built anew from their rows. */
  recast(
    section: StoredSection,
    change: Partial<Pick<StoredSection, 'server' | 'serverKnownBy' | 'direction' | 'service'>>,
  ): void {
    const changed = { ...section, ...change };
    const sessions = this.#sessions.ofSection(section.id, section.server, section.direction);
    for (const { id, ...identity } of sessions) {
      this.#rebuilder.add({ ...identity, server: changed.server, direction: changed.direction }, this.#sessions.segments(id));
      this.#rollUp.touchStored(id);
      this.#sessions.delete(id);
    }
    this.registry.changeSection(section.id, changed, this.#intern.text(changed.server));
  }

  #commit(last: boolean): void {
    this.#rebuilder.run();
    this.#sessions.flushLogEnds();
    this.#rollUp.refresh(last);
    commit(this.#db);
    this.#onCommit();
  }

  #takeBlock(event: ScannedBlock): void {
    for (const section of event.sections) {
      this.registry.addSection(section, this.#intern.text(section.server));
      this.registry.foundUnder(section.id, event.tree);
    }
    if (event.replaces) {
      this.archive.cut(event.fileId, event.replaces.blocksFrom);
      this.registry.dropAnomalies(event.fileId, event.replaces.anomaliesFrom);
    }
    this.archive.store(event.fileId, event.block);
    for (const anomaly of event.anomalies) this.registry.addAnomaly(event.fileId, anomaly);
    for (const [kind, count] of Object.entries(event.counts)) {
      this.anomalies[kind] = (this.anomalies[kind] ?? 0) + count;
      const kept = event.anomalies.filter((anomaly) => anomaly.kind === kind).length;
      if (count > kept) this.registry.addUnkept(event.fileId, kind, count - kept);
    }
    this.#storeAll(event.sessions);
    this.registry.updateFile(event.fileId, event);
    this.bytes += event.newBytes;
    this.rows += event.newRows;
  }

  /** Writes sessions as far as they are known; one that the store has already in another form is rebuilt from all its rows. */
  #storeAll(packed: PackedSessions): void {
    const sessions = this.#unpacker.unpack(packed);
    const wasStored = sessions.map(({ handle }) => this.#takeBack(handle));
    const regular = sessions.filter(({ irregular }) => !irregular);
    const ids = this.#sessions.insertAll(regular.map(({ record }) => record));
    let next = 0;
    sessions.forEach(({ handle, open, irregular, record }, index) => {
      const id = irregular ? undefined : ids[next++];
      if (id === undefined) this.#putRight(record, wasStored[index]!);
      else if (open) this.#stored.set(handle, { id, hours: this.#rollUp.hold(record) });
      else this.#rollUp.count(record);
    });
  }

  /** Deletes what was stored of a session while it was open; true when there was something. */
  #takeBack(handle: number): boolean {
    const stored = this.#stored.get(handle);
    if (!stored) return false;
    this.#sessions.delete(stored.id);
    this.#rollUp.release(stored.hours);
    return this.#stored.delete(handle);
  }

  #putRight(record: InternedRecord, wasStored: boolean): void {
    if (wasStored) this.#rollUp.touch(record);
    const segments = segmentsOf(record);
    this.#rebuilder.add(this.#sessions.identityOf(record), segments);
    for (const [sectionId] of segments) {
      const section = this.registry.section(sectionId);
      if (section) this.#filesWithDuplicates.add(section.fileId);
    }
  }

  /** The receive logs of a tree name the server of its send logs, before what an option said. */
  #settleServers(): void {
    const known = new Map<string, string[]>();
    for (const section of this.registry.undecidedSections()) {
      const server = this.registry.serverByTrees(section.id, known);
      if (server !== undefined) {
        if (server !== section.server) this.recast(section, { server, serverKnownBy: 'tree' });
      } else if (section.serverKnownBy === 'tree') this.recast(section, { server: '', serverKnownBy: 'nothing' });
    }
  }

  /** Blocks to whose rows no session refers are held by another file: their bytes need not be kept twice. */
  #releaseDuplicates(): void {
    for (const fileId of this.#filesWithDuplicates) this.archive.releaseUnused(fileId);
    this.#filesWithDuplicates.clear();
  }
}

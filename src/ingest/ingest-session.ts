/** One run of ingest: the open sessions, the transaction under way, and what was counted. */
import type { Direction, Service } from '../protocol-log/fields.ts';
import { guessService } from '../session/service.ts';
import { type OpenSession, SessionTable } from '../session/session-table.ts';
import { Archive, type Block, pack } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import { Interner } from '../store/interning.ts';
import { LogRegistry, type ServerKnownBy, type StoredSection } from '../store/log-registry.ts';
import { Rebuilder } from '../store/rebuilder.ts';
import { RollUp } from '../store/roll-up.ts';
import { type Identity, SessionStore, type StoredSegment } from '../store/session-store.ts';

export interface IngestSettings {
  /** Server of logs whose rows do not name one (send logs). */
  readonly server?: string;
  readonly service?: Service;
  readonly direction?: Direction;
  /** How long to wait for another ingest on the same database. */
  readonly waitMs?: number;
}

/** Decoded bytes of log that go into one commit. */
const COMMIT_BYTES = 64 << 20;
/** Blocks that may wait for their compression. */
const PACKING = 8;

export class IngestSession {
  readonly settings: IngestSettings;
  readonly registry: LogRegistry;
  readonly archive: Archive;
  readonly intern: Interner;
  readonly table: SessionTable;
  readonly anomalies: Record<string, number> = {};
  bytes = 0;
  rows = 0;

  readonly #db: Database;
  readonly #sessions: SessionStore;
  readonly #rollUp: RollUp;
  readonly #rebuilder: Rebuilder;
  readonly #onCommit: () => void;
  /** Where an open session was stored, and how far it had come then. */
  readonly #stored = new Map<OpenSession, { id: number; until: number }>();
  readonly #services = new Map<number, { service: Service | null; version: string | null }>();
  readonly #filesWithDuplicates = new Set<number>();
  #packing: { fileId: number; block: Promise<Block> }[] = [];
  #uncommitted = 0;

  constructor(db: Database, settings: IngestSettings, onCommit: () => void) {
    this.#db = db;
    this.settings = settings;
    this.#onCommit = onCommit;
    this.intern = new Interner(db);
    this.registry = new LogRegistry(db);
    this.archive = new Archive(db);
    this.#sessions = new SessionStore(db, this.intern);
    this.#rollUp = new RollUp(db);
    this.#rebuilder = new Rebuilder(this.archive, this.registry, this.#sessions, this.#rollUp);
    this.table = new SessionTable({ onClose: (session) => this.#close(session) });
  }

  /** Rows that the store did not have before. */
  get addedRows(): number {
    return this.#sessions.rowsAdded;
  }

  /** Everything from here to the next commit is one transaction. */
  begin(): void {
    if (!this.#db.inTransaction) this.#db.exec('BEGIN IMMEDIATE');
  }

  count(anomaly: string): void {
    this.anomalies[anomaly] = (this.anomalies[anomaly] ?? 0) + 1;
  }

  addSection(section: Omit<StoredSection, 'id'>): number {
    const id = this.registry.addSection(section, this.intern.text(section.server));
    this.#services.set(id, { service: section.service, version: section.version });
    return id;
  }

  /** Known sections of a file that is read on. */
  knowSection(section: StoredSection): void {
    this.#services.set(section.id, { service: section.service, version: section.version });
  }

  /** Keeps a block of original bytes; it is compressed while reading goes on. */
  async keep(fileId: number, bytes: Buffer, position: number, firstLine: number): Promise<void> {
    this.#packing.push({ fileId, block: pack(bytes, position, firstLine) });
    this.#uncommitted += bytes.length;
    if (this.#packing.length > PACKING) await this.#storeBlocks(1);
    if (this.#uncommitted >= COMMIT_BYTES) await this.commit();
  }

  /** Everything read so far is in the store for good when this returns. */
  async commit(last = false): Promise<void> {
    this.begin();
    await this.#storeBlocks(this.#packing.length);
    for (const session of this.table.open()) if (session.changed) this.#store(session);
    this.#rebuilder.run();
    this.#sessions.flushLogEnds();
    this.#rollUp.refresh(last);
    this.#db.exec('COMMIT');
    this.#uncommitted = 0;
    this.#onCommit();
  }

  /** Closes what is open, settles which server the logs without one belong to, and commits. */
  async finish(): Promise<void> {
    this.begin();
    this.table.closeAll();
    await this.commit();
    this.begin();
    this.#settleServers();
    this.#rebuilder.run();
    this.#releaseDuplicates();
    await this.commit(true);
  }

  /** Counts the hours that a killed run left uncounted. */
  mend(): void {
    this.begin();
    this.#rollUp.refreshStale();
  }

  /** Takes back what is not committed. */
  abandon(): void {
    if (this.#db.open && this.#db.inTransaction) this.#db.exec('ROLLBACK');
  }

  /** Moves a section, and the sessions in it, to another server. */
  recast(section: StoredSection, server: string, knownBy: ServerKnownBy): void {
    const ids = this.#db
      .prepare<[number, number], { id: number }>(
        'SELECT DISTINCT s.id FROM segment_view g JOIN session s ON s.id = g.session WHERE g.section_id = ? AND s.server_id = ?',
      )
      .all(section.id, this.intern.text(section.server));
    for (const { id } of ids) {
      const row = this.#db
        .prepare<[number], { sessionId: string; direction: Direction; remoteEndpoint: string }>(
          'SELECT session_id AS sessionId, direction, remote_endpoint AS remoteEndpoint FROM session WHERE id = ?',
        )
        .get(id);
      if (!row) continue;
      this.#rebuilder.add({ ...row, server }, this.#sessions.segments(id));
      this.#rollUp.touchStored(id);
      this.#sessions.delete(id);
    }
    this.registry.moveSection(section.id, this.intern.text(server), knownBy);
  }

  /** Some of the rows of this file may stand in another one too. */
  noteDuplicates(fileId: number): void {
    this.#filesWithDuplicates.add(fileId);
  }

  async #storeBlocks(count: number): Promise<void> {
    for (const { fileId, block } of this.#packing.splice(0, count)) this.archive.store(fileId, await block);
  }

  #close(session: OpenSession): void {
    if (session.changed) this.#store(session);
    this.#stored.delete(session);
  }

  /** Writes a session as far as it is known; one that the store has already in another form is rebuilt from all its rows. */
  #store(session: OpenSession): void {
    const stored = this.#stored.get(session);
    if (stored) this.#sessions.delete(stored.id);
    this.#stored.delete(session);
    session.changed = false;
    const segments: StoredSegment[] = session.segments.map(({ section, first, last }) => ({
      sectionId: section.id,
      first,
      last,
    }));
    const built = session.builder.build();
    if (!session.irregular) {
      const { service = null, version = null } = this.#services.get(segments[0]!.sectionId) ?? {};
      const id = this.#sessions.insert(built, session.server, service ?? guessService(built, version), segments);
      if (id !== undefined) {
        this.#rollUp.touch(built, stored?.until);
        this.#stored.set(session, { id, until: built.endedAt });
        return;
      }
    }
    if (stored) this.#rollUp.touch(built);
    const identity: Identity = {
      sessionId: built.sessionId,
      direction: session.direction,
      server: session.server,
      remoteEndpoint: built.remoteEndpoint,
    };
    this.#rebuilder.add(identity, segments);
    for (const { section } of session.segments) this.#noteFileOf(section.id);
  }

  #noteFileOf(sectionId: number): void {
    const section = this.registry.section(sectionId);
    if (section) this.#filesWithDuplicates.add(section.fileId);
  }

  /** The tree's receive logs name the server of its send logs, once they are read; one name, or none. */
  #settleServers(): void {
    for (const section of this.registry.undecidedSections()) {
      const servers = section.tree === '' ? [] : this.registry.serversOfTree(section.tree);
      const server = servers.length === 1 ? servers[0]! : '';
      if (server !== section.server) this.recast(section, server, server === '' ? 'nothing' : 'tree');
    }
  }

  /** Blocks to whose rows no session refers are held by another file: their bytes need not be kept twice. */
  #releaseDuplicates(): void {
    for (const fileId of this.#filesWithDuplicates) {
      const used = this.#db
        .prepare<[number], { first: number; last: number }>(
          'SELECT first, last FROM segment_view WHERE section_id IN (SELECT id FROM section WHERE file_id = ?)',
        )
        .all(fileId);
      for (const block of this.archive.outline(fileId)) {
        const end = block.position + block.length;
        if (!used.some(({ first, last }) => first < end && last >= block.position)) this.archive.release(block.id);
      }
    }
    this.#filesWithDuplicates.clear();
  }
}

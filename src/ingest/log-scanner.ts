/**
 * The reading side of ingest: opens logs, frames blocks, follows sections and sessions. It knows no database;
 * what it finds it tells as events, in an order in which they can be committed at every checkpoint.
 */
import { placeOf } from '../protocol-log/log-place.ts';
import { guessService } from '../session/service.ts';
import { type OpenSession, SessionTable } from '../session/session-table.ts';
import { BLOCK_BYTES } from '../store/archive.ts';
import type { StoredSection } from '../store/log-registry.ts';
import { type SegmentRecord, type SessionRecord, toRecord } from '../store/session-record.ts';
import { FileReading, type NewSection } from './file-reading.ts';
import { type OpenLog, openLog } from './log-source.ts';
import type { ScanEvent, ScanJob, ScannedBlock } from './scan-messages.ts';
import { type ScannedSession, SessionPacker } from './session-packing.ts';

/** Decoded bytes of log between two checkpoints. */
const CHECKPOINT_BYTES = 64 << 20;
/** A line longer than this is taken as it is, in pieces. */
const LINE_LIMIT = 2 << 20;

const LF = 0x0a;

/** Takes an event; the promise is waited for before more is read. */
export type Emit = (event: ScanEvent) => Promise<void> | void;

export class LogScanner {
  readonly #found = new SessionPacker();
  readonly #emit: Emit;
  readonly #table: SessionTable;
  readonly #handles = new Map<OpenSession, number>();
  /** Servers named in this run, by tree: the store may not know them yet. */
  readonly #serversOfTree = new Map<string, Set<string>>();
  #nextHandle = 1;
  #nextSection: number;
  #sinceCheckpoint = 0;
  /** Of blocks that have been stored. */
  readonly #spare: ArrayBufferLike[] = [];

  constructor(nextSection: number, emit: Emit) {
    this.#nextSection = nextSection;
    this.#emit = emit;
    this.#table = new SessionTable({ onClose: (session) => this.#close(session) });
  }

  /** Takes the buffer of a block that has been stored: the next block is read into it, for fresh memory costs as much as reading. */
  reuse(buffer: ArrayBufferLike): void {
    if (buffer.byteLength === BLOCK_BYTES) this.#spare.push(buffer);
  }

  async scan(job: ScanJob): Promise<void> {
    try {
      const log = await openLog(job.source, job.seekable ? job.blockPosition : 0);
      let heldBack: boolean;
      try {
        heldBack = await this.#read(log, job);
      } finally {
        await log.close();
      }
      await this.#emit({ kind: 'file-end', fileId: job.fileId, heldBack });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      await this.#emit({ kind: 'file-end', fileId: job.fileId, heldBack: false, error: { code, message } });
    }
  }

  /** Closes what is open and makes the last checkpoint. */
  async finish(): Promise<void> {
    this.#table.closeAll();
    await this.#checkpoint();
  }

  async #checkpoint(): Promise<void> {
    for (const session of this.#table.open()) if (session.changed) this.#found.add(this.#tell(session, true));
    this.#sinceCheckpoint = 0;
    await this.#emit({ kind: 'checkpoint', sessions: this.#found.take() });
  }

  /** True when a last line was left because its end has not come. */
  async #read(log: OpenLog, job: ScanJob): Promise<boolean> {
    const reading = new FileReading(job, this.#table, (section) => this.#addSection(section), this.#serversOf(job));
    let carried = await skipTo(log, job);
    let { blockPosition: position, blockLine: line } = job;
    let replaces: ScannedBlock['replaces'] = { blocksFrom: job.blockPosition, anomaliesFrom: job.progress };
    let heldBack = false;
    for (let atEnd = false; !atEnd; ) {
      const next = await this.#nextBlock(log, carried);
      let { bytes } = next;
      atEnd = next.atEnd;
      if (atEnd && job.waitsForLineEnd) {
        const whole = bytes.lastIndexOf(LF) + 1;
        heldBack = whole < bytes.length;
        bytes = bytes.subarray(0, whole);
        // What is known already is not written again for nothing.
        if (heldBack && whole === carried.length) break;
      }
      // Asked before the block is handed over, and with it its bytes.
      const { length } = bytes;
      if (length === 0) break;
      const lastLine = atEnd ? bytes.lastIndexOf(LF) + 1 : length;
      const unread = bytes.subarray(carried.length);
      const newBytes = unread.length;
      const tail = lastLine < length ? position + lastLine : Number.POSITIVE_INFINITY;
      const found = reading.read(unread, position + carried.length, tail);
      this.#table.sweep(reading.latest);
      await this.#emit({
        kind: 'block',
        fileId: job.fileId,
        tree: reading.tree,
        block: { position, firstLine: line, bytes },
        replaces,
        sessions: this.#found.take(),
        ...found,
        length: position + length,
        progress: position + lastLine,
        lines: reading.nextLine - 1 - (lastLine < length ? 1 : 0),
        rows: reading.rows,
        pendingHeader: reading.pendingHeader,
        newBytes,
      });
      replaces = null;
      this.#sinceCheckpoint += newBytes;
      if (this.#sinceCheckpoint >= CHECKPOINT_BYTES) await this.#checkpoint();
      position += length;
      line = reading.nextLine;
      carried = Buffer.alloc(0);
    }
    return heldBack;
  }

  /** `carried` and about as many bytes as make a block, ending with a line unless the log ends before. */
  async #nextBlock(log: OpenLog, carried: Buffer): Promise<{ bytes: Buffer; atEnd: boolean }> {
    let bytes = await log.bytes.take(Math.max(BLOCK_BYTES - carried.length, 1), this.#spare.pop());
    while (bytes.lastIndexOf(LF) < 0 && bytes.length < LINE_LIMIT) {
      const more = await log.bytes.take(BLOCK_BYTES);
      if (more.length === 0) break;
      bytes = Buffer.concat([bytes, more]);
    }
    const atEnd = await log.bytes.isAtEnd();
    if (!atEnd) {
      const end = bytes.lastIndexOf(LF) + 1;
      if (end > 0) {
        log.bytes.giveBack(bytes.subarray(end));
        bytes = bytes.subarray(0, end);
      }
    }
    if (bytes.length === 0) return { bytes, atEnd };
    return { bytes: carried.length === 0 ? bytes : Buffer.concat([carried, bytes]), atEnd };
  }

  #addSection(section: NewSection): StoredSection {
    const { tree, ...rest } = section;
    const stored = { ...rest, id: this.#nextSection++ };
    if (stored.serverKnownBy === 'rows' && stored.direction === 'receive') {
      const servers = this.#serversOfTree.get(tree);
      if (servers) servers.add(stored.server);
      else this.#serversOfTree.set(tree, new Set([stored.server]));
    }
    return stored;
  }

  #serversOf(job: ScanJob): () => string[] {
    const { tree } = placeOf(job.source.path);
    return () => [...new Set([...job.serversOfTree, ...(this.#serversOfTree.get(tree) ?? [])])];
  }

  #close(session: OpenSession): void {
    // Also one that has not changed: that it is not open any more is news.
    if (session.changed || this.#handles.has(session)) this.#found.add(this.#tell(session, false));
    this.#handles.delete(session);
  }

  #tell(session: OpenSession, open: boolean): ScannedSession<SessionRecord> {
    let handle = this.#handles.get(session);
    if (handle === undefined) {
      handle = this.#nextHandle++;
      if (open) this.#handles.set(session, handle);
    }
    session.changed = false;
    const built = session.builder.build();
    const { section } = session.segments[0]!;
    const segments = session.segments.map(({ section: { id }, first, last }): SegmentRecord => [id, first, last]);
    const service = section.service ?? guessService(built, section.version);
    return { handle, open, irregular: session.irregular, record: toRecord(built, { server: session.server, service, segments }) };
  }
}

/** Passes over what is known; returns the bytes of the last known block that are packed again. */
async function skipTo(log: OpenLog, { blockPosition, progress, seekable }: ScanJob): Promise<Buffer> {
  for (let left = seekable ? 0 : blockPosition; left > 0; ) {
    const skipped = await log.bytes.take(Math.min(left, BLOCK_BYTES));
    if (skipped.length === 0) break;
    left -= skipped.length;
  }
  return log.bytes.take(progress - blockPosition);
}

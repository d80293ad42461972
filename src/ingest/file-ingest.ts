/** Reads one log into the run: recognises it, finds what of it is known, and reads the rest block by block. */
import type { Direction } from '../protocol-log/fields.ts';
import { directionOfLogType } from '../protocol-log/header.ts';
import type { ColumnOrder } from '../protocol-log/line-scanner.ts';
import { type LogPlace, placeOf } from '../protocol-log/log-place.ts';
import { LogReader } from '../protocol-log/log-reader.ts';
import { recognise } from '../protocol-log/recognition.ts';
import type { RowView } from '../protocol-log/row-view.ts';
import type { Damage } from '../protocol-log/slow-row.ts';
import type { Section } from '../session/session-table.ts';
import { BLOCK_BYTES, hashOf } from '../store/archive.ts';
import type { LogFile, ServerKnownBy, StoredSection } from '../store/log-registry.ts';
import type { IngestSession } from './ingest-session.ts';
import { type LogSource, type OpenLog, openLog } from './log-source.ts';

export type FileOutcome =
  | { readonly kind: 'read' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'other'; readonly what: string };

/** Enough to recognise a log by. */
const HEAD_BYTES = 64 << 10;
/** A file is looked up by the hash of this many of its first bytes. */
const IDENTITY_BYTES = 4096;
/** A line longer than this is taken as it is, in pieces. */
const LINE_LIMIT = 64 << 20;
/** Damaged lines of one file that are kept with their text; the rest is only counted. */
const ANOMALY_LIMIT = 10_000;

const LF = 0x0a;

/** Where reading starts, and what is known of the log up to there. */
interface Start {
  readonly fileId: number;
  /** Bytes from the start of the last block to `progress`: read before, but packed again with what follows. */
  readonly carried: Buffer;
  readonly blockPosition: number;
  readonly blockLine: number;
  readonly progress: number;
  readonly line: number;
  readonly rows: number;
  readonly sections: readonly StoredSection[];
}

export class FileIngest {
  readonly #run: IngestSession;
  readonly #source: LogSource;
  readonly #place: LogPlace;
  #directionOfRows: Direction | undefined;
  #section: Section | undefined;
  #header: { direction?: Direction; version?: string; order?: ColumnOrder | undefined; position: number } | undefined;
  #order: ColumnOrder | undefined;
  #block: { bytes: Buffer; position: number } = { bytes: Buffer.alloc(0), position: 0 };
  #fileId = 0;
  #rows = 0;
  #latest = 0;
  #anomalies = 0;
  /** From here on lies a last line without line end: provisional. */
  #tail = Number.POSITIVE_INFINITY;

  constructor(run: IngestSession, source: LogSource) {
    this.#run = run;
    this.#source = source;
    this.#place = placeOf(source.path);
  }

  async run(onBytes: (bytes: number) => void): Promise<FileOutcome> {
    const { path, size, modifiedAt } = this.#source;
    const { server = '', service = '', direction = '' } = this.#run.settings;
    const settings = [server, service, direction].join('|');
    const seen = size !== undefined && modifiedAt !== undefined;
    if (seen && this.#run.registry.isUnchanged(path, size, Math.trunc(modifiedAt), settings)) return { kind: 'unchanged' };
    let log = await openLog(this.#source);
    try {
      const head = wholeLines(await log.bytes.peek(HEAD_BYTES));
      const recognition = recognise(head);
      if (recognition.kind !== 'protocol-log') return recognition;
      this.#directionOfRows = recognition.directionOfRows;
      let start: Start | undefined;
      if (size !== undefined)
        for (const candidate of this.#candidates(head)) {
          start = await this.#verify(log, candidate);
          if (start) break;
          await log.close();
          log = await openLog(this.#source);
        }
      const atEnd = start !== undefined && (await log.bytes.peek(1)).length === 0;
      this.#run.begin();
      if (start && atEnd) this.#correctServer(start.fileId);
      else await this.#read(log, start ?? this.#newFile(head, log), onBytes);
      if (seen) this.#run.registry.savePath(path, size, modifiedAt, settings);
      return atEnd ? { kind: 'unchanged' } : { kind: 'read' };
    } finally {
      await log.close();
    }
  }

  // --- what is known already ----------------------------------------------------------------------------------------

  #candidates(head: Buffer): LogFile[] {
    const { registry } = this.#run;
    return registry
      .headLengths()
      .filter((length) => length <= head.length)
      .sort((a, b) => b - a)
      .flatMap((length) => registry.byHead(hashOf(head.subarray(0, length)), length));
  }

  /** Takes the known blocks from the log as long as their hashes agree; undefined when they do not. */
  async #verify(log: OpenLog, known: LogFile): Promise<Start | undefined> {
    const outline = this.#run.archive.outline(known.id);
    if (outline.length === 0) return undefined;
    let last = Buffer.alloc(0) as Buffer;
    for (const block of outline) {
      last = await log.bytes.take(block.length);
      if (last.length < block.length || !hashOf(last).equals(block.hash)) return undefined;
    }
    const block = outline.at(-1)!;
    if (known.rows === 0 && outline.length === 1) {
      // Only a header so far: read from the start again, so that it counts for the rows that have come.
      log.bytes.giveBack(last);
      return this.#startAt({ ...known, progress: 0, lines: 0 }, Buffer.alloc(0), 0, 1);
    }
    if ((await log.bytes.peek(1)).length === 0) return this.#startAt(known, Buffer.alloc(0), known.length, 0);
    // More has come. A small last block, or one that ends in a provisional line, is written again.
    const tail = known.length - known.progress;
    log.bytes.giveBack(last.subarray(last.length - tail));
    if (tail > 0 || block.length < BLOCK_BYTES / 2)
      return this.#startAt(known, last.subarray(0, last.length - tail), block.position, block.firstLine);
    return this.#startAt(known, Buffer.alloc(0), known.progress, known.lines + 1);
  }

  #startAt(known: LogFile, carried: Buffer, blockPosition: number, blockLine: number): Start {
    const { progress, lines, rows } = known;
    const sections = this.#run.registry.sections(known.id);
    return { fileId: known.id, carried, blockPosition, blockLine, progress, line: lines + 1, rows, sections };
  }

  #newFile(head: Buffer, log: OpenLog): Start {
    const headLength = Math.min(head.length, IDENTITY_BYTES);
    const fileId = this.#run.registry.addFile({
      path: this.#source.path,
      tree: this.#place.tree,
      encoding: log.encoding,
      headLength,
      headHash: hashOf(head.subarray(0, headLength)),
    });
    return { fileId, carried: Buffer.alloc(0), blockPosition: 0, blockLine: 1, progress: 0, line: 1, rows: 0, sections: [] };
  }

  /** A log read before under no or another server, now with `--server`. */
  #correctServer(fileId: number): void {
    const { server } = this.#run.settings;
    if (!server) return;
    for (const section of this.#run.registry.sections(fileId))
      if (section.serverKnownBy !== 'rows' && section.server !== server) this.#run.recast(section, server, 'option');
  }

  // --- reading ------------------------------------------------------------------------------------------------------

  async #read(log: OpenLog, start: Start, onBytes: (bytes: number) => void): Promise<void> {
    const run = this.#run;
    this.#fileId = start.fileId;
    this.#rows = start.rows;
    this.#resume(start);
    run.archive.cut(start.fileId, start.blockPosition);
    run.registry.dropAnomalies(start.fileId, start.progress);
    const reader = new LogReader(this.#sink(), start.line, this.#order);
    let { carried, blockPosition: position, blockLine: line } = start;
    for (;;) {
      const { bytes, atEnd } = await nextBlock(log, carried);
      if (bytes.length === 0) break;
      run.begin();
      const lastLine = atEnd ? bytes.lastIndexOf(LF) + 1 : bytes.length;
      const unread = bytes.subarray(carried.length);
      this.#block = { bytes: unread, position: position + carried.length };
      this.#tail = lastLine < bytes.length ? position + lastLine : Number.POSITIVE_INFINITY;
      reader.read(unread, this.#block.position);
      run.bytes += unread.length;
      run.table.sweep(this.#latest);
      const lines = reader.line - 1 - (lastLine < bytes.length ? 1 : 0);
      run.registry.updateFile(start.fileId, {
        length: position + bytes.length,
        progress: position + lastLine,
        lines,
        rows: this.#rows,
      });
      onBytes(position + bytes.length);
      await run.keep(start.fileId, bytes, position, line);
      position += bytes.length;
      line = reader.line;
      carried = Buffer.alloc(0);
      if (atEnd) break;
    }
  }

  #resume(start: Start): void {
    const last = start.sections.at(-1);
    if (!last) return;
    for (const section of start.sections) this.#run.knowSection(section);
    this.#section = { id: last.id, direction: last.direction, server: last.server };
    this.#order = last.columnOrder === null ? undefined : (JSON.parse(last.columnOrder) as ColumnOrder);
  }

  #sink() {
    const run = this.#run;
    return {
      row: (view: RowView, position: number): void => {
        if (this.#header || !this.#section) this.#section = this.#newSection(view, position);
        this.#rows++;
        run.rows++;
        if (view.at > this.#latest) this.#latest = view.at;
        run.table.row(view, this.#section, position);
      },
      damage: (kind: Damage, position: number, line: number, excerpt: string): void => {
        const named = kind === 'unreadable' && position >= this.#tail ? 'cut' : kind;
        run.count(named);
        if (++this.#anomalies <= ANOMALY_LIMIT) run.registry.addAnomaly(this.#fileId, { position, line, kind: named, excerpt });
      },
      header: (name: string, value: string, position: number, order: ColumnOrder | undefined): void => {
        this.#header ??= { position };
        if (name === 'Version') this.#header.version = value;
        else if (name === 'Fields') this.#order = order;
        else if (name === 'Log-type') {
          const direction = directionOfLogType(value);
          if (direction) this.#header.direction = direction;
        }
      },
    };
  }

  /** The rows from here on stand under a header of their own (or, at the start, under none). */
  #newSection(view: RowView, position: number): Section {
    const header = this.#header;
    this.#header = undefined;
    const { settings } = this.#run;
    const direction =
      settings.direction ??
      header?.direction ??
      this.#section?.direction ??
      this.#place.direction ??
      this.#directionOfRows ??
      'receive';
    const [server, serverKnownBy] = this.#serverOf(direction, view, position);
    const section: Omit<StoredSection, 'id'> = {
      fileId: this.#fileId,
      position: header?.position ?? position,
      direction,
      server,
      serverKnownBy,
      service: settings.service ?? this.#place.service ?? null,
      version: header?.version ?? null,
      columnOrder: this.#order ? JSON.stringify(this.#order) : null,
    };
    return { id: this.#run.addSection(section), direction, server };
  }

  /** The server of a log as a whole: named by its receive rows, else by the other logs of its tree, else by the option. */
  #serverOf(direction: Direction, view: RowView, position: number): [string, ServerKnownBy] {
    if (direction === 'receive') {
      const named = serverPrefix(view.connector) || this.#firstServerFrom(position);
      if (named) return [named, 'rows'];
    }
    const { server } = this.#run.settings;
    if (server) return [server, 'option'];
    const ofTree = this.#place.tree === '' ? [] : this.#run.registry.serversOfTree(this.#place.tree);
    return ofTree.length === 1 ? [ofTree[0]!, 'tree'] : ['', 'nothing'];
  }

  /** A log may start with sessions that no connector took: the first row that names one tells. */
  #firstServerFrom(position: number): string {
    let found = '';
    const { bytes, position: start } = this.#block;
    new LogReader(
      {
        row(view) {
          if (found === '') found = serverPrefix(view.connector);
        },
        damage() {},
      },
      1,
      this.#order,
    ).read(bytes.subarray(position - start), position);
    return found;
  }
}

const serverPrefix = (connector: string): string => connector.slice(0, Math.max(0, connector.indexOf('\\')));

/** The bytes up to the last line end, or all of them where there is none. */
function wholeLines(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(LF);
  return end < 0 || bytes.length < HEAD_BYTES ? bytes : bytes.subarray(0, end + 1);
}

/** `carried` and about as many bytes as make a block, ending with a line unless the log ends before. */
async function nextBlock(log: OpenLog, carried: Buffer): Promise<{ bytes: Buffer; atEnd: boolean }> {
  let bytes = await log.bytes.take(Math.max(BLOCK_BYTES - carried.length, 1));
  while (bytes.lastIndexOf(LF) < 0 && bytes.length < LINE_LIMIT) {
    const more = await log.bytes.take(BLOCK_BYTES);
    if (more.length === 0) break;
    bytes = Buffer.concat([bytes, more]);
  }
  const atEnd = (await log.bytes.peek(1)).length === 0;
  if (!atEnd) {
    const end = bytes.lastIndexOf(LF) + 1;
    if (end > 0) {
      log.bytes.giveBack(bytes.subarray(end));
      bytes = bytes.subarray(0, end);
    }
  }
  return { bytes: bytes.length === 0 ? bytes : Buffer.concat([carried, bytes]), atEnd };
}

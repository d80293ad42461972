/** One log while it is read: its header, its sections, and the rows on their way to the session table. */
import type { Direction } from '../protocol-log/fields.ts';
import { directionOfLogType } from '../protocol-log/header.ts';
import type { ColumnOrder } from '../protocol-log/line-scanner.ts';
import { type LogPlace, placeOf } from '../protocol-log/log-place.ts';
import { LogReader, type LogSink } from '../protocol-log/log-reader.ts';
import type { RowView } from '../protocol-log/row-view.ts';
import type { Section, SessionTable } from '../session/session-table.ts';
import type { FileAnomaly, ServerKnownBy, StoredSection } from '../store/log-registry.ts';
import type { ScanJob } from './scan-messages.ts';

/** Bytes in which the first named server is looked for. */
const LOOK_AHEAD = 256 << 10;
/** Damaged lines that one reading of a file keeps with their text; the rest is only counted. */
const ANOMALY_LIMIT = 10_000;

/** A section before it has its id; `tree`: see LogPlace. */
export type NewSection = Omit<StoredSection, 'id'> & { readonly tree: string };

/** Header lines read since the last row. */
interface Header {
  direction?: Direction;
  version?: string;
  order?: ColumnOrder | undefined;
  readonly position: number;
}

/** What a block brought besides sessions. */
interface Found {
  readonly sections: StoredSection[];
  readonly anomalies: FileAnomaly[];
  readonly counts: Record<string, number>;
  newRows: number;
}

export class FileReading {
  readonly #job: ScanJob;
  readonly #place: LogPlace;
  readonly #table: SessionTable;
  readonly #reader: LogReader;
  readonly #addSection: (section: NewSection) => StoredSection;
  readonly #serversOfTree: () => string[];
  #section: Section | undefined;
  #header: Header | undefined;
  #order: ColumnOrder | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;
  #tail = Number.POSITIVE_INFINITY;
  #kept = 0;
  /** No row names a server from the last look up to here. */
  #namelessUpTo = 0;
  #found = nothing();
  rows: number;
  /** Latest time stamp seen. */
  latest = 0;

  constructor(
    job: ScanJob,
    table: SessionTable,
    addSection: (section: NewSection) => StoredSection,
    serversOfTree: () => string[],
  ) {
    this.#job = job;
    this.#table = table;
    this.#addSection = addSection;
    this.#serversOfTree = serversOfTree;
    this.#place = placeOf(job.source.path);
    this.rows = job.rows;
    const last = job.sections.at(-1);
    if (last) {
      this.#section = inTable(last);
      this.#order = last.columnOrder === null ? undefined : (JSON.parse(last.columnOrder) as ColumnOrder);
    }
    if (job.pendingHeader !== null) {
      this.#header = JSON.parse(job.pendingHeader) as Header;
      this.#order = this.#header.order;
    }
    this.#reader = new LogReader(this.#sink(), job.line, this.#order);
  }

  get tree(): string {
    return this.#place.tree;
  }

  /** A header under which no row has come yet, to be remembered with the file. */
  get pendingHeader(): string | null {
    return this.#header ? JSON.stringify(this.#header) : null;
  }

  get nextLine(): number {
    return this.#reader.line;
  }

  /** Reads whole lines; what begins at `tail` or behind it is a last line without line end, and provisional. */
  read(bytes: Buffer, position: number, tail: number): Found {
    this.#bytes = bytes;
    this.#position = position;
    this.#tail = tail;
    this.#reader.read(bytes, position);
    const found = this.#found;
    this.#found = nothing();
    return found;
  }

  #sink(): LogSink {
    return {
      row: (view, position) => {
        if (this.#header || !this.#section) this.#section = this.#newSection(view, position);
        this.rows++;
        this.#found.newRows++;
        if (view.at > this.latest) this.latest = view.at;
        this.#table.row(view, this.#section, position);
      },
      damage: (damage, position, line, excerpt) => {
        const kind = damage === 'unreadable' && position >= this.#tail ? 'cut' : damage;
        const { counts, anomalies } = this.#found;
        counts[kind] = (counts[kind] ?? 0) + 1;
        if (++this.#kept <= ANOMALY_LIMIT) anomalies.push({ position, line, kind, excerpt });
      },
      header: (name, value, position, order) => {
        this.#header ??= { position };
        if (name === 'Version') this.#header.version = value;
        else if (name === 'Fields') this.#order = this.#header.order = order;
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
    const { settings, fileId, directionOfRows } = this.#job;
    const direction =
      settings.direction ??
      header?.direction ??
      this.#section?.direction ??
      this.#place.direction ??
      directionOfRows ??
      'receive';
    const [server, serverKnownBy] = this.#serverOf(direction, view, position);
    const section = this.#addSection({
      fileId,
      position: header?.position ?? position,
      direction,
      server,
      serverKnownBy,
      service: settings.service ?? this.#place.service ?? null,
      version: header?.version ?? null,
      columnOrder: this.#order ? JSON.stringify(this.#order) : null,
      tree: this.#place.tree,
    });
    this.#found.sections.push(section);
    return inTable(section);
  }

  /** The server of a log as a whole: named by its receive rows, else by the other logs of its tree, else by the option. */
  #serverOf(direction: Direction, view: RowView, position: number): [string, ServerKnownBy] {
    if (direction === 'receive') {
      const named = serverPrefix(view.connector) || this.#firstServerFrom(position);
      if (named) return [named, 'rows'];
    }
    const ofTree = this.#place.tree === '' ? [] : this.#serversOfTree();
    if (ofTree.length === 1) return [ofTree[0]!, 'tree'];
    const { server } = this.#job.settings;
    return server ? [server, 'option'] : ['', 'nothing'];
  }

  /** A log may start with sessions that no connector took: the first row that names one tells. */
  #firstServerFrom(position: number): string {
    if (position < this.#namelessUpTo) return '';
    let found = '';
    const sink: LogSink = {
      row(view) {
        if (found === '') found = serverPrefix(view.connector);
      },
      damage() {},
    };
    const start = position - this.#position;
    const ahead = this.#bytes.subarray(start, start + LOOK_AHEAD);
    new LogReader(sink, 1, this.#order).read(ahead, position);
    if (found === '') this.#namelessUpTo = position + ahead.length;
    return found;
  }
}

/** A section as the table takes it: objects of one shape, however they came here, because every row asks them. */
const inTable = ({ id, direction, server, service, version }: Section): Section => ({ id, direction, server, service, version });

const nothing = (): Found => ({ sections: [], anomalies: [], counts: {}, newRows: 0 });

const serverPrefix = (connector: string): string => connector.slice(0, Math.max(0, connector.indexOf('\\')));

/** Which logs are in the store, by what they hold; their sections, paths and damaged lines. */
import type { Statement } from 'better-sqlite3';
import type { Direction, Service } from '../protocol-log/fields.ts';
import type { Database } from './database.ts';

export interface LogFile {
  readonly id: number;
  readonly path: string;
  readonly length: number;
  readonly progress: number;
  readonly lines: number;
  readonly rows: number;
  /** JSON of a header at the very end, under which no row has come yet. */
  readonly pendingHeader: string | null;
}

export interface StoredSection {
  readonly id: number;
  readonly fileId: number;
  readonly position: number;
  readonly direction: Direction;
  readonly server: string;
  readonly serverKnownBy: ServerKnownBy;
  readonly service: Service | null;
  readonly version: string | null;
  /** JSON of a ColumnOrder, null for the usual one. */
  readonly columnOrder: string | null;
}

/** Rows name it, the other logs of the tree do, an option did, or nothing does. */
export type ServerKnownBy = 'rows' | 'tree' | 'option' | 'nothing';

export interface FileAnomaly {
  readonly position: number;
  readonly line: number;
  readonly kind: string;
  readonly excerpt: string;
}

const FILE = 'id, path, length, progress, lines, rows, pending_header AS pendingHeader';
const SECTION = `section.id, file_id AS fileId, position, direction, text.value AS server, server_known_by AS serverKnownBy,
  service, version, column_order AS columnOrder FROM section JOIN text ON text.id = section.server_id`;

export class LogRegistry {
  readonly #db: Database;
  readonly #path: Statement<[string], { size: number; modified_at: number; settings: string }>;
  readonly #savePath: Statement;
  readonly #headLengths: Statement<[], { length: number }>;
  readonly #byHead: Statement<[Buffer, number], LogFile>;
  readonly #file: Statement<[number], LogFile>;
  readonly #insertFile: Statement;
  readonly #updateFile: Statement;
  readonly #insertSection: Statement;
  readonly #sections: Statement<[number], StoredSection>;
  readonly #section: Statement<[number], StoredSection>;
  readonly #serversOfTree: Statement<[string], { server: string }>;
  readonly #addTree: Statement<[string, number]>;
  readonly #trees: Statement<[number], { tree: string }>;
  readonly #insertAnomaly: Statement;
  readonly #addUnkept: Statement<[number, string, number]>;
  readonly #dropAnomalies: Statement;

  constructor(db: Database) {
    this.#db = db;
    this.#path = db.prepare('SELECT size, modified_at, settings FROM source_path WHERE path = ?');
    this.#savePath = db.prepare('INSERT OR REPLACE INTO source_path (path, size, modified_at, settings) VALUES (?, ?, ?, ?)');
    this.#headLengths = db.prepare('SELECT DISTINCT head_length AS length FROM log_file');
    this.#byHead = db.prepare(`SELECT ${FILE} FROM log_file WHERE head_hash = ? AND head_length = ? ORDER BY length DESC`);
    this.#file = db.prepare(`SELECT ${FILE} FROM log_file WHERE id = ?`);
    this.#insertFile = db.prepare(
      `INSERT INTO log_file (path, encoding, head_length, head_hash, length, progress, lines, rows, ingested_at)
       VALUES (?, ?, ?, ?, 0, 0, 0, 0, ?)`,
    );
    this.#updateFile = db.prepare(
      'UPDATE log_file SET length = ?, progress = ?, lines = ?, rows = ?, pending_header = ? WHERE id = ?',
    );
    this.#insertSection = db.prepare(
      `INSERT INTO section (id, file_id, position, direction, server_id, server_known_by, service, version, column_order)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#sections = db.prepare(`SELECT ${SECTION} WHERE file_id = ? ORDER BY position`);
    this.#section = db.prepare(`SELECT ${SECTION} WHERE section.id = ?`);
    this.#serversOfTree = db.prepare(
      `SELECT DISTINCT text.value AS server FROM section_tree JOIN section ON section.id = section_id JOIN text ON text.id = server_id
       WHERE tree = ? AND direction = 'receive' AND server_known_by = 'rows'`,
    );
    this.#addTree = db.prepare('INSERT OR IGNORE INTO section_tree (tree, section_id) VALUES (?, ?)');
    this.#trees = db.prepare('SELECT tree FROM section_tree WHERE section_id = ?');
    this.#insertAnomaly = db.prepare(
      'INSERT OR REPLACE INTO file_anomaly (file_id, position, line, kind, excerpt) VALUES (?, ?, ?, ?, ?)',
    );
    this.#addUnkept = db.prepare(
      `INSERT INTO file_anomaly_unkept (file_id, kind, lines) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET lines = lines + excluded.lines`,
    );
    this.#dropAnomalies = db.prepare('DELETE FROM file_anomaly WHERE file_id = ? AND position >= ?');
  }

  /** True when the path was read to its end before, and neither it nor the settings have changed since. */
  isUnchanged(path: string, size: number, modifiedAt: number, settings: string): boolean {
    const known = this.#path.get(path);
    return known !== undefined && known.size === size && known.modified_at === modifiedAt && known.settings === settings;
  }

  savePath(path: string, size: number, modifiedAt: number, settings: string): void {
    this.#savePath.run(path, size, Math.trunc(modifiedAt), settings);
  }

  headLengths(): number[] {
    return this.#headLengths.all().map((row) => row.length);
  }

  byHead(hash: Buffer, length: number): LogFile[] {
    return this.#byHead.all(hash, length);
  }

  file(id: number): LogFile | undefined {
    return this.#file.get(id);
  }

  addFile(file: { path: string; encoding: string; headLength: number; headHash: Buffer }): number {
    return Number(this.#insertFile.run(file.path, file.encoding, file.headLength, file.headHash, Date.now()).lastInsertRowid);
  }

  updateFile(id: number, state: Omit<LogFile, 'id' | 'path'>): void {
    this.#updateFile.run(state.length, state.progress, state.lines, state.rows, state.pendingHeader, id);
  }

  /** The id that the next section gets; the scanner counts on from there. */
  nextSectionId(): number {
    return (this.#db.prepare('SELECT COALESCE(MAX(id), 0) + 1 AS id FROM section').get() as { id: number }).id;
  }

  addSection(section: StoredSection, serverId: number): void {
    const { id, fileId, position, direction, serverKnownBy, service, version, columnOrder } = section;
    this.#insertSection.run(id, fileId, position, direction, serverId, serverKnownBy, service, version, columnOrder);
  }

  sections(fileId: number): StoredSection[] {
    return this.#sections.all(fileId);
  }

  section(id: number): StoredSection | undefined {
    return this.#section.get(id);
  }

  /** Servers that the receive logs of a tree name. */
  serversOfTree(tree: string): string[] {
    return this.#serversOfTree.all(tree).map((row) => row.server);
  }

  addAnomaly(fileId: number, anomaly: FileAnomaly): void {
    this.#insertAnomaly.run(fileId, anomaly.position, anomaly.line, anomaly.kind, anomaly.excerpt);
  }

  /** Damaged lines that are counted without their text. */
  addUnkept(fileId: number, kind: string, lines: number): void {
    this.#addUnkept.run(fileId, kind, lines);
  }

  /** Takes back what was said of the rows from `position` on. */
  dropAnomalies(fileId: number, position: number): void {
    this.#dropAnomalies.run(fileId, position);
  }

  /** The section was found under this tree; an empty tree says nothing. */
  foundUnder(sectionId: number, tree: string): void {
    if (tree !== '') this.#addTree.run(tree, sectionId);
  }

  /** Sections whose server the rows do not name: their trees decide, and they may come to know more. */
  undecidedSections(): StoredSection[] {
    return this.#db.prepare<[], StoredSection>(`SELECT ${SECTION} WHERE server_known_by <> 'rows'`).all();
  }

  /** The server that the trees of a section agree on; a tree that names several says nothing. `known` spares asking twice. */
  serverByTrees(sectionId: number, known: Map<string, string[]>): string | undefined {
    const serversOf = (tree: string): string[] => {
      const servers = known.get(tree) ?? this.serversOfTree(tree);
      known.set(tree, servers);
      return servers;
    };
    const named = new Set(
      this.#trees
        .all(sectionId)
        .map(({ tree }) => serversOf(tree))
        .filter((servers) => servers.length === 1)
        .flat(),
    );
    return named.size === 1 ? [...named][0] : undefined;
  }

  changeSection(id: number, change: Pick<StoredSection, 'direction' | 'service' | 'serverKnownBy'>, serverId: number): void {
    this.#db
      .prepare('UPDATE section SET server_id = ?, server_known_by = ?, direction = ?, service = ? WHERE id = ?')
      .run(serverId, change.serverKnownBy, change.direction, change.service, id);
  }
}

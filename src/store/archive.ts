/** The original bytes: blocks of whole lines, compressed, found again by file and byte offset. */
import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

/** Bytes of log in a block, before compression; a block ends with a line, so it may be a little longer. */
export const BLOCK_BYTES = 1 << 20;

export interface Block {
  readonly position: number;
  readonly firstLine: number;
  readonly bytes: Uint8Array;
}

interface BlockRow {
  readonly id: number;
  readonly position: number;
  readonly length: number;
  readonly firstLine: number;
  readonly hash: Buffer;
  readonly data: Buffer | null;
}

const BROTLI = {
  // Room for what a block makes as a rule: a smaller one is asked for again and again.
  chunkSize: 256 << 10,
  params: {
    // Measured on logs: 900 MB/s at 0.11; quality 1 takes half as long again for 0.10. A larger window gains nothing.
    [constants.BROTLI_PARAM_QUALITY]: 0,
    [constants.BROTLI_PARAM_LGWIN]: 19,
  },
};

export const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

export class Archive {
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #overlapping: Statement<[number, number, number], BlockRow>;
  readonly #outline: Statement<[number], Omit<BlockRow, 'data'>>;
  readonly #release: Statement;
  readonly #used: Statement<[number], { first: number; last: number }>;

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO block (file_id, position, length, first_line, hash, data) VALUES (?, ?, ?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM block WHERE file_id = ? AND position >= ?');
    this.#overlapping = db.prepare(
      `SELECT id, position, length, first_line AS firstLine, hash, data FROM block
       WHERE file_id = ? AND position <= ? AND position + length > ? ORDER BY position`,
    );
    this.#outline = db.prepare(
      'SELECT id, position, length, first_line AS firstLine, hash FROM block WHERE file_id = ? ORDER BY position',
    );
    this.#used = db.prepare(
      'SELECT first, last FROM segment_view WHERE section_id IN (SELECT id FROM section WHERE file_id = ?)',
    );
    this.#release = db.prepare('UPDATE block SET data = NULL WHERE id = ?');
  }

  store(fileId: number, { position, firstLine, bytes }: Block): void {
    this.#insert.run(fileId, position, bytes.length, firstLine, hashOf(bytes), brotliCompressSync(bytes, BROTLI));
  }

  /** Takes away the blocks from `position` on, to be written again with what has come since. */
  cut(fileId: number, position: number): void {
    this.#delete.run(fileId, position);
  }

  outline(fileId: number): Omit<BlockRow, 'data'>[] {
    return this.#outline.all(fileId);
  }

  /** The blocks that hold bytes `[first, last]`, decompressed one at a time; a block whose bytes were released is left out. */
  *read(fileId: number, first: number, last: number): Generator<{ position: number; firstLine: number; bytes: Buffer }> {
    for (const { position, firstLine, data } of this.#overlapping.iterate(fileId, last, first))
      if (data) yield { position, firstLine, bytes: brotliDecompressSync(data) };
  }

  /**
   * Forgets the bytes of those blocks of a file to whose rows no session refers: another file holds them. Their places and
   * hashes stay, so that the file is known again.
   */
  releaseUnused(fileId: number): void {
    const used = this.#used.all(fileId);
    for (const block of this.outline(fileId)) {
      const end = block.position + block.length;
      if (!used.some(({ first, last }) => first < end && last >= block.position)) this.#release.run(block.id);
    }
  }
}

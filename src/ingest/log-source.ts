/** Where log bytes come from: a file, a gzip, an entry of a zip, standard input. All end as a stream of UTF-8 bytes. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { ByteQueue } from './byte-queue.ts';

export interface LogSource {
  /** Path as shown and kept; `archive.zip/folder/RECV….LOG` for an entry. */
  readonly path: string;
  /** Bytes and time of what lies on the disk, to see whether it has changed; undefined for standard input. */
  readonly size: number | undefined;
  readonly modifiedAt: number | undefined;
  open(): Promise<Readable>;
}

export const fileSource = (path: string, size: number, modifiedAt: number): LogSource => ({
  path,
  size,
  modifiedAt,
  open: async () => createReadStream(path, { highWaterMark: 1 << 20 }),
});

export const standardInput = (): LogSource => ({
  path: '(standard input)',
  size: undefined,
  modifiedAt: undefined,
  open: async () => process.stdin,
});

/** The entries of a zip that are files. Their contents are read only when opened. */
export async function zipSources(path: string, modifiedAt: number): Promise<LogSource[]> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) if (!entry.fileName.endsWith('/')) entries.push(entry);
    return entries.map((entry) => ({
      path: `${path}/${entry.fileName}`,
      size: entry.uncompressedSize,
      modifiedAt,
      open: () => openEntry(path, entry.fileName),
    }));
  } finally {
    zip.close();
  }
}

async function openEntry(path: string, name: string): Promise<Readable> {
  const zip: ZipFile = await openPromise(path, { autoClose: false });
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== name) continue;
    const stream = await zip.openReadStreamPromise(entry);
    stream.once('close', () => zip.close());
    return stream;
  }
  zip.close();
  throw new Error(`${name} is no longer in ${path}`);
}

export interface OpenLog {
  readonly bytes: ByteQueue;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
  close(): Promise<void>;
}

/** Opens a source; gzip and UTF-16 are seen by their first bytes, whatever the file is called. */
export async function openLog(source: LogSource): Promise<OpenLog> {
  const stream = await source.open();
  let raw = new ByteQueue(stream as AsyncIterable<Buffer>);
  const close = async (): Promise<void> => {
    await raw.close();
    stream.destroy();
  };
  let head = await raw.peek(4);
  if (head[0] === 0x1f && head[1] === 0x8b) {
    const gunzip = createGunzip();
    const from = raw;
    Readable.from(chunksOf(from))
      .on('error', (error) => gunzip.destroy(error))
      .pipe(gunzip);
    raw = new ByteQueue(gunzip);
    head = await raw.peek(4);
  }
  const encoding = encodingOf(head);
  const bytes = encoding === 'utf-8' ? raw : new ByteQueue(decoded(chunksOf(raw), encoding));
  return { bytes, encoding, close };
}

/** A byte order mark, or a zero byte in every second place of the first two letters. */
function encodingOf(head: Buffer): OpenLog['encoding'] {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head.length === 4 && head[0] !== 0 && head[1] === 0 && head[2] !== 0 && head[3] === 0) return 'utf-16le';
  return 'utf-8';
}

async function* chunksOf(queue: ByteQueue): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = await queue.take(1 << 20);
    if (chunk.length === 0) return;
    yield chunk;
  }
}

async function* decoded(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** Where log bytes come from: a file, a gzip, an entry of a zip. All end as a stream of UTF-8 bytes. */
import { closeSync, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { ByteQueue, type ByteSource, ofChunks } from './byte-queue.ts';

/** A value, so that it can be handed to the reading thread. */
export interface LogSource {
  /** Path as shown and kept; `archive.zip/folder/RECV….LOG` for an entry. */
  readonly path: string;
  /** The file to open. */
  readonly file: string;
  /** Name in the zip. */
  readonly entry?: string;
  /** Bytes of the log as it lies there, and time of the file: to see whether it has changed. */
  readonly size: number;
  readonly modifiedAt: number;
}

/** The entries of a zip that are files. Their contents are read only when opened. */
export async function zipSources(file: string, modifiedAt: number): Promise<LogSource[]> {
  const zip = await openPromise(file, { autoClose: false });
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) if (!entry.fileName.endsWith('/')) entries.push(entry);
    return entries.map(({ fileName, uncompressedSize }) => ({
      path: `${file}/${fileName}`,
      file,
      entry: fileName,
      size: uncompressedSize,
      modifiedAt,
    }));
  } finally {
    zip.close();
  }
}

/** A zip stays open behind an entry: its directory is read once, not once for every entry. */
interface OpenZip {
  readonly file: string;
  readonly zip: ZipFile;
  readonly entries: ReadonlyMap<string, Entry>;
  /** One of its entries is being read. It reads no second one: yauzl fails when an entry is let go of while it waits for another. */
  isBusy: boolean;
}

let openZips: OpenZip[] = [];

/** Lets go of the zips: who stays would keep them from being moved or deleted. */
export function releaseZips(): void {
  closeZips(() => true);
}

function closeZips(done: (zip: OpenZip) => boolean): void {
  for (const { zip } of openZips.filter(done)) zip.close();
  openZips = openZips.filter((one) => !done(one));
}

async function zipFor(file: string): Promise<OpenZip> {
  closeZips((one) => one.file !== file && !one.isBusy);
  const idle = openZips.find((one) => one.file === file && !one.isBusy);
  if (idle) return Object.assign(idle, { isBusy: true });
  const zip = await openPromise(file, { autoClose: false });
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  const opened: OpenZip = { file, zip, entries, isBusy: true };
  openZips.push(opened);
  return opened;
}

async function ofEntry(file: string, name: string): Promise<ByteSource> {
  const open = await zipFor(file);
  try {
    const entry = open.entries.get(name);
    if (!entry) throw new Error(`${name} is no longer in ${file}`);
    const stream = await open.zip.openReadStreamPromise(entry);
    const { read, close } = ofChunks(stream);
    return {
      read,
      async close() {
        await close();
        stream.destroy();
        open.isBusy = false;
      },
    };
  } catch (error) {
    open.isBusy = false;
    throw error;
  }
}

/** No stream: the bytes come straight into the block that is scanned. */
function ofFile(file: string, from: number): ByteSource {
  const descriptor = openSync(file, 'r');
  let position = from;
  return {
    async read(bytes) {
      const length = readSync(descriptor, bytes, 0, bytes.length, position);
      position += length;
      return length;
    },
    async close() {
      closeSync(descriptor);
    },
  };
}

const openSource = async ({ file, entry }: LogSource, from = 0): Promise<ByteQueue> =>
  new ByteQueue(entry === undefined ? ofFile(file, from) : await ofEntry(file, entry));

export interface OpenLog {
  readonly bytes: ByteQueue;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
  /** The log is the bytes of the file as they are: it may be opened anywhere in it. */
  readonly seekable: boolean;
  close(): Promise<void>;
}

/**
 * Opens a source; gzip and UTF-16 are seen by their first bytes, whatever the file is called. One that is known to be
 * seekable may be opened `from` a byte on.
 */
export async function openLog(source: LogSource, from = 0): Promise<OpenLog> {
  const raw = await openSource(source, from);
  const close = (): Promise<void> => raw.close();
  if (from > 0) return { bytes: raw, encoding: 'utf-8', seekable: true, close };
  try {
    const head = await raw.peek(2);
    const packed = head[0] === 0x1f && head[1] === 0x8b;
    const plain = packed ? new ByteQueue(ofChunks(gunzipped(raw, source))) : raw;
    const encoding = encodingOf(await plain.peek(4));
    const bytes = encoding === 'utf-8' ? plain : new ByteQueue(ofChunks(decoded(chunksOf(plain), encoding)));
    return { bytes, encoding, seekable: !packed && encoding === 'utf-8' && source.entry === undefined, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Everything that a gzip holds, also one that ends too early; then its error. (A strict gunzip drops what it has not
 * handed over yet when it meets the error, so the strict reading is made only where the length at the end does not fit.)
 */
async function* gunzipped(raw: ByteQueue, source: LogSource): AsyncGenerator<Buffer> {
  let last = Buffer.alloc(0);
  let size = 0;
  const packed = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of chunksOf(raw)) {
      last = Buffer.concat([last, chunk.subarray(-4)]).subarray(-4);
      yield chunk;
    }
  };
  const lenient = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  Readable.from(packed())
    .on('error', (error) => lenient.destroy(error))
    .pipe(lenient);
  for await (const chunk of lenient as AsyncIterable<Buffer>) {
    size += chunk.length;
    yield chunk;
  }
  if (last.length === 4 && last.readUInt32LE() === size % 2 ** 32) return;
  const again = await openSource(source);
  try {
    await pipeline(chunksOf(again), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const _ of chunks);
    });
  } finally {
    await again.close();
  }
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

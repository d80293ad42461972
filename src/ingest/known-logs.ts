/** Looks at a log before it is read: is it one, is it known, and from where on is it new? */
import { setImmediate } from 'node:timers/promises';
import { placeOf } from '../protocol-log/log-place.ts';
import { recognise } from '../protocol-log/recognition.ts';
import { BLOCK_BYTES, hashOf } from '../store/archive.ts';
import type { LogFile, StoredSection } from '../store/log-registry.ts';
import type { IngestSession } from './ingest-session.ts';
import { type LogSource, type OpenLog, openLog } from './log-source.ts';
import type { ScanJob } from './scan-messages.ts';

export type Look =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'to-read'; readonly job: ScanJob };

/** What one who reads the same logs again and again knows of them, so that a look costs what is new and not the whole log. */
export interface Acquaintance {
  /** Numbers of the logs that lay at a path when it was read last, where they may be opened anywhere. */
  readonly fileAt: Map<string, number>;
  /** A last line without its end is left for later. */
  readonly waitsForLineEnd: (path: string) => boolean;
}

/** Enough to recognise a log by. */
export const HEAD_BYTES = 64 << 10;
/** A file is looked up by the hash of this many of its first bytes. */
const IDENTITY_BYTES = 4096;

type Start = Pick<
  ScanJob,
  'fileId' | 'blockPosition' | 'blockLine' | 'progress' | 'line' | 'rows' | 'sections' | 'pendingHeader'
>;

/** A log that is known up to a place. */
interface Known {
  readonly start: Start;
  readonly atEnd: boolean;
}

/** Settings that the user gave change what a log means: another set, another look. */
const settingsKey = ({ settings: { server, service, direction } }: IngestSession): string =>
  [server, service, direction].join('|');

/** Remembers that the log was read to its end, as it lies there now. */
export function remember(run: IngestSession, { path, size, modifiedAt }: LogSource): void {
  run.begin();
  run.registry.savePath(path, size, modifiedAt, settingsKey(run));
}

/**
 * `settle` is called with the number of a log before another is compared with it: while it is still being read, it is not
 * known where it ends, and who went on from there would go on twice. Throws what the file system throws.
 */
export async function look(
  run: IngestSession,
  source: LogSource,
  settle: (fileId: number) => Promise<void>,
  acquaintance?: Acquaintance,
): Promise<Look> {
  if (run.registry.isUnchanged(source.path, source.size, Math.trunc(source.modifiedAt), settingsKey(run)))
    return { kind: 'unchanged' };
  const waitsForLineEnd = acquaintance?.waitsForLineEnd(source.path) ?? false;
  const fileId = acquaintance?.fileAt.get(source.path);
  if (fileId !== undefined) {
    await settle(fileId);
    const met = await meetAgain(run, source, fileId);
    if (met) return continued(run, source, met, { directionOfRows: undefined, seekable: true, waitsForLineEnd });
    acquaintance?.fileAt.delete(source.path);
  }
  let log = await openLog(source);
  try {
    const head = wholeLines(await log.bytes.peek(HEAD_BYTES));
    const seen = waitsForLineEnd ? head.subarray(0, head.lastIndexOf(0x0a) + 1) : head;
    const recognition = recognise(seen);
    if (recognition.kind === 'other' && waitsForLineEnd && isOnlyHeader(seen)) return { kind: 'empty' };
    if (recognition.kind !== 'protocol-log') return recognition;
    let start: Start | undefined;
    for (const candidate of candidates(run, head)) {
      await settle(candidate);
      start = await verify(run, log, candidate);
      if (start) break;
      await log.close();
      log = await openLog(source);
    }
    run.begin();
    const known = start ? { start, atEnd: await log.bytes.isAtEnd() } : { start: newFile(run, source, head, log), atEnd: false };
    const { seekable } = log;
    if (seekable) acquaintance?.fileAt.set(source.path, known.start.fileId);
    return continued(run, source, known, { directionOfRows: recognition.directionOfRows, seekable, waitsForLineEnd });
  } finally {
    await log.close();
  }
}

/** What is to be done with a log that is known up to a place. */
function continued(
  run: IngestSession,
  source: LogSource,
  { start, atEnd }: Known,
  how: Pick<ScanJob, 'directionOfRows' | 'seekable' | 'waitsForLineEnd'>,
): Look {
  run.begin();
  const { tree } = placeOf(source.path);
  for (const section of start.sections) {
    run.registry.foundUnder(section.id, tree);
    correct(run, section);
  }
  if (atEnd) {
    remember(run, source);
    return { kind: 'unchanged' };
  }
  const job: ScanJob = {
    ...start,
    ...how,
    sections: run.registry.sections(start.fileId),
    source,
    settings: run.settings,
    serversOfTree: tree === '' ? [] : run.registry.serversOfTree(tree),
  };
  return { kind: 'to-read', job };
}

/**
 * The log that lay at this path before, if its last block still stands where it stood: rows carry the time at which they
 * were written, so no other log has the same bytes in the same place. Of the rest nothing is read.
 */
async function meetAgain(run: IngestSession, source: LogSource, fileId: number): Promise<Known | undefined> {
  const file = run.registry.file(fileId);
  const block = run.archive.outline(fileId).at(-1);
  if (!file || !block || source.size < block.position + block.length) return undefined;
  const log = await openLog(source, block.position);
  try {
    const bytes = await log.bytes.take(block.length);
    if (bytes.length < block.length || !hashOf(bytes).equals(block.hash)) return undefined;
    const start = startBehind(run, file, block);
    // Nothing but its rows can say what it is.
    if (start.sections.length === 0 && start.pendingHeader === null) return undefined;
    return { start, atEnd: await log.bytes.isAtEnd() };
  } finally {
    await log.close();
  }
}

/** Numbers of the logs that begin as this one does, the longest first. */
function candidates(run: IngestSession, head: Buffer): number[] {
  return run.registry
    .headLengths()
    .filter((length) => length <= head.length)
    .sort((a, b) => b - a)
    .flatMap((length) => run.registry.byHead(hashOf(head.subarray(0, length)), length))
    .map(({ id }) => id);
}

/** Compares the log with the known blocks; undefined when they do not agree to their end. */
async function verify(run: IngestSession, log: OpenLog, fileId: number): Promise<Start | undefined> {
  const known = run.registry.file(fileId);
  const outline = run.archive.outline(fileId);
  const block = outline.at(-1);
  if (!known || !block) return undefined;
  let end = 0;
  for (const { position, length, hash } of outline) {
    // Bytes that come at once leave no turn to whoever wants to stop.
    await setImmediate();
    if (position !== end) return undefined; // bytes are missing in between: read it as new, its rows are known as such
    end += length;
    const bytes = await log.bytes.take(length);
    if (bytes.length < length || !hashOf(bytes).equals(hash)) return undefined;
  }
  return startBehind(run, known, block);
}

/** Where to go on behind the last known block. */
function startBehind(
  run: IngestSession,
  known: LogFile,
  block: { readonly position: number; readonly length: number; readonly firstLine: number },
): Start {
  const { id: fileId, progress, lines, rows, pendingHeader } = known;
  const sections = run.registry.sections(fileId);
  // A small last block, or one that ends in a provisional line, is written again with what has come.
  const again = known.length > progress || block.length < BLOCK_BYTES / 2;
  const [blockPosition, blockLine] = again ? [block.position, block.firstLine] : [progress, lines + 1];
  return { fileId, blockPosition, blockLine, progress, line: lines + 1, rows, sections, pendingHeader };
}

function newFile(run: IngestSession, source: LogSource, head: Buffer, log: OpenLog): Start {
  const headLength = Math.min(head.length, IDENTITY_BYTES);
  const fileId = run.registry.addFile({
    path: source.path,
    encoding: log.encoding,
    headLength,
    headHash: hashOf(head.subarray(0, headLength)),
  });
  return { fileId, blockPosition: 0, blockLine: 1, progress: 0, line: 1, rows: 0, sections: [], pendingHeader: null };
}

/** A log that was read before, now with options that say something else of it. */
function correct(run: IngestSession, section: StoredSection): void {
  const { server, service = section.service, direction = section.direction } = run.settings;
  const renamed = server !== undefined && section.serverKnownBy !== 'rows' && server !== section.server;
  if (!renamed && service === section.service && direction === section.direction) return;
  run.recast(section, { service, direction, ...(renamed ? { server, serverKnownBy: 'option' } : {}) });
}

/** Lines of a header, of which more may come that say whose it is. */
const isOnlyHeader = (head: Buffer): boolean =>
  head
    .toString('latin1')
    .replace(/^\u00EF\u00BB\u00BF/, '')
    .split('\n')
    .every((line) => line === '' || line.startsWith('#'));

/** The bytes up to the last line end, or all of them where there are no more. */
function wholeLines(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(0x0a);
  return end < 0 || bytes.length < HEAD_BYTES ? bytes : bytes.subarray(0, end + 1);
}

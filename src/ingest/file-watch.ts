/**
 * Finds out by looking which files have come, grown or been replaced: shares on a network tell nobody. It opens no log
 * and touches no database, so that a look at which nothing has changed costs next to nothing.
 */
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Fault, type FoundFile, findFiles, problemOf } from './discovery.ts';
import { HEAD_BYTES } from './known-logs.ts';
import type { Problem } from './problem.ts';

/** What there is to say of paths, each once. */
export interface News {
  /** Met for the first time, or not the same as the last time. */
  readonly problems: readonly Problem[];
  /** Paths that had a problem, and have none any more. */
  readonly back: readonly string[];
}

/** What a look found. */
export interface Changes extends News {
  /** To be read now. */
  readonly files: readonly FoundFile[];
  /** How many bytes that may be: those that have come, of a file that is new all of them. */
  readonly bytes: number;
}

/** How a file was read. */
export interface Reading {
  readonly problems: readonly Problem[];
  /** Paths that are no logs, by what they are. */
  readonly skipped: Readonly<Record<string, readonly string[]>>;
  /** Paths whose last line has no end yet. */
  readonly heldBack: ReadonlySet<string>;
}

/** A file as it lay there when it was read last. */
interface SeenFile {
  readonly size: number;
  readonly modifiedAt: number;
  readonly isOther: boolean;
  /** When it is read again although it has not changed: after a failure, or for a last line whose end does not come. */
  readonly dueAt: number;
  readonly failures: number;
  readonly heldBack: boolean;
}

/** The product writes what it has at least every 30 seconds: an end that has not come by then is not on its way. */
const LINE_END_MS = 60_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Logs of hours past do not grow any more: those that have not changed for long, but for the latest few of every folder,
 * are looked at more rarely.
 */
const RESTS_AFTER_MS = 3_600_000;
const LATEST = 8;
const WAKE_MS = 30_000;

/** Read once; what is packed does not grow. */
const ARCHIVE = /\.(zip|gz)$/i;

export class FileWatch {
  readonly #paths: readonly string[];
  readonly #database: string;
  readonly #seen = new Map<string, SeenFile>();
  /** Archives that may still be on their way here, by their size. */
  readonly #arriving = new Map<string, number>();
  /** What was said of a path. */
  readonly #told = new Map<string, string>();
  #resting: ReadonlyMap<string, FoundFile> = new Map();
  #wokenAt = Number.NEGATIVE_INFINITY;
  #started = false;

  constructor(paths: readonly string[], database: string) {
    this.#paths = paths;
    this.#database = database;
  }

  /** True when a last line of this file is to be left until its end is there. */
  waitsForLineEnd(path: string, now: number): boolean {
    const seen = this.#seen.get(path);
    return !(seen?.heldBack && now >= seen.dueAt);
  }

  /** Looks at every file. The first look finds all of them. */
  async look(now: number): Promise<Changes> {
    const isFirst = !this.#started;
    this.#started = true;
    const wakes = now - this.#wokenAt >= WAKE_MS || now < this.#wokenAt;
    const found = await findFiles(this.#paths, this.#database, wakes ? undefined : this.#resting);
    if (wakes && !isFirst) {
      this.#resting = this.#restingOf(found.files, now);
      this.#wokenAt = now;
    }
    // What vanished between two looks at its folder has been cleaned up.
    const faults = found.faults.filter(({ named, error }) => named || (error as NodeJS.ErrnoException).code !== 'ENOENT');
    const problems = faults.map(({ path, error }) => problemOf(path, error));
    this.#forget(found.files, faults);
    const files: FoundFile[] = [];
    for (const file of found.files) {
      if (!isFirst && !this.#isDue(file, now)) continue;
      const problem = isFirst ? undefined : await whyClosed(file.path);
      if (problem) problems.push(problem);
      else files.push(file);
    }
    const bytes = files.reduce((sum, file) => sum + this.#grownBy(file), 0);
    return { files, bytes, ...this.#news(problems, found.files) };
  }

  /** Notes how the files of a look were read, and gives what of it is news. */
  read(
    files: readonly FoundFile[],
    { problems, skipped, heldBack }: Reading,
    now: number,
  ): News & { readonly skipped: Record<string, string[]> } {
    const skippedNews = Object.entries(skipped)
      .map(([what, paths]) => [what, paths.filter((path) => this.#seen.get(path)?.isOther !== true)] as const)
      .filter(([, paths]) => paths.length > 0);
    const others = new Set(Object.values(skipped).flat());
    const failed = new Set(problems.map(({ path }) => path));
    const back: string[] = [];
    for (const { path, size, modifiedAt } of files) {
      const before = this.#seen.get(path)?.failures ?? 0;
      const failures = failed.has(path) && !ARCHIVE.test(path) ? before + 1 : 0;
      if (before > 0 && failures === 0 && this.#told.delete(path)) back.push(path);
      const isHeldBack = heldBack.has(path);
      const pause = failures > 0 ? Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** failures) : isHeldBack ? LINE_END_MS : Infinity;
      this.#seen.set(path, { size, modifiedAt, isOther: others.has(path), dueAt: now + pause, failures, heldBack: isHeldBack });
    }
    const news = problems.filter(({ path, what }) => this.#told.get(path) !== what);
    // Of archives nothing is expected any more, and so nothing is remembered.
    for (const { path, what } of problems) if (this.#seen.has(path) && !ARCHIVE.test(path)) this.#told.set(path, what);
    return { problems: news, back, skipped: Object.fromEntries(skippedNews) };
  }

  #restingOf(files: readonly FoundFile[], now: number): Map<string, FoundFile> {
    const folders = new Map<string, FoundFile[]>();
    for (const file of files) {
      const folder = dirname(file.path);
      const others = folders.get(folder);
      if (others) others.push(file);
      else folders.set(folder, [file]);
    }
    const latestFirst = [...folders.values()].map((inside) => inside.sort((a, b) => b.modifiedAt - a.modifiedAt).slice(LATEST));
    const rests = ({ path, size, modifiedAt }: FoundFile): boolean => {
      const seen = this.#seen.get(path);
      if (seen?.size !== size || seen.modifiedAt !== modifiedAt || now - modifiedAt < RESTS_AFTER_MS) return false;
      return seen.dueAt === Infinity;
    };
    return new Map(latestFirst.flatMap((inside) => inside.filter(rests).map((file) => [file.path, file])));
  }

  #grownBy({ path, size }: FoundFile): number {
    const before = this.#seen.get(path)?.size ?? 0;
    return size >= before ? size - before : size;
  }

  #isDue({ path, size, modifiedAt }: FoundFile, now: number): boolean {
    const seen = this.#seen.get(path);
    if (seen) {
      if (ARCHIVE.test(path)) return false;
      // A text file beside the logs may grow as it likes, when enough of it has been seen; unless it becomes another file.
      if (seen.isOther) return size < seen.size || (seen.size < HEAD_BYTES && size >= 2 * seen.size);
      return size !== seen.size || modifiedAt !== seen.modifiedAt || now >= seen.dueAt;
    }
    if (!ARCHIVE.test(path)) return true;
    const isWhole = this.#arriving.get(path) === size;
    if (isWhole) this.#arriving.delete(path);
    else this.#arriving.set(path, size);
    return isWhole;
  }

  /** What is gone for good is forgotten; what lies on a share that is away is not gone. */
  #forget(files: readonly FoundFile[], faults: readonly Fault[]): void {
    const there = new Set(files.map(({ path }) => path));
    const away = faults.map(({ path }) => resolve(path));
    for (const known of [this.#seen, this.#arriving])
      for (const path of known.keys()) if (!there.has(path) && !away.some((root) => path.startsWith(root))) known.delete(path);
  }

  #news(problems: readonly Problem[], there: readonly FoundFile[]): News {
    const standing = new Set(problems.map(({ path }) => path));
    const back: string[] = [];
    for (const path of this.#told.keys()) {
      // One that failed while it was read is only back when it has been read.
      if (standing.has(path) || (this.#seen.get(path)?.failures ?? 0) > 0) continue;
      this.#told.delete(path);
      // What was cleaned up meanwhile is not back.
      const full = resolve(path);
      if (this.#paths.includes(path) || there.some((file) => file.path.startsWith(full))) back.push(path);
    }
    const news = problems.filter(({ path, what }) => this.#told.get(path) !== what);
    for (const { path, what } of news) this.#told.set(path, what);
    return { problems: news, back };
  }
}

/** Asked before the database is locked for it. */
async function whyClosed(path: string): Promise<Problem | undefined> {
  try {
    await (await open(path, 'r')).close();
    return undefined;
  } catch (error) {
    return problemOf(path, error);
  }
}

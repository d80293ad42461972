/** Finds the logs under the given paths: files, folders (recursive), zips, `-`; says what could not be looked into. */
import { createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { glob } from 'tinyglobby';
import { placeOf } from '../protocol-log/log-place.ts';
import { type LogSource, zipSources } from './log-source.ts';
import type { Problem } from './problem.ts';

export interface Discovery {
  readonly sources: readonly LogSource[];
  readonly problems: readonly Problem[];
  /** Removes what was laid aside for reading. */
  release(): void;
}

/** A file as it lies there: a log, an archive of logs, or something else. */
export interface FoundFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/** A path that could not be looked at; `named`: by the user, not found in a folder. */
export interface Fault {
  readonly path: string;
  readonly error: unknown;
  readonly named: boolean;
}

/** The files under paths as they are named on a command line: files, folders, patterns. Their contents are not looked at. */
export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly faults: readonly Fault[];
  /** Named, and without a file. */
  readonly bare: readonly string[];
}

/** Looks for files; `database` and its side files are left out. Those of `resting` are only seen to be there. */
export async function findFiles(
  paths: readonly string[],
  database: string,
  resting: ReadonlyMap<string, FoundFile> = new Map(),
): Promise<FoundFiles> {
  const own = new Set(['', '-wal', '-shm'].map((suffix) => resolve(database) + suffix));
  const files = new Map<string, FoundFile>();
  const faults: Fault[] = [];
  const bare: string[] = [];
  for (const path of await expand(paths)) {
    const found: FoundFile[] = [];
    const before = faults.length;
    await look(path, true, { files: found, faults, inodes: new Set(), resting });
    if (found.length === 0 && faults.length === before) bare.push(path);
    for (const file of found) if (!own.has(file.path)) files.set(file.path, file);
  }
  return { files: [...files.values()], faults, bare };
}

/** What is said of a folder without a file. */
export const HOLDS_NO_FILES = 'holds no files';

/** `database` and its side files are left out. */
export async function discover(paths: readonly string[], database: string): Promise<Discovery> {
  const aside: string[] = [];
  const { files, faults, bare } = await findFiles(
    paths.filter((path) => path !== '-'),
    database,
  );
  const fromInput = paths.includes('-') ? [await standardInput(aside)] : [];
  const { sources, problems } = await openArchives(files);
  const all = [
    ...faults.map(({ path, error }) => problemOf(path, error)),
    ...bare.map((path) => ({ path, what: HOLDS_NO_FILES, hint: 'Name the folder that holds RECV*.LOG or SEND*.LOG.' })),
    ...problems,
  ];
  return {
    sources: inReadingOrder([...fromInput, ...sources]),
    problems: all.sort((a, b) => (a.path < b.path ? -1 : 1)),
    release: () => {
      for (const folder of aside) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The logs that files are, or hold, in the order in which they are read; says which archives are damaged. */
export async function openArchives(
  files: readonly FoundFile[],
): Promise<{ readonly sources: readonly LogSource[]; readonly problems: readonly Problem[] }> {
  const sources: LogSource[] = [];
  const problems: Problem[] = [];
  for (const { path, size, modifiedAt } of files) {
    if (!/\.zip$/i.test(path)) {
      sources.push({ path, file: path, size, modifiedAt });
      continue;
    }
    try {
      const entries = await zipSources(path, modifiedAt);
      sources.push(...entries);
      if (entries.length === 0) problems.push({ path, what: HOLDS_NO_FILES });
    } catch (error) {
      problems.push(problemOf(path, error));
    }
  }
  return { sources: inReadingOrder(sources), problems };
}

/** The folder before the first wildcard is taken as it stands (it may hold brackets); names match in any case. */
async function matching(path: string): Promise<string[]> {
  const parts = path.replaceAll('\\', '/').split('/');
  const first = parts.findIndex((part) => /[*?]/.test(part));
  const folder = parts.slice(0, first).join('/');
  return glob(parts.slice(first).join('/'), {
    cwd: folder === '' ? (path.startsWith('/') ? '/' : '.') : folder,
    absolute: true,
    onlyFiles: false,
    caseSensitiveMatch: false,
  });
}

/** A shell on Windows leaves `*.LOG` as it is. */
async function expand(paths: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const path of paths) {
    const found = /[*?]/.test(path) && !existsSync(path) ? await matching(path).catch(() => []) : [];
    all.push(...(found.length > 0 ? found.sort() : [path]));
  }
  return all;
}

/** What comes on standard input is laid aside, because a log is looked at before it is read. */
async function standardInput(aside: string[]): Promise<LogSource> {
  const folder = mkdtempSync(join(tmpdir(), 'relaylens-'));
  aside.push(folder);
  const file = join(folder, 'standard-input');
  await pipeline(process.stdin, createWriteStream(file));
  const { size, mtimeMs } = await stat(file);
  return { path: '(standard input)', file, size, modifiedAt: mtimeMs };
}

/** `inodes`: device and number of the folders on the way, because links may lead in a circle. */
async function look(
  path: string,
  named: boolean,
  found: {
    readonly files: FoundFile[];
    readonly faults: Fault[];
    readonly inodes: Set<string>;
    readonly resting: ReadonlyMap<string, FoundFile>;
  },
): Promise<void> {
  const full = resolve(path);
  try {
    // Exact numbers: those of Windows are longer than a double holds.
    const status = await stat(full, { bigint: true });
    const modifiedAt = Number(status.mtimeMs);
    if (status.isDirectory()) {
      // Where the file system has no numbers (0), a circle ends with the length of its path.
      const inode = `${status.dev}:${status.ino}`;
      if (status.ino !== 0n && found.inodes.has(inode)) return;
      found.inodes.add(inode);
      const names = (await readdir(full)).filter((name) => !name.startsWith('.')).sort();
      const awake: string[] = [];
      for (const name of names) {
        const inside = join(full, name);
        const rests = found.resting.get(inside);
        if (rests) found.files.push(rests);
        else awake.push(inside);
      }
      await Promise.all(awake.map((inside) => look(inside, false, found)));
    } else if (!status.isFile())
      found.faults.push({ path, error: Object.assign(new Error('is no file'), { code: NO_FILE }), named });
    else found.files.push({ path: full, size: Number(status.size), modifiedAt });
  } catch (error) {
    found.faults.push({ path, error, named });
  }
}

/** The logs of a tree one after the other: receive logs first (they name the server), each log in order of time. */
function inReadingOrder(sources: readonly LogSource[]): LogSource[] {
  return sources
    .map((source) => {
      const place = placeOf(source.path);
      return {
        source,
        key: [place.tree, place.direction === 'send' ? '1' : '0', place.service ?? '', place.series, source.path].join('\0'),
      };
    })
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ source }) => source);
}

/** A pipe, a device. */
const NO_FILE = 'NO_FILE';

/** An error of the file system, or of a damaged archive, in words. */
export function problemOf(path: string, error: unknown): Problem {
  const { code, message } = error as { code?: string; message: string };
  switch (code) {
    case NO_FILE:
      return { path, what: message };
    case 'ENOENT':
      return { path, what: 'no such file or folder', hint: 'Check the path.' };
    case 'EACCES':
    case 'EPERM':
      return {
        path,
        what: 'no permission to read it',
        hint: 'Copy it to a folder of your own, or ask for the right to read it.',
      };
    case 'EBUSY':
      return { path, what: 'in use by another program', hint: 'Try again, or copy it first.' };
    case 'Z_BUF_ERROR':
      return { path, what: 'the gzip ends too early', hint: 'What it held was read. Copy it again for the rest.' };
    default:
      return { path, what: `cannot be read: ${message}` };
  }
}

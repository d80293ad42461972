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

/** `database` and its side files are left out. */
export async function discover(paths: readonly string[], database: string): Promise<Discovery> {
  const own = ['', '-wal', '-shm'].map((suffix) => resolve(database) + suffix);
  const sources: LogSource[] = [];
  const problems: Problem[] = [];
  const aside: string[] = [];
  for (const path of await expand(paths)) {
    const before = sources.length + problems.length;
    if (path === '-') sources.push(await standardInput(aside));
    else await look(path, sources, problems, new Set());
    if (sources.length + problems.length === before)
      problems.push({ path, what: 'holds no files', hint: 'Name the folder that holds RECV*.LOG or SEND*.LOG.' });
  }
  const unique = [...new Map(sources.map((source) => [source.path, source])).values()].filter(({ file }) => !own.includes(file));
  return {
    sources: inReadingOrder(unique),
    problems: problems.sort((a, b) => (a.path < b.path ? -1 : 1)),
    release: () => {
      for (const folder of aside) rmSync(folder, { recursive: true, force: true });
    },
  };
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
    const found = /[*?]/.test(path) && !existsSync(path) ? await matching(path) : [];
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
async function look(path: string, sources: LogSource[], problems: Problem[], inodes: Set<string>): Promise<void> {
  const full = resolve(path);
  try {
    // Exact numbers: those of Windows are longer than a double holds.
    const status = await stat(full, { bigint: true });
    const modifiedAt = Number(status.mtimeMs);
    if (status.isDirectory()) {
      // Where the file system has no numbers (0), a circle ends with the length of its path.
      const inode = `${status.dev}:${status.ino}`;
      if (status.ino !== 0n && inodes.has(inode)) return;
      inodes.add(inode);
      const names = (await readdir(full)).filter((name) => !name.startsWith('.')).sort();
      await Promise.all(names.map((name) => look(join(full, name), sources, problems, inodes)));
    } else if (!status.isFile()) problems.push({ path, what: 'is no file' });
    else if (/\.zip$/i.test(full)) sources.push(...(await zipSources(full, modifiedAt)));
    else sources.push({ path: full, file: full, size: Number(status.size), modifiedAt });
  } catch (error) {
    problems.push(problemOf(path, error));
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

/** An error of the file system, or of a damaged archive, in words. */
export function problemOf(path: string, error: unknown): Problem {
  const { code, message } = error as { code?: string; message: string };
  switch (code) {
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

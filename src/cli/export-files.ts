/** Reads the files of exports that a command was given; what is wrong with them is said on standard error. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readExport } from '../configuration/read-export.ts';
import { type ReadExport, type Snapshot, snapshots } from '../configuration/snapshot.ts';
import { printable } from '../render/printable.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';

export interface ExportFiles {
  readonly parts: readonly Snapshot[];
  /** Files of which nothing was taken, because part of them cannot be trusted. */
  readonly refused: number;
}

export interface ExportFileSettings {
  /** Server of connectors whose export does not name it. */
  readonly server?: string | undefined;
  /** Milliseconds UTC; the date of each file without it. */
  readonly asOf?: number | undefined;
}

/** Files, or folders of them. A UserError where one cannot be read, or two of them contradict each other. */
export function readExportFiles(io: Io, paths: readonly string[], { server, asOf }: ExportFileSettings = {}): ExportFiles {
  const reads: ReadExport[] = [];
  let refused = 0;
  for (const file of paths.flatMap(filesIn)) {
    const { bytes, modifiedAt } = guarded(file, () => ({
      bytes: readFileSync(file),
      modifiedAt: Math.trunc(statSync(file).mtimeMs),
    }));
    const reading = readExport(bytes, { server });
    for (const { place, what, hint } of reading.problems)
      io.err(`${printable(file)}${place ? `, ${place}` : ''}: ${printable(what)}${hint ? `. ${printable(hint)}` : ''}\n`);
    if (reading.problems.some(({ fatal }) => fatal)) {
      refused++;
      io.err(`${printable(file)}: nothing of it is taken, since part of it cannot be trusted\n`);
    } else reads.push({ file, asOf: asOf ?? modifiedAt, reading });
  }
  const { snapshots: parts, contradictions } = snapshots(reads);
  for (const { file, what } of contradictions) io.err(`${printable(file)}: ${printable(what)}\n`);
  if (contradictions.length > 0)
    throw new UserError('nothing is taken, since the files contradict each other', 'Name the right one of them.');
  return { parts, refused };
}

function filesIn(path: string): string[] {
  return guarded(path, () =>
    statSync(path).isDirectory()
      ? readdirSync(path, { withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(path, entry.name))
          .sort()
      : [path],
  );
}

function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT'
      ? new UserError(`${path}: no such file or folder`, 'relaylens config import --help says how to export it.')
      : new UserError(`${path}: cannot be read (${code})`, 'Check your rights to it.');
  }
}

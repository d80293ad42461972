/** Folders of the configuration: made at the start, so that one that cannot be had is told before mail comes. */
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../store/user-error.ts';
import { shownValue } from '../settings/setting-path.ts';

/**
 * Makes the folder where it is missing. A UserError where it cannot be made or written; `setting` is the path in the
 * configuration. One level at a time: `recursive` never comes back where a file system says of a folder that its parent
 * is missing.
 */
export function ensureFolder(folder: string, setting: string): void {
  try {
    for (const missing of missingIn(folder)) makeOne(missing);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const fault = error instanceof FolderFault ? message : `cannot be made or written (${code ?? message})`;
    throw new UserError(`${setting}: ${shownValue(folder)} ${fault}`, 'Name a folder that can be written.');
  }
}

class FolderFault extends Error {}

/** From the top down. */
function missingIn(folder: string): string[] {
  const missing: string[] = [];
  for (let path = folder; ; path = dirname(path)) {
    const found = existing(path);
    if (found === 'file') throw new FolderFault(path === folder ? 'is a file and no folder' : `lies below a file, ${path}`);
    if (found === 'folder' || dirname(path) === path) return missing.reverse();
    missing.push(path);
  }
}

function existing(path: string): 'folder' | 'file' | undefined {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

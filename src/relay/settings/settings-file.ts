/** The configuration file on disk. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../../store/user-error.ts';
import { readSettings, type SettingsReading } from './read-settings.ts';

/** A UserError where the file itself cannot be opened; what is wrong in it comes back. */
export function readSettingsFile(file: string): SettingsReading {
  const path = resolve(file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT'
      ? new UserError(`${file}: no such file`, `relaylens relay --init ${file} writes one to begin with.`)
      : new UserError(`${file}: cannot be read (${code})`, 'Check your rights to it.');
  }
  return readSettings(text, { folder: dirname(path), read: bytesOf });
}

function bytesOf(path: string): Uint8Array | { fault: string } {
  try {
    return readFileSync(path);
  } catch (error) {
    return { fault: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

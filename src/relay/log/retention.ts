/** Which old logs go: a decision about values, so that no file is needed to test it. */
import { compareLogFiles, type LogFileName, seriesStart } from './log-file-name.ts';

export interface KeptFile extends LogFileName {
  readonly name: string;
  readonly bytes: number;
}

export interface RetentionLimits {
  /** Bytes of all files of the direction together. */
  readonly maxFolderBytes: number;
  /** Milliseconds, counted from the date in the name. */
  readonly maxAgeMs: number;
}

/** Names of the files to delete, oldest first: by size of the folder, then by age; never `current`. */
export function expiredFiles(files: readonly KeptFile[], current: string, now: number, limits: RetentionLimits): string[] {
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return files
    .filter((file) => file.name !== current)
    .sort(compareLogFiles)
    .filter((file) => {
      if (bytes <= limits.maxFolderBytes && now - seriesStart(file.series) <= limits.maxAgeMs) return false;
      bytes -= file.bytes;
      return true;
    })
    .map((file) => file.name);
}

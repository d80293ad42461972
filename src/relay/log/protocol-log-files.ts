/**
 * The protocol log of one direction in one folder, written as the product writes it (reference of the protocol log,
 * section 3): rows in the order in which they were given, in bursts, into files named after the time of writing.
 *
 * Input and output are synchronous on purpose: a burst goes to the system's cache in well under a millisecond, the order
 * of rows needs no queue of its own, and nothing piles up behind a write that is under way.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Direction } from '../../protocol-log/fields.ts';
import { formatHeader, type LogRow } from '../../protocol-log/writer.ts';
import type { Clock } from './clock.ts';
import { LogFile } from './log-file.ts';
import { compareLogFiles, logFileName, parseLogFileName, type SeriesLength, seriesAt } from './log-file-name.ts';
import { expiredFiles, type KeptFile } from './retention.ts';
import { RowBuffer } from './row-buffer.ts';
import { rowBytes } from './row-bytes.ts';

export interface ProtocolLogSettings {
  /** Made where it does not exist. */
  readonly folder: string;
  readonly direction: Direction;
  readonly series: SeriesLength;
  readonly clock: Clock;
  /** Told once when writing fails, and once when it goes on: one line each, for people. */
  readonly report: (line: string) => void;
  /** A file that is beyond it takes no further row. Default 10 MB. */
  readonly maxFileBytes?: number;
  /** Default 250 MB. */
  readonly maxFolderBytes?: number;
  /** Default 30 days. */
  readonly maxAgeMs?: number;
  /** How long a row may wait, at the longest. Default one second; the product's own is 30. */
  readonly flushIntervalMs?: number;
  /** Waiting rows of this size are written at once. Default 512 KiB. */
  readonly bufferBytes?: number;
  /** Rows kept while nothing can be written; more are lost. Default 8 MiB. */
  readonly maxWaitingBytes?: number;
}

const DEFAULTS = {
  maxFileBytes: 10 * 1024 * 1024,
  maxFolderBytes: 250 * 1024 * 1024,
  maxAgeMs: 30 * 86_400_000,
  flushIntervalMs: 1000,
  bufferBytes: 512 * 1024,
  maxWaitingBytes: 8 * 1024 * 1024,
};

/** Instances tried where a file cannot be opened: another program may hold the first. */
const TRIES = 3;

export class ProtocolLogFiles {
  readonly #settings: Required<ProtocolLogSettings>;
  readonly #waiting: RowBuffer;
  #file: LogFile | undefined;
  #series = '';
  #instance = 0;
  #cancelFlush: (() => void) | undefined;
  #failing = false;
  #closed = false;
  #lostRows = 0;
  #lostBefore = 0;

  constructor(settings: ProtocolLogSettings) {
    this.#settings = { ...DEFAULTS, ...settings };
    this.#waiting = new RowBuffer(this.#settings.bufferBytes + 64 * 1024);
  }

  /** Rows that were given and will not be found in any file. */
  get lostRows(): number {
    return this.#lostRows;
  }

  /** Takes a row; it is in a file after the flush interval, or earlier. Never throws. */
  add(row: LogRow): void {
    const { bufferBytes, maxWaitingBytes } = this.#settings;
    if (this.#closed || this.#waiting.bytes >= maxWaitingBytes) {
      this.#lostRows++;
      return;
    }
    this.#waiting.add(rowBytes(row));
    // While writing fails, only the timer tries again: not every row.
    if (this.#waiting.bytes >= bufferBytes && !this.#failing) this.flush();
    else this.#flushLater();
  }

  /** Writes what waits. Never throws: what cannot be written waits on, and is tried again. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    try {
      this.#write();
      this.#recovered();
    } catch (error) {
      this.#failed(error);
      if (!this.#closed) this.#flushLater();
    }
  }

  /** Writes what waits, and ends; rows that still cannot be written are lost. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.flush();
    this.#lostRows += this.#waiting.rows;
    this.#waiting.clear();
    this.#closeFile();
  }

  #flushLater(): void {
    this.#cancelFlush ??= this.#settings.clock.after(this.#settings.flushIntervalMs, () => this.flush());
  }

  #write(): void {
    while (this.#waiting.rows > 0) {
      const file = this.#fileFor(this.#settings.clock.now());
      file.startLine();
      const burst = this.#waiting.fitting(file.position, this.#settings.maxFileBytes);
      const before = file.position;
      try {
        file.append(burst);
      } catch (error) {
        // A row that did not fit as a whole is taken back: it is written again when there is room.
        const whole = this.#waiting.drop(file.position - before);
        attempt(() => file.cut(before + whole));
        throw error;
      }
      this.#waiting.drop(burst.length);
    }
  }

  /** The file for a row that is written now; the limit is looked at before the row, so a file exceeds it by a row. */
  #fileFor(now: number): LogFile {
    const { series, maxFileBytes } = this.#settings;
    const current = seriesAt(now, series);
    const isUsable = this.#file !== undefined && this.#series === current && !this.#file.isGone;
    if (isUsable && this.#file!.position <= maxFileBytes) return this.#file!;
    if (!isUsable) {
      // After a restart, or a failure, the newest file of the series is gone on with, without a second header.
      this.#closeFile();
      this.#instance = Math.max(1, ...this.#ownFiles().flatMap((file) => (file.series === current ? [file.instance] : [])));
      this.#series = current;
    } else this.#instance++;
    return this.#open(now);
  }

  #open(now: number): LogFile {
    const { folder, direction, maxFileBytes } = this.#settings;
    this.#closeFile();
    mkdirSync(folder, { recursive: true });
    for (let failures = 0; ; ) {
      let file: LogFile;
      try {
        file = new LogFile(join(folder, logFileName(direction, { series: this.#series, instance: this.#instance })));
      } catch (error) {
        if (++failures === TRIES) throw error;
        this.#instance++;
        continue;
      }
      if (file.position > maxFileBytes) {
        file.close();
        this.#instance++;
        continue;
      }
      this.#file = file;
      if (file.position === 0) this.#begin(file, now);
      return file;
    }
  }

  #begin(file: LogFile, now: number): void {
    try {
      file.append(Buffer.from(formatHeader({ direction: this.#settings.direction, at: now })));
    } catch (error) {
      attempt(() => file.cut(0));
      throw error;
    }
    this.#deleteExpired(now);
  }

  #ownFiles(): KeptFile[] {
    const { folder, direction } = this.#settings;
    return readNames(folder)
      .flatMap((name) => {
        const parsed = parseLogFileName(direction, name);
        const bytes = parsed && sizeOf(join(folder, name));
        return bytes === undefined ? [] : [{ ...parsed!, name, bytes }];
      })
      .sort(compareLogFiles);
  }

  #deleteExpired(now: number): void {
    const { folder, direction, maxFolderBytes, maxAgeMs } = this.#settings;
    const current = logFileName(direction, { series: this.#series, instance: this.#instance });
    // One that another program holds goes another time.
    for (const name of expiredFiles(this.#ownFiles(), current, now, { maxFolderBytes, maxAgeMs }))
      attempt(() => rmSync(join(folder, name)));
  }

  #failed(error: unknown): void {
    attempt(() => this.#closeFile());
    if (this.#failing) return;
    this.#failing = true;
    this.#lostBefore = this.#lostRows;
    const { folder, direction, report } = this.#settings;
    report(
      `the ${direction} protocol log in ${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    const { folder, direction, report } = this.#settings;
    const lost = this.#lostRows - this.#lostBefore;
    report(`the ${direction} protocol log in ${folder} is written again; ${lost} ${lost === 1 ? 'row was' : 'rows were'} lost`);
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.close();
  }
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {}
}

/** What the reading thread is asked, and what it tells: plain values only. */
import type { Direction, Service } from '../protocol-log/fields.ts';
import type { Block } from '../store/archive.ts';
import type { FileAnomaly, StoredSection } from '../store/log-registry.ts';
import type { LogSource } from './log-source.ts';
import type { PackedSessions } from './session-packing.ts';

/** What the user said of the logs, where they do not say it themselves. */
export interface LogSettings {
  readonly server?: string;
  readonly service?: Service;
  readonly direction?: Direction;
}

/** One log, from where it is not known yet. */
export interface ScanJob {
  readonly fileId: number;
  readonly source: LogSource;
  readonly settings: LogSettings;
  readonly directionOfRows: Direction | undefined;
  /** Servers that the receive logs of its tree name, as far as the store knows. */
  readonly serversOfTree: readonly string[];
  /** Bytes from here to `progress` are packed again with what follows, but not read again as rows. */
  readonly blockPosition: number;
  readonly blockLine: number;
  readonly progress: number;
  readonly line: number;
  readonly rows: number;
  readonly sections: readonly StoredSection[];
  readonly pendingHeader: string | null;
  /** The file may be opened at `blockPosition`. */
  readonly seekable: boolean;
  /** A last line without its end is left for later: who writes the log is about to complete it. */
  readonly waitsForLineEnd: boolean;
}

/** A block of a log, with all that it brought. */
export interface ScannedBlock {
  readonly kind: 'block';
  readonly fileId: number;
  /** Under which its new sections were found. */
  readonly tree: string;
  readonly block: Block;
  /** What the store has of the log from here on is replaced by this block and those behind it. */
  readonly replaces: { readonly blocksFrom: number; readonly anomaliesFrom: number } | null;
  readonly sections: readonly StoredSection[];
  readonly sessions: PackedSessions;
  readonly anomalies: readonly FileAnomaly[];
  /** Lines that did not fit, by kind, those without an entry in `anomalies` included. */
  readonly counts: Readonly<Record<string, number>>;
  /** State of the file behind this block, see LogFile. */
  readonly length: number;
  readonly progress: number;
  readonly lines: number;
  readonly rows: number;
  readonly pendingHeader: string | null;
  /** Read for the first time in this block. */
  readonly newBytes: number;
  readonly newRows: number;
}

/** Everything told before may be committed; `sessions` are those still open, as far as they have come. */
export interface Checkpoint {
  readonly kind: 'checkpoint';
  readonly sessions: PackedSessions;
}

/** The log was read to its end, or could not be read further. */
export interface FileEnd {
  readonly kind: 'file-end';
  readonly fileId: number;
  /** A last line without its end was left. */
  readonly heldBack: boolean;
  readonly error?: { readonly code: string | undefined; readonly message: string };
}

export type ScanEvent = ScannedBlock | Checkpoint | FileEnd;

/** To the reading thread. `ack`: an event has been handled; the buffer of its block comes back. */
export type ScanRequest =
  | { readonly kind: 'scan'; readonly job: ScanJob }
  | { readonly kind: 'finish' }
  | { readonly kind: 'ack'; readonly buffer: ArrayBuffer | undefined };

/** From it. */
export type ScanReply = { readonly event: ScanEvent } | { readonly finished: true };

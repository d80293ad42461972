/**
 * Writes rows exactly as the product does (reference of the protocol log, section 2): a field is quoted only when it
 * holds a comma or a quote, line breaks become `\r` and `\n`, a backslash stays a backslash.
 */
import type { Direction } from './fields.ts';
import { formatTimeStamp } from './time-stamp.ts';

export interface LogRow {
  /** Milliseconds UTC. */
  readonly at: number;
  readonly connector: string;
  readonly sessionId: string;
  readonly sequence: number;
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  readonly event: '+' | '-' | '>' | '<' | '*';
  readonly data: string;
  readonly context: string;
}

/** One field. Text is taken as it is; bytes that are no text can be given as Latin-1 and written as `latin1`. */
export function formatField(value: string): string {
  const line = value.includes('\r') || value.includes('\n') ? value.replaceAll('\r', '\\r').replaceAll('\n', '\\n') : value;
  return line.includes(',') || line.includes('"') ? `"${line.replaceAll('"', '""')}"` : line;
}

/** A row with its CR LF. */
export function formatRow(row: LogRow): string {
  return (
    `${formatTimeStamp(row.at)},${formatField(row.connector)},${row.sessionId},${row.sequence},${formatField(row.localEndpoint)},` +
    `${formatField(row.remoteEndpoint)},${row.event},${formatField(row.data)},${formatField(row.context)}\r\n`
  );
}

export interface HeaderSettings {
  readonly direction: Direction;
  /** Time at which the file was made, milliseconds UTC: as a rule later than its first rows. */
  readonly at: number;
  /** Assembly version: 15.0.0.0 from 2013 on, 14.0.0.0 for 2010. */
  readonly version?: string;
}

/** The five header lines behind their byte order mark. */
export function formatHeader({ direction, at, version = '15.0.0.0' }: HeaderSettings): string {
  return (
    `\uFEFF#Software: Microsoft Exchange Server\r\n#Version: ${version}\r\n` +
    `#Log-type: SMTP ${direction === 'receive' ? 'Receive' : 'Send'} Protocol Log\r\n#Date: ${formatTimeStamp(at)}\r\n` +
    '#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\r\n'
  );
}

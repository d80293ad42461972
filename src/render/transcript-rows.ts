import type { TranscriptLine } from '../document/document.ts';
import { formatTime, type Zone } from './cell-text.ts';
import { printable } from './printable.ts';
import type { Tone } from './tone.ts';

/** A row of a transcript, printable. */
export interface TranscriptRow {
  /** Line, time, time since the row before, event; as wide in every row. */
  readonly head: string;
  readonly said: string;
  readonly tone: Tone;
}

export function transcriptRows(lines: readonly TranscriptLine[], zone: Zone): TranscriptRow[] {
  const numberWidth = lines.reduce((widest, { line }) => Math.max(widest, String(line).length), 4);
  return lines.map(({ at, after, event, data, context, line }) => {
    const delta = after === null ? '' : `+${(after / 1000).toFixed(3)}`;
    const said = context.trim() === '' ? data : data === '' ? context : `${data}  (${context})`;
    return {
      head: `${String(line).padStart(numberWidth)}  ${formatTime(at, zone, 'HH:mm:ss.SSS')} ${delta.padStart(9)}  ${printable(event)} `,
      said: printable(said),
      tone: event === '*' ? 'quiet' : /^[45]\d\d/.test(data) ? 'bad' : 'plain',
    };
  });
}

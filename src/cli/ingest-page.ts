/** What a run of ingest has to say. */
import type { Document } from '../document/document.ts';
import type { IngestResult } from '../ingest/ingest.ts';
import { formatBytes } from '../render/cell-text.ts';
import { printable } from '../render/printable.ts';
import type { Io } from './io.ts';

/** Says on standard error what could not be read. */
export function tellProblems(io: Io, { problems, skipped }: Pick<IngestResult, 'problems' | 'skipped'>): void {
  for (const { path, what, hint } of problems) io.err(`${printable(path)}: ${printable(what)}${hint ? `. ${hint}` : ''}\n`);
  for (const [what, files] of Object.entries(skipped)) {
    const [first, ...more] = files;
    io.err(
      `${printable(first ?? '')}: not read: ${printable(what)}${more.length > 0 ? ` (and ${more.length} more like it)` : ''}\n`,
    );
  }
}

/** The object of the JSON contract. */
export function contract(result: IngestResult): object {
  const { files, filesUnchanged, bytes, rows, duplicateRows, sessions, newSessions, anomalies, skipped, problems } = result;
  return { files, filesUnchanged, bytes, rows, duplicateRows, sessions, newSessions, anomalies, skipped, problems };
}

/** What the run did, in a line or two. */
export function runLines(result: IngestResult): string[] {
  const read = result.files - result.filesUnchanged;
  const lines = [
    `${read} of ${result.files} log${result.files === 1 ? '' : 's'} read: ${formatBytes(result.bytes)}, ${result.rows.toLocaleString('en-US')} rows, ` +
      `${result.newSessions.toLocaleString('en-US')} new sessions.` +
      (result.filesUnchanged > 0 ? ` ${result.filesUnchanged} unchanged since they were read before.` : ''),
  ];
  if (result.duplicateRows > 0)
    lines.push(
      `${result.duplicateRows.toLocaleString('en-US')} of the rows were there already: in another file, or twice in one.`,
    );
  const odd = Object.entries(result.anomalies).map(([kind, n]) => `${n} ${kind}`);
  if (odd.length > 0) lines.push(`Lines that did not fit: ${odd.join(', ')}.`);
  return lines;
}

/** The page of a run. */
export function ingestDocument(result: IngestResult): Document {
  return {
    title: 'Ingest',
    sections: [
      {
        kind: 'text',
        text: [...runLines(result), `${result.sessions.toLocaleString('en-US')} sessions in the database now.`].join('\n'),
      },
    ],
  };
}

/** What became of a session, by the same rules as for sessions that are read from logs. */
import { FIELD_COUNT } from '../../protocol-log/fields.ts';
import { RowView } from '../../protocol-log/row-view.ts';
import { SessionBuilder } from '../../session/session-builder.ts';
import type { Outcome } from '../../smtp/outcome.ts';
import type { LoggedRow, Recording } from './recording.ts';

/** Rows as they were written, in their order. */
export function outcomeOfRows(
  { connector, sessionId, localEndpoint, remoteEndpoint }: Omit<Recording, 'rows'>,
  rows: readonly LoggedRow[],
): Outcome {
  const builder = new SessionBuilder('receive');
  const view = new RowView();
  for (const { at, sequence, event, data, context } of rows) {
    view.at = at;
    view.sequence = sequence;
    view.event = event.charCodeAt(0);
    const fields = ['', connector, sessionId, '', localEndpoint, remoteEndpoint, event, data, context].map((text) =>
      Buffer.from(text),
    );
    view.bytes = Buffer.concat(fields);
    for (let field = 0, start = 0; field < FIELD_COUNT; field++) {
      view.starts[field] = start;
      start += fields[field]!.length;
      view.ends[field] = start;
    }
    builder.feed(view);
  }
  return builder.build().outcome;
}

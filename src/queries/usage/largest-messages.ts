/** The largest messages that were accepted. */
import type { Identities, Texts } from './names.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import type { LargeMessage } from './usage-report.ts';

/** As many as the store keeps of each connector and hour, so that none is missing. */
const LISTED = 10;

/** The largest first. */
export function largestMessages(reader: RollUpReader, texts: Texts, identities: Identities, slice: Slice): LargeMessage[] {
  type Row = [
    at: number,
    bytes: number,
    source: number,
    sender: number | null,
    server: number,
    connector: number,
    session: string,
    ordinal: number,
  ];
  const order = 'bytes DESC, decided_at, session_id, ordinal';
  const query = `SELECT decided_at, bytes, source_id, sender_id, server_id, connector_id, session_id, ordinal FROM r ORDER BY ${order} LIMIT ${LISTED}`;
  return reader
    .rows<Row>('hourly_largest', query, slice)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0] || (a[6] < b[6] ? -1 : a[6] > b[6] ? 1 : a[7] - b[7]))
    .slice(0, LISTED)
    .map(([at, bytes, source, sender, server, connector, sessionId]) => ({
      at: new Date(at).toISOString(),
      bytes,
      source: texts.of(source),
      device: identities.of(source).device?.name ?? null,
      dnsName: null,
      sender: sender === null ? null : texts.address(sender),
      server: texts.of(server),
      connector: texts.of(connector),
      sessionId,
    }));
}

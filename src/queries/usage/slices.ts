/** A period cut in slices: what each of them has of it. */
import { tlsCurves } from './curves.ts';
import type { Texts } from './names.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import type { UsageSlice } from './usage-report.ts';

/** `slices` lie behind one another. */
export function usageSlices(reader: RollUpReader, slices: readonly Slice[], texts: Texts): UsageSlice[] {
  const tls = tlsCurves(reader, slices);
  type Row = [server: number, connector: number, accepted: number, refused: number];
  const query = 'SELECT server_id, connector_id, SUM(messages_accepted), SUM(messages_refused) FROM r GROUP BY 1, 2';
  return slices.map((slice, index) => {
    const accepted = new Map<string, { server: string; connector: string; messagesAccepted: number }>();
    let messagesRefused = 0;
    for (const [server, connector, messages, refused] of reader.minutes<Row>(query, slice)) {
      messagesRefused += refused;
      if (messages === 0) continue;
      const key = `${server} ${connector}`;
      const own = accepted.get(key);
      if (own) own.messagesAccepted += messages;
      else accepted.set(key, { server: texts.of(server), connector: texts.of(connector), messagesAccepted: messages });
    }
    return {
      since: new Date(slice.since).toISOString(),
      until: new Date(slice.until).toISOString(),
      messagesAccepted: [...accepted.values()].reduce((sum, { messagesAccepted }) => sum + messagesAccepted, 0),
      messagesRefused,
      connectors: [...accepted.values()].sort(
        (a, b) =>
          b.messagesAccepted - a.messagesAccepted || (`${a.server}\0${a.connector}` < `${b.server}\0${b.connector}` ? -1 : 1),
      ),
      tls: tlsOf(new Map([...tls].map(([version, curve]) => [version, curve[index]!])), texts),
    };
  });
}

/** Sessions by TLS version, those that were there. */
export function tlsOf(tls: ReadonlyMap<number, number>, texts: Texts): Record<string, number> {
  const named = [...tls].filter(([, sessions]) => sessions > 0).map(([id, sessions]) => [texts.of(id), sessions] as const);
  return Object.fromEntries(named.sort((a, b) => (a[0] < b[0] ? -1 : 1)));
}

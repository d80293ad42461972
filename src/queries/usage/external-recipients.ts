/** Recipients by domain, and which of them were outside by the accepted domains that were valid then. */
import type { ConfigurationHistory } from '../configuration-history.ts';
import { RecipientDomains } from '../recipient-domains.ts';
import type { Texts } from './names.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import type { RecipientCount } from './traffic.ts';

/** Groups may come several times. */
export function recipientCounts(
  reader: RollUpReader,
  history: ConfigurationHistory,
  texts: Texts,
  slice: Slice,
): RecipientCount[] {
  type Row = [source: number, server: number, connector: number, domain: number, accepted: number, refused: number];
  const changes = history.acceptedDomainChanges;
  const cuts = [slice.since, ...changes.filter((at) => at > slice.since && at < slice.until), slice.until];
  return cuts.slice(0, -1).flatMap((since, index) => {
    // Before the first import its domains are the best guess there is.
    const domains = changes.length === 0 ? undefined : new RecipientDomains(reader.db, history.at(Math.max(since, changes[0]!)));
    const external = new Map<number, boolean>();
    const isExternal = (domain: number): boolean => {
      let known = external.get(domain);
      if (known === undefined) external.set(domain, (known = domains?.isExternal(texts.of(domain)) === true));
      return known;
    };
    return reader
      .sums<Row>(
        'hourly_recipients',
        `SELECT source_id, server_id, connector_id, domain_id, SUM(recipients_accepted), SUM(recipients_refused) FROM r GROUP BY 1, 2, 3, 4`,
        { since, until: cuts[index + 1]! },
      )
      .map(([source, server, connector, domain, accepted, refused]) => ({
        source,
        server,
        connector,
        domain,
        accepted,
        refused,
        external: domains === undefined ? undefined : isExternal(domain) ? accepted : 0,
      }));
  });
}

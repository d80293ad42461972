/** Whose mail it is, and where it goes: domains of senders and of recipients. */
import type { Texts } from './names.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import type { RecipientCount } from './traffic.ts';
import type { RecipientDomain, SenderDomain } from './usage-report.ts';

/** The busiest first. */
export function senderDomains(reader: RollUpReader, texts: Texts, slice: Slice): SenderDomain[] {
  type Row = [domain: number, source: number, accepted: number, refused: number, bytes: number];
  const domains = new Map<number, { accepted: number; refused: number; bytes: number; devices: Set<number> }>();
  const query = `SELECT domain_id, source_id, SUM(messages_accepted), SUM(messages_refused), SUM(bytes_accepted) FROM r GROUP BY 1, 2`;
  for (const [domain, source, accepted, refused, bytes] of reader.sums<Row>('hourly_senders', query, slice)) {
    let own = domains.get(domain);
    if (!own) domains.set(domain, (own = { accepted: 0, refused: 0, bytes: 0, devices: new Set() }));
    own.accepted += accepted;
    own.refused += refused;
    own.bytes += bytes;
    own.devices.add(source);
  }
  return [...domains]
    .map(([domain, { accepted, refused, bytes, devices }]) => ({
      domain: domain === 0 ? null : texts.of(domain),
      messagesAccepted: accepted,
      messagesRefused: refused,
      bytesAccepted: bytes,
      devices: devices.size,
    }))
    .sort(
      (a, b) =>
        b.messagesAccepted - a.messagesAccepted ||
        b.messagesRefused - a.messagesRefused ||
        ((a.domain ?? '') < (b.domain ?? '') ? -1 : 1),
    );
}

/** The same of recipients. */
export function recipientDomains(counts: readonly RecipientCount[], texts: Texts): RecipientDomain[] {
  const domains = new Map<number, { accepted: number; refused: number; external: number | null; devices: Set<number> }>();
  for (const { domain, source, accepted, refused, external } of counts) {
    let own = domains.get(domain);
    if (!own) domains.set(domain, (own = { accepted: 0, refused: 0, external: null, devices: new Set() }));
    own.accepted += accepted;
    own.refused += refused;
    if (external !== undefined) own.external = (own.external ?? 0) + external;
    own.devices.add(source);
  }
  return [...domains]
    .map(([domain, { accepted, refused, external, devices }]) => ({
      domain: texts.of(domain),
      recipientsAccepted: accepted,
      recipientsRefused: refused,
      recipientsExternal: external,
      devices: devices.size,
    }))
    .sort(
      (a, b) =>
        b.recipientsAccepted - a.recipientsAccepted ||
        b.recipientsRefused - a.recipientsRefused ||
        (a.domain < b.domain ? -1 : 1),
    );
}

/** Recipients in the forms by which testers try whether a server relays. */
import type { Database } from '../../../store/database.ts';
import { CLIENT, COUNTED, MESSAGE_NOISE } from '../../../store/usage-roll-up.ts';
import { LOGGED_ON, type Span } from '../traffic.ts';
import type { RelayForm } from './behaviours.ts';

export interface RelayFormGroup {
  readonly source: number;
  readonly server: number;
  readonly connector: number;
  readonly address: string;
  readonly refused: number;
  readonly accepted: number;
  readonly first: number;
  readonly last: number;
}

/** Tries without a logon, by address. */
export function relayFormGroups(db: Database, span: Span): RelayFormGroup[] {
  return db
    .prepare(
      `WITH odd AS MATERIALIZED (SELECT id, value FROM address WHERE value LIKE '%!%' OR value LIKE '%\\%%@%' ESCAPE '\\'
         OR value LIKE '"%' OR value LIKE '@%' OR value LIKE '%@[%' OR value LIKE '%@%@%' OR value LIKE '%@localhost%')
       SELECT ${CLIENT} AS source, s.server_id AS server, s.connector_id AS connector, odd.value AS address,
         SUM(r.accepted = 0) AS refused, SUM(r.accepted = 1 AND t.state = 'accepted') AS accepted,
         MIN(COALESCE(t.decided_at, t.began_at)) AS first, MAX(COALESCE(t.decided_at, t.began_at)) AS last
       FROM smtp_transaction t JOIN session s ON s.id = t.session
       JOIN recipient r ON r.session = t.session AND r.transaction_ordinal = t.ordinal JOIN odd ON odd.id = r.address_id
       WHERE s.direction = 'receive' AND t.decided_at >= @since AND t.decided_at < @until AND r.accepted IS NOT NULL
         AND ${COUNTED} AND ${MESSAGE_NOISE} IS NULL AND NOT ${LOGGED_ON}
       GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    )
    .all(span) as RelayFormGroup[];
}

/** undefined: none of them. A name with a quotation mark or a percent sign alone is an ordinary one. */
export function relayFormOf(address: string): RelayForm | undefined {
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  const domain = at < 0 ? '' : address.slice(at + 1).toLowerCase();
  if (/^@[^,:]+(?:,@[^,:]+)*:/.test(address)) return 'source-route';
  if (/^"[^"]*[@%!][^"]*"(?:@|$)/.test(address)) return 'quoted';
  if (/^\[.*\]$/.test(domain)) return 'address-literal';
  if (domain === 'localhost' || domain.startsWith('localhost.')) return 'localhost';
  if (/^[\w.-]+@[\w.-]+\.\w+$/.test(local)) return 'two-at';
  if (/^[^%]+%[\w-]+(?:\.[\w-]+)+$/.test(local)) return 'percent';
  return /^[\w-]+(?:\.[\w-]+)+!.+$/.test(local) ? 'bang' : undefined;
}

/** Which recipient domains are outside: by the accepted domains, or, without them, by what the server did. */
import { AcceptedDomains } from '../connector/accepted-domain.ts';
import type { Organisation } from '../connector/organisation.ts';
import type { Database } from '../store/database.ts';

/** `accepted-domains`: imported. `replies`: refused as relaying, or accepted where relaying is refused. */
export type DomainKnownBy = 'accepted-domains' | 'replies';

export class RecipientDomains {
  readonly #db: Database;
  readonly #accepted: AcceptedDomains | undefined;
  readonly #witnesses: ReadonlySet<number> | undefined;
  #seen: { readonly domains: ReadonlyMap<string, boolean>; readonly witnesses: number } | undefined;

  /** `witnesses`: the sessions whose replies tell about domains, by internal number; all of the store where left out. */
  constructor(db: Database, { acceptedDomains }: Pick<Organisation, 'acceptedDomains'>, witnesses?: ReadonlySet<number>) {
    this.#db = db;
    this.#witnesses = witnesses;
    this.#accepted = acceptedDomains === null ? undefined : new AcceptedDomains(acceptedDomains);
  }

  get knownBy(): DomainKnownBy {
    return this.#accepted ? 'accepted-domains' : 'replies';
  }

  /**
   * Outside the organisation: not of its own domains, nor relayed on inside. undefined: nothing tells. A recipient without a
   * domain is inside, because the server completes it with its own; what only `*` accepts is outside.
   */
  isExternal(domain: string): boolean | undefined {
    if (domain === '') return false;
    if (!this.#accepted) return this.#seenOutside(domain);
    const accepted = this.#accepted.find(domain);
    return accepted === undefined || accepted.domainName === '*' || accepted.domainType === 'ExternalRelay';
  }

  /** Taken only from who may relay: no accepted domain holds it, of whatever type. */
  needsRelayRight(domain: string): boolean | undefined {
    if (domain === '') return false;
    return this.#accepted ? this.#accepted.find(domain) === undefined : this.#seenOutside(domain);
  }

  #seenOutside(domain: string): boolean | undefined {
    const witnesses = this.#witnesses?.size ?? 0;
    if (this.#seen?.witnesses !== witnesses) this.#seen = { domains: seenDomains(this.#db, this.#witnesses), witnesses };
    return this.#seen.domains.get(domain);
  }
}

/**
 * Without configuration: a domain that was refused as relaying is outside; one that got 250 in a session which may not
 * relay is inside. Which sessions may not relay is known from their permissions, or from such a refusal in them.
 */
function seenDomains(db: Database, witnesses: ReadonlySet<number> | undefined): Map<string, boolean> {
  const rows = db
    .prepare(
      `WITH denial AS (SELECT id FROM text WHERE value LIKE '550 5.7.1 Unable to relay%' OR value LIKE '550 5.7.54 %')
       SELECT domain.value AS domain, MAX(r.reply_id IN denial) AS refused,
         MAX(r.accepted = 1 AND (s.permissions & 4 = 0 OR EXISTS (
           SELECT 1 FROM recipient other WHERE other.session = s.id AND other.reply_id IN denial))) AS inside
       FROM recipient r JOIN session s ON s.id = r.session JOIN address ON address.id = r.address_id JOIN text domain ON domain.id = address.domain_id
       WHERE s.direction = 'receive'${witnesses ? ' AND r.session IN (SELECT value FROM json_each(@witnesses))' : ''} GROUP BY address.domain_id`,
    )
    .all(witnesses ? { witnesses: JSON.stringify([...witnesses]) } : {}) as {
    domain: string;
    refused: number;
    inside: number | null;
  }[];
  const external = new Map<string, boolean>();
  for (const { domain, refused, inside } of rows) if (refused || inside) external.set(domain, refused === 1);
  return external;
}

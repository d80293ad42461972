/** Accepted domains, and what is inside and outside. Source: reference of the receive connectors, section 6. */
import { domainToASCII } from 'node:url';

export const ACCEPTED_DOMAIN_TYPES = { Authoritative: 0, ExternalRelay: 1, InternalRelay: 2 } as const;
export type AcceptedDomainType = keyof typeof ACCEPTED_DOMAIN_TYPES;

export interface AcceptedDomain {
  readonly name: string;
  /** `contoso.com`, `*.contoso.com`, or `*`, which accepts everything. */
  readonly domainName: string;
  readonly domainType: AcceptedDomainType;
  readonly isDefault: boolean;
}

/** Finds the accepted domain of many names: the exact one, else the longest wildcard above it, else `*`. */
export class AcceptedDomains {
  readonly #byName = new Map<string, AcceptedDomain>();

  constructor(domains: readonly AcceptedDomain[]) {
    for (const domain of domains) this.#byName.set(canonical(domain.domainName), domain);
  }

  /** undefined where no accepted domain holds the name: a recipient there needs the right to relay. */
  find(domain: string): AcceptedDomain | undefined {
    const name = canonical(domain);
    const exact = this.#byName.get(name);
    if (exact) return exact;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const wildcard = this.#byName.get(`*${name.slice(dot)}`);
      if (wildcard) return wildcard;
    }
    return this.#byName.get('*');
  }
}

/** Lower case, and an international name as its ASCII form where it has one. */
function canonical(domain: string): string {
  const name = domain.trim().toLowerCase();
  if (/^[\x20-\x7e]*$/.test(name)) return name;
  const [, star = '', rest = ''] = /^(\*\.)?(.*)$/s.exec(name) ?? [];
  return star + (domainToASCII(rest) || rest);
}

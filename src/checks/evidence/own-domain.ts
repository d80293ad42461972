/** What the accepted domains say about an address. */
import { type AcceptedDomain, AcceptedDomains } from '../../connector/accepted-domain.ts';
import type { Case } from '../../queries/cases/case.ts';

/** In lower case; empty where the address has none. */
export const domainOf = (address: string | null): string => {
  const at = address?.lastIndexOf('@') ?? -1;
  return at < 0 ? '' : address!.slice(at + 1).toLowerCase();
};

/** The accepted domain that holds it; null: none does; undefined: the domains were not imported. */
export function acceptedDomainOf({ organisation }: Case, domain: string): AcceptedDomain | null | undefined {
  if (organisation.acceptedDomains === null) return undefined;
  return new AcceptedDomains(organisation.acceptedDomains).find(domain) ?? null;
}

/** The default one, else the only one; undefined where that is not known. */
export function defaultOwnDomain({ organisation }: Case): string | undefined {
  const domains = organisation.acceptedDomains?.filter(({ domainName }) => !domainName.includes('*')) ?? [];
  return (domains.find(({ isDefault }) => isDefault) ?? (domains.length === 1 ? domains[0] : undefined))?.domainName;
}

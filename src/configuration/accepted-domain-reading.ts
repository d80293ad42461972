/** Objects of `Get-AcceptedDomain` as accepted domains. */
import { ACCEPTED_DOMAIN_TYPES, type AcceptedDomain } from '../connector/accepted-domain.ts';
import { type Placed, withoutDoubles } from './doubles.ts';
import { LOSSLESS_HINT, type Problems } from './problem.ts';
import { booleanOf, choiceOf } from './property-value.ts';
import { RawObject, type RawRecord, type RawValue, shown, textOf } from './raw-value.ts';

export function readAcceptedDomains(records: readonly RawRecord[], problems: Problems): AcceptedDomain[] {
  const read: Placed<AcceptedDomain>[] = [];
  for (const { place, object } of records) {
    const domainName = domainText(object.get('DomainName') ?? null);
    const raw = object.get('DomainType') ?? null;
    const domainType = choiceOf(
      ACCEPTED_DOMAIN_TYPES,
      raw instanceof RawObject && raw.text === undefined ? (raw.get('value') ?? raw) : raw,
    );
    if (!domainName) problems.refuse(place, 'an accepted domain has no DomainName; it is left out', LOSSLESS_HINT);
    else if (!domainType)
      problems.refuse(
        place,
        `${domainName}: DomainType "${shown(raw)}" is none of ${Object.keys(ACCEPTED_DOMAIN_TYPES).join(', ')}; the domain is left out`,
        LOSSLESS_HINT,
      );
    else {
      const name = textOf(object.get('Name') ?? null)?.trim() || domainName;
      read.push({ place, value: { name, domainName, domainType, isDefault: booleanOf(object.get('Default') ?? null) ?? false } });
    }
  }
  return withoutDoubles(read, problems, {
    keyOf: ({ domainName }) => domainName,
    nameOf: ({ domainName }) => `the accepted domain ${domainName}`,
    contentOf: ({ domainType, isDefault }) => ({ domainType, isDefault }),
    whenDifferent: 'refuse',
  });
}

/** `contoso.com`, `*.contoso.com`, `*`; nested, the asterisk stands in a property of its own. */
function domainText(raw: RawValue): string | undefined {
  if (!(raw instanceof RawObject) || raw.text !== undefined) return textOf(raw)?.trim();
  if (booleanOf(raw.get('IsStar') ?? null)) return '*';
  const address = textOf(raw.get('Address') ?? null)?.trim();
  if (address) return address;
  const domain = textOf(raw)?.trim();
  return domain && booleanOf(raw.get('IncludeSubDomains') ?? null) && !domain.startsWith('*') ? `*.${domain}` : domain;
}

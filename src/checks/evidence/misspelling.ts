/** A domain that is all but one of the own ones: the address was mistyped, and nobody wants to send to the outside. */
import type { Case } from '../../queries/cases/case.ts';
import { domainOf } from './own-domain.ts';
import { replyIdOf, type Sign } from './sign.ts';

/** Slips of a finger in one name: more make another name. */
const SLIPS = 2;
/** In a short name two letters more or less are another name. */
const LONG = 8;

/** The own domain that was meant where a recipient is refused as one outside; undefined where none is as near. */
export function misspelling(sign: Sign, { organisation }: Case): string | undefined {
  if (sign.kind !== 'refusal' || replyIdOf(sign) !== 'relay-denied') return undefined;
  const domain = domainOf(sign.recipient);
  if (domain.length < LONG) return undefined;
  const accepted = organisation.acceptedDomains?.map(({ domainName }) => domainName.toLowerCase());
  // Without an import the domain of the sender is most likely an own one.
  const own = accepted ?? [domainOf(sign.sender)];
  return own.find((one) => one.length >= LONG && one !== domain && !one.includes('*') && slips(one, domain) <= SLIPS);
}

/** Letters that are wrong, missing or too many, and neighbours that changed places; up to {@link SLIPS} are counted rightly. */
function slips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > SLIPS) return SLIPS + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          last[j]! + 1,
          row[j - 1]! + 1,
          last[j - 1]! + (same ? 0 : 1),
          swapped ? before[j - 2]! + 1 : Number.MAX_SAFE_INTEGER,
        ),
      );
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

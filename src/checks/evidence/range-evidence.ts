/** Ranges as evidence: the first few, and how many more there are. */
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { countInWords, type RemoteRange } from '../../connector/remote-range.ts';
import { sizeOf } from '../../net/address-range.ts';
import type { Evidence } from '../finding.ts';

/** Evidence of one kind in one finding. */
export const SHOWN = 5;

/** `note`: what a range is; its number of addresses where left out. */
export function rangeEvidence(
  connector: ReceiveConnector,
  ranges: readonly RemoteRange[],
  note: (range: RemoteRange) => string = (range) => countInWords(sizeOf(range)),
): Evidence[] {
  return capped(ranges, (range) => ({
    kind: 'range',
    range: { connector: identityOf(connector), binding: null, range: range.text },
    note: note(range),
  }));
}

/** The first few, and how many were left out. */
export function capped<T>(all: readonly T[], evidence: (one: T) => Evidence): Evidence[] {
  const shown = all.slice(0, SHOWN).map(evidence);
  return all.length > SHOWN ? [...shown, { kind: 'more', count: all.length - SHOWN }] : shown;
}

/** The shape of a check that the configuration alone decides: one file each in `connectors/`, all held to one contract. */
import type { Organisation } from '../connector/organisation.ts';
import type { Example } from './examples/example-organisation.ts';
import type { Finding, Severity } from './finding.ts';

export interface ConfigurationCheck {
  /** The noun of the failing state; equal to the file name. */
  readonly id: string;
  /** The failing state in a few words. */
  readonly title: string;
  /** Why it matters, for someone who sees it for the first time. */
  readonly why: string;
  readonly severity: Severity;
  /** Where the facts come from: addresses of public pages, or sections of the project's reference. */
  readonly references: readonly string[];
  /**
   * Checks that say less about the same cause: what they find on a connector on which this one finds something is
   * left out, so that one cause is one finding.
   */
  readonly covers?: readonly string[];
  /** The silent ones are near misses: each differs from a firing one in what decides. */
  readonly examples: { readonly fires: readonly Example[]; readonly silent: readonly Example[] };
  /** Pure. Absent properties are unknown, not default: what rests on one is not found, or said to be unsure. */
  find(organisation: Organisation): Finding[];
}

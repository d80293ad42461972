export type StandInKind =
  | 'server'
  | 'connector'
  | 'host'
  | 'domain'
  | 'organisation'
  | 'user'
  | 'owner'
  | 'site'
  | 'note'
  | 'folder'
  | 'subject';

/** Where stand-ins come from. */
export interface StandIns {
  /** Secret of the case: without it nobody can try all addresses until one fits. */
  readonly key: Uint8Array;
  /** The number of a name, from 1: the same whenever it is asked for, and no other name of the kind has it. */
  numberOf(kind: StandInKind, name: string): number;
}

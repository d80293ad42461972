import type { KnownNames } from '../../src/redaction/known-names.ts';
import { Redactor } from '../../src/redaction/redactor.ts';
import type { StandIns } from '../../src/redaction/stand-ins.ts';

const NOTHING: KnownNames = {
  servers: [],
  connectors: [],
  hosts: [],
  users: [],
  domains: [],
  organisations: [],
  owners: [],
  sites: [],
  notes: [],
  folders: [],
};

/** Numbers in memory, as the database would give them. */
export function standIns(key: Uint8Array = Buffer.from('key')): StandIns {
  const numbers = new Map<string, Map<string, number>>();
  return {
    key,
    numberOf: (kind, name) => {
      const ofKind = numbers.get(kind) ?? new Map<string, number>();
      numbers.set(kind, ofKind);
      if (!ofKind.has(name)) ofKind.set(name, ofKind.size + 1);
      return ofKind.get(name)!;
    },
  };
}

export const redactorOf = (known: Partial<KnownNames> = {}, from: StandIns = standIns()): Redactor =>
  new Redactor({ ...NOTHING, ...known }, from);

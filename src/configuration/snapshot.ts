/** What a set of exports says, part by part, in the form in which it is stored: each part replaces the former one. */
import { sameName } from '../connector/connector.ts';
import type { ExportReading } from './read-export.ts';
import type { ConnectorRecord, RightsRecord } from './record.ts';

export interface ReadExport {
  readonly file: string;
  /** Milliseconds UTC. */
  readonly asOf: number;
  readonly reading: ExportReading;
}

/** One server's connectors, one connector's rights, the accepted domains, the devices. */
export type Snapshot = {
  /** Server, `SERVER\Name`, or empty for the whole organisation. */
  readonly scope: string;
  /** The latest of its files. */
  readonly asOf: number;
  readonly files: readonly string[];
} & (
  | { readonly kind: 'connectors'; readonly content: readonly ConnectorRecord[] }
  | { readonly kind: 'rights'; readonly content: RightsRecord }
  | { readonly kind: 'accepted-domains'; readonly content: ExportReading['acceptedDomains'] }
  | { readonly kind: 'devices'; readonly content: ExportReading['devices'] }
);

export interface Contradiction {
  readonly file: string;
  readonly what: string;
}

/** Puts the files of one import together. Two files that describe the same connector differently contradict each other. */
export function snapshots(reads: readonly ReadExport[]): { snapshots: Snapshot[]; contradictions: Contradiction[] } {
  const contradictions: Contradiction[] = [];
  const drafts = new Map<string, Draft>();
  const draftOf = (kind: Snapshot['kind'], scope: string, { file, asOf }: ReadExport): Draft => {
    const key = `${kind}\0${scope.toLowerCase()}`;
    let draft = drafts.get(key);
    if (!draft) drafts.set(key, (draft = { kind, scope, asOf, files: new Set(), items: [] }));
    draft.asOf = Math.max(draft.asOf, asOf);
    draft.files.add(file);
    return draft;
  };
  for (const read of reads) {
    for (const connector of read.reading.connectors) {
      const draft = draftOf('connectors', connector.server, read);
      const twin = draft.items.find((one) => sameName((one as ConnectorRecord).name, connector.name));
      if (!twin) draft.items.push(connector);
      else if (withoutOthers(twin as ConnectorRecord) !== withoutOthers(connector))
        contradictions.push({
          file: read.file,
          what: `"${connector.server}\\${connector.name}" stands differently in another of these files`,
        });
    }
    for (const rights of read.reading.rights) {
      const draft = draftOf('rights', `${rights.server}\\${rights.connector}`, read);
      const [twin] = draft.items as RightsRecord[];
      if (twin) draft.items[0] = { ...twin, entries: [...twin.entries, ...rights.entries] };
      else draft.items.push(rights);
    }
    if (read.reading.acceptedDomains.length > 0)
      draftOf('accepted-domains', '', read).items.push(...read.reading.acceptedDomains);
    if (read.reading.devices.length > 0) draftOf('devices', '', read).items.push(...read.reading.devices);
  }
  return {
    contradictions,
    snapshots: [...drafts.values()].map(
      ({ kind, scope, asOf, files, items }) =>
        ({ kind, scope, asOf, files: [...files], content: kind === 'rights' ? items[0] : items }) as Snapshot,
    ),
  };
}

/** What relaylens has no use for differs from export to export (RunspaceId). */
const withoutOthers = ({ others, ...connector }: ConnectorRecord): string => JSON.stringify(connector);

interface Draft {
  readonly kind: Snapshot['kind'];
  readonly scope: string;
  asOf: number;
  readonly files: Set<string>;
  readonly items: unknown[];
}

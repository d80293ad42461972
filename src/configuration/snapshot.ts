/** What a set of exports says, part by part, in the form in which it is stored: each part replaces the former one. */
import { identityOf } from '../connector/connector.ts';
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

/** Puts the files of one import together: what two of them say alike is one, and where they differ, they contradict each other. */
export function snapshots(reads: readonly ReadExport[]): { snapshots: Snapshot[]; contradictions: Contradiction[] } {
  const contradictions: Contradiction[] = [];
  const drafts = new Map<string, Draft>();
  const put = (read: ReadExport, kind: Snapshot['kind'], scope: string, { item, key, name, content }: Part): void => {
    const { file, asOf } = read;
    const place = `${kind}\0${scope.toLowerCase()}`;
    let draft = drafts.get(place);
    if (!draft) drafts.set(place, (draft = { kind, scope, asOf, files: new Set(), items: new Map() }));
    draft.asOf = Math.max(draft.asOf, asOf);
    draft.files.add(file);
    const twin = draft.items.get(key.toLowerCase());
    if (!twin) draft.items.set(key.toLowerCase(), { item, content, file });
    else if (twin.content !== content)
      contradictions.push({ file, what: `${name} stands differently in another of these files (${twin.file})` });
  };
  for (const read of reads) {
    const { connectors, rights, acceptedDomains, devices } = read.reading;
    for (const item of connectors)
      put(read, 'connectors', item.server, {
        item,
        key: item.name,
        name: `"${identityOf(item)}"`,
        content: JSON.stringify(withoutOthers(item)),
      });
    for (const item of rights) {
      const identity = identityOf({ server: item.server, name: item.connector });
      const content = JSON.stringify(item.entries.map((entry) => JSON.stringify(entry)).sort());
      put(read, 'rights', identity, { item, key: '', name: `the rights on "${identity}"`, content });
    }
    for (const item of acceptedDomains)
      put(read, 'accepted-domains', '', {
        item,
        key: item.domainName,
        name: `the accepted domain ${item.domainName}`,
        content: JSON.stringify([item.domainType, item.isDefault]),
      });
    for (const item of devices)
      put(read, 'devices', '', {
        item,
        key: item.match,
        name: `the device ${item.match}`,
        content: JSON.stringify([item.name, item.owner, item.site, item.note]),
      });
  }
  return { contradictions, snapshots: [...drafts.values()].map(snapshotOf) };
}

function snapshotOf({ kind, scope, asOf, files, items }: Draft): Snapshot {
  const values = [...items.values()].map(({ item }) => item);
  return { kind, scope, asOf, files: [...files], content: kind === 'rights' ? values[0] : values } as Snapshot;
}

/** What relaylens has no use for differs from export to export (RunspaceId). */
const withoutOthers = ({ others, ...connector }: ConnectorRecord): Omit<ConnectorRecord, 'others'> => connector;

/** One thing of a file. `key`: by which it is known beside its like; `content`: what has to be the same for two to be one. */
interface Part {
  readonly item: unknown;
  readonly key: string;
  /** In words. */
  readonly name: string;
  readonly content: string;
}

interface Draft {
  readonly kind: Snapshot['kind'];
  readonly scope: string;
  asOf: number;
  readonly files: Set<string>;
  readonly items: Map<string, { readonly item: unknown; readonly content: string; readonly file: string }>;
}

/** What the path of a log says: the product's folders and file names (reference of the protocol log, section 3). */
import type { Direction, Service } from './fields.ts';

export interface LogPlace {
  readonly direction: Direction | undefined;
  readonly service: Service | undefined;
  /** Folder above the product's own folders: the logs under it belong together, as a rule to one server. */
  readonly tree: string;
  /** Sorts the files of one log in the order in which they were written. */
  readonly series: string;
}

/** The product's folder names between a server's folder and its logs. */
const OWN_FOLDERS = new Set([
  'transportroles',
  'logs',
  'protocollog',
  'smtpreceive',
  'smtpsend',
  'frontend',
  'hub',
  'edge',
  'mailbox',
  'delivery',
  'submission',
]);

const SERVICE_OF_FOLDER: Readonly<Record<string, Service>> = {
  frontend: 'FrontEnd',
  hub: 'Hub',
  edge: 'Edge',
  mailbox: 'Mailbox',
};

/** `path` with either separator. Names: RECV or SEND, date (and hour), `-`, instance; the instance is a number, so -10 comes after -2. */
export function placeOf(path: string): LogPlace {
  const parts = path.split(/[\\/]+/);
  const name = parts.pop() ?? '';
  const lower = parts.map((part) => part.toLowerCase());
  let root = parts.length;
  while (root > 0 && OWN_FOLDERS.has(lower[root - 1]!)) root--;
  const folders = lower.slice(root);
  const file = /^(RECV|SEND)(\d{8}(?:\d{2})?)-(\d+)/i.exec(name);
  const fromName: Direction | undefined = file ? (file[1]!.toUpperCase() === 'RECV' ? 'receive' : 'send') : undefined;
  const fromFolder: Direction | undefined = folders.includes('smtpreceive')
    ? 'receive'
    : folders.includes('smtpsend')
      ? 'send'
      : undefined;
  const service = folders.findLast((folder) => folder in SERVICE_OF_FOLDER);
  return {
    direction: fromName ?? fromFolder,
    service: service === undefined ? undefined : SERVICE_OF_FOLDER[service],
    tree: parts.slice(0, root).join('/'),
    series: file ? `${file[2]!.padEnd(10, '0')}-${file[3]!.padStart(9, '0')}` : name,
  };
}

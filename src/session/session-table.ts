/**
 * The sessions that are open while logs are read: finds the session of a row among thousands that interleave.
 *
 * It is the fast way: it follows sessions whose rows come in order. A session whose sequence falls or repeats is only
 * marked; it is put right later from all its rows (partition.ts). Giving up a session early is always safe.
 */
import { DISCONNECT, type Direction, REMOTE_ENDPOINT, SESSION_ID, type Service } from '../protocol-log/fields.ts';
import type { RowView } from '../protocol-log/row-view.ts';
import { SessionBuilder } from './session-builder.ts';

/** Part of a log with one header: what its rows do not say themselves. */
export interface Section {
  readonly id: number;
  readonly direction: Direction;
  /** Server of the log as a whole; empty while unknown. */
  readonly server: string;
  /** Null where neither its place nor an option says it. */
  readonly service: Service | null;
  /** Of the product, where the header says it. */
  readonly version: string | null;
}

/** A stretch of a log in which rows of a session stand: byte offsets of the first and the last of them. */
export interface Segment {
  readonly section: Section;
  readonly first: number;
  last: number;
}

export interface OpenSession {
  readonly builder: SessionBuilder;
  /** Server of its first row, else of the log. */
  readonly server: string;
  readonly direction: Direction;
  /** In the order of reading; the last one grows. */
  readonly segments: Segment[];
  /** The sequence fell or repeated: what the builder holds is not the truth. */
  irregular: boolean;
  /** Rows came since it was stored last. */
  changed: boolean;
  /** Server of the log in which it was opened: the same id in another server's log is another session. */
  readonly scope: string;
  /** Session-id and remote endpoint, a zero byte between them. */
  readonly key: Uint8Array;
  readonly bucket: number;
  next: OpenSession | undefined;
}

export interface SessionTableOptions {
  /** Called when a session leaves the table: disconnected, given up, or because reading ends. */
  readonly onClose: (session: OpenSession) => void;
  /** How many open sessions are kept; the longest silent ones are given up first. */
  readonly limit?: number;
}

/** A power of two. */
const BUCKETS = 1 << 14;

/** A session silent for this long in log time is given up. */
const SILENCE_MS = 30 * 60_000;

export class SessionTable {
  readonly #buckets: (OpenSession | undefined)[] = new Array<OpenSession | undefined>(BUCKETS).fill(undefined);
  /** In the order in which they were opened. */
  readonly #sessions = new Set<OpenSession>();
  readonly #onClose: (session: OpenSession) => void;
  readonly #limit: number;
  #sweptAt = 0;

  constructor({ onClose, limit = 20_000 }: SessionTableOptions) {
    this.#onClose = onClose;
    this.#limit = limit;
  }

  get size(): number {
    return this.#sessions.size;
  }

  row(view: RowView, section: Section, position: number): void {
    const bucket = bucketOf(view, section);
    const session = this.#find(bucket, view, section) ?? this.#open(bucket, view, section, position);
    const segment = session.segments[session.segments.length - 1]!;
    if (segment.section === section) segment.last = position;
    else session.segments.push({ section, first: position, last: position });
    session.changed = true;
    if (session.irregular || view.sequence <= session.builder.lastSequence) session.irregular = true;
    else session.builder.feed(view);
    if (view.event === DISCONNECT) this.close(session);
  }

  /** Takes a session out; what comes of it later is a new entry, and a conflict in the store. */
  close(session: OpenSession): void {
    if (!this.#sessions.delete(session)) return;
    let before: OpenSession | undefined;
    for (let entry = this.#buckets[session.bucket]; entry !== session; entry = entry?.next) before = entry;
    if (before) before.next = session.next;
    else this.#buckets[session.bucket] = session.next;
    this.#onClose(session);
  }

  open(): Iterable<OpenSession> {
    return this.#sessions;
  }

  closeAll(): void {
    for (const session of this.#sessions) this.close(session);
  }

  /** Gives up sessions that have been silent for long, seen from log time `now`. */
  sweep(now: number): void {
    if (this.size < this.#limit && now - this.#sweptAt < SILENCE_MS) return;
    this.#sweptAt = now;
    const bySilence = [...this.#sessions].sort((a, b) => a.builder.endedAt - b.builder.endedAt);
    const surplus = this.size - (this.#limit >> 1);
    bySilence.forEach((session, index) => {
      if (now - session.builder.endedAt > SILENCE_MS || (this.size >= this.#limit && index < surplus)) this.close(session);
    });
  }

  #find(bucket: number, view: RowView, section: Section): OpenSession | undefined {
    for (let entry = this.#buckets[bucket]; entry; entry = entry.next)
      if (entry.direction === section.direction && entry.scope === section.server && sameKey(entry.key, view)) return entry;
    return undefined;
  }

  #open(bucket: number, view: RowView, section: Section, position: number): OpenSession {
    const session: OpenSession = {
      builder: new SessionBuilder(section.direction),
      server: serverOf(view, section),
      direction: section.direction,
      segments: [{ section, first: position, last: position }],
      irregular: false,
      changed: true,
      scope: section.server,
      key: keyOf(view),
      bucket,
      next: this.#buckets[bucket],
    };
    this.#buckets[bucket] = session;
    this.#sessions.add(session);
    return session;
  }
}

/** A receive row names its server before the first backslash; a session keeps the one of its first row. */
function serverOf(view: RowView, section: Section): string {
  if (section.direction === 'send') return section.server;
  const { connector } = view;
  const backslash = connector.indexOf('\\');
  return backslash > 0 ? connector.slice(0, backslash) : section.server;
}

/** The last digits tell nearly all sessions apart; `sameKey` tells the rest. */
function bucketOf(view: RowView, section: Section): number {
  let hash = section.direction === 'send' ? 0x811c9dc5 : 0x01000193;
  const { bytes, starts, ends } = view;
  let end = ends[SESSION_ID]!;
  for (let i = Math.max(starts[SESSION_ID]!, end - 8); i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  end = ends[REMOTE_ENDPOINT]!;
  for (let i = Math.max(starts[REMOTE_ENDPOINT]!, end - 4); i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
}

function keyOf({ bytes, starts, ends }: RowView): Uint8Array {
  const [idStart, idEnd] = [starts[SESSION_ID]!, ends[SESSION_ID]!];
  const [peerStart, peerEnd] = [starts[REMOTE_ENDPOINT]!, ends[REMOTE_ENDPOINT]!];
  const key = new Uint8Array(idEnd - idStart + 1 + peerEnd - peerStart);
  let at = 0;
  for (let i = idStart; i < idEnd; i++) key[at++] = bytes[i]!;
  at++;
  for (let i = peerStart; i < peerEnd; i++) key[at++] = bytes[i]!;
  return key;
}

function sameKey(key: Uint8Array, { bytes, starts, ends }: RowView): boolean {
  let at = 0;
  for (let i = starts[SESSION_ID]!, end = ends[SESSION_ID]!; i < end; i++) if (key[at++] !== bytes[i]) return false;
  if (key[at++] !== 0) return false;
  for (let i = starts[REMOTE_ENDPOINT]!, end = ends[REMOTE_ENDPOINT]!; i < end; i++) if (key[at++] !== bytes[i]) return false;
  return at === key.length;
}

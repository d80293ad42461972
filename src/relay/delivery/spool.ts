/**
 * Messages on disk, from the moment in which they are acknowledged until every recipient is decided.
 *
 *   incoming/  being written; whatever a killed run left here was never acknowledged, and goes at the start
 *   journal/   small messages until their first attempt is over: see journal.ts
 *   queue/     all others: ID.json (envelope and header: its being there makes the message exist), ID.eml, ID.state
 *   failed/    what could not be delivered, with the reason
 *
 * ID.json is renamed into queue/ when it and the content are synced, and the message is acknowledged when the folder is.
 */
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { UserError } from '../../store/user-error.ts';
import { systemClock } from '../log/clock.ts';
import type { Envelope } from '../machine/effects.ts';
import { BareLineEnd } from './bare-line-end.ts';
import { ContentFile, HeldBytes } from './content-file.ts';
import { FolderSync, move, remove, replaceDurably, writeDurably } from './durable-file.ts';
import { type FailedRecipient, writeFailure } from './failed-mail.ts';
import type { IncomingMessage, KeptMessage, MessageKeeper, MessageOrigin } from './incoming-message.ts';
import { InternalIds } from './internal-ids.ts';
import { Journal } from './journal.ts';
import { messageIdIn } from './message-header.ts';
import { SpoolLock } from './spool-lock.ts';
import { freeBytesAt, type RoomSettings, SpoolRoom } from './spool-room.ts';
import { parseMessage, parseStates, type RecipientState, type SpooledMessage } from './spooled-message.ts';

export interface SpoolSettings extends Partial<RoomSettings> {
  /** Made where it does not exist. */
  readonly folder: string;
  /** Octets of messages that are coming in, kept in memory at the most. Default 32 MiB. */
  readonly maxHeldBytes?: number;
  /** Small messages share syncs, and have no files of their own while all goes well. Default true. */
  readonly groupCommit?: boolean;
}

export class Spool implements MessageKeeper {
  readonly #lock: SpoolLock;
  readonly #ids: InternalIds;
  readonly #journal: Journal;
  readonly #groupCommit: boolean;
  readonly #room: SpoolRoom;
  readonly #held: HeldBytes;
  readonly #incoming: string;
  readonly #queue: string;
  readonly #failed: { readonly path: string; readonly sync: FolderSync };
  readonly #queueSync: FolderSync;
  readonly #queued: Set<string>;
  readonly #listeners: ((id: string) => void)[] = [];
  /** Messages that are being committed: they count for the limit. */
  #committing = 0;
  #begun = 0;

  /** Messages for which states were written. */
  readonly #tried = new Set<string>();
  /** Messages that are being moved from the journal to files of their own. */
  readonly #settling = new Map<string, Promise<void>>();

  private constructor(settings: SpoolSettings, lock: SpoolLock, ids: InternalIds, journal: Journal, queued: Set<string>) {
    const { folder, clock = systemClock, maxMessages = 100_000, minFreeBytes = 100 * 1024 * 1024 } = settings;
    this.#lock = lock;
    this.#ids = ids;
    this.#journal = journal;
    this.#groupCommit = settings.groupCommit ?? true;
    this.#queued = queued;
    this.#held = new HeldBytes(settings.maxHeldBytes ?? 32 * 1024 * 1024);
    this.#room = new SpoolRoom({ clock, maxMessages, minFreeBytes, freeBytes: settings.freeBytes ?? freeBytesAt(folder) });
    this.#incoming = join(folder, 'incoming');
    this.#queue = join(folder, 'queue');
    this.#queueSync = new FolderSync(this.#queue);
    this.#failed = { path: join(folder, 'failed'), sync: new FolderSync(join(folder, 'failed')) };
  }

  /** Puts the folder in order. Throws a UserError where it is in use or cannot be written. */
  static async open(settings: SpoolSettings): Promise<Spool> {
    const { folder } = settings;
    const [incoming, journalled, queue, failed] = ['incoming', 'journal', 'queue', 'failed'].map((name) =>
      join(folder, name),
    ) as [string, string, string, string];
    try {
      for (const path of [incoming, journalled, queue, failed]) mkdirSync(path, { recursive: true });
    } catch (error) {
      throw new UserError(`the spool ${folder} cannot be made: ${(error as Error).message}`, 'name a folder that can be written');
    }
    const lock = new SpoolLock(join(folder, 'lock'));
    try {
      for (const name of readdirSync(incoming)) rmSync(join(incoming, name), { recursive: true, force: true });
      const journal = await Journal.open(journalled);
      const inFiles = tidy(queue, (id) => journal.has(id));
      // A kill in the middle of a move: the files were whole already.
      for (const id of journal.ids()) if (inFiles.has(id)) await journal.remove(id);
      const queued = new Set([...inFiles, ...journal.ids()]);
      const used = [...queued, ...readdirSync(failed).map((name) => name.split('.')[0]!)]
        .map(Number)
        .filter(Number.isSafeInteger);
      const highest = used.reduce((most, id) => Math.max(most, id), 0);
      const ids = await InternalIds.open(join(folder, 'next-id'), new FolderSync(folder), highest);
      return new Spool(settings, lock, ids, journal, queued);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Messages that wait for delivery. */
  get size(): number {
    return this.#queued.size;
  }

  /** For the connectors' back pressure. */
  get pressure(): 'none' | 'medium' | 'high' {
    return this.#room.pressure(this.#queued.size + this.#committing);
  }

  /** Ids of the messages that wait, oldest first. */
  ids(): string[] {
    return [...this.#queued].sort((a, b) => Number(a) - Number(b));
  }

  /** `listener` is told the id of every message that is taken from now on. */
  whenQueued(listener: (id: string) => void): void {
    this.#listeners.push(listener);
  }

  begin(envelope: Envelope, origin: MessageOrigin): IncomingMessage {
    const content = new ContentFile(join(this.#incoming, `begun-${this.#begun++}.eml`), this.#held);
    const lineEnds = envelope.body === 'BINARYMIME' ? new BareLineEnd() : undefined;
    let over = false;
    return {
      write: (octets) => {
        lineEnds?.feed(octets);
        return content.write(octets);
      },
      commit: (header) => {
        over = true;
        return this.#commit(content, { ...envelope, ...origin, header, hasBareLineEnds: lineEnds?.found ?? false });
      },
      abort: () => {
        if (!over) void content.discard();
        over = true;
      },
    };
  }

  /** undefined: there is none, or its envelope is not what the spool writes. Rejects where it cannot be read at present. */
  async read(id: string): Promise<SpooledMessage | undefined> {
    if (this.#journal.has(id)) return this.#journal.message(id);
    const json = await readIfThere(this.#path(id, 'json'));
    return json === undefined ? undefined : parseMessage(json);
  }

  /** Header and content, as the next hop is to have them. */
  content(message: SpooledMessage): Readable {
    return Readable.from(this.#pieces(message), { objectMode: false });
  }

  /**
   * One state a recipient; undefined: nothing was tried yet. Rejects where that cannot be told: a recipient that has the
   * message must not be taken for one that has not.
   */
  async readStates(id: string): Promise<readonly RecipientState[] | undefined> {
    const json = await readIfThere(this.#path(id, 'state'));
    if (json === undefined) return undefined;
    const states = parseStates(json);
    if (!states) throw new Error(`${this.#path(id, 'state')} is not readable`);
    return states;
  }

  /** Resolves when a kill cannot undo it any more: what is delivered is not tried again. */
  async writeStates(id: string, states: readonly RecipientState[]): Promise<void> {
    // The states first: until they are down, a kill has the recipients tried again.
    await replaceDurably(this.#path(id, 'state'), Buffer.from(JSON.stringify(states)), this.#queueSync);
    this.#tried.add(id);
    await this.#settle(id);
  }

  /** Keeps the message in failed/, with these reasons. */
  async fail(message: SpooledMessage, failures: readonly FailedRecipient[]): Promise<void> {
    await this.#settle(message.internalId);
    await writeFailure(this.#failed, message, this.#path(message.internalId, 'eml'), failures);
  }

  /** Ends a message: resolves when a kill cannot bring it back. */
  async remove(id: string): Promise<void> {
    await this.#settling.get(id)?.catch(() => {});
    if (this.#journal.has(id)) {
      await this.#journal.remove(id);
      this.#queued.delete(id);
      if (this.#tried.delete(id)) await remove(this.#path(id, 'state')).catch(() => {});
      return;
    }
    this.#tried.delete(id);
    // The envelope first: without it the rest is nothing, and what stays of it goes at the next start.
    await remove(this.#path(id, 'json'));
    this.#queued.delete(id);
    await Promise.allSettled([remove(this.#path(id, 'eml')), remove(this.#path(id, 'state'))]);
    await this.#queueSync.sync();
  }

  /** Lets another process have the folder. */
  close(): void {
    this.#journal.close();
    this.#lock.release();
  }

  async #commit(
    content: ContentFile,
    { header, hasBareLineEnds, ...rest }: Envelope & MessageOrigin & { header: string; hasBareLineEnds: boolean },
  ): Promise<KeptMessage> {
    this.#committing++;
    // What must not be there when the message is not acknowledged: it would be delivered besides the client's next try.
    const made: string[] = [];
    try {
      const refusal = await this.#room.refusal(this.#queued.size + this.#committing - 1);
      if (refusal) throw new UserError(`the spool is full: ${refusal}`, 'make room, or see why the next hop takes nothing');
      const internalId = await this.#ids.take();
      const head = Buffer.from(header);
      const message: SpooledMessage = {
        internalId,
        ...rest,
        recipients: [...new Set(rest.recipients)],
        size: head.length + content.size,
        messageId: messageIdIn(Buffer.concat([head, content.beginning])),
        header,
        hasBareLineEnds,
      };
      if (this.#groupCommit && !content.isSpilled) {
        await this.#journal.add(message, content.take());
        for (const id of this.#journal.overstaying) void this.#settle(id).catch(() => {});
      } else {
        made.push(this.#path(internalId, 'json'), this.#path(internalId, 'eml'), this.#envelopePath(internalId));
        await this.#writeFiles(message, content.path, () => content.finish());
      }
      this.#queued.add(internalId);
      for (const listener of this.#listeners) listener(internalId);
      return { internalId, size: message.size };
    } catch (error) {
      await content.discard();
      for (const path of made) await remove(path).catch(() => {});
      throw error;
    } finally {
      this.#committing--;
    }
  }

  /** Gives a message of the journal files of its own, once. */
  #settle(id: string): Promise<void> {
    if (!this.#journal.has(id)) return Promise.resolve();
    let settling = this.#settling.get(id);
    if (!settling) {
      settling = this.#moveOut(id).finally(() => this.#settling.delete(id));
      this.#settling.set(id, settling);
    }
    return settling;
  }

  async #moveOut(id: string): Promise<void> {
    const [message, content] = await Promise.all([this.#journal.message(id), this.#journal.content(id)]);
    if (!message || !content) return;
    const path = join(this.#incoming, `${id}.eml`);
    try {
      await this.#writeFiles(message, path, () => writeDurably(path, content));
    } catch (error) {
      await Promise.allSettled([remove(this.#path(id, 'json')), remove(this.#path(id, 'eml'))]);
      throw error;
    }
    await this.#journal.remove(id);
  }

  async #writeFiles(message: SpooledMessage, contentPath: string, writeContent: () => Promise<void>): Promise<void> {
    const id = message.internalId;
    const envelopePath = this.#envelopePath(id);
    const written = await Promise.allSettled([writeContent(), writeDurably(envelopePath, Buffer.from(JSON.stringify(message)))]);
    for (const one of written) if (one.status === 'rejected') throw one.reason;
    await move(contentPath, this.#path(id, 'eml'));
    await move(envelopePath, this.#path(id, 'json'));
    await this.#queueSync.sync();
  }

  #envelopePath(id: string): string {
    return join(this.#incoming, `${id}.json`);
  }

  async *#pieces(message: SpooledMessage): AsyncGenerator<Buffer> {
    if (message.header) yield Buffer.from(message.header);
    const journalled = await this.#journal.content(message.internalId);
    if (journalled) yield journalled;
    else yield* createReadStream(this.#path(message.internalId, 'eml'));
  }

  #path(id: string, kind: 'json' | 'eml' | 'state'): string {
    return join(this.#queue, `${id}.${kind}`);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Ids of the messages that are whole in queue/. What belongs to none, there or in the journal, is removed: it was never
 * acknowledged, or is over.
 */
function tidy(queue: string, isJournalled: (id: string) => boolean): Set<string> {
  const names = new Set(readdirSync(queue));
  const isWhole = (id: string): boolean => names.has(`${id}.json`) && names.has(`${id}.eml`);
  const whole = new Set<string>();
  for (const name of names) {
    const [, id, kind] = /^(\d+)\.(json|eml|state)$/.exec(name) ?? [];
    if (id !== undefined && isWhole(id)) whole.add(id);
    else if (id === undefined || kind !== 'state' || !isJournalled(id))
      rmSync(join(queue, name), { recursive: true, force: true });
  }
  return whole;
}

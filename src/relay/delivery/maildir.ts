/** Delivery into Maildirs: one for all, or one a recipient. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DeliveryOrder, Destination } from './destination.ts';
import { FolderSync, move, remove } from './durable-file.ts';
import { mailboxFolder } from './mailbox-folder.ts';
import type { DeliveryResult } from './schedule.ts';
import type { SpooledMessage } from './spooled-message.ts';

export interface MaildirSettings {
  readonly folder: string;
  /** `one`: a single Maildir for everybody; `recipient`: `<folder>/<domain>/<user>`. */
  readonly layout: 'one' | 'recipient';
}

export class Maildir implements Destination {
  readonly #settings: MaildirSettings;
  /** Maildirs that are made, with the sync of their new/; the oldest are forgotten. */
  readonly #known = new Map<string, FolderSync>();

  constructor(settings: MaildirSettings) {
    this.#settings = settings;
  }

  async deliver({ message, recipients, content }: DeliveryOrder): Promise<readonly DeliveryResult[]> {
    const results: DeliveryResult[] = [];
    for (const recipient of recipients) {
      try {
        await this.#store(message, recipient, content());
        results.push({ kind: 'delivered', reply: '250 2.1.5 stored' });
      } catch (error) {
        results.push({ kind: 'deferred', reply: `451 4.3.0 not stored: ${(error as Error).message}` });
      }
    }
    return results;
  }

  async #store(message: SpooledMessage, recipient: string, content: Readable): Promise<void> {
    const folder =
      this.#settings.layout === 'one' ? this.#settings.folder : join(this.#settings.folder, mailboxFolder(recipient));
    const sync = this.#maildir(folder);
    // The name follows from message and recipient: a copy that is stored again after a kill takes the place of the first.
    const index = message.recipients.indexOf(recipient);
    const name = `${Math.trunc(message.arrivedAt / 1000)}.M${message.arrivedAt % 1000}Q${message.internalId}R${index}.relaylens`;
    const temporary = join(folder, 'tmp', name);
    try {
      await pipeline(Readable.from(pieces(message, recipient, content)), createWriteStream(temporary));
      const handle = await open(temporary, 'r+');
      await handle.sync().finally(() => handle.close());
      await move(temporary, join(folder, 'new', name));
      await sync.sync();
    } catch (error) {
      this.#known.delete(folder);
      await remove(temporary).catch(() => {});
      throw error;
    }
  }

  #maildir(folder: string): FolderSync {
    let sync = this.#known.get(folder);
    if (!sync) {
      for (const name of ['tmp', 'new', 'cur']) mkdirSync(join(folder, name), { recursive: true });
      sync = new FolderSync(join(folder, 'new'));
      if (this.#known.size >= 1000) this.#known.delete(this.#known.keys().next().value!);
      this.#known.set(folder, sync);
    }
    return sync;
  }
}

async function* pieces({ sender }: SpooledMessage, recipient: string, content: Readable): AsyncGenerator<Buffer | string> {
  const [from, to] = [sender, recipient].map((address) => address.replaceAll(/[\r\n]/g, ''));
  yield `Return-Path: <${from}>\r\nDelivered-To: ${to}\r\nX-Original-To: ${to}\r\n`;
  yield* content;
}

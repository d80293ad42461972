/** `failed/`: messages that did not reach a recipient, each with its envelope and the reasons. */
import { copyFile, link } from 'node:fs/promises';
import { join } from 'node:path';
import { type FolderSync, replaceDurably } from './durable-file.ts';
import type { SpooledMessage } from './spooled-message.ts';

export interface FailedRecipient {
  readonly recipient: string;
  /** Milliseconds UTC. */
  readonly at: number;
  readonly reply: string;
}

/** Writes `<id>.eml` (the content), `<id>.json` and `<id>.txt`. Writing again replaces: the list of failures only grows. */
export async function writeFailure(
  folder: { readonly path: string; readonly sync: FolderSync },
  message: SpooledMessage,
  contentPath: string,
  failures: readonly FailedRecipient[],
): Promise<void> {
  const place = join(folder.path, message.internalId);
  await link(contentPath, `${place}.eml`).catch((error: NodeJS.ErrnoException) => {
    // Not every file system has links.
    if (error.code !== 'EEXIST') return copyFile(contentPath, `${place}.eml`);
  });
  await Promise.all([
    replaceDurably(`${place}.json`, Buffer.from(`${JSON.stringify({ ...message, failures }, null, 1)}\n`), folder.sync),
    replaceDurably(`${place}.txt`, Buffer.from(reasons(message, failures)), folder.sync),
  ]);
}

function reasons({ internalId, messageId, sender, arrivedAt }: SpooledMessage, failures: readonly FailedRecipient[]): string {
  const when = (at: number): string => new Date(at).toISOString();
  return [
    `Message ${internalId} ${messageId ?? ''}`.trimEnd(),
    `from <${sender}>, arrived ${when(arrivedAt)}, could not be delivered to:`,
    '',
    ...failures.map(({ recipient, at, reply }) => `<${recipient}>\n  ${when(at)}: ${reply.replaceAll(/\r?\n/g, '\n  ')}`),
    '',
  ].join('\n');
}

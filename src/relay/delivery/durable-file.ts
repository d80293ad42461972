/** Files that are still there after the power went: their data is synced before anybody is told. */
import { close, fdatasync, fsync, open, rename, unlink, write } from 'node:fs';

type Done = (error: NodeJS.ErrnoException | null) => void;

/**
 * Writes a new file and syncs it. Callbacks instead of `node:fs/promises` because they are twice as fast here, where every
 * message passes.
 */
export function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    open(path, 'w', (failed, descriptor) => {
      if (failed) return reject(failed);
      const end: Done = (error) => close(descriptor, (unclosed) => settle(error ?? unclosed));
      const settle: Done = (error) => (error ? reject(error) : resolve());
      writeAll(descriptor, bytes, (error) => (error ? end(error) : fdatasync(descriptor, end)));
    });
  });
}

/** Puts the content of a file in place of the old one, or leaves the old one: never anything between. */
export async function replaceDurably(path: string, bytes: Uint8Array, folder: FolderSync): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeDurably(temporary, bytes);
  await move(temporary, path);
  await folder.sync();
}

export const move = (from: string, to: string): Promise<void> =>
  new Promise((resolve, reject) => rename(from, to, (error) => (error ? reject(error) : resolve())));

/** True where there was a file; rejects for other errors than that there is none. */
export const remove = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) =>
    unlink(path, (error) => (!error ? resolve(true) : error.code === 'ENOENT' ? resolve(false) : reject(error))),
  );

function writeAll(descriptor: number, bytes: Uint8Array, done: Done): void {
  if (bytes.length === 0) done(null);
  else
    write(descriptor, bytes, (error, written) => {
      if (error) done(error);
      else writeAll(descriptor, bytes.subarray(written), done);
    });
}

/** Syncs the entries of a folder: everybody who asks while a sync is under way shares the next one. */
export class FolderSync {
  readonly #path: string;
  #running = false;
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Resolves when every entry made or removed before the call is on disk. */
  sync(): Promise<void> {
    // Windows opens no folders; NTFS journals its entries in the order of the renames.
    if (process.platform === 'win32') return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (!this.#running) this.#run();
    });
  }

  #run(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#running = true;
    const done: Done = (error) => {
      for (const one of group) error ? one.reject(error) : one.resolve();
      this.#running = false;
      if (this.#waiting.length > 0) this.#run();
    };
    open(this.#path, 'r', (failed, descriptor) => {
      if (failed) done(failed);
      else fsync(descriptor, (error) => close(descriptor, () => done(error)));
    });
  }
}

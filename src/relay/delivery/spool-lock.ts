import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../../store/user-error.ts';

/** Folders that this process holds: in a container every run has the same process id. */
const held = new Set<string>();

/** Keeps a second relay from delivering the same messages. */
export class SpoolLock {
  readonly #path: string;

  /** Throws a UserError where another process holds the spool; a lock that a killed process left is taken over. */
  constructor(path: string) {
    this.#path = resolve(path);
    const owner = ownerOf(this.#path);
    if (held.has(this.#path) || (owner !== undefined && owner !== process.pid && isAlive(owner)))
      throw new UserError(
        `the spool is in use by process ${owner ?? process.pid}`,
        `give this relay a spool of its own, or delete ${this.#path} if that process is none of relaylens`,
      );
    writeFileSync(this.#path, `${process.pid}\n`);
    held.add(this.#path);
  }

  release(): void {
    held.delete(this.#path);
    rmSync(this.#path, { force: true });
  }
}

function ownerOf(path: string): number | undefined {
  try {
    const owner = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return owner > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

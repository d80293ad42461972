/** The command line in this process, on a console that remembers what was said to it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import type { ReverseLookup } from '../../src/cli/host-names.ts';
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/program.ts';
import { writeFiles } from '../harness.ts';

/** The logs of the small organisation (fixtures/organisation.ts). */
export const LOGS = fileURLToPath(new URL('../../fixtures/logs', import.meta.url));

export interface Said {
  readonly code: number;
  /** Standard output as text, and as the bytes it was. */
  readonly out: string;
  readonly bytes: Buffer;
  readonly err: string;
}

export interface Console {
  /** Columns of the screen. */
  readonly width?: number;
  /** ISO time of the clock. */
  readonly now?: string;
  /** What DNS says. */
  readonly reverseLookup?: ReverseLookup;
}

export async function relaylens(
  args: readonly string[],
  { width = 120, now = '2026-11-02T10:00:00.000Z', reverseLookup }: Console = {},
): Promise<Said> {
  const out: Uint8Array[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (text) => void out.push(Buffer.from(text)),
    outBytes: (bytes) => void out.push(Buffer.from(bytes)),
    err: (text) => void err.push(text),
    isTerminal: false,
    errIsTerminal: false,
    width,
    now: () => Date.parse(now),
    ...(reverseLookup && { reverseLookup }),
  };
  const code = await run(args, io);
  const bytes = Buffer.concat(out);
  return { code, out: bytes.toString('utf8'), bytes, err: err.join('') };
}

export interface Asked {
  /** A command against the database. */
  (...args: string[]): Promise<Said>;
  /** The same on another console. */
  on(console: Console): (...args: string[]) => Promise<Said>;
  /** The object that the command prints with `--format json`; the command has to be good. */
  // biome-ignore lint/suspicious/noExplicitAny: the contract test holds its shape
  json(...args: string[]): Promise<any>;
  readonly database: () => string;
  /** A path in the folder of the database, which is gone after the tests of the file. */
  readonly path: (name: string) => string;
}

/** A database for all tests of a file, with the organisation's logs in it, or with those given. */
export function databaseOf(files?: () => Readonly<Record<string, string | Buffer>>): Asked {
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'relaylens-cli-'));
    let logs = LOGS;
    if (files) {
      logs = join(folder, 'logs');
      mkdirSync(logs);
      writeFiles(logs, files());
    }
    const { code, err } = await relaylens(['ingest', logs, '--db', join(folder, 'relaylens.db')]);
    if (code !== 0) throw new Error(err);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const database = (): string => path('relaylens.db');
  const ask = (...args: string[]): Promise<Said> => relaylens([...args, '--db', database()]);
  return Object.assign(ask, {
    on:
      (console: Console) =>
      (...args: string[]) =>
        relaylens([...args, '--db', database()], console),
    json: async (...args: string[]) => {
      const { code, out, err } = await ask(...args, '--format', 'json');
      if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
      return JSON.parse(out);
    },
    database,
    path,
  });
}

/** `ingest`: reads logs into the database. */
import { existsSync, rmSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { Document } from '../../document/document.ts';
import { type IngestResult, type IngestSettings, ingest } from '../../ingest/ingest.ts';
import { type Direction, SERVICES, type Service } from '../../protocol-log/fields.ts';
import { formatBytes } from '../../render/cell-text.ts';
import { printable } from '../../render/printable.ts';
import { openDatabase } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, parseDirection, withCommonOptions } from '../options.ts';
import { print } from '../output.ts';
import { progressBar } from '../progress-bar.ts';

export interface IngestOptions extends CommonOptions {
  readonly server?: string;
  readonly service?: Service;
  readonly direction?: Direction;
  readonly wait?: number;
}

export function withIngestOptions(command: Command): Command {
  return command
    .option('--server <name>', 'server of send logs, which do not name it themselves')
    .option('--service <name>', `service of logs outside its folder: ${SERVICES.join(', ')}`, parseService)
    .option('--direction <direction>', 'receive or send, for logs that do not say', parseDirection)
    .option('--wait <seconds>', 'wait for another ingest on the same database', parseSeconds);
}

export function registerIngest(program: Command, io: Io, done: (code: number) => void): void {
  withIngestOptions(withCommonOptions(program.command('ingest')))
    .description('read logs into the database: files, folders, .gz, .zip, - for standard input')
    .argument('[paths...]', "logs; without any, the folder of this machine's Exchange")
    .action(async (paths: string[], options: IngestOptions) => {
      const result = await readLogs(io, pathsOrExchange(paths), options);
      if (result.files > 0 || options.format === 'json')
        print(io, options, { json: contract(result), document: () => ingestDocument(result) });
      done(result.files === 0 ? 2 : 0);
    });
}

/** Ingests with a progress bar, and says on standard error what could not be read. */
export async function readLogs(io: Io, paths: readonly string[], options: IngestOptions): Promise<IngestResult> {
  const isNew = !existsSync(options.db);
  const db = openDatabase(options.db);
  let found = true;
  const bar = progressBar(io);
  try {
    const settings: IngestSettings = {
      ...(options.server === undefined ? {} : { server: options.server }),
      ...(options.service === undefined ? {} : { service: options.service }),
      ...(options.direction === undefined ? {} : { direction: options.direction }),
      ...(options.wait === undefined ? {} : { waitMs: options.wait * 1000 }),
    };
    const result = await ingest(db, paths, settings, bar.update);
    bar.stop();
    found = result.files > 0;
    for (const { path, what, hint } of result.problems) io.err(`${printable(path)}: ${what}${hint ? `. ${hint}` : ''}\n`);
    for (const [what, files] of Object.entries(result.skipped)) {
      const [first, ...more] = files;
      io.err(
        `${printable(first ?? '')}: not read: ${printable(what)}${more.length > 0 ? ` (and ${more.length} more like it)` : ''}\n`,
      );
    }
    if (result.files === 0 && result.problems.length === 0 && Object.keys(result.skipped).length === 0)
      io.err(`${paths.join(', ')}: no rows in the logs found there. Name the folder that holds RECV*.LOG or SEND*.LOG.\n`);
    return result;
  } finally {
    bar.stop();
    db.close();
    // A wrong path leaves no empty database behind.
    if (isNew && !found) for (const suffix of ['', '-wal', '-shm']) rmSync(options.db + suffix, { force: true });
  }
}

/** `%ExchangeInstallPath%` is set on every Exchange server. */
export function pathsOrExchange(paths: readonly string[]): readonly string[] {
  if (paths.length > 0) return paths;
  const install = process.env.ExchangeInstallPath;
  if (!install)
    throw new UserError(
      'no logs named',
      'Name files or folders: relaylens ingest <folder>. On an Exchange server it may be left out.',
    );
  return [`${install.replace(/[\\/]$/, '')}/TransportRoles/Logs`];
}

export function contract(result: IngestResult): object {
  const { files, filesUnchanged, bytes, rows, duplicateRows, sessions, newSessions, anomalies, skipped, problems } = result;
  return { files, filesUnchanged, bytes, rows, duplicateRows, sessions, newSessions, anomalies, skipped, problems };
}

/** What the run did, in a line or two. */
export function runLines(result: IngestResult): string[] {
  const read = result.files - result.filesUnchanged;
  const lines = [
    `${read} of ${result.files} log${result.files === 1 ? '' : 's'} read: ${formatBytes(result.bytes)}, ${result.rows.toLocaleString('en-US')} rows, ` +
      `${result.newSessions.toLocaleString('en-US')} new sessions.` +
      (result.filesUnchanged > 0 ? ` ${result.filesUnchanged} unchanged since they were read before.` : ''),
  ];
  if (result.duplicateRows > 0)
    lines.push(
      `${result.duplicateRows.toLocaleString('en-US')} of the rows were there already: in another file, or twice in one.`,
    );
  const odd = Object.entries(result.anomalies).map(([kind, n]) => `${n} ${kind}`);
  if (odd.length > 0) lines.push(`Lines that did not fit: ${odd.join(', ')}.`);
  return lines;
}

function ingestDocument(result: IngestResult): Document {
  return {
    title: 'Ingest',
    sections: [
      {
        kind: 'text',
        text: [...runLines(result), `${result.sessions.toLocaleString('en-US')} sessions in the database now.`].join('\n'),
      },
    ],
  };
}

function parseService(name: string): Service {
  const service = SERVICES.find((one) => one.toLowerCase() === name.toLowerCase());
  if (!service) throw new InvalidArgumentError(`one of ${SERVICES.join(', ')}.`);
  return service;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0)) throw new InvalidArgumentError('a number of seconds.');
  return seconds;
}

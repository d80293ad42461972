/** `ingest --follow`: stays, and tells what comes. */
import { existsSync } from 'node:fs';
import { follow, steadyPace, type Tick } from '../../ingest/follow.ts';
import type { IngestResult } from '../../ingest/ingest.ts';
import { untilSignal } from '../../relay/server/stop-signal.ts';
import { formatTime } from '../../render/cell-text.ts';
import { printable } from '../../render/printable.ts';
import { openDatabase, removeDatabase } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import { type IngestOptions, settingsOf } from '../ingest-options.ts';
import { contract, ingestDocument, tellProblems } from '../ingest-page.ts';
import type { Io } from '../io.ts';
import { zoneOf } from '../options.ts';
import { openOutput, textOf } from '../output.ts';
import { progressBar } from '../progress-bar.ts';

export interface FollowOptions extends IngestOptions {
  readonly follow?: boolean;
  /** Seconds. */
  readonly every: number;
}

/** Follows until the process is told to stop; 0, or a UserError where there is nothing to follow. */
export async function followLogs(io: Io, paths: readonly string[], options: FollowOptions): Promise<number> {
  if (options.format === 'csv' || options.format === 'xlsx')
    throw new UserError(
      `--follow prints lines of text or JSON, no ${options.format.toUpperCase()}`,
      'Use --format text or --format json.',
    );
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const isNew = !existsSync(options.db);
  const db = openDatabase(options.db);
  const bar = progressBar(io, () => {});
  const sum = { rows: 0, sessions: 0 };
  let output: ReturnType<typeof openOutput> | undefined;
  let isStarted = false;
  try {
    const settings = {
      ...settingsOf(options),
      signal: stop.signal,
      pace: steadyPace(options.every * 1000),
      onProgress: bar.update,
    };
    for await (const tick of follow(db, paths, settings)) {
      bar.stop();
      output ??= openOutput(io, options.out);
      tellProblems(io, isStarted ? { ...tick.result, problems: tick.result.problems.map(triedAgain) } : tick.result);
      for (const path of tick.back)
        io.err(`${printable(path)}: ${path === db.name ? 'can be written again' : 'can be read again'}\n`);
      if (options.format === 'json') output.write(`${JSON.stringify(jsonTick(io, tick))}\n`);
      else if (isStarted) output.write(textTick(io, options, tick.result));
      else if (tick.result.files > 0) output.write(textOf(io, options, ingestDocument(tick.result)));
      sum.rows += newRows(tick.result);
      sum.sessions += tick.result.newSessions;
      if (!isStarted && !stop.signal.aborted)
        io.err(
          `Following ${paths.map(printable).join(', ')}${tick.result.files > 0 ? '' : ' (no logs there yet)'}. Stop with Ctrl+C.\n`,
        );
      isStarted = true;
    }
    io.err(`Stopped: ${counted(sum.rows, 'new row')}, ${counted(sum.sessions, 'new session')}.\n`);
    return 0;
  } finally {
    bar.stop();
    output?.close();
    db.close();
    if (isNew && !isStarted) removeDatabase(options.db);
  }
}

/** In place of a hint what to do: it is done. */
const triedAgain = ({ path, what }: IngestResult['problems'][number]) => ({ path, what, hint: 'It is tried again.' });

const newRows = ({ rows, duplicateRows }: IngestResult): number => rows - duplicateRows;

const jsonTick = (io: Io, { result, back }: Tick): object => ({
  at: new Date(io.now()).toISOString(),
  ...contract(result),
  back,
});

/** Nothing where there is nothing to say of rows: problems are told elsewhere. */
function textTick(io: Io, options: FollowOptions, result: IngestResult): string {
  const odd = Object.entries(result.anomalies);
  if (result.rows === 0 && odd.length === 0) return '';
  const sessions = result.newSessions > 0 ? `, ${counted(result.newSessions, 'new session')}` : '';
  const parts = [`+${counted(newRows(result), 'row')}${sessions}`];
  if (result.duplicateRows > 0) parts.push(`${counted(result.duplicateRows, 'row')} there already`);
  if (odd.length > 0) parts.push(`lines that did not fit: ${odd.map(([kind, n]) => `${n} ${kind}`).join(', ')}`);
  return `${formatTime(io.now(), zoneOf(options), 'HH:mm:ss')}  ${parts.join('; ')}\n`;
}

const counted = (count: number, noun: string): string => `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** `diagnose --follow`: live, the sessions of a device row by row as they are written, and the verdict when one is over. */
import { existsSync } from 'node:fs';
import type { Document, TranscriptLine } from '../../document/document.ts';
import { follow, steadyPace } from '../../ingest/follow.ts';
import type { Asked } from '../../queries/cases/subject.ts';
import { subjectsOf } from '../../queries/cases/subject.ts';
import { type GrownSession, LiveSessions } from '../../queries/live-sessions.ts';
import { readFolders } from '../../queries/read-folders.ts';
import { untilSignal } from '../../relay/server/stop-signal.ts';
import { printable } from '../../render/printable.ts';
import { diagnosisDocument, verdictJson } from '../../reports/diagnosis.ts';
import { type Database, openDatabase } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import { pathsOrExchange } from '../ingest-options.ts';
import { tellProblems } from '../ingest-page.ts';
import type { Io } from '../io.ts';
import { openOutput, textOf } from '../output.ts';
import { progressBar } from '../progress-bar.ts';
import { type DiagnoseOptions, timeOf, verdictsOn } from './diagnosis.ts';

export interface LiveOptions extends DiagnoseOptions {
  readonly follow?: boolean;
  readonly logs?: readonly string[];
  readonly once?: boolean;
  /** Seconds. */
  readonly every: number;
}

/** Follows until the process is told to stop, or with `--once` until a session is over; 1 where that one failed. */
export async function followDevice(io: Io, who: string | undefined, options: LiveOptions): Promise<number> {
  if (options.format !== 'text' && options.format !== 'json')
    throw new UserError('--follow prints lines of text or JSON', 'Use --format text or --format json.');
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const isNew = !existsSync(options.db);
  const db = openDatabase(options.db);
  const bar = progressBar(io, () => {});
  const output = openOutput(io, options.out);
  const paths = options.logs ?? followedBefore(db) ?? pathsOrExchange([]);
  const told = new Told(io, options, (text) => output.write(text));
  let live: LiveSessions | undefined;
  let meant: Meant | undefined;
  let code = 0;
  try {
    const settings = { signal: stop.signal, pace: steadyPace(options.every * 1000), onProgress: bar.update };
    for await (const { result } of follow(db, paths, settings)) {
      bar.stop();
      tellProblems(io, result);
      if (live === undefined || meant === undefined) {
        meant = meantBy(db, who);
        live = new LiveSessions(db, meant.source);
        io.err(
          `${isNew ? 'Logs read. ' : ''}Waiting for sessions${who === undefined ? '' : ` of ${printable(who)}`} (Exchange writes up to 30 seconds late). Stop with Ctrl+C.\n`,
        );
        continue;
      }
      for (const grown of live.take()) {
        if (!meant.isMeant(grown)) continue;
        told.rows(grown);
        if (!grown.ended) continue;
        if (told.verdict(db, grown)) code = 1;
        else code = 0;
        if (options.once) stop.abort();
      }
    }
    return options.once ? code : 0;
  } finally {
    bar.stop();
    output.close();
    db.close();
  }
}

/** The folders of the logs that were read into the database, as far as they are still there. */
function followedBefore(db: Database): string[] | undefined {
  const folders = readFolders(db).filter((folder) => existsSync(folder));
  return folders.length > 0 ? folders : undefined;
}

/** Whose sessions are shown. */
interface Meant {
  /** For {@link LiveSessions}; undefined: all, of which {@link isMeant} lets some through. */
  readonly source: string | undefined;
  readonly isMeant: (grown: GrownSession) => boolean;
}

function meantBy(db: Database, who: string | undefined): Meant {
  const all: Meant = { source: undefined, isMeant: ({ session }) => session.direction === 'receive' && !session.healthProbe };
  if (who === undefined) return all;
  const { named } = subjectsOf(db, who);
  const source = sourceOf(named);
  if (source !== undefined) return { source, isMeant: all.isMeant };
  const name = who.toLowerCase();
  // A name that no row has yet may come with the next: hello names are looked at as they come.
  return { source: undefined, isMeant: (grown) => all.isMeant(grown) && grown.session.helo?.toLowerCase() === name };
}

function sourceOf(named: Asked['named']): string | undefined {
  switch (named.by) {
    case 'address':
      return named.address;
    case 'range':
      return named.range;
    case 'device':
      return named.devices[0]?.match;
    case 'session':
    case 'hello-name':
    case 'mail-address':
    case 'nothing':
      return undefined;
  }
}

/** What was told of which session, so that every row has the time since the one before. */
class Told {
  readonly #io: Io;
  readonly #options: LiveOptions;
  readonly #write: (text: string) => void;
  readonly #last = new Map<string, number>();

  constructor(io: Io, options: LiveOptions, write: (text: string) => void) {
    this.#io = io;
    this.#options = options;
    this.#write = write;
  }

  rows({ session, events, ended }: GrownSession): void {
    if (this.#options.format === 'json') {
      this.#write(`${JSON.stringify({ session: session.id, source: session.source, ended, events })}\n`);
      return;
    }
    const before = this.#last.get(session.id);
    const lines = events.map((event, index): TranscriptLine => {
      const previous = index === 0 ? before : Date.parse(events[index - 1]!.at);
      const at = Date.parse(event.at);
      return { ...event, at, after: previous === undefined ? null : at - previous };
    });
    this.#page({
      title: '',
      sections: [
        ...(before === undefined
          ? [
              {
                kind: 'heading' as const,
                text: `${session.remoteEndpoint} → ${session.connector || 'no connector'}  (session ${session.id})`,
              },
            ]
          : []),
        { kind: 'transcript', lines },
      ],
    });
    if (ended) this.#last.delete(session.id);
    else this.#last.set(session.id, Date.parse(events.at(-1)!.at));
  }

  /** True where the session failed. */
  verdict(db: Database, { session }: GrownSession): boolean {
    const { cases } = verdictsOn(db, session.id, {});
    if (this.#options.format === 'json') this.#write(`${JSON.stringify({ session: session.id, ...verdictJson(cases) })}\n`);
    else this.#page(diagnosisDocument({ cases, time: timeOf(this.#options), asked: true, full: cases.length }));
    return cases.some(({ failed }) => failed > 0);
  }

  #page(document: Document): void {
    this.#write(`${textOf(this.#io, this.#options, document)}\n`);
  }
}

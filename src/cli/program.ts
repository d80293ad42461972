/**
 * The command line as a function: arguments and a console in, an exit code out. It never exits the process and never
 * shows a stack for an error that is known.
 *
 *   main.ts ─► program.ts ─► commands/*.ts ─► ingest, queries ─► reports ─► render ─► io
 */
import { Command, CommanderError } from 'commander';
import { printable } from '../render/printable.ts';
import { UserError } from '../store/user-error.ts';
import { countFirst } from './counting.ts';
import { type Io, ReaderGone } from './io.ts';
import { checkOutput } from './options.ts';
import { finished } from './output.ts';
import { relaylensVersion } from './version.ts';

type Register = (program: Command, io: Io, done: (code: number) => void) => void;

/** In the order of the help. Each is loaded when it is needed: all together take longer to load than a question to answer. */
const COMMANDS: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['analyze', async () => (await import('./commands/analyze.ts')).registerAnalyze],
  ['ingest', async () => (await import('./commands/ingest.ts')).registerIngest],
  ['diagnose', async () => (await import('./commands/diagnose.ts')).registerDiagnose],
  ['probe', async () => (await import('./commands/probe.ts')).registerProbe],
  ['report', async () => (await import('./commands/report.ts')).registerReport],
  ['audit', async () => (await import('./commands/audit.ts')).registerAudit],
  ['sessions', async () => (await import('./commands/sessions.ts')).registerSessions],
  ['session', async () => (await import('./commands/session.ts')).registerSession],
  ['sources', async () => (await import('./commands/sources.ts')).registerSources],
  ['connectors', async () => (await import('./commands/connectors/list.ts')).registerConnectors],
  ['match', async () => (await import('./commands/match.ts')).registerMatch],
  ['replay', async () => (await import('./commands/replay.ts')).registerReplay],
  ['explain', async () => (await import('./commands/explain.ts')).registerExplain],
  ['demo', async () => (await import('./commands/demo.ts')).registerDemo],
  ['config', async () => (await import('./commands/config.ts')).registerConfig],
  ['sql', async () => (await import('./commands/sql.ts')).registerSql],
  ['export', async () => (await import('./commands/export.ts')).registerExport],
  ['metrics', async () => (await import('./commands/metrics.ts')).registerMetrics],
  ['relay', async () => (await import('./commands/relay.ts')).registerRelay],
]);

/** Commands that read the sessions of a database, and so need them counted. */
const ASKING: ReadonlySet<string> = new Set([
  'analyze',
  'audit',
  'connectors',
  'diagnose',
  'export',
  'ingest',
  'metrics',
  'replay',
  'report',
  'session',
  'sessions',
  'sources',
  'sql',
]);

/** 0 done · 1 findings at or above a threshold · 2 wrong usage, or nothing could be done. */
export async function run(given: readonly string[], io: Io): Promise<number> {
  const args = asked(given);
  let code = 0;
  try {
    const program = await build(args[0], io, (exitCode) => {
      code = exitCode;
    });
    await program.parseAsync(args, { from: 'user' });
    await finished(io);
    return code;
  } catch (error) {
    return explainError(error, io);
  }
}

/** `help X` is `X --help`; a command that there is not is named, whatever is asked of it. */
function asked(given: readonly string[]): readonly string[] {
  const args = given[0] === 'help' ? [...given.slice(1).filter((arg) => arg !== '--'), '--help'] : given;
  const [first = ''] = args;
  return first.startsWith('-') || COMMANDS.has(first) ? args : args.slice(0, 1);
}

export const commandNames = (): string[] => [...COMMANDS.keys(), 'help'];

/** With the command that comes `first`; with all of them where that is none. */
async function build(first: string | undefined, io: Io, done: (code: number) => void): Promise<Command> {
  const program = new Command('relaylens')
    .description('Reads the SMTP protocol logs of Microsoft Exchange Server and says what happened in every session.')
    .version(relaylensVersion(), '--version', 'say which relaylens this is')
    .enablePositionalOptions()
    .showHelpAfterError('(relaylens --help lists the commands, relaylens <command> --help its options)');
  program.hook('preAction', (_, command) => {
    const { db } = command.opts<{ db?: string }>();
    checkOutput(command.opts());
    if (db !== undefined && ASKING.has(command.name())) countFirst(io, db);
  });
  const named = COMMANDS.get(first ?? '');
  const wanted = named ? [named] : first === '--version' ? [] : COMMANDS.values();
  for (const load of wanted) (await load())(program, io, done);
  for (const command of withSubcommands(program))
    command
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: io.err, getOutHelpWidth: () => io.width, getErrHelpWidth: () => io.width });
  return program;
}

const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];

function explainError(error: unknown, io: Io): number {
  if (error instanceof ReaderGone) return 0;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) {
    io.err(`relaylens: ${printable(error.message)}${error.hint ? `\n${printable(error.hint)}` : ''}\n`);
    return 2;
  }
  io.err(`relaylens: unexpected failure, please report it with these lines.\n${(error as Error).stack ?? String(error)}\n`);
  return 2;
}

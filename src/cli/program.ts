/**
 * The command line as a function: arguments and a console in, an exit code out. It never exits the process and never
 * shows a stack for an error that is known.
 *
 *   main.ts ─► program.ts ─► commands/*.ts ─► ingest, queries ─► reports ─► render ─► io
 */
import { Command, CommanderError } from 'commander';
import { printable } from '../render/printable.ts';
import { UserError } from '../store/user-error.ts';
import { registerAnalyze } from './commands/analyze.ts';
import { registerConfig } from './commands/config.ts';
import { registerConnectors } from './commands/connectors/list.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDiagnose } from './commands/diagnose.ts';
import { registerExplain } from './commands/explain.ts';
import { registerExport } from './commands/export.ts';
import { registerIngest } from './commands/ingest.ts';
import { registerMatch } from './commands/match.ts';
import { registerProbe } from './commands/probe.ts';
import { registerRelay } from './commands/relay.ts';
import { registerReplay } from './commands/replay.ts';
import { registerSession } from './commands/session.ts';
import { registerSessions } from './commands/sessions.ts';
import { registerSources } from './commands/sources.ts';
import { registerSql } from './commands/sql.ts';
import { type Io, ReaderGone } from './io.ts';

/** 0 done · 1 findings at or above a threshold · 2 wrong usage, or nothing could be done. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code = 0;
  const program = build(io, (exitCode) => {
    code = exitCode;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return explainError(error, io);
  }
}

export function commandNames(): string[] {
  const silent: Io = { out() {}, err() {}, outBytes() {}, isTerminal: false, errIsTerminal: false, width: 80, now: () => 0 };
  return [...build(silent, () => {}).commands.map((command) => command.name()), 'help'];
}

function build(io: Io, done: (code: number) => void): Command {
  const program = new Command('relaylens')
    .description('Reads the SMTP protocol logs of Microsoft Exchange Server and says what happened in every session.')
    .enablePositionalOptions()
    .showHelpAfterError('(relaylens --help lists the commands, relaylens <command> --help its options)');
  registerAnalyze(program, io, done);
  registerIngest(program, io, done);
  registerDiagnose(program, io, done);
  registerSessions(program, io);
  registerSession(program, io, done);
  registerSources(program, io);
  registerConnectors(program, io, done);
  registerMatch(program, io);
  registerReplay(program, io, done);
  registerExplain(program, io, done);
  registerDemo(program, io);
  registerConfig(program, io, done);
  registerSql(program, io);
  registerExport(program, io);
  registerRelay(program, io, done);
  registerProbe(program, io, done);
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

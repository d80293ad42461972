/**
 * `npm start`: the command line, for people who have just cloned the project. Without arguments it analyzes the logs in
 * fixtures/; a path alone is analyzed; anything else is a command.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inPackage } from '../package-root.ts';
import { DEFAULT_DATABASE } from './options.ts';
import { processIo } from './process-io.ts';
import { commandNames, run } from './program.ts';

const fixtures = fileURLToPath(inPackage('fixtures/logs'));
const database = fileURLToPath(inPackage('relaylens-fixtures.db'));

function argumentsOf(given: readonly string[]): string[] {
  const [first] = given;
  if (first === undefined || (first.startsWith('-') && !/^(-h|--help)$/.test(first)))
    return ['analyze', fixtures, '--db', database, ...given];
  if (first.startsWith('-')) return [...given];
  if (!commandNames().includes(first)) return ['analyze', ...given];
  // A question asked right after the fixtures were analyzed is about them.
  const asks = !['analyze', 'ingest', 'help'].includes(first) && !given.includes('--db') && !given.includes('--help');
  return asks && !existsSync(DEFAULT_DATABASE) && existsSync(database) ? [...given, '--db', database] : [...given];
}

process.exitCode = await run(argumentsOf(process.argv.slice(2)), processIo());

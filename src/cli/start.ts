/**
 * `npm start`: the command line, for people who have just cloned the project. Without arguments it analyzes the logs in
 * fixtures/; a path alone is analyzed; anything else is a command.
 */
import { fileURLToPath } from 'node:url';
import { processIo } from './process-io.ts';
import { commandNames, run } from './program.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/logs', import.meta.url));
const database = fileURLToPath(new URL('../../relaylens-fixtures.db', import.meta.url));

function argumentsOf(given: readonly string[]): string[] {
  const [first] = given;
  if (first === undefined || (first.startsWith('-') && !/^(-h|--help)$/.test(first)))
    return ['analyze', fixtures, '--db', database, ...given];
  return commandNames().includes(first) || first.startsWith('-') ? [...given] : ['analyze', ...given];
}

process.exitCode = await run(argumentsOf(process.argv.slice(2)), processIo());

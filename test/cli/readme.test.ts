/** What the README has people put into their schedulers are command lines of this program. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { relaylens } from './console.ts';

const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

/** The commands of a line for a shell, as lists of their words; what is scheduled on Windows stands in quotes. */
const commandsIn = (line: string): string[][] =>
  (line.split('/TR "')[1] ?? line).match(/relaylens [^&"]+/g)!.map((command) => command.trim().split(/\s+/).slice(1));

const scheduled = README.split('\n').filter((line) => /^(schtasks|\d+ \d+ .* \* )/.test(line) && line.includes('relaylens'));

test('there are lines for Windows and for Linux', () => {
  expect(scheduled.map((line) => commandsIn(line).map(([name]) => name))).toEqual([
    ['ingest', 'report'],
    ['ingest', 'report'],
  ]);
});

test.each(scheduled.flatMap(commandsIn).map((words) => [words.join(' '), words] as const))(
  'relaylens %s is taken by the program',
  async (_, words) => {
    // The options are read before the database is looked for, and it is not there.
    const { code, err } = await relaylens([...words, '--db', '/nowhere/at/all.db']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('relaylens: /nowhere/at/all.db: ') });
  },
);

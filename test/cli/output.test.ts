/** What is made later than a text is written all the same, and what goes wrong with it is told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import type { CommonOptions } from '../../src/cli/options.ts';
import { finished, print } from '../../src/cli/output.ts';
import { temporaryFolder } from '../harness.ts';
import { REPORT } from '../mail/report.ts';
import { elementsOf } from '../render/html-reading.ts';

const console = (): Io & { said: string[] } => {
  const said: string[] = [];
  return {
    said,
    out: (text) => void said.push(text),
    outBytes() {},
    err: (text) => void said.push(text),
    isTerminal: false,
    errIsTerminal: false,
    width: 80,
    now: () => 0,
  };
};
const options = (more: Partial<CommonOptions>): CommonOptions => ({
  db: '',
  format: 'html',
  tz: { name: 'Europe/Berlin' },
  ...more,
});
const result = { json: {}, document: () => REPORT };

test('a page with charts has its pictures, and stays small', async () => {
  const io = console();
  print(io, options({}), result);
  await finished(io);
  const [page = ''] = io.said;
  expect(elementsOf(page).filter(({ name }) => name === 'img')).toHaveLength(2);
  expect(page.length).toBeLessThan(120_000);
});

test('a text has none, and is written at once', () => {
  const io = console();
  print(io, options({ format: 'text' }), result);
  expect(io.said.join('')).toContain('a  ·█▄   10');
});

test('a file that cannot be written is told when all is finished, once', async () => {
  const io = console();
  print(io, options({ out: join(temporaryFolder(), 'no', 'page.html') }), result);
  await expect(finished(io)).rejects.toThrow('cannot be written (ENOENT)');
  await finished(io);
});

test('several are all written', async () => {
  const io = console();
  const folder = temporaryFolder();
  for (const name of ['a.html', 'b.xlsx'])
    print(io, options({ format: name.endsWith('x') ? 'xlsx' : 'html', out: join(folder, name) }), result);
  await finished(io);
  expect(readFileSync(join(folder, 'a.html'), 'latin1')).toContain('<img ');
  expect(readFileSync(join(folder, 'b.xlsx'), 'latin1')).toMatch(/^PK/);
});

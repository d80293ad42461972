/** The logs under fixtures/ are what the organisation's stories make, no more and no less. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { fixtureFiles } from '../../fixtures/log-files.ts';
import { LOGS } from './console.ts';

const OUT_OF_DATE = 'fixtures/logs is not what fixtures/organisation.ts makes: run npm run fixtures';

const onDisk = (): string[] =>
  readdirSync(LOGS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(LOGS, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();

// Session-ids count up for as long as the process lives: the stories are told once.
const made = fixtureFiles();

test('there is a file for every log of the organisation, and none besides', () => {
  expect(onDisk(), OUT_OF_DATE).toEqual(Object.keys(made).sort());
});

test.each(Object.keys(made))('%s holds byte for byte what its stories make', (name) => {
  const bytes = onDisk().includes(name) ? readFileSync(join(LOGS, name)) : Buffer.from('no such file');
  expect(bytes.equals(Buffer.from(made[name] ?? '')), OUT_OF_DATE).toBe(true);
});

test('the long session of batch.contoso.example runs over two files, as its story says', () => {
  expect(Object.keys(made).filter((name) => made[name]?.includes(',10.0.30.6:42001,'))).toHaveLength(2);
});

/** A report of a fault begins with the version. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { relaylens } from './console.ts';

test('--version says which relaylens this is', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(await relaylens(['--version'])).toMatchObject({ code: 0, out: `${version}\n`, err: '' });
});

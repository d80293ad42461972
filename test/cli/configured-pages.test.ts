/**
 * What an administrator sees once the configuration is imported. The golden files are for reading: update them with
 *
 *   UPDATE_GOLDEN=1 npx vitest run test/cli/configured-pages.test.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import stringWidth from 'string-width';
import { beforeAll, expect, it } from 'vitest';
import { databaseOf } from './console.ts';

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url));
const CONFIGURATION = fileURLToPath(new URL('../../fixtures/configuration/exports/', import.meta.url));

const ask = databaseOf();
beforeAll(async () => {
  const files = ['connectors.json', 'connector-rights.json', 'accepted-domains.json', 'devices.csv'].map((name) =>
    join(CONFIGURATION, name),
  );
  expect(await ask('config', 'import', ...files, '--as-of', '2026-11-01T00:00Z')).toMatchObject({ code: 0, err: '' });
});

const PAGES: [name: string, width: number, ...args: string[]][] = [
  ['configured-connectors-80', 80, 'connectors'],
  ['configured-connectors-120', 120, 'connectors'],
  ['configured-sources-100', 100, 'sources'],
  ['match-80', 80, 'match', '10.0.20.12'],
  ['match-120', 120, 'match', '10.0.20.12', '--server', 'EX01'],
  ['connectors-check-100', 100, 'connectors', 'check'],
  ['connectors-diff-80', 80, 'connectors', 'diff', 'EX01', 'EX02'],
  ['diagnose-device-100', 100, 'diagnose', 'MFP-02 (floor 3)'],
  ['diagnose-camera-80', 80, 'diagnose', 'fd00:20::31'],
  ['diagnose-absent-100', 100, 'diagnose', '10.0.20.99'],
];

it.each(PAGES)('%s', async (name, width, ...args) => {
  const { code, out, err } = await ask.on({ width })(...args, '--tz', 'Europe/Berlin');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const path = `${GOLDEN}${name}.golden.txt`;
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, out);
  expect(out).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
});

it.each(PAGES)('%s fits its screen, but for commands, which are never broken', async (_, width, ...args) => {
  const { out } = await ask.on({ width })(...args);
  const wide = out.split('\n').filter((line) => stringWidth(line) > width);
  expect(wide.filter((line) => !/^(Get|Set|New|Add|Remove|Enable|Test)-/.test(line))).toEqual([]);
});

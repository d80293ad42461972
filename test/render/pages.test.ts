/**
 * Real pages in Markdown and HTML, over the logs and exports of the organisation. The golden files are for reading, the
 * pages without their style sheet: update them with
 *
 *   UPDATE_GOLDEN=1 npx vitest run test/render/pages.test.ts
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { inline } from '../../src/render/markdown-text.ts';
import { databaseOf, LOGS, relaylens } from '../cli/console.ts';
import { elementsOf } from './html-reading.ts';
import { blocksOf } from './markdown-reading.ts';

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url));
const CONFIGURATION = fileURLToPath(new URL('../../fixtures/configuration/exports/', import.meta.url));

const ask = databaseOf();
beforeAll(async () => {
  const files = ['connectors.json', 'connector-rights.json', 'accepted-domains.json', 'devices.csv'].map((name) =>
    join(CONFIGURATION, name),
  );
  expect(await ask('config', 'import', ...files, '--as-of', '2026-11-01T00:00Z')).toMatchObject({ code: 0, err: '' });
});

const FILES = readdirSync(LOGS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

/** Without what differs from machine to machine. */
function stable(text: string, database: string): string {
  const names = [
    [database, 'relaylens.db'],
    ...FILES.map((path) => [path, `fixtures/logs/${relative(LOGS, path).split(sep).join('/')}`]),
  ] as [string, string][];
  return names.reduce((all, [path, name]) => all.replaceAll(path, name).replaceAll(inline(path), name), text);
}

const PAGES: [name: string, ...args: string[]][] = [
  ['analyze', 'analyze', LOGS],
  ['session-refused', 'session', '08DE19A1B2C3D408'],
  ['connectors-check', 'connectors', 'check'],
];

const OTHERS: string[][] = [
  ['ingest', LOGS],
  ['sessions'],
  ['sources'],
  ['connectors'],
  ['connectors', 'diff', 'EX01', 'EX02'],
  ['match', '10.0.20.12'],
  ['config', 'list'],
  ['replay', '08DE19A1B2C3D408'],
  ['replay', '--ranges', 'EX01\\Anon Relay EX01+=10.0.20.12'],
  ['sql', 'SELECT * FROM session_view LIMIT 3'],
];

describe.each(['md', 'html'])('as %s', (format) => {
  it.each(PAGES)('%s', async (name, ...args) => {
    const database = args.includes(LOGS) ? ask.path(`${name}-${format}.db`) : ask.database();
    const options = ['--tz', 'Europe/Berlin', '--format', format, '--db', database];
    const { code, out, err } = await relaylens([...args, ...options]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const text = stable(out, database).replace(/<style>.*<\/style>/s, '<style>…</style>');
    const path = `${GOLDEN}${name}.golden.${format}`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
    expect(text).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
  });

  it.each([...PAGES.map(([, ...args]) => args), ...OTHERS])('%s %s is a page of ours', async (...args) => {
    const { code, out } = await ask(...args, '--format', format);
    expect(code).toBe(0);
    expect((format === 'md' ? blocksOf(out) : elementsOf(out)).length).toBeGreaterThan(1);
  });

  test('explain needs no database', async () => {
    const { code, out } = await relaylens(['explain', '550 5.7.54 SMTP; Unable to relay', '--format', format]);
    expect(code).toBe(0);
    expect(out).toContain('5.7.54');
  });

  test('--out writes the same to a file', async () => {
    const path = ask.path(`page.${format}`);
    expect(await ask('sources', '--format', format, '--out', path)).toMatchObject({ code: 0, out: '' });
    expect(readFileSync(path, 'utf8')).toBe((await ask('sources', '--format', format)).out);
  });

  it.each([
    ['export', 'sessions'],
    ['connectors', 'copy', '--from', 'EX01', '--to', 'EX02'],
    ['connectors', 'new', 'x', '--server', 'EX01'],
    ['session', '08DE19A1B2C3D408', '--raw'],
  ])('%s %s prints no pages, and says so', async (...args) => {
    const { code, out, err } = await ask(...args, '--format', format);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(new RegExp(`Allowed choices are|not as ${format}`));
  });
});

test('a page that leaves sessions out says how many there are', async () => {
  const { out } = await ask('sessions', '--limit', '5', '--format', 'md');
  expect(out).toContain('The latest 5 of 33 sessions');
});

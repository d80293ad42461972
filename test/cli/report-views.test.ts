/** `report --view …` through the command line, over the logs and exports of the organisation (fixtures/organisation.ts). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import stringWidth from 'string-width';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { story } from '../../fixtures/story.ts';
import type { Decommission } from '../../src/checks/moves/decommission.ts';
import { VIEW_NAMES } from '../../src/cli/report-views.ts';
import { logText } from '../harness.ts';
import { databaseOf } from './console.ts';

const CONFIGURATION = fileURLToPath(new URL('../../fixtures/configuration/exports/', import.meta.url));
const DAY = ['--of', '2026-11-02', '--tz', 'Europe/Berlin'];
const LATER = '2026-11-03T06:00:00.000Z';

const ask = databaseOf();
const bare = databaseOf();
/** Somebody looked, long ago. */
const nothing = databaseOf(() => ({
  'RECV1.LOG': logText(story({ at: '2026-05-02T08:00:00.000Z' }, '+\n> {banner}\n- | Remote')),
}));
const on = (width: number, ...args: string[]) => ask.on({ width, now: LATER })('report', ...args);
/** The object of a view; the command has to be good. */
async function viewed<T>(view: string, ...args: string[]): Promise<T> {
  const { code, out, err } = await on(80, '--view', view, ...args, '--format', 'json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}
const line = (text: string): string => text.replace(/\s+/g, ' ');

beforeAll(async () => {
  const files = readdirSync(CONFIGURATION).map((name) => join(CONFIGURATION, name));
  expect(await ask('config', 'import', ...files, '--as-of', '2026-11-01T00:00Z')).toMatchObject({ code: 0, err: '' });
});

describe.each(VIEW_NAMES)('--view %s', (view) => {
  const args = ['--view', view, ...DAY, '--server', 'EX01'];

  it.each([80, 120])('fits on a screen of %i columns', async (width) => {
    const { code, out, err } = await on(width, ...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const commands = /^Set-ReceiveConnector/;
    expect(out.split('\n').filter((row) => !commands.test(row) && (stringWidth(row) > width || /\s$/.test(row)))).toEqual([]);
  });

  it('is the same when it is made again, but for its stamp', async () => {
    const page = async (now: string): Promise<string> => (await ask.on({ now })('report', ...args, '--format', 'md')).out;
    const [first, second] = [await page('2026-11-20T10:00:00.000Z'), await page('2026-12-24T18:30:00.000Z')];
    expect(second).not.toBe(first);
    expect(second.replace('2026-12-24 19:30', '2026-11-20 11:00')).toBe(first);
  });

  it('is a folder of tables as CSV, and a page as HTML', async () => {
    const folder = ask.path(`${view} of {period}`);
    expect(await on(80, ...args, '--format', 'csv', '--out', folder)).toMatchObject({ code: 0, out: '', err: '' });
    const names = readdirSync(ask.path(`${view} of 2026-11-02`));
    expect(names).toContain('coverage.csv');
    const rows = parse(readFileSync(join(ask.path(`${view} of 2026-11-02`), 'devices.csv')), { columns: true }) as object[];
    expect(rows.length).toBeGreaterThan(0);
    const { code, out } = await on(80, ...args, '--format', 'html');
    expect(code).toBe(0);
    expect(out).toMatch(/^<!doctype html>/i);
  });

  it('is a workbook', async () => {
    const path = ask.path(`${view}.xlsx`);
    expect(await on(80, ...args, '--format', 'xlsx', '--out', path)).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  });

  it('redacted names nobody', async () => {
    for (const format of ['text', 'json', 'md']) {
      const { code, out } = await on(100, ...args, '--format', format, '--redact');
      expect(code).toBe(0);
      expect(/contoso|fabrikam|mfp|anon relay|facilities|10\.0\.20\.11|ex01/i.exec(out)?.[0]).toBeUndefined();
    }
  });

  it('says in one line that a server is not known', async () => {
    const { code, out, err } = await on(80, '--view', view, ...DAY, '--server', 'EX09');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe('relaylens: --server EX09: no receive log of it was read\nLogs were read of EX01, EX02.\n');
  });

  it('cannot be compared', async () => {
    expect((await on(80, ...args, '--compare', '2026-10')).err).toMatch(/'--view <view>' cannot be used with option '--compare/);
  });

  it('is good without a configuration, and where nothing was seen', async () => {
    for (const database of [bare, nothing]) {
      const { code, out, err } = await database.on({ now: LATER })('report', '--view', view, ...DAY, '--server', 'EX01');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).not.toMatch(/undefined|NaN|Infinity|\[object/);
    }
  });
});

describe('decommission', () => {
  it('needs a server', async () => {
    expect(await on(80, '--view', 'decommission', ...DAY)).toMatchObject({
      code: 2,
      out: '',
      err: 'relaylens: --view decommission needs --server\nLogs were read of EX01, EX02.\n',
    });
  });

  it('without a period means all that was read, up to now', async () => {
    const { period, reach } = await viewed<Decommission>('decommission', '--server', 'ex01', '--tz', 'UTC');
    expect(period).toMatchObject({ kind: 'custom', since: '2026-11-02T08:00:00.000Z', until: LATER });
    expect(reach?.since).toBe('2026-11-02T08:00:00.000Z');
    const asked = await viewed<Decommission>('decommission', '--server', 'EX01', '--period', 'week', '--tz', 'UTC');
    expect(asked.period.id).toBe('2026-W44');
  });

  it('first says how many are left, and what is to be done on the other server is one command', async () => {
    const { out } = await on(120, '--view', 'decommission', '--server', 'EX01', ...DAY);
    const page = line(out);
    expect(page).toContain(
      '13 devices still use EX01; none has gone silent. By what the logs show, EX01 may not be switched off yet.',
    );
    expect(page.indexOf('Not everything was seen')).toBeLessThan(page.indexOf('13 devices still use'));
    // In the relay connector of EX01, and not in that of EX02, which holds 10.0.20.11 only.
    expect(out).toContain(
      'Set-ReceiveConnector -Identity "EX02\\Anon Relay EX02" -RemoteIPRanges @{Add="10.0.20.14", "10.0.30.5", "10.0.30.6", "10.0.20.13", "10.0.60.3", "10.0.20.40"}\n',
    );
  });

  it('of EX02 it is two printers and one more, of which the one that is on both is ready', async () => {
    const { devices, verdict } = await viewed<Decommission>('decommission', '--server', 'EX02', ...DAY);
    expect(verdict).toBe('in-use');
    expect(devices.map(({ source }) => source).sort()).toEqual(['10.0.20.11', '10.0.20.12', '10.0.70.2']);
    expect(devices.find(({ source }) => source === '10.0.20.11')).toMatchObject({
      elsewhere: [{ server: 'EX01' }],
      moves: [{ server: 'EX01', state: 'ready', takenBy: 'EX01\\Anon Relay EX01' }],
    });
  });

  it('without a configuration says that nothing is known of moving', async () => {
    const { out } = await bare.on({ now: LATER })('report', '--view', 'decommission', '--server', 'EX01', ...DAY);
    expect(line(out)).toContain('The configuration of no other server was imported');
  });
});

test('a view goes by mail as the report does', async () => {
  const { code, err } = await on(80, '--view', 'decommission', '--server', 'EX01', ...DAY, '--email-to', 'a@contoso.example');
  expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('--email-to needs --email-from') });
});

/** The demonstration, as it is run from the command line: devices, relay, logs and what is read in them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEVICES } from '../../src/demo/devices.ts';
import { temporaryFolder } from '../harness.ts';
import { relaylens } from './console.ts';

const OUTCOMES: Readonly<Record<string, object>> = {
  '10.0.20.11': { accepted: 3 },
  '10.0.20.12': { refused: 2 },
  '10.0.20.15': { refused: 1 },
  '10.0.30.5': { accepted: 1 },
  '10.0.30.40': { partial: 1 },
  '10.0.40.9': { 'auth-failed': 1 },
  '10.0.50.21': { accepted: 1 },
  '10.0.20.40': { 'tls-failed': 1 },
  '10.0.20.13': { refused: 1 },
  '10.0.60.3': { refused: 1 },
  'fd00:20::31': { refused: 1 },
  '10.0.70.2': { 'auth-failed': 1 },
  '10.0.20.14': { abandoned: 1 },
  '10.0.0.250': { probe: 3 },
};

/** All logs below a folder as one text. */
function logsIn(folder: string): string {
  const logs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.log$/i.test(path));
  expect(logs).not.toEqual([]);
  return logs.map((path) => readFileSync(join(folder, path), 'utf8')).join('');
}

describe('demo', () => {
  it('shows each device as what it did, and leaves everything in a folder', async () => {
    const folder = join(temporaryFolder(), 'demo');
    const now = new Date(Date.now() + 60_000).toISOString();
    const { code, out, err } = await relaylens(['demo', folder, '--format', 'json'], { now });
    expect(code, err).toBe(0);
    const { sources } = JSON.parse(out) as {
      sources: { source: string; device: string; outcomes: object; lastError: string | null }[];
    };
    expect(Object.fromEntries(sources.map(({ source, outcomes }) => [source, outcomes]))).toEqual(OUTCOMES);
    expect(sources.map(({ device }) => device).sort()).toEqual(DEVICES.map(({ name }) => name).sort());
    expect(sources.find(({ source }) => source === '10.0.40.9')?.lastError).toMatch(/^535 /);
    expect(logsIn(join(folder, 'logs'))).not.toContain('421 4.3.2');
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['logs', 'mail', 'relay.json', 'relaylens.db']));
    expect(readdirSync(join(folder, 'mail', 'new')).length).toBeGreaterThanOrEqual(10);
  });

  it('touches no folder that is not its own', async () => {
    const folder = join(temporaryFolder(), 'mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'x');
    const { code, err } = await relaylens(['demo', folder]);
    expect(code).toBe(2);
    expect(err).toMatch(/mine: is there already, and not from a demonstration/);
    expect(existsSync(join(folder, 'thesis.txt'))).toBe(true);
  });
});

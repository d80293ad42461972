/**
 * `audit` over the logs and exports of the organisation (fixtures/organisation.ts): what it says, in every format. How a page
 * of a larger organisation reads is another test's.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../harness.ts';
import { databaseOf, LOGS, relaylens } from './console.ts';
import { auditContract } from './contract.ts';

const CONFIGURATION = fileURLToPath(new URL('../../fixtures/configuration/exports/', import.meta.url));
const ask = databaseOf();
const bare = databaseOf();

beforeAll(async () => {
  const files = readdirSync(CONFIGURATION).map((name) => join(CONFIGURATION, name));
  expect(await ask('config', 'import', ...files, '--as-of', '2026-11-01T00:00Z')).toMatchObject({ code: 0, err: '' });
});

describe('as JSON', () => {
  it('keeps the contract, with and without a configuration', async () => {
    for (const one of [ask, bare]) expect(auditContract.safeParse(await one.json('audit')).error?.issues ?? []).toEqual([]);
  });

  it('tells who relayed, who may, who tried and who logs on', async () => {
    const { sources } = await ask.json('audit');
    const of = (kind: string) =>
      sources
        .filter((one: { kind: string }) => one.kind === kind)
        .map(({ source, external }: { source: string; external: { count: number } | null }) => [source, external?.count ?? 0]);
    // The ERP: two sessions of three messages to one recipient outside each; MFP-01: four; the batch: one.
    expect(of('relays')).toEqual([
      ['10.0.30.5', 6],
      ['10.0.20.11', 4],
      ['10.0.30.6', 1],
    ]);
    expect(of('may').map(([source]: [string]) => source)).toEqual(['10.0.20.13', '10.0.20.14', '10.0.20.40', '10.0.60.3']);
    expect(of('tried').map(([source]: [string]) => source)).toEqual(['10.0.30.8', '10.0.20.12', 'fd00:20::31']);
    expect(of('logs-on')).toEqual([['10.0.50.21', 0]]);
  });

  it('gives each log the hash that other tools give it', async () => {
    const { evidence } = await ask.json('audit');
    expect(evidence.logs).toHaveLength(6);
    for (const { path, hash } of evidence.logs)
      expect(hash).toBe(`sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`);
  });

  it('says of every rule that needs a configuration that it was not checked', async () => {
    const { rules, findings } = await bare.json('audit');
    const unchecked = rules.filter(({ state }: { state: string }) => state === 'not-checked');
    expect(unchecked.length).toBeGreaterThan(30);
    for (const { because } of unchecked) expect(because).toMatch(/^import the (receive connectors|accepted domains) \(Get-/);
    expect(findings.filter(({ check }: { check: string }) => check === 'open-relay')).toEqual([]);
  });
});

describe('as a page', () => {
  it('is the same when it is made again', async () => {
    for (const format of ['text', 'md', 'html', 'json']) {
      const first = await ask('audit', '--format', format);
      expect(first).toMatchObject({ code: 0, err: '' });
      expect((await ask.on({ now: '2027-01-01T00:00:00.000Z' })('audit', '--format', format)).out).toBe(first.out);
    }
  });

  it('says first what was not seen, and never calls a refused attempt relay', async () => {
    const { out } = await ask('audit');
    expect(out).toMatch(/^Audit of anonymous relay: 2026-11-02 to 2026-11-02\n\nNot everything was seen: /);
    expect(out).toContain('3 sources sent to 11 recipients in 3 domains outside without a logon.');
    expect(out).toContain('3 others tried, and every attempt was refused.');
    const relays = out.slice(out.indexOf('Sources that sent to the outside'), out.indexOf('Sources that may relay'));
    expect(relays).not.toContain('10.0.20.12');
    expect(relays).toContain('EX01\\Anon Relay EX01 through 10.0.30.0/28');
  });

  it('with --redact holds none of the names, addresses and domains, and the hashes of the logs as they are', async () => {
    const { out } = await ask('audit', '--redact');
    expect(out).not.toMatch(/contoso|fabrikam|EX01|MFP-01|fd00:20/i);
    // Of six logs, and of all together.
    expect(out.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(7);
  });
});

describe('for other tools', () => {
  it('writes a CSV for each table', async () => {
    const folder = join(temporaryFolder(), 'audit');
    expect(await ask('audit', '--format', 'csv', '--out', folder)).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(folder).sort()).toEqual(
      ['findings', 'logs', 'places', 'ranges', 'rules', 'sources'].map((name) => `${name}.csv`),
    );
    const sources = parse<Record<string, string>>(readFileSync(join(folder, 'sources.csv')), { columns: true });
    expect(sources[0]).toMatchObject({ source: '10.0.30.5', kind: 'relays', externalRecipients: '6' });
    expect(await ask('audit', '--format', 'csv')).toMatchObject({ code: 2, err: /a file for each table/ });
  });

  it('ends with 1 where a finding is as severe as --fail-on says', async () => {
    expect((await ask('audit', '--fail-on', 'high')).code).toBe(1);
    expect((await ask('audit', '--fail-on', 'critical')).code).toBe(0);
  });
});

describe('with nothing to audit', () => {
  it('says so in one line', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'send'));
    const db = join(folder, 'empty.db');
    await relaylens(['ingest', join(LOGS, 'EX01/Hub/ProtocolLog/SmtpSend'), '--db', db]);
    expect(await relaylens(['audit', '--db', db])).toMatchObject({ code: 2, err: /holds no session of a receive log/ });
    expect(await ask('audit', '--since', '2026-11-03')).toMatchObject({ code: 2, err: /the period is empty/ });
  });
});

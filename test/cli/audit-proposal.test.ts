/** `audit --propose` over the organisation of the audit: what it would close, and what history says to that. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../harness.ts';
import { auditedDatabase } from './audited.ts';
import { databaseOf } from './console.ts';

const ask = auditedDatabase();
const bare = databaseOf();

/** Reads and replays everything: slow where the machine is busy. */
const PATIENCE = 60_000;

describe('audit --propose', () => {
  it(
    'narrows 65,845 addresses to the 29 that use them, and no message of history would have been refused',
    async () => {
      const { code, out, err } = await ask('audit', '--propose', '--tz', 'UTC');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('17 ranges with 65,845 addresses become 15 ranges with 29 addresses.');
      expect(out).toMatch(
        /Of 2,415 accepted messages none would have been refused; no device would land on another\s+connector\./,
      );
      expect(out).toMatch(/203\.0\.113\.40 Northwind.*a public address: decide about it/s);
      expect(out).toMatch(/10\.30\.5\.15 +Payroll .*comes about once a month/s);
    },
    PATIENCE,
  );

  it(
    '--script writes what Windows PowerShell reads right, --group merges, and JSON has the same as values',
    async () => {
      const file = join(temporaryFolder(), 'tighten.ps1');
      const { proposal } = await ask.json('audit', '--group', '28', '--script', file);
      const text = readFileSync(file, 'utf8');
      expect(text).toMatch(/^\uFEFF# Proposal of relaylens audit, .*\r\n/);
      expect(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')).toBe(proposal.script);
      expect(proposal.group).toBe(28);
      expect(proposal.dryRun.totals).toMatchObject({ messagesLost: 0, devicesMoved: 0 });
      const relay = proposal.connectors.find(({ name }: { name: string }) => name === 'Anon Relay EX01');
      expect(relay).toMatchObject({ action: 'narrow', after: expect.arrayContaining(['10.20.30.0/28', '10.50.0.1']) });
      expect(proposal.organisation).toBeUndefined();
    },
    PATIENCE,
  );

  it(
    'is four more tables as CSV',
    async () => {
      const folder = join(temporaryFolder(), 'audit');
      expect(await ask('audit', '--propose', '--format', 'csv', '--out', folder)).toMatchObject({ code: 0, err: '' });
      const rows = (name: string): Record<string, string>[] =>
        parse(readFileSync(join(folder, `${name}.csv`)), { columns: true }) as Record<string, string>[];
      const relay = rows('proposal').find(({ connector }) => connector === 'EX01\\Anon Relay EX01');
      expect(relay).toMatchObject({ action: 'narrow', after: expect.stringContaining('10.50.0.1') });
      expect(relay!.wayBack).toContain('Set-ReceiveConnector');
      expect(rows('proposal-kept').find(({ source }) => source === '203.0.113.40')).toMatchObject({ isPublic: 'true' });
      expect(rows('proposal-left-out').length).toBeGreaterThan(0);
      expect(rows('proposal-sessions')).toEqual([]);
    },
    PATIENCE,
  );

  it('is refused in one line without a configuration, and for what is no prefix', async () => {
    expect(await bare('audit', '--propose')).toMatchObject({
      code: 2,
      err: /nothing can be proposed without the receive connectors/,
    });
    expect(await bare('audit', '--group', '33')).toMatchObject({ code: 2, err: /a prefix length from 8 to 31/ });
  });
});

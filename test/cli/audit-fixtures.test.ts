/** The organisation of the audit holds what its golden is checked against. Figures are counted by hand from fixtures/audit/devices.ts. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { auditConnectors, auditDeviceList } from '../../fixtures/audit/configuration.ts';
import { DEVICES } from '../../fixtures/audit/devices.ts';
import { auditLogs } from '../../fixtures/audit/logs.ts';
import type { SessionSummary } from '../../src/queries/session-summary.ts';
import type { SourceSummary } from '../../src/queries/sources.ts';
import { auditedDatabase } from './audited.ts';

const ask = auditedDatabase();

let sessions: readonly (SessionSummary & { readonly attribution: { readonly verdict: string } })[] = [];
let sources: readonly SourceSummary[] = [];
beforeAll(async () => {
  sessions = (await ask.json('sessions')).sessions;
  sources = (await ask.json('sources')).sources;
});

const sourceOf = (address: string): SourceSummary => sources.find(({ source }) => source === address)!;

/** How many sessions there are of each text. */
const counted = (texts: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
};

describe('the configuration', () => {
  test('has nine connectors on two servers', () => {
    expect(auditConnectors().map(({ server, name }) => `${server}\\${name}`)).toEqual([
      'EX01\\Default EX01',
      'EX01\\Default Frontend EX01',
      'EX01\\Client Frontend EX01',
      'EX01\\Anon Relay EX01',
      'EX01\\Legacy Apps',
      'EX02\\Default EX02',
      'EX02\\Default Frontend EX02',
      'EX02\\Client Frontend EX02',
      'EX02\\Anon Relay EX02',
    ]);
  });

  test('leaves one range of the relay connector of EX01 out on EX02', () => {
    const [first, second] = auditConnectors().filter(({ name }) => name.startsWith('Anon Relay'));
    expect(first!.remoteIPRanges.filter((range) => !second!.remoteIPRanges.includes(range))).toEqual(['10.20.30.0/27']);
  });

  test('knows 55 of the sixty devices, 49 of them with an owner, and one that is gone', () => {
    expect(new Set(DEVICES.map(({ address }) => address)).size).toBe(60);
    const rows = auditDeviceList().trim().split('\n').slice(1);
    expect(rows).toHaveLength(56);
    expect(rows.filter((row) => row.split(',')[2] !== '')).toHaveLength(49 + 1);
  });
});

describe('the logs', () => {
  test('are the same each time they are made', () => {
    const again = Object.entries(auditLogs());
    expect(again.filter(([name, content]) => readFileSync(ask.path(`logs/${name}`), 'utf8') !== content)).toEqual([]);
  });

  test('tell of 90 days, 1 August to 29 October, with no day left out', () => {
    const days = [...new Set(sessions.map(({ startedAt }) => startedAt.slice(0, 10)))].sort();
    expect([days.length, days[0], days.at(-1)]).toEqual([90, '2026-08-01', '2026-10-29']);
  });

  test('hold so many sessions of each outcome on each connector', () => {
    expect(counted(sessions.map(({ connector, outcome }) => `${connector} ${outcome}`))).toEqual({
      'EX01\\Default Frontend EX01 accepted': 489,
      'EX01\\Default Frontend EX01 refused': 12,
      'EX01\\Default Frontend EX01 probe': 360,
      'EX01\\Client Frontend EX01 auth-failed': 505,
      'EX01\\Client Frontend EX01 proxied': 149,
      'EX01\\Anon Relay EX01 accepted': 711,
      'EX01\\Legacy Apps accepted': 141,
      'EX01\\Default EX01 accepted': 223,
      'EX02\\Default Frontend EX02 accepted': 462,
      'EX02\\Default Frontend EX02 refused': 84,
      'EX02\\Default Frontend EX02 probe': 360,
      'EX02\\Anon Relay EX02 accepted': 599,
    });
  });

  test('let everybody land where the configuration says', () => {
    expect(counted(sessions.map(({ attribution }) => attribution.verdict))).toEqual({ 'as-expected': 4095 });
  });

  test('have all sixty devices', () => {
    expect(DEVICES.filter(({ address }) => !sourceOf(address)).map(({ name }) => name)).toEqual([]);
  });

  test('follow the clocks of Berlin: what runs at six runs at four, and at five from 25 October on', () => {
    const starts = sessions.filter(({ source }) => source === '10.30.5.15').map(({ startedAt }) => startedAt.slice(0, 16));
    expect(starts.sort()).toEqual(['2026-08-25T04:00', '2026-09-25T04:00', '2026-10-25T05:00']);
  });
});

describe('of what is planted', () => {
  it.each([
    ['a printer with TLS 1.0', '10.20.10.17', { sessions: 38, recipientsExternal: 13, tls: { 'TLS1.0': 38 } }],
    ['a printer that writes inside only', '10.20.10.19', { sessions: 26, recipientsExternal: 0 }],
    ['a daily machine of the plant', '10.40.12.7', { sessions: 90, recipientsExternal: 45, device: null }],
    ['a weekly machine of the plant', '10.40.200.31', { sessions: 13, recipientsExternal: 13, device: null }],
    ['a camera that EX02 refuses', '10.20.30.5', { messagesAccepted: 14, messagesRefused: 12, recipientsExternal: 14 }],
    ['the ERP: daily, and 40 invoices on three days', '10.30.5.11', { sessions: 210, recipientsExternal: 90 + 3 * 40 }],
    ['the newsletter', '10.30.5.12', { sessions: 13, messagesAccepted: 26, recipientsExternal: 13 * 20 }],
    ['the tickets', '10.30.5.14', { sessions: 128, recipientsExternal: 128 }],
    ['the payroll', '10.30.5.15', { sessions: 3, recipientsExternal: 3 }],
    ['the web forms, stolen for two nights', '10.30.5.16', { sessions: 64 + 60, recipientsExternal: 32 + 600 }],
    ['the migration test', '10.30.5.20', { sessions: 1, recipientsExternal: 1, device: null }],
    [
      'the old fax server',
      '10.30.5.80',
      { sessions: 4, recipientsExternal: 4, lastSeen: expect.stringContaining('2026-08-10T07:50') },
    ],
    ['the monitoring', '10.10.0.10', { sessions: 90 + 24, recipientsExternal: 114 }],
    ['the router of Hamburg', '10.50.0.1', { sessions: 64, recipientsExternal: 32 }],
    ['the partner on the internet', '203.0.113.40', { sessions: 64, recipientsExternal: 64 }],
    ['the laboratory', '10.60.1.20', { sessions: 38, recipientsExternal: 38, connectors: ['EX01\\Legacy Apps'] }],
    ['the label printer', '10.70.0.40', { sessions: 13, authenticated: 'yes', tls: { none: 13 } }],
    ['the old NAS', '10.70.0.41', { sessions: 240, authenticated: 'no', outcomes: { 'auth-failed': 240 } }],
    ['the firewall', '10.10.0.1', { sessions: 360, outcomes: { probe: 360 } }],
    ['the scanner for open relays', '198.51.100.200', { sessions: 24, messagesAccepted: 0, messagesRefused: 24 }],
    ['the password sprayer', '198.51.100.66', { sessions: 180, authenticated: 'no' }],
    ['the password guesser', '192.0.2.99', { sessions: 86, outcomes: { 'auth-failed': 85, proxied: 1 } }],
  ])('%s has its figures', (_, address, figures) => {
    expect(sourceOf(address)).toMatchObject(figures);
  });

  test('the router of Hamburg hides twelve clients', () => {
    expect(sourceOf('10.50.0.1').helo).toHaveLength(12);
  });

  test('the wide ranges have nine, two and three users', () => {
    const inside = (prefix: string): number => sources.filter(({ source }) => source.startsWith(prefix)).length;
    expect([inside('10.20.10.'), inside('10.40.'), inside('10.60.')]).toEqual([9, 2, 3]);
  });

  test('nobody was ever seen at three single addresses', () => {
    expect(['10.30.5.90', '10.30.5.91', '10.30.5.92'].map(sourceOf)).toEqual([undefined, undefined, undefined]);
  });

  test('the refused are the cameras on EX02 and the scanner on both servers', () => {
    const refused = sessions.filter(({ outcome }) => outcome === 'refused');
    expect(counted(refused.map(({ source, server }) => `${source?.replace(/(10\.20\.30)\.\d+/, '$1.*')} ${server}`))).toEqual({
      '10.20.30.* EX02': 6 * 12,
      '198.51.100.200 EX01': 12,
      '198.51.100.200 EX02': 12,
    });
  });

  test('the guesser tries one user, the sprayer sixty', () => {
    const users = (address: string): Set<string | null> =>
      new Set(sessions.filter(({ source }) => source === address).map(({ authUser }) => authUser));
    expect([...users('192.0.2.99')]).toEqual(['j.weber@contoso.example']);
    expect(users('198.51.100.66').size).toBe(60);
  });

  test('the thief of the web forms writes to 120 domains in 60 sessions of two nights, and the forms to none of them', async () => {
    const rows = await query(`SELECT m.sender, r.domain, date(m.began_at / 1000, 'unixepoch') AS day
      FROM message_view m JOIN recipient_view r ON r.session = m.session AND r.transaction_ordinal = m.ordinal
      WHERE m.counted AND m.client = '10.30.5.16'`);
    const stolen = rows.filter(({ sender }) => sender?.endsWith('@secure-document.example'));
    expect(counted(stolen.map(({ day }) => day!))).toEqual({ '2026-10-13': 300, '2026-10-14': 300 });
    expect(new Set(stolen.map(({ domain }) => domain)).size).toBe(120);
    expect(counted(rows.filter((row) => !stolen.includes(row)).map(({ domain }) => domain!))).toEqual({
      'contoso.example': 32,
      'fabrikam.example': 32,
    });
  });

  it.each([
    ['every fifth message of the tickets has no sender', '10.30.5.14', { 'tickets@contoso.example': 103, '': 25 }],
    [
      'the newsletter writes in a foreign name too',
      '10.30.5.12',
      { 'news@contoso.example': 13, 'news@contoso-events.example': 13 },
    ],
  ])('%s', async (_, address, senders) => {
    const rows = await query(`SELECT sender FROM message_view WHERE counted AND client = '${address}'`);
    expect(counted(rows.map(({ sender }) => sender ?? 'none'))).toEqual(senders);
  });
});

async function query(sql: string): Promise<readonly Record<string, string | null>[]> {
  return (await ask.json('sql', sql)).rows;
}

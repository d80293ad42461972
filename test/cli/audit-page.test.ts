/**
 * The audit of an organisation of sixty devices and ninety days (fixtures/audit/), as it would be handed to an auditor. The
 * golden files are for reading: update them with
 *
 *   UPDATE_GOLDEN=1 npx vitest run test/cli/audit-page.test.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { auditedDatabase } from './audited.ts';

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url));
const ask = auditedDatabase();

/** Where the test wrote the logs and exports is no part of the page. */
const placeless = (page: string): string => page.replaceAll(ask.path(''), '/srv/').replaceAll(/\/srv\/+/g, '/srv/');

describe('the golden page', () => {
  it.each([['audit-110', '--propose', '--tz', 'Europe/Berlin']])('%s', async (name, ...args) => {
    const { code, out, err } = await ask.on({ width: 110 })('audit', ...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const page = placeless(out);
    const path = `${GOLDEN}${name}.golden.txt`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, page);
    expect(page).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
    expect(page.split('\n').filter((line) => /\s$/.test(line))).toEqual([]);
  });
});

describe('what was planted is found', () => {
  const findings = async (check: string) =>
    (await ask.json('audit')).findings.filter((one: { check: string }) => one.check === check);
  const sources = async (check: string): Promise<string[]> =>
    (await findings(check)).map(({ client }: { client: { source: string } }) => client.source).sort();

  it.each([
    ['clear-text-password', ['10.70.0.40']],
    ['old-tls', ['10.20.10.17']],
    ['shared-address-on-relay', ['10.50.0.1', '10.50.0.1']],
    ['own-domain-from-internet', ['203.0.113.40']],
    ['public-client-on-relay', ['203.0.113.40']],
    ['logon-after-guessing', ['192.0.2.99']],
    ['password-guessing', ['198.51.100.66']],
    ['fresh-domains', ['10.30.5.16']],
  ])('%s', async (check, expected) => {
    expect(await sources(check)).toEqual(expected);
  });

  it('and the mail servers of others, the old NAS and the invoices of the month are not told as abuse', async () => {
    const { findings: all } = await ask.json('audit');
    const told = new Set(all.flatMap(({ client }: { client?: { source: string } }) => (client ? [client.source] : [])));
    for (const innocent of [
      '198.51.100.10',
      '198.51.100.20',
      '203.0.113.25',
      '10.70.0.41',
      '10.30.5.11',
      '10.30.5.12',
      '10.10.0.10',
    ])
      expect(told).not.toContain(innocent);
  });
});

describe('the baseline', () => {
  it('of August, held against the rest, tells what is new', async () => {
    const file = ask.path('august.json');
    expect(await ask('audit', '--until', '2026-09-01', '--tz', 'UTC', '--save-baseline', file)).toMatchObject({
      code: 0,
      err: '',
    });
    const since = ['--since', '2026-09-01', '--tz', 'UTC', '--baseline', file];
    const { findings } = await ask.json('audit', ...since);
    const changes = findings.filter(({ check }: { check: string }) => /^(new-|gone-|added-|widened-)/.test(check));
    expect(changes.some(({ client }: { client?: { source: string } }) => client?.source === '10.30.5.20')).toBe(true);
    expect((await ask('audit', ...since, '--fail-on', 'high')).code).toBe(1);
  });

  it('of everything, held against everything, tells nothing', async () => {
    const file = ask.path('all.json');
    await ask('audit', '--save-baseline', file);
    const { rules, findings } = await ask.json('audit', '--baseline', file);
    expect(findings.filter(({ check }: { check: string }) => /^(new-|gone-|added-|widened-)/.test(check))).toEqual([]);
    expect(rules.filter(({ check }: { check: string }) => check === 'new-external-relay')).toMatchObject([{ state: 'in-order' }]);
    // What it knows alarms nobody again.
    expect((await ask('audit', '--baseline', file, '--fail-on', 'info')).code).toBe(0);
    expect((await ask('audit', '--fail-on', 'info')).code).toBe(1);
  });

  it('that is broken is refused in one line', async () => {
    const file = ask.path('broken.json');
    writeFileSync(file, '{"kind":"something"}');
    expect(await ask('audit', '--baseline', file)).toMatchObject({ code: 2, err: /broken\.json: it is no baseline of an audit/ });
    expect(await ask('audit', '--baseline', ask.path('none.json'))).toMatchObject({ code: 2, err: /none\.json: cannot be read/ });
  });
});

/** Findings of an audit as alerts of the Elastic Common Schema, over the organisation of the audit. */
import { describe, expect, it } from 'vitest';
import { auditedDatabase } from '../cli/audited.ts';
import { ecsDocument } from './ecs-schema.ts';

const ask = auditedDatabase();

const documents = async (...args: string[]) =>
  (await ask('export', 'siem', ...args)).out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('export siem', () => {
  it('ends with the findings of an audit, each as the schema wants it, and each with an id of its own', async () => {
    const all = await documents();
    const alerts = all.filter(({ event }) => event.kind === 'alert');
    const { findings } = await ask.json('audit');
    expect(alerts).toHaveLength(findings.length);
    expect(all.slice(-alerts.length)).toEqual(alerts);
    for (const alert of alerts) expect(ecsDocument.safeParse(alert).error?.issues ?? []).toEqual([]);
    expect(new Set(alerts.map(({ event }) => event.id)).size).toBe(alerts.length);
    expect(alerts.find(({ rule }) => rule.id === 'clear-text-password')).toMatchObject({
      event: { severity: 73, category: ['intrusion_detection'] },
      source: { ip: '10.70.0.40' },
      relaylens: { device: 'Label printer', severity: 'high' },
    });
    expect(alerts.find(({ rule }) => rule.id === 'unequal-servers')).toMatchObject({ event: { category: ['configuration'] } });
  });

  it('leaves them out, and says so, where filters leave out sessions', async () => {
    const { out, err } = await ask('export', 'siem', '--source', '10.70.0.40');
    expect(out).not.toContain('"kind":"alert"');
    expect(err).toContain('the findings of an audit are left out');
  });

  it('names nobody with --redact', async () => {
    const alerts = (await documents('--redact')).filter(({ event }) => event.kind === 'alert');
    expect(JSON.stringify(alerts)).not.toMatch(/contoso|EX01|Label printer|10\.70\.0\.40/i);
    for (const alert of alerts) expect(ecsDocument.safeParse(alert).error?.issues ?? []).toEqual([]);
  });
});
